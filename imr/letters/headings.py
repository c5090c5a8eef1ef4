"""Where the headings of a first-layout letter's disputed items begin and end, line by line.

A heading is the lines that end with an outcome before a guideline or rationale label. Gaps and
bold type tell where it begins; where the source has neither, the sentence before it does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from imr.letters.labels import ITEM_LABELS, OTHER_OUTCOME, OUTCOME
from imr.letters.read import Line

_SENTENCE_END = re.compile(r"[.!?\u2026][\"'\u201d\u2019)\]]{0,3}$")
# The three-sentence heading of a request that was granted in part begins with its first sentence.
_GRANTED_PART = re.compile(r"original request", re.IGNORECASE)
_GRANTED_PART_FIRST = re.compile(r"was\s+the\s+original\s+request", re.IGNORECASE)
_GRANTED_PART_REST = re.compile(
    r"(?:portion of the|original request|the (?:remaining|original))", re.IGNORECASE
)
_LONGEST = 24  # lines


def mark(
    lines: Sequence[Line],
    opened: Sequence[str | None],
    breaks: list[bool],
    ends: Sequence[bool],
) -> frozenset[int]:
    """Set the breaks around each heading; the indexes of the headings' first lines."""
    marked = set()
    stage = -1
    for index, line in enumerate(lines):
        if opened[index] in ITEM_LABELS:
            stage = ITEM_LABELS.index(str(opened[index]))
        follows = opened[index + 1] if index + 1 < len(lines) else None
        if follows not in ITEM_LABELS:
            continue
        # between the labels of one item no heading stands, whatever a citation ends in
        inside = 0 <= stage < ITEM_LABELS.index(follows)
        if inside or ends[index] or not _ends_heading(line, follows):
            continue
        start = _start(lines, opened, breaks, ends, index)
        if opened[start] is None:
            breaks[start] = True
            breaks[start + 1 : index + 1] = [False] * (index - start)
            marked.add(start)
    return frozenset(marked)


def _ends_heading(line: Line, follows: str) -> bool:
    """Whether a heading ends in the line, be it with an outcome that can't be read.

    A claims administrator's guideline always follows a heading; what stands there without ending a
    sentence, or in bold type, is one.
    """
    if OUTCOME.search(line.text) or OTHER_OUTCOME.search(line.text):
        return True
    set_off = line.bold is True or _SENTENCE_END.search(line.text) is None
    return follows == "administrator" and set_off


def _start(
    lines: Sequence[Line],
    opened: Sequence[str | None],
    breaks: Sequence[bool],
    ends: Sequence[bool],
    last: int,
) -> int:
    """Index of the first line of the heading that ends in line `last`."""
    first = _block_start(breaks, last)
    prose = opened[first] is not None or last - first >= _LONGEST
    if prose and lines[last].bold is not True:
        return _start_in_prose(lines, opened, ends, last)
    if OUTCOME.fullmatch(lines[first].text) or _continues(lines, first, last):
        # the outcome alone was set off, or a gap cut the heading: go on above
        above = first - 1
        while above > 0 and not breaks[above] and last - above < _LONGEST:
            above -= 1
        if above >= 0 and opened[above] is None:
            return above
        return _start_in_prose(lines, opened, ends, last)
    return first


def _block_start(breaks: Sequence[bool], last: int) -> int:
    first = last
    while first and not breaks[first] and last - first < _LONGEST:
        first -= 1
    return first


def _joined(lines: Sequence[Line], first: int, last: int) -> str:
    return " ".join(line.text for line in lines[first : last + 1])


def _continues(lines: Sequence[Line], first: int, last: int) -> bool:
    """Whether lines `first`..`last` speak of an original request that they don't name."""
    text = _joined(lines, first, last)
    return bool(
        _GRANTED_PART_REST.match(text)
        and not _GRANTED_PART_FIRST.search(text)
        and first > 0
        and lines[first].page_start is False
    )


def _start_in_prose(
    lines: Sequence[Line], opened: Sequence[str | None], ends: Sequence[bool], last: int
) -> int:
    """First line of a heading that only follows the end of a sentence (text without gaps)."""
    first = last
    while first and last - first < _LONGEST:
        text = _joined(lines, first, last)
        wants_more = _GRANTED_PART.search(text) and not _GRANTED_PART_FIRST.search(text)
        if _SENTENCE_END.search(lines[first - 1].text) and not wants_more:
            break
        if ends[first - 1] or opened[first - 1] is not None:
            break
        if OUTCOME.search(lines[first - 1].text):
            break
        first -= 1
    return first
