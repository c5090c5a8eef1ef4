"""Sentences with choices in them: `[a|b]` is one of the two, `{slot}` a fact of the case."""

from __future__ import annotations

import re
from bisect import bisect
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

T = TypeVar("T")

CHOICE = re.compile(r"\[([^\]]*)\]")


class Skewed(Generic[T]):
    """Draws rows as they occur in life: the first often, the k-th 1 / k**steepness as often."""

    def __init__(self, rows: Sequence[T], steepness: float = 0.9) -> None:
        self.rows = tuple(rows)
        self._bounds = list(accumulate((k + 1) ** -steepness for k in range(len(self.rows))))

    def draw(self, rng: Random) -> T:
        """One row. Raises IndexError where there are none."""
        return self.rows[bisect(self._bounds, rng.random() * self._bounds[-1])]


@lru_cache(maxsize=4096)
def _pieces(template: str) -> tuple[tuple[str, ...], ...]:
    """The template as a row of alternatives; plain text is an alternative of one."""
    parts = CHOICE.split(template)
    return tuple(
        tuple(part.split("|")) if place % 2 else (part,) for place, part in enumerate(parts)
    )


def pick(rng: Random, rows: Sequence[T]) -> T:
    """One row, all equally likely; several times faster than `Random.choice`."""
    return rows[int(rng.random() * len(rows))]


def fill(rng: Random, template: str, slots: Mapping[str, object]) -> str:
    """The template with choices made and slots filled. Raises KeyError for a missing slot."""
    pieces = _pieces(template)
    chosen = [piece[0] if len(piece) == 1 else pick(rng, piece) for piece in pieces]
    return "".join(chosen).format_map(slots)


def sentence_case(text: str) -> str:
    """The text with its first letter raised and nothing else touched ("MRI" stays "MRI")."""
    return text[:1].upper() + text[1:]


def listed(words: Sequence[str]) -> str:
    """Words as prose lists them: "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
