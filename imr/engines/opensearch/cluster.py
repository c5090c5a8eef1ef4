"""The one file that talks to a cluster. Errors of the wire become errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opensearchpy import OpenSearch, helpers
from opensearchpy.exceptions import (
    ConnectionError as ConnectionFailed,
)
from opensearchpy.exceptions import (
    NotFoundError as MissingOnCluster,
)
from opensearchpy.exceptions import (
    OpenSearchException,
    RequestError,
    TransportError,
)

from imr.engines.opensearch import mapping
from imr.engines.signature import Signature
from imr.errors import EngineUnreachableError, IndexMissingError, UnusableIndexError
from imr.settings import without_secret

TIMEOUT = 30
"""Seconds an answer may take."""
BULK_BYTES = 8_000_000
BULK_DOCUMENTS = 500

Body = dict[str, Any]


class Cluster:
    """One index on one cluster; `url` is fit to be shown."""

    def __init__(self, url: str, index: str) -> None:
        self.url = without_secret(url)
        self.index = index
        self._client = OpenSearch(url, timeout=TIMEOUT, max_retries=1, retry_on_timeout=False)

    def search(self, body: Body) -> Body:
        """One search; a part of the shards is no answer."""
        return self.searches([body])[0]

    def searches(self, bodies: Sequence[Body]) -> list[Body]:
        """Several searches in one call, over statistics of all shards."""
        head = {"index": self.index, "search_type": "dfs_query_then_fetch"}
        with self._said():
            answer = self._client.msearch(body=[part for body in bodies for part in (head, body)])
        found: list[Body] = answer["responses"]
        for each in found:
            if "error" in each:
                self._refused(each)
            if each["timed_out"] or each["_shards"]["failed"]:
                raise EngineUnreachableError(
                    f"{self.url}: only a part of {self.index} answered, so no count would be "
                    "right: look at the cluster's health and ask again"
                )
        return found

    def _refused(self, each: Body) -> None:
        if each["error"]["type"] == "index_not_found_exception":
            raise self.missing()
        cause = (each["error"].get("root_cause") or [each["error"]])[0]
        raise UnusableIndexError(f"{self.url}: {self.index} refused a search ({cause['reason']})")

    def sources(self, ids: Sequence[str], names: Sequence[str]) -> dict[str, Body]:
        """The named parts of the documents of those ids that exist."""
        if not ids:
            return {}
        with self._said():
            answer = self._client.mget(
                index=self.index,
                body={"ids": list(ids)},
                _source_includes=",".join(names),
                # what was committed, not what a load has sent so far
                realtime=False,
            )
        return {each["_id"]: each["_source"] for each in answer["docs"] if each.get("found")}

    def meta(self) -> Body | None:
        """What the index was built with; None where there is no index."""
        with self._said():
            try:
                found = self._client.indices.get_mapping(index=self.index)
            except MissingOnCluster:
                return None
        meta: Body = next(iter(found.values()))["mappings"].get("_meta", {})
        return meta

    def create(self, signature: Signature) -> None:
        """Make the index."""
        with self._said():
            try:
                self._client.indices.create(index=self.index, body=mapping.body(signature))
            except RequestError as error:
                # another load made it at the same moment
                if error.error != "resource_already_exists_exception":
                    raise

    def delete(self) -> None:
        """Drop the index, if there is one."""
        with self._said():
            self._client.indices.delete(index=self.index, ignore_unavailable=True)

    def bulk(self, actions: Iterable[Body]) -> None:
        """Send changes in order; the first refused one ends the load."""
        with self._said():
            for done, result in helpers.streaming_bulk(
                self._client, actions, index=self.index, chunk_size=BULK_DOCUMENTS,
                max_chunk_bytes=BULK_BYTES, raise_on_error=False,
            ):  # fmt: skip
                answer = next(iter(result.values()))
                if not done and answer.get("status") != 404:
                    raise UnusableIndexError(
                        f"{self.url}: {self.index} refused {answer['_id']} "
                        f"({answer['error'].get('reason', answer['error'])})"
                    )

    def refresh(self) -> None:
        """Let searches see all that was sent."""
        with self._said():
            self._client.indices.refresh(index=self.index)

    def health(self) -> str:
        """green, yellow or red."""
        with self._said():
            status: str = self._client.cluster.health()["status"]
            return status

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except MissingOnCluster as error:
            raise self.missing() from error
        except ConnectionFailed as error:
            raise EngineUnreachableError(
                f"OpenSearch does not answer at {self.url}: start it or name another with --url"
            ) from error
        except TransportError as error:
            raise UnusableIndexError(
                f"{self.url}: {self.index} answered {error.status_code} ({error.error})"
            ) from error
        except OpenSearchException as error:
            raise EngineUnreachableError(f"{self.url}: {type(error).__name__}") from error

    def missing(self) -> IndexMissingError:
        """The error that says there is no such index."""
        return IndexMissingError(
            f"there is no index {self.index} at {self.url}: make it with "
            f"`imr index PATH… --engine opensearch --url {self.url}`"
        )
