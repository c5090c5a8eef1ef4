"""A generation that is built beside the live one: loaded, looked at, switched to or dropped."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from opensearchpy.exceptions import AuthorizationException, RequestError
from opensearchpy.exceptions import NotFoundError as MissingOnCluster

from imr.engines.opensearch import mapping
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.connection import FLOODED, reason_of
from imr.engines.opensearch.indices import (
    CALL_SECONDS,
    LOADING,
    Body,
    Indices,
    loading_alias,
    meta_of,
)
from imr.engines.opensearch.owner import Owner, now
from imr.engines.opensearch.trial import Trial
from imr.engines.signature import Signature
from imr.errors import (
    ImrError,
    IndexClosedError,
    IndexLockedError,
    IndexMissingError,
    UnusableIndexError,
)

SEGMENTS = 4
"""A shard that was loaded in one go is merged into so many segments before it is switched to."""


class Beside(Cluster):
    """Asks a generation that is being built, by an alias that no other generation ever has."""

    def __init__(self, cluster: Cluster, built: str, alias: str) -> None:
        vars(self).update(vars(cluster.at(alias)))  # on the same connection
        self.built = built

    def missing(self) -> IndexMissingError:
        """The error that says the generation was dropped."""
        return IndexMissingError(
            f"{self.url}: {self.built}, which was being built, was dropped by another process "
            f"before {self.name} was switched to it: build it again; the live index is as it was"
        )


class Rebuild:
    """Owns the generation `name`; the live one is closed to loads, which the switch would lose."""

    def __init__(self, cluster: Cluster, signature: Signature, shards: int) -> None:
        """Make an empty generation.

        Raises:
            IndexLockedError: another one is being built; IndexClosedError: the live one lets
            itself not be closed; UnusableIndexError: the name is no index of ours.
        """
        self._indices = Indices(cluster)
        with self._indices.said():
            live = self._indices.live()
            if live is None and self._indices.client.indices.exists(index=cluster.name):
                raise cluster.foreign()
            known = self._indices.all()
            for each, found in known.items():
                self._clear(each, found)
            newest = int(meta_of(known[live]).get("newest", 0)) if live in known else 0
            number = max([newest, *(int(each[-6:]) for each in known)]) + 1
            self.name = self._indices.numbered(number)
            self.target = Beside(cluster, self.name, f"{self.name}.{uuid.uuid4().hex[:8]}{LOADING}")
            self._make(signature, shards)
            if live is not None:
                self._hold(live, number)

    @classmethod
    def copy(cls, cluster: Cluster, signature: Signature) -> Rebuild:
        """One that holds what the live generation does."""
        indices = Indices(cluster)
        with indices.said():
            live = indices.live()
            if live is None:
                raise cluster.foreign()
            found = indices.client.indices.get_settings(index=live, name="index.number_of_shards")
        rebuild = cls(cluster, signature, int(found[live]["settings"]["index"]["number_of_shards"]))
        with rebuild.or_given_up(), rebuild._said():
            rebuild._fill(live)
        return rebuild

    @contextmanager
    def or_given_up(self) -> Iterator[None]:
        """Around what has to succeed before the load can go on."""
        try:
            yield
        except BaseException:
            self.give_up()
            raise

    def give_up(self) -> None:
        """Drop the generation, if it is still there, and open the live one to loads again.

        Says nothing where that can't be done: there is an earlier error to tell.
        """
        with suppress(ImrError), self._indices.said():
            # one that was dropped is no reason to open what may be closed for another's sake
            if self._indices.behind(self.target.index) == self.name:
                self._indices.drop(self.name)
                self._open_live()

    def take_over(self, trial: Trial) -> None:
        """After the load: look at what was built, merge it and switch to it.

        Raises:
            IndexDoubtfulError: it stays aside, and the live one closed to loads.
        """
        with self._said():
            self._indices.write_down(self.name, loaded=now())
        try:
            with self._indices.said():
                live = self._indices.live()
            trial.check(None if live is None else self._indices.cluster.decisions())
            with self._said():
                self._merge()
                self._indices.switch(self.name, self.target.index, now())
        except BaseException:
            with suppress(ImrError), self._said():  # nobody is at work on it any longer
                self._indices.write_down(self.name, owner=None)
            raise

    def _clear(self, name: str, found: Body) -> None:
        """Drop what was broken off."""
        if loading_alias(found) is None:
            return
        owner = Owner.of(meta_of(found))
        if owner is not None and owner.alive is not False:
            raise self._locked(name, f"by {owner}")
        self._indices.drop(name)

    def _locked(self, name: str, whom: str) -> IndexLockedError:
        return IndexLockedError(
            f"{self._indices.cluster.url}: {name} is being built already for {self._indices.name}, "
            f"{whom}. Wait until it has ended; or, if it was broken off, drop it with "
            "`imr indices prune --unfinished`"
        )

    def _make(self, signature: Signature, shards: int) -> None:
        body = mapping.body(signature, shards) | {"aliases": {self.target.index: {}}}
        body["mappings"]["_meta"]["owner"] = Owner.here().mark()
        try:
            self._indices.make(self.name, body)
        except RequestError as error:
            if error.error != "resource_already_exists_exception":
                raise
            raise self._locked(self.name, "by another process, just begun") from error

    def _hold(self, live: str, number: int) -> None:
        """Close the live one; it keeps the number, which then is not given again."""
        with self.or_given_up():
            try:
                self._indices.write_down(live, newest=number)
                self._indices.close(live, closed=True)
            except AuthorizationException as error:
                reason = reason_of(error)
                if "read-only" not in reason or FLOODED in reason:
                    raise
                raise IndexClosedError(
                    f"{self._indices.cluster.url}: {live} can't be rebuilt, as it was set "
                    f"read-only ({reason}): set its index.blocks.read_only to false, then begin "
                    "again"
                ) from error

    def _fill(self, live: str) -> None:
        body = {"source": {"index": live}, "dest": {"index": self.target.index}}
        task = self._indices.client.reindex(
            # where the generation is gone, a document must not make one without our mapping
            body=body, params={"wait_for_completion": "false", "require_alias": "true"},
        )["task"]  # fmt: skip
        try:
            self._indices.wait(task)
        except UnusableIndexError as error:
            if self._indices.behind(self.target.index) != self.name:
                raise self.target.missing() from error
            raise

    def _open_live(self) -> None:
        if (live := self._indices.live()) is not None:
            self._indices.close(live, closed=False)

    def _merge(self) -> None:
        """Let searches look into few segments: a load leaves some dozens, each with a graph."""
        indices = self._indices.client.indices
        self._indices.wait(
            indices.forcemerge(
                index=self.name, max_num_segments=SEGMENTS, wait_for_completion=False
            )["task"]
        )
        indices.refresh(index=self.name, request_timeout=CALL_SECONDS)

    @contextmanager
    def _said(self) -> Iterator[None]:
        with self._indices.cluster.connection.said(self.name):
            try:
                yield
            except MissingOnCluster as error:
                raise self.target.missing() from error
