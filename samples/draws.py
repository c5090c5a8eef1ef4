"""Draws that are the same on every machine and every run.

They use `Random.random` alone, the one method whose sequence Python promises to keep, and integer
weights, so that no machine's arithmetic tips a draw.
"""

from __future__ import annotations

from bisect import bisect
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from random import Random

T = TypeVar("T")

WEIGHT = 10**9
FAVOR = 0.9
"""How much more often a writer uses the first sentences of a list than the last."""


class Weighted(Generic[T]):
    """Draws rows by whole weights."""

    def __init__(self, weights: Mapping[T, int]) -> None:
        self._set(tuple(weights), weights.values())

    def _set(self, rows: tuple[T, ...], weights: Iterable[int]) -> None:
        self.rows = rows
        self._bounds = list(accumulate(weights))
        self._total = self._bounds[-1] if rows else 0

    def draw(self, rng: Random) -> T:
        """One row. Raises IndexError where there are none."""
        return self.rows[bisect(self._bounds, int(rng.random() * self._total))]


class Skewed(Weighted[T]):
    """Draws rows as they occur in life: the first often, the k-th 1 / k**steepness as often."""

    def __init__(self, rows: Sequence[T], steepness: float = 0.9) -> None:
        weights = (round(WEIGHT / k**steepness) for k in range(1, len(rows) + 1))
        self._set(tuple(rows), weights)


def pick(rng: Random, rows: Sequence[T]) -> T:
    """One row, all equally likely; several times faster than `Random.choice`."""
    return rows[int(rng.random() * len(rows))]


def between(rng: Random, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int(rng.random() * (high - low + 1))


def several(rng: Random, rows: Sequence[T], wanted: int) -> list[T]:
    """Different rows in random order, as many as wanted or there are."""
    if 3 * wanted < len(rows):
        chosen: dict[T, None] = {}
        while len(chosen) < wanted:
            chosen[pick(rng, rows)] = None
        return list(chosen)
    left = list(rows)
    return [left.pop(int(rng.random() * len(left))) for _ in range(min(wanted, len(left)))]


def favored(rng: Random, rows: tuple[T, ...], wanted: int) -> list[T]:
    """Different rows, those that stand first more often; fewer than wanted where they are few."""
    draw = _favorites(rows).draw
    return list(dict.fromkeys(draw(rng) for _ in range(wanted)))


@cache
def _favorites(rows: tuple[T, ...]) -> Skewed[T]:
    return Skewed(rows, FAVOR)
