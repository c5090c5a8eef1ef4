"""The indices behind one name on a cluster, and what is done with each of them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opensearchpy.exceptions import NotFoundError as MissingOnCluster

from imr.engines.opensearch.cluster import Cluster
from imr.errors import EngineUnreachableError, UnusableIndexError

POLL = 0.2
"""Seconds between two looks at a task of the cluster's."""
COPIES_SECONDS = 600
"""How long the copies of a new generation may take to be whole."""
CALL_SECONDS = 120
"""How long a change of an index may take."""
LOADING = ".loading"
"""Ends the alias of a generation that is being built."""

Body = dict[str, Any]


class Indices:
    """All generations of a name, `NAME-000001` and on; calls stand inside `said`."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.name = cluster, cluster.name
        self.client = cluster.connection.client

    @contextmanager
    def said(self) -> Iterator[None]:
        """Around calls; their errors are those of this program."""
        with self.cluster.connection.said(self.name):
            try:
                yield
            except MissingOnCluster as error:
                raise self.cluster.missing() from error

    def numbered(self, number: int) -> str:
        """The name of a generation."""
        return f"{self.name}-{number:06}"

    def all(self) -> Body:
        """What the cluster tells of each generation, by its name."""
        found = self.client.indices.get(index=f"{self.name}-*")
        own = re.compile(rf"{re.escape(self.name)}-\d{{6}}")
        return {name: each for name, each in found.items() if own.fullmatch(name)}

    def live(self) -> str | None:
        """The generation that is behind the name."""
        return self.behind(self.name)

    def behind(self, alias: str) -> str | None:
        """The index of an alias, if there is one."""
        try:
            return str(next(iter(self.client.indices.get_alias(name=alias))))
        except MissingOnCluster:
            return None

    def make(self, name: str, body: Body) -> None:
        """Make an index."""
        self.client.indices.create(index=name, body=body, request_timeout=CALL_SECONDS)

    def drop(self, name: str) -> None:
        """Delete one, if it is there."""
        self.client.indices.delete(
            index=name, ignore_unavailable=True, request_timeout=CALL_SECONDS
        )

    def close(self, name: str, *, closed: bool) -> None:
        """Close one to loads, or open it to them."""
        self.client.indices.put_settings(
            index=name, body={"index.blocks.write": True if closed else None}
        )

    def write_down(self, name: str, **parts: Any) -> None:
        """Put parts of a generation's `_meta`, None to take one out; a put replaces all of it."""
        meta = self.client.indices.get_mapping(index=name)[name]["mappings"].get("_meta", {})
        body = {key: value for key, value in (meta | parts).items() if value is not None}
        self.client.indices.put_mapping(index=name, body={"_meta": body})

    def switch(self, to: str, alias: str | None, finished: str, *, closed: bool = False) -> None:
        """Put the name before another generation, in one step; the former one is closed to loads.

        `alias`, of its loading, is taken from the new one; where that no longer has it, nothing is
        switched. `closed` keeps the new one closed to loads, too.
        """
        self._await_copies(to)
        self.write_down(to, owner=None, finished=finished)
        live = self.live()
        actions: list[Body] = [{"add": {"index": to, "alias": self.name}}]
        if live is not None and live != to:
            actions.append({"remove": {"index": live, "alias": self.name}})
            self.close(live, closed=True)
        if alias is not None:
            actions.append({"remove": {"index": to, "alias": alias, "must_exist": True}})
        self.close(to, closed=closed)
        self.client.indices.update_aliases(body={"actions": actions}, request_timeout=CALL_SECONDS)

    def wait(self, task: str) -> None:
        """Until a task of the cluster's is done.

        Raises:
            UnusableIndexError: it failed.
        """
        while not (found := self.client.tasks.get(task_id=task))["completed"]:
            time.sleep(POLL)
        answer = found.get("response") or {"failures": [found.get("error")]}
        if failures := [*answer.get("failures", ()), *_failed(answer)]:
            raise UnusableIndexError(
                f"{self.cluster.url}: {self.name} could not be rebuilt ({failures[0]})"
            )

    def _await_copies(self, name: str) -> None:
        """Until each shard has all its copies, so that losing a node then loses no data."""
        found = self.client.cluster.health(
            index=name, wait_for_status="green", timeout=f"{COPIES_SECONDS}s",
            request_timeout=COPIES_SECONDS + 10, ignore=408,
        )  # fmt: skip
        if found["timed_out"]:
            raise EngineUnreachableError(
                f"{self.cluster.url}: {name} has no whole copies on the cluster's nodes: look at "
                f"its health, then switch with `imr indices rollback --to {name}`; until then "
                f"{self.name} is closed to loads"
            )


def loading_alias(found: Body) -> str | None:
    """The alias by which a generation is loaded that was not switched to yet."""
    return next((alias for alias in found["aliases"] if alias.endswith(LOADING)), None)


def meta_of(found: Body) -> Body:
    """What is written in a generation."""
    meta: Body = found["mappings"].get("_meta", {})
    return meta


def _failed(answer: Body) -> list[Body]:
    failed: list[Body] = answer.get("_shards", {}).get("failures", [])
    return failed
