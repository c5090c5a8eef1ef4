"""The generations of an index: listed, gone back to, dropped. `rebuild` builds further ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opensearchpy.exceptions import RequestError

from imr.engines.opensearch import mapping
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.indices import Body, Indices, loading_alias, meta_of
from imr.engines.opensearch.owner import Owner, now
from imr.engines.signature import Signature
from imr.errors import BadQueryError, IndexLockedError, NotFoundError

State = Literal["live", "former", "loaded", "unfinished"]
"""Loaded to its end, but not switched to; or not even that."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One index of the name; `bytes` are of its primary shards, `finished` is when it was ready.

    `owner` is the process that builds it.
    """

    name: str
    state: State
    decisions: int
    bytes: int
    finished: str | None
    owner: Owner | None
    alias: str | None

    @property
    def worked_on(self) -> bool:
        """Whether a process on this machine still builds it."""
        return self.owner is not None and self.owner.alive is True


class Generations:
    """All generations behind a cluster's index name."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self.name = cluster, cluster.name
        self._indices = Indices(cluster)

    def create(self, signature: Signature, shards: int) -> None:
        """Make the first generation; another load may make it at the same moment."""
        body = mapping.body(signature, shards) | {"aliases": {self.name: {}}}
        with self._indices.said():
            try:
                self._indices.make(self._indices.numbered(1), body)
            except RequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise

    def listed(self) -> list[Generation]:
        """All generations, the newest first."""
        with self._indices.said():
            found = self._indices.all()
            if not found:
                return []
            stats = self._indices.client.indices.stats(index=",".join(found), metric="store")
        return [
            Generation(
                name,
                self._state(found[name]),
                self._cluster.at(name).decisions(),
                int(stats["indices"][name]["primaries"]["store"]["size_in_bytes"]),
                meta_of(found[name]).get("finished"),
                Owner.of(meta_of(found[name])),
                loading_alias(found[name]),
            )
            for name in sorted(found, reverse=True)
        ]

    def rollback(self, to: str | None) -> Generation:
        """Make a former generation the live one: the newest before it, or the one named.

        Raises:
            NotFoundError: there is none; BadQueryError: what is named is live or was not loaded.
        """
        known = self.listed()
        live = next((each.name for each in known if each.state == "live"), "")
        for each in known:
            if each.name == to or (to is None and each.state == "former" and each.name < live):
                self._check_whole(each)
                # what was loaded into it would be lost when the rebuild that goes on is done
                closed = any(other.alias for other in known if other is not each)
                with self._indices.said():
                    self._indices.switch(
                        each.name, each.alias, each.finished or now(), closed=closed
                    )
                return each
        raise self._nowhere(to, live, known)

    def prune(self, keep: int, *, unfinished: bool) -> list[str]:
        """Drop former generations but the newest `keep`; those dropped.

        `unfinished` drops what a rebuild left that was broken off, and opens the index to loads.

        Raises:
            IndexLockedError: a process on this machine is still building one.
        """
        known = self.listed()
        former = [each.name for each in known if each.state == "former"][keep:]
        broken = [each for each in known if each.alias is not None] if unfinished else []
        for each in broken:
            if each.worked_on:
                raise IndexLockedError(
                    f"{self._cluster.url}: {each.name} is not broken off, {each.owner} is building "
                    "it: wait until that has ended, or stop it, then prune again"
                )
        dropped = [*former, *(each.name for each in broken)]
        with self._indices.said():
            for name in dropped:
                self._indices.drop(name)
            live = self._indices.live()
            if unfinished and live is not None:
                self._indices.close(live, closed=False)
        return dropped

    def delete(self) -> None:
        """Drop the index with all its generations, if there is one."""
        for each in self.listed():
            with self._indices.said():
                self._indices.drop(each.name)

    def _check_whole(self, to: Generation) -> None:
        if to.state == "live":
            raise BadQueryError(f"{to.name} is the live generation already")
        if to.state == "unfinished" or to.worked_on:
            whom = f" by {to.owner}" if to.owner else ""
            raise BadQueryError(
                f"{to.name} was not built to its end{whom}, so it is not switched to: wait for "
                "that, or, if it was broken off, drop it with `imr indices prune --unfinished`"
            )

    def _nowhere(self, to: str | None, live: str, known: list[Generation]) -> NotFoundError:
        newer = [each.name for each in known if each.state == "former" and each.name > live]
        if to is None and newer:
            return NotFoundError(
                f"{self._cluster.url}: there is no generation of {self.name} before the live one, "
                f"{live}, but newer ones: {', '.join(newer)}. Switch to one with `imr indices "
                f"rollback --to {newer[0]}`"
            )
        what = f"generation {to}" if to else f"former generation of {self.name}"
        return NotFoundError(
            f"there is no {what} at {self._cluster.url}: `imr indices list` tells which there are"
        )

    def _state(self, found: Body) -> State:
        if self.name in found["aliases"]:
            return "live"
        if loading_alias(found) is None:
            return "former"
        return "loaded" if "loaded" in meta_of(found) else "unfinished"
