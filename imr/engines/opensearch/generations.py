"""The generations of an index: built beside the live one, switched to in one step, gone back to."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from opensearchpy.exceptions import NotFoundError as MissingOnCluster
from opensearchpy.exceptions import RequestError

from imr.engines.opensearch import mapping
from imr.engines.opensearch.cluster import Cluster
from imr.engines.signature import Signature
from imr.errors import BadQueryError, EngineUnreachableError, NotFoundError, UnusableIndexError

POLL = 0.2
"""Seconds between two looks at a task of the cluster's."""
COPIES_SECONDS = 600
"""How long the copies of a new generation may take to be whole."""
CALL_SECONDS = 120
"""How long a change of an index may take."""

SEGMENTS = 4
"""A shard that was loaded in one go is merged into so many segments before it is switched to."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Generation:
    """One index of the name; `bytes` are of its primary shards, `finished` is when it was ready."""

    name: str
    state: Literal["live", "former", "unfinished"]
    decisions: int
    bytes: int
    finished: str | None


class Generations:
    """All generations behind a cluster's index name."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self.name = cluster, cluster.name
        self._client = cluster.connection.client

    def create(self, signature: Signature, shards: int) -> None:
        """Make the first generation; another load may make it at the same moment."""
        body = mapping.body(signature, shards) | {"aliases": {self.name: {}}}
        with self._said():
            try:
                self._make(_named(self.name, 1), body)
            except RequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise

    def begin(self, signature: Signature, shards: int) -> Cluster:
        """An empty generation beside the live one, to be loaded into and switched to.

        The live one is closed to loads: what they wrote would be lost with the switch.
        """
        with self._said():
            return self._beside(signature, shards)

    def copy(self, signature: Signature) -> Cluster:
        """A copy of the live generation beside it, else as `begin`."""
        with self._said():
            live = self._live()
            found = self._client.indices.get_settings(index=live, name="index.number_of_shards")
            shards = int(found[live]["settings"]["index"]["number_of_shards"])
            other = self._beside(signature, shards)
            body = {"source": {"index": live}, "dest": {"index": _loading(self.name)}}
            task = self._client.reindex(body=body, wait_for_completion=False)["task"]
            self._wait(task)
        return other

    def switch(self, to: str) -> None:
        """Make a generation the live one, in one step; the former one stays, closed to loads.

        Waits until each shard has all its copies, so that losing a node then loses no data.
        """
        with self._said():
            self._await_copies(to)
            self._finish(to)
            live = self._live()
            actions: list[Body] = [{"add": {"index": to, "alias": self.name}}]
            if live is not None and live != to:
                actions.append({"remove": {"index": live, "alias": self.name}})
                self._close(live, closed=True)
            if self._aliased(_loading(self.name)) == to:
                actions.append({"remove": {"index": to, "alias": _loading(self.name)}})
            self._close(to, closed=False)
            self._client.indices.update_aliases(
                body={"actions": actions}, request_timeout=CALL_SECONDS
            )

    def merge(self, generation: str) -> None:
        """Let searches look into few segments: a load leaves some dozens, each with a graph."""
        with self._said():
            task = self._client.indices.forcemerge(
                index=generation, max_num_segments=SEGMENTS, wait_for_completion=False
            )["task"]
            self._wait(task)
            self._client.indices.refresh(index=generation, request_timeout=CALL_SECONDS)

    def give_up(self, generation: str) -> None:
        """Drop a generation that was not finished, and open the live one to loads again."""
        with self._said():
            self._drop(generation)
            if (live := self._live()) is not None:
                self._close(live, closed=False)

    def live_decisions(self) -> int | None:
        """How many decisions the live generation holds; None where there is none."""
        with self._said():
            return None if self._live() is None else self._cluster.decisions()

    def listed(self) -> list[Generation]:
        """All generations, the newest first."""
        with self._said():
            found = self._all()
            names = list(found)
            if not names:
                return []
            stats = self._client.indices.stats(index=",".join(names), metric="store")["indices"]
        return [
            Generation(
                name,
                self._state(found[name]),
                self._cluster.at(name).decisions(),
                int(stats[name]["primaries"]["store"]["size_in_bytes"]),
                _finished(found[name]),
            )
            for name in sorted(names, reverse=True)
        ]

    def rollback(self, to: str | None) -> Generation:
        """Make a former generation the live one: the newest before it, or the one named.

        Raises:
            NotFoundError: there is none.
        """
        known = self.listed()
        live = next((each.name for each in known if each.state == "live"), "")
        for each in known:
            if each.name == to or (to is None and each.state == "former" and each.name < live):
                if each.state == "live":
                    raise BadQueryError(f"{each.name} is the live generation already")
                self.switch(each.name)
                return each
        what = f"generation {to}" if to else f"former generation of {self.name}"
        raise NotFoundError(
            f"there is no {what} at {self._cluster.url}: `imr indices list` tells which there are"
        )

    def prune(self, keep: int, *, unfinished: bool) -> list[str]:
        """Drop former generations but the newest `keep`; those dropped.

        `unfinished` drops what a rebuild left that was broken off, and opens the index to loads.
        """
        known = self.listed()
        former = [each.name for each in known if each.state == "former"][keep:]
        broken = [each.name for each in known if each.state == "unfinished"] if unfinished else []
        with self._said():
            for name in (*former, *broken):
                self._drop(name)
            live = self._live()
            if unfinished and live is not None:
                self._close(live, closed=False)
        return [*former, *broken]

    def delete(self) -> None:
        """Drop the index with all its generations, if there is one."""
        for each in self.listed():
            with self._said():
                self._drop(each.name)

    def _beside(self, signature: Signature, shards: int) -> Cluster:
        live = self._live()
        loading = _loading(self.name)
        if (left := self._aliased(loading)) is not None:
            self._drop(left)  # one that was broken off
        numbers = [int(each[-6:]) for each in self._all()]
        made = _named(self.name, max(numbers, default=0) + 1)
        self._make(made, mapping.body(signature, shards) | {"aliases": {loading: {}}})
        if live is not None:
            self._close(live, closed=True)
        return self._cluster.at(loading)

    def _all(self) -> Body:
        found = self._client.indices.get(index=f"{self.name}-*")
        own = re.compile(rf"{re.escape(self.name)}-\d{{6}}")
        return {name: each for name, each in found.items() if own.fullmatch(name)}

    def _make(self, name: str, body: Body) -> None:
        self._client.indices.create(index=name, body=body, request_timeout=CALL_SECONDS)

    def _drop(self, name: str) -> None:
        self._client.indices.delete(
            index=name, ignore_unavailable=True, request_timeout=CALL_SECONDS
        )

    def _close(self, name: str, *, closed: bool) -> None:
        self._client.indices.put_settings(
            index=name, body={"index.blocks.write": True if closed else None}
        )

    def _live(self) -> str | None:
        return self._aliased(self.name)

    def _aliased(self, alias: str) -> str | None:
        try:
            return str(next(iter(self._client.indices.get_alias(name=alias))))
        except MissingOnCluster:
            return None

    def _await_copies(self, name: str) -> None:
        found = self._client.cluster.health(
            index=name, wait_for_status="green", timeout=f"{COPIES_SECONDS}s",
            request_timeout=COPIES_SECONDS + 10, ignore=408,
        )  # fmt: skip
        if found["timed_out"]:
            raise EngineUnreachableError(
                f"{self._cluster.url}: {name} has no whole copies on the cluster's nodes: look at "
                f"its health, then switch with `imr indices rollback --to {name}`"
            )

    def _finish(self, name: str) -> None:
        """Write into the generation that it is whole; a put of `_meta` replaces all of it."""
        meta = self._client.indices.get_mapping(index=name)[name]["mappings"]["_meta"]
        now = datetime.now(UTC).replace(microsecond=0).isoformat()
        meta.setdefault("finished", now)
        self._client.indices.put_mapping(index=name, body={"_meta": meta})

    def _state(self, found: Body) -> Literal["live", "former", "unfinished"]:
        if self.name in found["aliases"]:
            return "live"
        return "unfinished" if _loading(self.name) in found["aliases"] else "former"

    def _wait(self, task: str) -> None:
        while not (found := self._client.tasks.get(task_id=task))["completed"]:
            time.sleep(POLL)
        answer = found.get("response") or {"failures": [found.get("error")]}
        if failures := [*answer.get("failures", ()), *_failed(answer)]:
            raise UnusableIndexError(
                f"{self._cluster.url}: {self.name} could not be rebuilt ({failures[0]})"
            )

    @contextmanager
    def _said(self) -> Iterator[None]:
        with self._cluster.connection.said(self.name):
            try:
                yield
            except MissingOnCluster as error:
                raise self._cluster.missing() from error


def _failed(answer: Body) -> list[Body]:
    failed: list[Body] = answer.get("_shards", {}).get("failures", [])
    return failed


def _named(name: str, number: int) -> str:
    return f"{name}-{number:06}"


def _loading(name: str) -> str:
    """The alias of the generation that is being built; loads write through an alias always."""
    return f"{name}.loading"


def _finished(found: Body) -> str | None:
    finished: str | None = found["mappings"].get("_meta", {}).get("finished")
    return finished
