"""Stage 2: lines → one cleaned text of blocks, with wraps undone and page furniture removed.

A block is a paragraph, a label with its content or a heading; blocks stand on lines of their own
in the text and hold single spaces only. All spans of the record are offsets into this text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imr.letters.read import Line

OUTCOME = re.compile(r"(?:^|[:;]\s*|\bis\s+|\s-\s*)(upheld|overturned)\s*[.*]?$", re.IGNORECASE)
"""An outcome that closes a heading, or stands on a line of its own."""

LABEL = re.compile(
    r"""(?P<administrator>claims\s+administrator(?:'s|\u2019s)?\s+guidelines?\s*:)
      | (?P<reviewer>(?:maximus|imr|expert\s+reviewer)\s+guidelines?\s*:)
      | (?P<rationale>decision\s+rationale\s*:)
      | (?P<states>states?(?:\(s\))?\s+of\s+licensure\s*:)
      | (?P<specialties>certification(?:s|\(s\))?\s*/\s*specialt(?:y|ies|y\(s\))\s*:)
      | (?P<credentials>the\s+expert\s+reviewer\s+has\s+the\s+following\s+credentials\s*:)
      | (?P<made>how\s+the\s+imr\s+(?:final\s+)?determination\s+was\s+made\s*$)
      | (?P<summary>clinical\s+case\s+summary\s*:?\s*$)
      | (?P<issues>imr\s+issues?,?\s+decisions?\s+and\s+rationales?\s*:?\s*$)
      | (?P<introduction>the\s+final\s+determination\s+was\s+based\s+on\b)
      | (?P<header>case\s+number\s*:|date\s+assigned\s*:|decision\s+date\s*:|priority\s*:)""",
    re.IGNORECASE | re.VERBOSE,
)
"""How a line begins that opens a new part of the letter, by the part's name."""

# "Final Determination Letter for IMR Case Number CM14-0012345 3" and "Page 3 of 5" at page edges.
_FURNITURE = re.compile(
    r"(?:final\s+determination\s+letter\s+for\s+imr\s+case\s+number.*|page\s+\d+(?:\s+of\s+\d+)?|-?\s*\d{1,3}\s*-?)$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?][\"'\u201d\u2019)\]]*$")
# The three-sentence heading of a request that was granted in part begins with its first sentence.
_GRANTED_PART = re.compile(r"original request", re.IGNORECASE)
_GRANTED_PART_FIRST = re.compile(r"was\s+the\s+original\s+request", re.IGNORECASE)
_LONGEST_HEADING = 24  # lines
_INTRODUCTION_END = re.compile(r"(?::|\bset\s+forth\s+below)$", re.IGNORECASE)
_LONGEST_INTRODUCTION = 4  # lines


@dataclass(frozen=True, slots=True)
class Block:
    """A block's range in the cleaned text and the part it opens (a group name of LABEL) if any."""

    start: int
    end: int
    part: str | None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The cleaned text and its blocks in order; `text[block.start:block.end]` is a block."""

    text: str
    blocks: tuple[Block, ...]


def clean(lines: Sequence[Line]) -> Cleaned:
    """Join lines into blocks."""
    kept = [line for line in _without_furniture(lines) if line.text]
    ends = _title_ends(kept)
    breaks = _breaks(kept, ends)
    _break_before_headings(kept, breaks, ends)
    pieces: list[str] = []
    blocks: list[Block] = []
    at = 0
    for block_lines in _split(kept, breaks):
        piece = join(line.text for line in block_lines)
        part = LABEL.match(piece)
        blocks.append(Block(at, at + len(piece), part.lastgroup if part else None))
        pieces.append(piece)
        at += len(piece) + 1
    return Cleaned("\n".join(pieces), tuple(blocks))


def join(lines: Iterable[str]) -> str:
    """Lines as one, single-spaced; a word cut at its own hyphen ("non-", "L4-") is closed up."""
    text = ""
    for raw in lines:
        line = " ".join(raw.replace("\xad", "").split())
        if not text:
            text = line
        elif text.endswith("-") and len(text) > 1 and text[-2].isalnum() and line[:1].isalnum():
            text += line
        else:
            text += " " + line
    return text


def _without_furniture(lines: Sequence[Line]) -> Iterable[Line]:
    """All lines but page numbers and running titles, which stand first or last on a page."""
    for index, line in enumerate(lines):
        last = index + 1 == len(lines) or lines[index + 1].page_start
        after_start = line.page_start or (index > 0 and lines[index - 1].page_start)
        if (last or after_start) and _FURNITURE.match(line.text):
            # what follows takes over the place at the top of the page
            continue
        yield line


def _breaks(lines: Sequence[Line], ends: Sequence[bool]) -> list[bool]:
    """For each line whether it opens a block, from gaps, bold type, labels and title ends."""
    breaks = []
    for index, line in enumerate(lines):
        above = lines[index - 1] if index else None
        breaks.append(
            above is None
            or line.gap_before
            or (line.bold is True and above.bold is False)
            or LABEL.match(line.text) is not None
            or ends[index - 1]
        )
    return breaks


def _title_ends(lines: Sequence[Line]) -> list[bool]:
    """For each line whether a title ends in it, or the sentence that introduces the decisions.

    That sentence is one line of a letter, but three where a text was wrapped narrowly.
    """
    ends = [False] * len(lines)
    for index, line in enumerate(lines):
        match = LABEL.match(line.text)
        if match is None:
            continue
        if match.lastgroup in {"made", "summary", "issues"}:
            ends[index] = True
        elif match.lastgroup == "introduction":
            for last in range(index, min(index + _LONGEST_INTRODUCTION, len(lines))):
                if _INTRODUCTION_END.search(join(each.text for each in lines[index : last + 1])):
                    ends[last] = True
                    break
    return ends


def _break_before_headings(lines: Sequence[Line], breaks: list[bool], ends: Sequence[bool]) -> None:
    """Set the breaks around headings that neither a gap nor bold type sets off.

    A heading is the lines that end with an outcome before a guideline or rationale label.
    """
    for index, line in enumerate(lines):
        follows = lines[index + 1] if index + 1 < len(lines) else None
        if OUTCOME.search(line.text) is None or follows is None:
            continue
        match = LABEL.match(follows.text)
        if match is None or match.lastgroup not in {"administrator", "reviewer", "rationale"}:
            continue
        start = _heading_start(lines, breaks, ends, index)
        if start is not None:
            breaks[start] = True
            breaks[start + 1 : index + 1] = [False] * (index - start)


def _heading_start(
    lines: Sequence[Line], breaks: Sequence[bool], ends: Sequence[bool], last: int
) -> int | None:
    """Index of the first line of the heading that ends in line `last`."""
    first = last
    while first and not breaks[first] and last - first < _LONGEST_HEADING:
        first -= 1
    block_is_prose = LABEL.match(lines[first].text) is not None or last - first >= _LONGEST_HEADING
    if lines[last].bold is None and block_is_prose:
        return _heading_start_in_prose(lines, ends, last)
    if OUTCOME.fullmatch(lines[first].text) or _continues_heading(lines, first, last):
        # the outcome alone was set off, or a gap cut the heading: go on above
        above = first - 1
        while above > 0 and not breaks[above] and last - above < _LONGEST_HEADING:
            above -= 1
        if above >= 0 and LABEL.match(lines[above].text) is None:
            return above
        return _heading_start_in_prose(lines, ends, last)
    return first


def _continues_heading(lines: Sequence[Line], first: int, last: int) -> bool:
    """Whether lines `first`..`last` speak of an original request that they don't name."""
    text = join(line.text for line in lines[first : last + 1])
    return bool(
        re.match(
            r"(?:portion of the|original request|the (?:remaining|original))", text, re.IGNORECASE
        )
        and not _GRANTED_PART_FIRST.search(text)
        and first > 0
        and lines[first].page_start is False
    )


def _heading_start_in_prose(lines: Sequence[Line], ends: Sequence[bool], last: int) -> int:
    """First line of a heading that only follows the end of a sentence (text without gaps)."""
    first = last
    while first and last - first < _LONGEST_HEADING:
        text = join(line.text for line in lines[first : last + 1])
        wants_more = _GRANTED_PART.search(text) and not _GRANTED_PART_FIRST.search(text)
        if _SENTENCE_END.search(lines[first - 1].text) and not wants_more:
            break
        if ends[first - 1]:
            break
        first -= 1
    return first


def _split(lines: Sequence[Line], breaks: Sequence[bool]) -> Iterable[list[Line]]:
    block: list[Line] = []
    for line, opens in zip(lines, breaks, strict=True):
        if opens and block:
            yield block
            block = []
        block.append(line)
    if block:
        yield block
