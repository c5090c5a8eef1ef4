"""The one file that talks to a cluster. Errors of the wire become errors that say what to do."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
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
LETTERS_AT_ONCE = 500
POLL = 0.2
"""Seconds between two looks at a task of the cluster's."""

Body = dict[str, Any]


class Cluster:
    """One index on one cluster; `url` is fit to be shown.

    The index is a name that points at its present generation, `NAME-000001`, so that another one
    can be built beside it and take its place in one step.
    """

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

    def letters(self) -> Iterator[Body]:
        """The records of all decisions, letter by letter."""
        return self.every({"match_all": {}}, ["determination", "record", "letter"])

    def every(self, query: Body, names: Sequence[str]) -> Iterator[Body]:
        """The named parts of all documents that a query finds, letter by letter.

        All are of one moment, whatever is loaded meanwhile.
        """
        body = {"query": query, "sort": ["determination", "number"], "_source": list(names)}
        with self._said():
            for each in helpers.scan(
                self._client,
                query=body,
                index=self.index,
                preserve_order=True,
                size=LETTERS_AT_ONCE,
            ):
                yield each["_source"]

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

    def create_store(self) -> None:
        """Make the index a plain store of documents that nobody searches."""
        body = {"mappings": {"enabled": False}}
        with self._said():
            try:
                self._client.indices.create(index=self.index, body=body)
            except RequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise

    def store(self, id_: str, body: Body) -> None:
        """Put one document; it is durable when this returns."""
        with self._said():
            self._client.index(index=self.index, id=id_, body=body)

    def stored(self, id_: str) -> Body | None:
        """One document, None where there is none."""
        with self._said():
            try:
                found: Body = self._client.get(index=self.index, id=id_)
            except MissingOnCluster:
                return None
        source: Body = found["_source"]
        return source

    def stored_names(self) -> Iterator[str]:
        """The ids of all documents."""
        with self._said():
            if not self._client.indices.exists(index=self.index):
                return
            self._client.indices.refresh(index=self.index)
            body = {"query": {"match_all": {}}, "_source": False}
            for each in helpers.scan(self._client, query=body, index=self.index):
                yield each["_id"]

    def unstore(self, id_: str) -> None:
        """Take a document out, if there is one."""
        with self._said(), suppress(MissingOnCluster):
            self._client.delete(index=self.index, id=id_)

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
        """Make the index's first generation."""
        body = mapping.body(signature) | {"aliases": {self.index: {}}}
        with self._said():
            try:
                self._client.indices.create(index=_generation(self.index, 1), body=body)
            except RequestError as error:
                # another load made it at the same moment
                if error.error != "resource_already_exists_exception":
                    raise

    def delete(self) -> None:
        """Drop the index, if there is one."""
        with self._said():
            for present in self._present():
                self._client.indices.delete(index=present, ignore_unavailable=True)

    def _present(self) -> list[str]:
        """The index behind the name: a generation, or one that was made without any."""
        try:
            return sorted(self._client.indices.get(index=self.index))
        except MissingOnCluster:
            return []

    def next_generation(self, signature: Signature) -> Cluster:
        """A copy of the index beside it, which takes its place by `take_over`.

        Until then nothing can be written to the index: it would be lost.
        """
        with self._said():
            (present,) = self._present()
            number = int(present.rpartition("-")[2]) if present != self.index else 0
            other = copy(self)
            other.index = _generation(self.index, number + 1)
            # one that a crash left behind
            self._client.indices.delete(index=other.index, ignore_unavailable=True)
            shards = self._client.indices.get_settings(index=present, name="index.number_of_shards")
            count = int(shards[present]["settings"]["index"]["number_of_shards"])
            self._client.indices.create(index=other.index, body=mapping.body(signature, count))
            self._block(present, blocked=True)
            body = {"source": {"index": present}, "dest": {"index": other.index}}
            task = self._client.reindex(body=body, wait_for_completion=False)["task"]
            self._wait(task)
        return other

    def _wait(self, task: str) -> None:
        while not (found := self._client.tasks.get(task_id=task))["completed"]:
            time.sleep(POLL)
        failures = found["response"]["failures"] if "response" in found else [found.get("error")]
        if failures:
            raise UnusableIndexError(
                f"{self.url}: {self.index} could not be copied ({failures[0]})"
            )

    def _block(self, present: str, *, blocked: bool) -> None:
        self._client.indices.put_settings(
            index=present, body={"index.blocks.write": True if blocked else None}
        )

    def take_over(self, other: Cluster) -> None:
        """Point the name at another generation and drop the present one, in one step."""
        with self._said():
            (present,) = self._present()
            actions = [
                {"add": {"index": other.index, "alias": self.index}},
                {"remove_index": {"index": present}},
            ]
            self._client.indices.update_aliases(body={"actions": actions})

    def give_up(self, other: Cluster) -> None:
        """Drop a generation that was not finished, and let the present one be written again."""
        with self._said():
            self._client.indices.delete(index=other.index, ignore_unavailable=True)
            for present in self._present():
                self._block(present, blocked=False)

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


def _generation(name: str, number: int) -> str:
    return f"{name}-{number:06}"
