"""What of a record's content can be asked for; how a letter is set is a `Variation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Traits:
    """Each trait as all decisions of a record should have it; None leaves it to chance."""

    colon: bool | None = None
    """The heading holds a colon of its own ("Retrospective: Norco …", "Quantity: 2")."""
    cites: Literal["sections", "pages"] | None = None
    """How documents of the MTUS are cited, as far as the guideline of the item allows."""
    five: bool | None = None
    """A block cites five documents."""
    repeated: bool | None = None
    """The rationale begins by repeating the heading."""


BY_CHANCE = Traits()
