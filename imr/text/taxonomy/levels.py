"""Levels of the spine in a request heading: "L4-5, L5-S1" → L4-L5, L5-S1."""

from __future__ import annotations

import re

_LAST = {"C": 8, "T": 12, "L": 6, "S": 5}
_JOIN = r"\s*(?:-|/|\u2013|\band\b(?=\s*[CTLS]?\d)|\bto\b|\bthrough\b)\s*"
_CHAIN = re.compile(
    rf"(?<![A-Za-z0-9.#-])([CTLS])[ -]?(\d{{1,2}})(?![\d.%])"
    rf"((?:{_JOIN}[CTLS]?[ -]?\d{{1,2}}(?![\d.%a-z]))*)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_LINK = re.compile(rf"({_JOIN})([CTLS]?)[ -]?(\d{{1,2}})", re.IGNORECASE)
_THYROID = re.compile(r"\b(?:TSH|thyroid|free T[34])\b", re.IGNORECASE)
_REGION = {"C": "neck", "T": "upper back", "L": "low back"}

Level = tuple[str, int]


def find_levels(request: str) -> tuple[str, ...]:
    """Levels in the order they are named, each once; "L4-5" is written out as "L4-L5"."""
    found: list[str] = []
    for chain in _CHAIN.finditer(request):
        if chain[1] in "tT" and _THYROID.search(request):
            continue
        found.extend(_read(chain))
    return tuple(dict.fromkeys(found))


def regions(levels: tuple[str, ...]) -> set[str]:
    """The body parts that levels name; S1 alone belongs to none."""
    return {_REGION[level[0]] for level in levels if level[0] in _REGION}


def level_spans(request: str) -> list[tuple[int, int]]:
    """Where levels stand, so that their numbers are taken for nothing else."""
    return [chain.span() for chain in _CHAIN.finditer(request)]


def _read(chain: re.Match[str]) -> list[str]:
    """One run: "L4-5-S1" is L4-L5 and L5-S1; "L4 and L5" are two levels, not a segment."""
    before = _level(chain[1], int(chain[2]), None)
    if before is None:
        return []
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
    return [*out, _name(before)] if alone else out


def _level(letter: str, number: int, before: Level | None) -> Level | None:
    """A level that exists; a number without letter goes on from the level before ("L5-1": S1)."""
    if not letter and before is not None:
        region, last = before
        letter = "S" if region == "L" and number < last else region
    letter = letter.upper()
    return (letter, number) if 1 <= number <= _LAST[letter] else None


def _name(level: Level) -> str:
    return f"{level[0]}{level[1]}"
