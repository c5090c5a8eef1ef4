"""Stage 2: lines → one cleaned text of blocks, with wraps undone and page furniture removed.

A block is a paragraph, a label with its content or a heading; blocks stand on lines of their own
in the text and hold single spaces only. All spans of the record are offsets into this text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from imr.letters import headings
from imr.letters.labels import LABEL, LIST_ITEM, PART_OPENS, TITLES, furniture_at, label_at, part_of
from imr.letters.read import Line

_INTRODUCTION_END = re.compile(r"(?::|\bset\sforth\sbelow)$", re.IGNORECASE)
_LONGEST_INTRODUCTION = 4  # lines
# Ligatures are one character in some fonts; the others have no width at all.
_LETTERS = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
    | dict.fromkeys(("\ufb05", "\ufb06"), "st")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", "")
)
# Sections that may list what is disputed, where a number or bullet opens a block.
_LISTS = frozenset({"issue", "decisions", "why"})


@dataclass(frozen=True, slots=True)
class Block:
    """A block's range in the cleaned text and what it is."""

    start: int
    end: int
    part: str | None
    """The part it opens (a group name of LABEL), if any."""
    label_end: int
    """Where its title or label ends; its start if it has none."""
    heading: bool = False
    """Whether it is the heading of a disputed item, as far as first-layout letters mark one."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The cleaned text and its blocks in order; `text[block.start:block.end]` is a block."""

    text: str
    blocks: tuple[Block, ...]
    furniture: tuple[str, ...] = ()
    """Running titles and page numbers that were left out of the text."""


def clean(lines: Sequence[Line]) -> Cleaned:
    """Join lines into blocks."""
    legible = [each for line in lines if (each := _normal(line)).text]
    kept, furniture = _without_furniture(legible)
    opened, ends = _labels(kept)
    breaks = _breaks(kept, opened, ends)
    marked = headings.mark(kept, opened, breaks, ends)
    pieces: list[str] = []
    blocks: list[Block] = []
    at = 0
    for block_lines in _split(len(kept), breaks):
        piece = join(kept[index].text for index in block_lines)
        label = LABEL.match(piece) if opened[block_lines.start] else None
        blocks.append(
            Block(
                at,
                at + len(piece),
                part_of(label) if label else None,
                at + (label.end() if label else 0),
                heading=block_lines.start in marked,
            )
        )
        pieces.append(piece)
        at += len(piece) + 1
    return Cleaned("\n".join(pieces), tuple(blocks), tuple(furniture))


def _normal(line: Line) -> Line:
    """The line single-spaced, its ligatures spelt out; a soft hyphen only stays at its end."""
    text = " ".join(line.text.translate(_LETTERS).split())
    wrapped = text.endswith("\xad")
    text = text.replace("\xad", "")
    return replace(line, text=text + "\xad" if wrapped and text else text)


def join(lines: Iterable[str]) -> str:
    """Lines as one; a word cut at its own hyphen ("non-", "L4-") or a soft one is closed up."""
    pieces: list[str] = []
    last = ""
    for line in lines:
        if last.endswith("\xad"):
            pieces[-1] = last[:-1]
        elif last and not (
            len(last) > 1 and last[-1] == "-" and last[-2].isalnum() and line[:1].isalnum()
        ):
            pieces.append(" ")
        pieces.append(line)
        last = line
    return "".join(pieces).rstrip("\xad")


def _without_furniture(lines: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """The lines without page numbers and running titles, and these."""
    kept: list[Line] = []
    furniture: list[str] = []
    index = 0
    while index < len(lines):
        count = furniture_at(lines, index)
        if count:
            furniture.append(join(line.text for line in lines[index : index + count]))
        else:
            kept.append(lines[index])
        index += count or 1
    return kept, furniture


def _labels(lines: Sequence[Line]) -> tuple[list[str | None], list[bool]]:
    """For each line which part it opens, and whether a title ends in it.

    So does the sentence that introduces the decisions: one line of a letter, but three where a
    text was wrapped narrowly.
    """
    opened: list[str | None] = [None] * len(lines)
    ends = [False] * len(lines)
    index = 0
    while index < len(lines):
        found = label_at(lines, index)
        if found is None:
            index += 1
            continue
        opened[index] = found.part
        if found.part == "introduction":
            _end_introduction(lines, index, ends)
        elif found.part in TITLES and found.alone:
            ends[index + found.lines - 1] = True
        index += found.lines
    return opened, ends


def _end_introduction(lines: Sequence[Line], start: int, ends: list[bool]) -> None:
    for last in range(start, min(start + _LONGEST_INTRODUCTION, len(lines))):
        if _INTRODUCTION_END.search(join(each.text for each in lines[start : last + 1])):
            ends[last] = True
            return


def _breaks(
    lines: Sequence[Line], opened: Sequence[str | None], ends: Sequence[bool]
) -> list[bool]:
    """For each line whether it opens a block, from gaps, bold type, labels and title ends."""
    breaks = []
    section = None
    for index, line in enumerate(lines):
        above = lines[index - 1] if index else None
        part = opened[index]
        breaks.append(
            above is None
            or line.gap_before
            or (line.bold is True and above.bold is False)
            or part is not None
            or ends[index - 1]
            or (section in _LISTS and LIST_ITEM.match(line.text) is not None)
            or (section == "decisions" and PART_OPENS.match(_with_next(lines, index)) is not None)
        )
        section = part if part in TITLES else section
    return breaks


def _with_next(lines: Sequence[Line], index: int) -> str:
    """The line and what is below it: a sentence that opens a part may be wrapped early."""
    return " ".join(line.text for line in lines[index : index + 2])


def _split(count: int, breaks: Sequence[bool]) -> Iterable[range]:
    """The indexes of each block's lines."""
    start = 0
    for index in range(1, count + 1):
        if index == count or breaks[index]:
            yield range(start, index)
            start = index
