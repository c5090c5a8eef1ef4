"""Paragraphs of a letter, wrapped into lines and cut into pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from imr.model import Reviewer
    from samples.variations import Variation

GAP = " " * 12
HYPHENATED = re.compile(r"[a-zA-Z]-[a-zA-Z]")
LONG_WORD = re.compile(r"\b([a-z]{5})([a-z]{6,})\b")

Kind = Literal["title", "label", "heading", "outcome", "citation", "body"]
Cells = tuple[str, str, str, str]
"""A row of the header table: label, value, label, value; "|" breaks a line within a cell."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of the letter; `bold` opens it in bold type where it is drawn (a label).

    `tight` paragraphs are drawn right below the one before.
    """

    kind: Kind
    text: str
    bold: str = ""
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A wrapped line; `first` of its block, `breaks` where the page must end after it."""

    block: Block
    text: str
    first: bool
    breaks: bool = False


def shown(day: date | None) -> str:
    """A date of the header; an empty cell where there is none."""
    return f"{day.month:02}/{day.day:02}/{day.year}" if day else ""


def states_of(reviewer: Reviewer, variation: Variation) -> str:
    """The states of licensure as the letter lists them."""
    return ("," if variation.tight_states else ", ").join(reviewer.licensure_states)


def labelled(kind: Kind, label: str, text: str) -> Block:
    """A paragraph that opens with its label in bold type."""
    return Block(kind, f"{label} {text}", bold=label)


def dressed(prose: str, variation: Variation) -> str:
    """Prose with the marks that redaction and typesetting leave in it."""
    if variation.redacted:
        prose = prose.replace("Dr. ", f"Dr.{GAP}")
    if variation.soft_hyphens:
        prose = LONG_WORD.sub("\\1\u00ad\\2", prose)
    return prose


def wrapped(text: str, reach: Callable[[int], int]) -> list[str]:
    """Cuts text into lines; all but the last keep the space they were cut at, and gaps stay.

    `reach` says for a start how far a line from there may go. Words are also cut behind a hyphen
    between letters, where a typesetter would.
    """
    result = []
    start = 0
    while (limit := reach(start)) < len(text):
        end = text.rfind(" ", start, limit + 1) + 1
        hyphen = text.rfind("-", max(end, start), limit)
        if hyphen > 0 and HYPHENATED.match(text, hyphen - 1):
            end = hyphen + 1
        if end <= start:
            end = text.find(" ", start) + 1 or len(text)
        result.append(text[start:end])
        start = end
    rest = text[start:]
    return [*result, rest] if rest or not result else result


def lines(
    parts: Sequence[Block], variation: Variation, cut: Callable[[Block], list[str]]
) -> list[Line]:
    """All lines of the letter, with the page breaks that the variation asks for."""
    rows = [
        [Line(part, text, place == 0) for place, text in enumerate(cut(part))] for part in parts
    ]
    if variation.break_heading:
        _break_inside(rows, "heading", always=True)
    if variation.break_citation:
        _break_inside(rows, "citation", always=False)
    return [line for row in rows for line in row]


def _break_inside(rows: list[list[Line]], kind: Kind, *, always: bool) -> None:
    """Marks the end of a page inside the first block of a kind that has several lines."""
    of_kind = [row for row in rows if row[0].block.kind == kind]
    # a page that begins with a number alone would seem to begin with its own number
    of_kind = [row for row in of_kind if not (len(row) > 1 and row[1].text.strip().isdigit())]
    several = [row for row in of_kind if len(row) > 1]
    chosen = several or (of_kind if always else [])
    if chosen:
        row = chosen[0]
        row[0] = Line(row[0].block, row[0].text, first=True, breaks=True)


def paged(rows: Sequence[Line], variation: Variation, taken: int) -> list[list[Line]]:
    """Lines by page; `taken` lines of the first page belong to the header table."""
    pages: list[list[Line]] = [[]]
    room = variation.lines_per_page - taken
    for place, line in enumerate(rows):
        pages[-1].append(line)
        full = len(pages[-1]) >= room
        if (full or line.breaks) and place + 1 < len(rows):
            pages.append([])
            room = variation.lines_per_page
    return pages
