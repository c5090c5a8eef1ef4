"""Stage 5, first layout (2014 on): headings that end in Upheld or Overturned → items."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

from imr.letters import sections
from imr.letters.clean import Block, Cleaned
from imr.letters.items import Found, Item
from imr.letters.labels import ITEM_LABELS, OUTCOME
from imr.letters.sections import Section, trim
from imr.model import Outcome, Span


def find(cleaned: Cleaned, parts: Sequence[Section]) -> Found:
    """The letter's items under IMR ISSUES, DECISIONS AND RATIONALES, in order."""
    found = Found(summary=sections.until(cleaned, parts, "summary", {"issues", "decisions"}))
    blocks = _blocks(cleaned)
    starts = _starts(blocks)
    for number, (at, until) in enumerate(pairwise([*starts, len(blocks)]), start=1):
        _read(cleaned, blocks[at:until], number, found)
    return found


def _blocks(cleaned: Cleaned) -> Sequence[Block]:
    """What stands under the title; without a title, from the sentence that introduces the items."""
    blocks = cleaned.blocks
    title = next((i for i, b in enumerate(blocks) if b.part in {"issues", "decisions"}), None)
    if title is None:
        title = next((i for i, b in enumerate(blocks) if b.part == "introduction"), len(blocks))
    end = next((i for i, b in enumerate(blocks) if i > title and b.part == "disclaimer"), None)
    return blocks[title + 1 : end]


def _starts(blocks: Sequence[Block]) -> list[int]:
    """Indexes of the headings, and of claims administrators' guidelines that lack one."""
    starts: list[int] = []
    cited = True  # before the first heading an item has no room
    for index, block in enumerate(blocks):
        if block.heading:
            starts.append(index)
            cited = False
        elif block.part == "administrator":
            if cited:
                starts.append(index)
            cited = True
    return starts


def _read(cleaned: Cleaned, blocks: Sequence[Block], number: int, found: Found) -> None:
    """Add the item of these blocks, which begin with its heading."""
    text, heading = cleaned.text, blocks[0]
    words = text[heading.start : heading.end]
    match = OUTCOME.search(words) if heading.heading else None
    # "… , Three sessions … is: Upheld" keeps its "is": only the outcome and its colon go
    kept = match.start() + (2 if match[0][:2].lower() == "is" else 0) if match else 0
    request = trim(text, heading.start, heading.start + kept)
    if match is None or request is None:
        shown = words[-60:] if heading.heading else ""
        reason = f'its heading "{shown}" ends in neither Upheld nor Overturned'
        found.leave_out(number, reason if shown else "no heading stands before its guideline")
        return
    found.add(
        Item(
            number=number,
            request=request,
            outcome=cast("Outcome", match[1].lower()),
            outcome_span=(heading.start + match.start(1), heading.start + match.end(1)),
            administrator=_part(cleaned, blocks[1:], "administrator"),
            reviewer=_part(cleaned, blocks[1:], "reviewer"),
            rationale=_part(cleaned, blocks[1:], "rationale"),
        )
    )


def _part(cleaned: Cleaned, blocks: Sequence[Block], part: str) -> Span | None:
    """From behind the part's label to the next labelled part or the item's end."""
    first = next((i for i, block in enumerate(blocks) if block.part == part), None)
    if first is None:
        return None
    last = first
    while last + 1 < len(blocks) and blocks[last + 1].part not in ITEM_LABELS:
        last += 1
    return trim(cleaned.text, blocks[first].label_end, blocks[last].end)
