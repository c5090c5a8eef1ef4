"""What the stages of reading citations share: glue between citations, brackets, addresses."""

from __future__ import annotations

import re

YEAR = r"(?:19|20)\d\d"
ADDRESS = r"(?:https?:\ ?//|www\.)\S+"  # for re.VERBOSE

_GLUE_WORDS = (
    *("and", "as", "well", "also", "along", "with", "on", "per", "the", "of", "in", "from"),
    *("upon", "both", "by", "therefore", "thus", "but", "however", "instead", "used"),
)
_GLUE = " ,;:.&\u2013\u2014-/"
_LEADING = re.compile(rf"(?:[{re.escape(_GLUE)}]|(?:{'|'.join(_GLUE_WORDS)})\s)*", re.IGNORECASE)
_BRACKET = re.compile(r"[()\[\]]")
_LAST_WORD = re.compile(rf"(?:^|[{re.escape(_GLUE)}])(\w+)$")


def trim(text: str) -> str:
    """Without what joins citations ("…, and the") at either end."""
    text = trim_end(text)
    start = _LEADING.match(text)
    return text[start.end() :] if start else text


def trim_end(text: str) -> str:
    """Without what joins citations at the end."""
    while True:
        text = text.rstrip(_GLUE)
        word = _LAST_WORD.search(text, max(0, len(text) - 12))
        if not word or word[1].lower() not in _GLUE_WORDS:
            return text
        text = text[: word.start(1)]


def in_brackets(text: str) -> bytearray:
    """For each character 1 where it stands inside brackets, 0 elsewhere.

    A bracket without its other half counts for nothing: letters lose them.
    """
    inside = bytearray(len(text))
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for mark in _BRACKET.finditer(text):
        if mark[0] in "([":
            opened.append(mark.end())
        elif opened:
            pairs.append((opened.pop(), mark.start()))
    end = 0
    for start, stop in sorted(pairs):
        if stop > end:  # else it stands inside the pair before it
            inside[start:stop] = b"\x01" * (stop - start)
            end = stop
    return inside
