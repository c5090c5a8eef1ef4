"""A record as the text of a letter, wrapped and broken as extraction gives it.

Real letters come out of the PDF without page furniture: the header table's cells, then the text,
with a form feed between pages and a space left at the end of each wrapped line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from samples import layout_current, layout_maximus, layout_professional
from samples.blocks import Block, lines, paged, wrapped
from samples.told_in_part import disputed
from samples.variations import Layout, Variation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imr.model import Decision, Determination
    from samples.blocks import Cells

HYPHEN_WRAP = re.compile(r"(?<=[a-zA-Z])-\n(?=[a-zA-Z])")


class LayoutRoom(Protocol):
    """What a layout's file offers. `NAMES` is the letterhead, centered above the header."""

    NAMES: tuple[str, ...]

    def header_lines(self, record: Determination) -> list[str]: ...
    def header_cells(self, record: Determination) -> tuple[Cells, ...]: ...
    def blocks(self, record: Determination, variation: Variation) -> list[Block]: ...


ROOMS: Mapping[Layout, LayoutRoom] = {
    "current": layout_current,
    "maximus-2013": layout_maximus,
    "professional-2013": layout_professional,
}


def letter_text(record: Determination, variation: Variation | None = None) -> str:
    """The whole letter as text; pages are separated by a form feed in place of the line break."""
    variation = variation or Variation()
    record = as_numbered(record, variation)

    def cut(block: Block) -> list[str]:
        width = variation.heading_width if block.kind == "heading" else variation.width
        return wrapped(block.text, lambda start: start + width)

    head = header(record, variation)
    pages = paged(lines(blocks(record, variation), variation, cut), variation, len(head) + 4)
    text = "\f".join("\n".join(line.text for line in page) for page in pages)
    if variation.joined_hyphens:
        text = HYPHEN_WRAP.sub("\ufffe", text)
    return "\n".join(head) + "\n" + text


def header(record: Determination, variation: Variation | None = None) -> list[str]:
    """What stands above the text, line by line."""
    return ROOMS[(variation or Variation()).layout].header_lines(record)


def blocks(record: Determination, variation: Variation) -> list[Block]:
    """The letter below its header, paragraph by paragraph."""
    return ROOMS[variation.layout].blocks(record, variation)


def as_numbered(record: Determination, variation: Variation) -> Determination:
    """The record without its case number where the variation leaves it out."""
    return record.model_copy(update={"case_number": None}) if variation.unnumbered else record


def stated(record: Determination, variation: Variation) -> Determination:
    """The record as far as a letter of this variation states it.

    The layouts of 2013 know no headings that tell of a part authorized before, and one has no place
    for what the administrator cited. `id` stays, although no reader can know it without the number.
    """
    record = as_numbered(record, variation)
    if variation.layout == "current":
        return record
    cited = variation.layout != "professional-2013"
    decisions = tuple(_stated(decision, cited=cited) for decision in record.decisions)
    return record.model_copy(update={"decisions": decisions})


def _stated(decision: Decision, *, cited: bool) -> Decision:
    update: dict[str, object] = {"request": disputed(decision.request)}
    if not cited:
        update["administrator_guidelines"] = ()
    return decision.model_copy(update=update)


__all__ = ["blocks", "header", "letter_text", "stated", "wrapped"]
