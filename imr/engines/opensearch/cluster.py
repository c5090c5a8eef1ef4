"""What is asked of one index on a cluster: searches, stored documents, what it was built with."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from typing import Any

from opensearchpy import helpers
from opensearchpy.exceptions import AuthorizationException, RequestError
from opensearchpy.exceptions import NotFoundError as MissingOnCluster

from imr.engines.opensearch.connection import Connection, gone
from imr.engines.opensearch.dsl import LETTERS_FOUND, WINDOW, columns
from imr.errors import EngineUnreachableError, ImrError, IndexMissingError, UnusableIndexError
from imr.settings import Access

LETTERS_AT_ONCE = 500
REFRESH_SECONDS = 120
"""How long making a load's documents seen may take."""

Body = dict[str, Any]
Told = Callable[[str], None]


class Cluster:
    """One index on one cluster; `url` is fit to be shown.

    `name` is an alias of its present generation, `NAME-000001`, so that another one can be built
    beside it and take its place in one step. `index` is what is asked: the name, or by `at` one
    generation, so that all answers of a search are of the same one.
    """

    def __init__(self, url: str, index: str, access: Access | None = None) -> None:
        self.connection = Connection(url, access)
        self.url = self.connection.url
        self.name = self.index = index

    def at(self, index: str) -> Cluster:
        """The same cluster, asking another index."""
        other = copy(self)
        other.index = index
        return other

    def generation(self) -> str:
        """The index behind the name that is asked.

        Raises:
            IndexMissingError: there is none; UnusableIndexError: it is not one of ours, or several.
        """
        with self.connection.said(self.name):
            try:
                found = self.connection.client.indices.get_alias(name=self.index)
            except MissingOnCluster:
                found = None
        if found is None:
            # an index of that name is none of ours: those are behind an alias
            raise self.missing() if self.meta() is None else self.foreign()
        return self._only(found)

    def search(self, body: Body, partly: Told | None = None) -> Body:
        """One search, see `searches`."""
        return self.searches([body], partly)[0]

    def searches(self, bodies: Sequence[Body], partly: Told | None = None) -> list[Body]:
        """Several searches in one call, over statistics of all shards.

        `partly` is told where only a part of the index answered. Of letters that are only counted
        no list is sent.

        Raises:
            EngineUnreachableError: a part answered and nobody is there to be told, or none did.
        """
        found = self._answers(bodies)
        if any(gone(each.get("error")) for each in found):
            # asked again, the cluster takes the copies of the nodes that are left
            found = self._answers(bodies)
        for each in found:
            if "error" in each:
                raise self._refused(each)
            if part := _part(each):
                if partly is None:
                    raise EngineUnreachableError(
                        f"{self.url}: {part} of {self.name} answered, where all of it is needed: "
                        "ask again"
                    )
                partly(part)
        return found

    def _answers(self, bodies: Sequence[Body]) -> list[Body]:
        limit = {"timeout": f"{int(1000 * _shards_seconds(self.connection.seconds))}ms"}
        asked = [part for body in bodies for part in (self._head(body), body | limit)]
        with self.connection.said(self.index):
            counted = any("letters" in body.get("aggs", {}) for body in bodies)
            left_out = {"filter_path": f"-{LETTERS_FOUND}"} if counted else {}
            answer = self.connection.client.msearch(body=asked, params=left_out)
        found: list[Body] = answer["responses"]
        return found

    def _head(self, body: Body) -> Body:
        """The same question goes to the same copies of the shards.

        Others may count deleted documents differently, and so rank differently.
        """
        asked = json.dumps(body.get("query"), sort_keys=True).encode()
        return {
            "index": self.index,
            "search_type": "dfs_query_then_fetch",
            "preference": f"q{zlib.crc32(asked)}",
        }

    def _refused(self, each: Body) -> ImrError:
        cause = (each["error"].get("root_cause") or [each["error"]])[0]
        if cause["type"] == "index_not_found_exception":
            return self.missing()
        status = 503 if gone(each["error"]) else int(each["status"])
        return self.connection.refusal(status, str(cause["reason"] or cause["type"]), self.name)

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
                self.connection.client,
                query=body,
                index=self.index,
                preserve_order=True,
                size=LETTERS_AT_ONCE,
            ):
                yield each["_source"]

    def sources(self, ids: Sequence[str], names: Sequence[str]) -> dict[str, Body]:
        """The named parts of the documents of those ids that exist.

        Raises:
            EngineUnreachableError: for some of them no shard answers.
        """
        if not ids:
            return {}
        with self._said():
            answer = self.connection.client.mget(
                index=self.index,
                body={"ids": list(ids)},
                _source_includes=",".join(names),
                # what was committed, not what a load has sent so far
                realtime=False,
            )
        for each in answer["docs"]:
            if error := each.get("error"):
                cause = (error.get("root_cause") or [error])[0]
                if cause["type"] == "index_not_found_exception":
                    raise self.missing()
                raise EngineUnreachableError(
                    f"{self.url}: {each['_id']} of {self.name} can't be reached at the moment"
                )
        return {each["_id"]: each["_source"] for each in answer["docs"] if each.get("found")}

    def keywords(self, ids: Sequence[str], names: Sequence[str]) -> dict[str, Body]:
        """Values of keyword fields, each a list, of the documents of those ids that exist.

        Raises:
            EngineUnreachableError: some were not found, and not all shards answered.
        """
        found: dict[str, Body] = {}
        away: list[str] = []
        for start in range(0, len(ids), WINDOW):
            several = ids[start : start + WINDOW]
            body: Body = {
                "size": len(several),
                "query": {"ids": {"values": list(several)}},
                "track_total_hits": False,
                **columns("id", *names),
            }
            for each in self.search(body, away.append)["hits"]["hits"]:
                found[each["fields"]["id"][0]] = each["fields"]
        if away and not found.keys() >= set(ids):
            raise EngineUnreachableError(
                f"{self.url}: {away[0]} of {self.name} answered, and not about all that was found: "
                "ask again"
            )
        return found

    def create_store(self) -> None:
        """Make the index a plain store of documents that nobody searches."""
        body = {"mappings": {"enabled": False}}
        with self._said():
            try:
                self.connection.client.indices.create(index=self.index, body=body)
            except RequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise

    def store(self, id_: str, body: Body) -> None:
        """Put one document; it is durable when this returns."""
        with self._said():
            self.connection.client.index(index=self.index, id=id_, body=body)

    def stored(self, id_: str) -> Body | None:
        """One document, None where there is none."""
        with self._said():
            try:
                found: Body = self.connection.client.get(index=self.index, id=id_)
            except MissingOnCluster:
                return None
        source: Body = found["_source"]
        return source

    def stored_names(self) -> Iterator[str]:
        """The ids of all documents."""
        with self._said():
            if not self.connection.client.indices.exists(index=self.index):
                return
            self.connection.client.indices.refresh(index=self.index)
            body = {"query": {"match_all": {}}, "_source": False}
            for each in helpers.scan(self.connection.client, query=body, index=self.index):
                yield each["_id"]

    def unstore(self, id_: str) -> None:
        """Take a document out, if there is one."""
        with self._said(), suppress(MissingOnCluster):
            self.connection.client.delete(index=self.index, id=id_)

    def meta(self) -> Body | None:
        """What the index was built with; None where there is no index.

        Raises:
            UnusableIndexError: the name is an alias of several.
        """
        with self.connection.said(self.name):
            try:
                found = self.connection.client.indices.get_mapping(index=self.index)
            except MissingOnCluster:
                return None
        meta: Body = found[self._only(found)]["mappings"].get("_meta", {})
        return meta

    def _only(self, found: Body) -> str:
        """The one index behind the name."""
        if len(found) != 1:
            raise UnusableIndexError(
                f"{self.index} at {self.url} is an alias of several indices "
                f"({', '.join(sorted(found))}): take it from all but one of them"
            )
        return str(next(iter(found)))

    def refresh(self) -> None:
        """Let searches see all that was sent.

        Raises:
            EngineUnreachableError: a copy did not take part; say it again.
        """
        with self._said():
            done = self.connection.client.indices.refresh(
                index=self.index, request_timeout=REFRESH_SECONDS
            )
        if done["_shards"]["failed"] or not done["_shards"]["successful"]:
            raise EngineUnreachableError(f"{self.url}: a part of {self.name} could not commit")

    def decisions(self) -> int:
        """How many decisions the index holds, as last refreshed; all of its shards are asked."""
        body: Body = {"size": 0, "track_total_hits": True}
        count: int = self.search(body)["hits"]["total"]["value"]
        return count

    def release(self) -> tuple[str, frozenset[str] | None]:
        """OpenSearch's version and plugins; None where we may not ask for those."""
        client = self.connection.client
        with self.connection.said("the cluster", guarded=False):
            version = str(client.info()["version"]["number"])
            try:
                plugins = client.cat.plugins(format="json")
            except AuthorizationException:
                return version, None
        return version, frozenset(str(each["component"]) for each in plugins)

    def health(self) -> Body:
        """The cluster's state: `status` green, yellow or red, and the counts beside it.

        It is asked also where the cluster has not been answering, and so finds out first.
        """
        with self.connection.said("the cluster", guarded=False):
            found: Body = self.connection.client.cluster.health(index=self.index, level="indices")
            return found

    def blocks(self) -> list[str]:
        """What the index or the whole cluster is closed to, in the cluster's words."""
        live = self.generation()
        with self.connection.said("the cluster", guarded=False):
            # the cluster tells of all indices, whichever is named
            found = self.connection.client.cluster.state(metric="blocks")["blocks"]
        several = found.get("global", {}) | found.get("indices", {}).get(live, {})
        return [str(each["description"]) for each in several.values()]

    @contextmanager
    def _said(self) -> Iterator[None]:
        with self.connection.said(self.name):
            try:
                yield
            except MissingOnCluster as error:
                raise self.missing() from error

    def missing(self) -> IndexMissingError:
        """The error that says there is no such index."""
        return IndexMissingError(
            f"there is no index {self.name} at {self.url}: make it with "
            f"`imr index PATH… --engine opensearch --url {self.url}`"
        )

    def foreign(self) -> UnusableIndexError:
        """The error that says the index is somebody else's."""
        return UnusableIndexError(
            f"{self.index} at {self.url} was not made by imr: name another with "
            "IMR_OPENSEARCH_INDEX"
        )


def _shards_seconds(seconds: float) -> float:
    """How long shards may take, so that what they found by then comes before the wait for it ends.

    They look at the clock five times a second, and their answers have to be joined and sent.
    """
    return max(seconds / 2, min(0.8 * seconds, seconds - 1))


def _part(answer: Body) -> str:
    """How much of the index answered, in words; empty where all of it did."""
    shards = answer["_shards"]
    # a shard without any copy alive is not even counted as failed
    if shards["successful"] < shards["total"]:
        return f"only {shards['successful']} of {shards['total']} shards"
    return "only what could be searched in time" if answer["timed_out"] else ""
