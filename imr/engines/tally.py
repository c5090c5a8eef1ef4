"""How sets of decisions ended, as engines count them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Ended(NamedTuple):
    """Units of one kind: how many there are, and how many have any decision of an outcome.

    A unit that has decisions of both outcomes is among `upheld` and `overturned`.
    """

    total: int = 0
    upheld: int = 0
    overturned: int = 0

    @property
    def both(self) -> int:
        """The units that have decisions of both outcomes."""
        return self.upheld + self.overturned - self.total


class Tally(NamedTuple):
    """A set of decisions by its decisions, by its letters, and by its distinct rationales."""

    decisions: Ended
    letters: Ended
    rationales: Ended


Tallies = Mapping[tuple[str, ...], Tally]
"""By the values of the fields asked for, in their order; sets without a decision are left out."""
