"""Levels of the spine in a request heading: "L4-5, L5-S1" → L4-L5, L5-S1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAST = {"C": 8, "T": 12, "L": 6, "S": 5}
_JOIN = r"\s*(?:-|/|\u2013|\band\b(?=\s*[CTLS]?\d)|\bto\b|\bthrough\b)\s*"
_CHAIN = re.compile(
    rf"(?<![A-Za-z0-9.#-])([CTLS])[ -]?(\d{{1,2}})(?![\d.%])"
    rf"((?:{_JOIN}[CTLS]?[ -]?\d{{1,2}}(?![\d.%a-z]))*)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_LINK = re.compile(rf"({_JOIN})([CTLS]?)[ -]?(\d{{1,2}})", re.IGNORECASE)
_NEXT = re.compile(
    r"\s*(?:,\s*(?:and|&)?|and|&)\s*(\d{1,2})(?:\s*[-/\u2013]\s*([CTLS]?)(\d{1,2}))?(?![\d.%/-])"
    r"(?!\s*(?:x\b|times|visits?|sessions?|weeks?|wks?|days?|months?|units?|levels?|views?|mg|to\b))",
    re.IGNORECASE,
)
"""A list whose letter is written once: "L3, 4, 5", "L3-4, 4-5"."""

_BLOOD_TEST = re.compile(r"\b(?:TSH|thyroid|free T[34]|complement)\b", re.IGNORECASE)
"""Beside these T3 and T4, C3 and C4 are no levels."""

_REGION = {"C": "neck", "T": "upper back", "L": "low back"}

Level = tuple[str, int]


def find_levels(request: str) -> tuple[str, ...]:
    """Levels in the order they are named, each once; "L4-5" is written out as "L4-L5"."""
    found = (name for names, _, _ in _named(request) for name in names)
    return tuple(dict.fromkeys(found))


def regions(levels: tuple[str, ...]) -> set[str]:
    """The body parts that levels name; S1 alone belongs to none."""
    return {_REGION[level[0]] for level in levels if level[0] in _REGION}


def level_spans(request: str) -> list[tuple[int, int]]:
    """Where levels stand, so that their numbers are taken for nothing else."""
    return [(start, end) for _, start, end in _named(request)]


def _named(request: str) -> Iterator[tuple[list[str], int, int]]:
    """Each run of levels with its place; what is no level has a place and no names."""
    blood = _BLOOD_TEST.search(request)
    for chain in _CHAIN.finditer(request):
        if blood and chain[1] in "tTcC":
            yield [], *chain.span()
            continue
        names, last = _read(chain)
        end = chain.end()
        while last is not None and (more := _NEXT.match(request, end)):
            added, last = _go_on(last, more)
            if last is None:
                break
            names.append(added)
            end = more.end()
        yield names, chain.start(), end


def _read(chain: re.Match[str]) -> tuple[list[str], Level | None]:
    """One run: "L4-5-S1" is L4-L5 and L5-S1; "L4 and L5" are two levels, not a segment."""
    before = _level(chain[1], int(chain[2]), None)
    if before is None:
        return [], None
    out: list[str] = []
    alone = True
    for joint, letter, number in _LINK.findall(chain[3]):
        level = _level(letter, int(number), before)
        if level is None:
            continue
        if joint.strip().lower() == "and":
            if alone:
                out.append(_name(before))
            alone = True
        else:
            out.append(f"{_name(before)}-{_name(level)}")
            alone = False
        before = level
    return ([*out, _name(before)] if alone else out), before


def _go_on(last: Level, more: re.Match[str]) -> tuple[str, Level | None]:
    """The next of a list, if it goes on from the last: after L3 comes 4, after L3-4 comes 4-5."""
    start = _level("", int(more[1]), last)
    if start is None or start[0] != last[0] or not 0 <= start[1] - last[1] <= 1:
        return "", None
    if more[3] is None:
        return (_name(start), start) if start != last else ("", None)
    end = _level(more[2], int(more[3]), start)
    return (f"{_name(start)}-{_name(end)}", end) if end is not None else ("", None)


def _level(letter: str, number: int, before: Level | None) -> Level | None:
    """A level that exists; a number without letter goes on from the level before ("L5-1": S1)."""
    if not letter and before is not None:
        region, last = before
        letter = "S" if region == "L" and number < last else region
    letter = letter.upper()
    return (letter, number) if 1 <= number <= _LAST[letter] else None


def _name(level: Level) -> str:
    return f"{level[0]}{level[1]}"
