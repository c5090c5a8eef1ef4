"""Stage 3: the cleaned text → the letter's sections, found by their titles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from imr.letters.clean import Block, Cleaned
from imr.letters.labels import TITLES
from imr.model import Span


@dataclass(frozen=True, slots=True)
class Section:
    """A title and what stands under it, up to the next title."""

    part: str
    title: Span
    content: Span | None
    blocks: tuple[Block, ...]
    """The blocks under the title; one that shares the title's line is left out."""


def find(cleaned: Cleaned) -> tuple[Section, ...]:
    """The letter's sections in order."""
    blocks = cleaned.blocks
    titles = [index for index, block in enumerate(blocks) if block.part in TITLES]
    sections = []
    for at, until in pairwise([*titles, len(blocks)]):
        opening = blocks[at]
        end = blocks[until - 1].end
        sections.append(
            Section(
                part=str(opening.part),
                title=(opening.start, opening.label_end),
                content=trim(cleaned.text, opening.label_end, end),
                blocks=blocks[at + 1 : until],
            )
        )
    return tuple(sections)


def first(sections: Sequence[Section], *parts: str) -> Section | None:
    """The first section of one of these parts."""
    return next((section for section in sections if section.part in parts), None)


def header(cleaned: Cleaned, sections: Sequence[Section]) -> Span:
    """What stands above the first title."""
    return (0, sections[0].title[0] if sections else len(cleaned.text))


def labelled(cleaned: Cleaned, part: str) -> Span | None:
    """What stands behind the label that opens the part's first block."""
    block = next((block for block in cleaned.blocks if block.part == part), None)
    return trim(cleaned.text, block.label_end, block.end) if block else None


def until(
    cleaned: Cleaned, sections: Sequence[Section], part: str, ends: Collection[str]
) -> Span | None:
    """From the title of the first such part to the next title among `ends`, or the letter's end."""
    at = next((i for i, section in enumerate(sections) if section.part == part), None)
    if at is None:
        return None
    stop = next((s.title[0] for s in sections[at + 1 :] if s.part in ends), len(cleaned.text))
    return trim(cleaned.text, sections[at].title[1], stop)


def trim(text: str, start: int, end: int) -> Span | None:
    """The range without white space at its ends, or None if nothing is left."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    return (start + left, start + right) if left < right else None
