"""Whether a generation that was built beside the live one holds what was loaded."""

from __future__ import annotations

import random
from collections.abc import Collection

import numpy as np

from imr.engines.opensearch.cluster import Body, Cluster
from imr.errors import IndexDoubtfulError

SAMPLED = 50
"""Documents that are kept as they were sent, to be compared with what is stored."""
LEAST = 0.5
"""A new generation with a smaller share of the live one's decisions is not switched to unasked."""


class Trial:
    """Keeps count of a load, and some of its documents drawn evenly (Vitter's algorithm R)."""

    def __init__(self, target: Cluster, built: str, expected: int) -> None:
        """`built` names the generation that is asked as `target`."""
        self._target, self._built = target, built
        self.expected = expected
        """How many decisions the generation should hold."""
        self._drawn: dict[str, Body] = {}
        self._met = 0
        self._random = random.Random(0)  # noqa: S311 - no secret

    def loaded(self, id_: str, source: Body) -> None:
        """A document was sent."""
        self._met += 1
        if id_ in self._drawn or len(self._drawn) < SAMPLED:
            self._drawn[id_] = source
        elif self._random.randrange(self._met) < SAMPLED:
            del self._drawn[self._random.choice(list(self._drawn))]
            self._drawn[id_] = source

    def changed(self, by: int) -> None:
        """There are so many decisions more, or fewer, than before."""
        self.expected += by

    def taken_back(self, ids: Collection[str]) -> None:
        """These decisions were sent and are not to be there."""
        self.expected -= len(ids)
        self._drawn = {id_: each for id_, each in self._drawn.items() if id_ not in ids}

    def check(self, live: int | None) -> None:
        """Compare counts and the sample; `live` is how many decisions the live generation has.

        Raises:
            IndexDoubtfulError: it holds other than what was loaded, or far less than the live one.
        """
        found = self._target.decisions()
        if found != self.expected:
            raise self._doubt(f"it holds {found:,} decisions, {self.expected:,} were loaded")
        if live and found < LEAST * live:
            raise self._doubt(f"it holds {found:,} decisions, the live one {live:,}")
        stored = self._target.sources(list(self._drawn), ["*"])
        for id_, sent in self._drawn.items():
            if id_ not in stored or not _same(sent, stored[id_]):
                raise self._doubt(f"{id_} is not stored as it was sent")

    def _doubt(self, why: str) -> IndexDoubtfulError:
        return IndexDoubtfulError(
            f"{self._built} was built beside {self._target.name} and not switched to: {why}. Look "
            f"at it and switch with `imr indices rollback --to {self._built}`, or drop it with "
            f"`imr indices prune --unfinished`; until one of the two {self._target.name} is closed "
            "to loads"
        )


def _same(sent: Body, stored: Body) -> bool:
    """Vectors are told back as the shortest decimals of their float32."""
    (texts, vectors), (others, found) = _parted(sent), _parted(stored)
    return texts == others and all(
        np.array_equal(np.array(one, np.float32), np.array(other, np.float32))
        for one, other in zip(vectors, found, strict=True)
    )


def _parted(source: Body) -> tuple[Body, list[list[float]]]:
    """A document without its vectors, and those."""
    passages = [{k: v for k, v in each.items() if k != "vector"} for each in source["passages"]]
    vectors = [each.get("vector", []) for each in source["passages"]]
    texts = {k: v for k, v in source.items() if k != "facts"} | {"passages": passages}
    return texts, [*vectors, source.get("facts", [])]
