"""Stage 3: the cleaned text → the letter's sections, found by their labels."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imr.letters.clean import Block, Cleaned
from imr.model import Span

# The fixed sentence that opens the summary.
_SUMMARY_INTRODUCTION = re.compile(
    r"the\s+expert\s+reviewer\s+developed\s+the\s+following\s+clinical\s+case\s+summary\s+based\s+on"
    r"\s+a\s+review\s+of\s+the\s+case\s+file,?\s+including\s+all\s+medical\s+records\s*:?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sections:
    """Where the parts of a letter lie; None where the letter has no such part."""

    header: Span
    states: Span | None
    specialties: Span | None
    summary: Span | None
    issues: tuple[Block, ...]
    """The blocks after the title of the decisions, in order."""


def find(cleaned: Cleaned) -> Sections:
    """Cut the letter at its titles."""
    blocks = cleaned.blocks
    at = {part: _first(blocks, part) for part in ("made", "summary", "issues")}
    cut = [at[part] for part in ("made", "summary", "issues") if at[part] is not None]
    header_end = blocks[cut[0]].start if cut and cut[0] is not None else 0
    return Sections(
        header=(0, header_end),
        states=_content(cleaned, "states"),
        specialties=_content(cleaned, "specialties"),
        summary=_summary(cleaned, at["summary"], at["issues"]),
        issues=_issues(blocks, at["issues"]),
    )


def _first(blocks: tuple[Block, ...], part: str) -> int | None:
    return next((index for index, block in enumerate(blocks) if block.part == part), None)


def _content(cleaned: Cleaned, part: str) -> Span | None:
    """What stands behind the label that opens the part's first block."""
    index = _first(cleaned.blocks, part)
    if index is None:
        return None
    block = cleaned.blocks[index]
    colon = cleaned.text.index(":", block.start, block.end)
    return trim(cleaned.text, colon + 1, block.end)


def _summary(cleaned: Cleaned, start: int | None, end: int | None) -> Span | None:
    if start is None:
        return None
    until = cleaned.blocks[end].start if end is not None else len(cleaned.text)
    span = trim(cleaned.text, cleaned.blocks[start].end, until)
    if span is None:
        return None
    introduction = _SUMMARY_INTRODUCTION.match(cleaned.text, span[0], span[1])
    return trim(cleaned.text, introduction.end(), span[1]) if introduction else span


def _issues(blocks: tuple[Block, ...], title: int | None) -> tuple[Block, ...]:
    if title is not None:
        return blocks[title + 1 :]
    first = _first(blocks, "introduction")
    return blocks[first:] if first is not None else ()


def trim(text: str, start: int, end: int) -> Span | None:
    """The range without white space at its ends, or None if nothing is left."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    return (start + left, start + right) if left < right else None
