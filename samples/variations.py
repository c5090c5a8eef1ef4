"""In what ways a letter may be set, as real letters differ; what it says is a record's `Traits`."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from imr.model import Determination

Layout = Literal["current", "maximus-2013", "professional-2013"]
LAYOUTS: tuple[Layout, ...] = ("current", "maximus-2013", "professional-2013")
"""The current one, and two of 2013 that are unverified on real letters (none is at hand)."""


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to set a letter. The defaults are the plain form; `varied` draws a mixture.

    None of these changes a fact: with whitespace collapsed, wrapped hyphens mended and soft
    hyphens dropped, every variation of a record says the same in the same layout.
    """

    layout: Layout = "current"
    width: int = 95
    """Columns of a line of text (text only; a PDF wraps by the width of its letters)."""
    heading_width: int = 88
    """Columns of a heading; down to about 24 it wraps over up to six lines."""
    lines_per_page: int = 47
    break_heading: bool = False
    """A page ends inside the first heading of more than one line, else right after the first."""
    break_citation: bool = False
    """A page ends inside the first citation block of more than one line."""
    outcome_alone: bool = False
    """The outcome stands on a line of its own below each heading (current layout only)."""
    tight_states: bool = False
    """No space after the comma between states."""
    redacted: bool = False
    """Names were blanked out and left wide gaps."""
    soft_hyphens: bool = False
    """Long words hold invisible hyphens, U+00AD (text only)."""
    joined_hyphens: bool = False
    """A hyphen at a line's end comes out as U+FFFE without a line break, as pdfium gives it (text
    only; in a PDF it is pdfium that does so)."""
    unnumbered: bool = False
    """The case number is missing."""


def varied(seed: int | str, layout: Layout = "current") -> Variation:
    """A variation by chance: most letters are plain in most ways, and all have their number."""
    rng = Random(f"variation:{seed}")
    return Variation(
        layout=layout,
        width=rng.choice((95, 95, 97, 99)),
        heading_width=rng.choice((88, 88, 88, 60, 40, 24)),
        lines_per_page=rng.choice((44, 45, 46, 47, 48)),
        break_heading=rng.random() < 0.12,
        break_citation=rng.random() < 0.12,
        outcome_alone=rng.random() < 0.08,
        tight_states=rng.random() < 0.5,
        redacted=rng.random() < 0.3,
        soft_hyphens=rng.random() < 0.05,
        joined_hyphens=rng.random() < 0.7,
    )


def layout_of_its_time(record: Determination) -> Layout:
    """The layout a letter of its date would have had; unverified on real letters before 2014."""
    decided = record.dates.decision
    if decided is None or decided.year > 2013:
        return "current"
    return "professional-2013" if decided.month < 8 else "maximus-2013"
