"""Stage 5: the blocks of the decisions → one Item a disputed item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from imr.letters.clean import OUTCOME, Block, Cleaned
from imr.letters.sections import trim
from imr.model import LetterWarning, Outcome, Span

_LABELLED_PARTS = ("administrator", "reviewer", "rationale")


@dataclass(frozen=True, slots=True)
class Item:
    """A disputed item as ranges of the cleaned text, before its facts are read."""

    request: Span
    outcome: Outcome
    outcome_span: Span
    administrator: Span | None
    reviewer: Span | None
    rationale: Span | None


def find(cleaned: Cleaned, blocks: Sequence[Block], warnings: list[LetterWarning]) -> list[Item]:
    """The letter's items in order."""
    headings = [i for i in range(len(blocks) - 1) if _is_heading(cleaned, blocks, i)]
    items = []
    ends = [*headings[1:], len(blocks)]
    for number, at in enumerate(headings, start=1):
        item = _item(cleaned, blocks, at, ends[number - 1])
        items.append(item)
        if item.rationale is None:
            warnings.append(
                LetterWarning(
                    code="no-rationale", message=f"item {number} has no decision rationale"
                )
            )
    return items


def _is_heading(cleaned: Cleaned, blocks: Sequence[Block], index: int) -> bool:
    """A block that closes with an outcome, before a guideline or a rationale."""
    block, follows = blocks[index], blocks[index + 1]
    if block.part is not None or follows.part not in _LABELLED_PARTS:
        return False
    match = OUTCOME.search(cleaned.text[block.start : block.end])
    return match is not None and match.start() > 0


def _item(cleaned: Cleaned, blocks: Sequence[Block], at: int, until: int) -> Item:
    text, heading = cleaned.text, blocks[at]
    match = OUTCOME.search(text[heading.start : heading.end])
    assert match is not None  # noqa: S101 - _is_heading chose this block
    # "… , Three sessions … is: Upheld" keeps its "is": only the outcome and its colon go
    start = match.start()
    if match[0][:2].lower() == "is":
        start += 2
    request = trim(text, heading.start, heading.start + start)
    assert request is not None  # noqa: S101 - a heading has text before its outcome
    parts = {part: _part(cleaned, blocks[at + 1 : until], part) for part in _LABELLED_PARTS}
    return Item(
        request=request,
        outcome=cast("Outcome", match[1].lower()),
        outcome_span=(heading.start + match.start(1), heading.start + match.end(1)),
        administrator=parts["administrator"],
        reviewer=parts["reviewer"],
        rationale=parts["rationale"],
    )


def _part(cleaned: Cleaned, blocks: Sequence[Block], part: str) -> Span | None:
    """From behind the part's label to the next labelled part or the item's end."""
    first = next((i for i, block in enumerate(blocks) if block.part == part), None)
    if first is None:
        return None
    last = first
    while last + 1 < len(blocks) and blocks[last + 1].part not in _LABELLED_PARTS:
        last += 1
    colon = cleaned.text.index(":", blocks[first].start, blocks[first].end)
    return trim(cleaned.text, colon + 1, blocks[last].end)
