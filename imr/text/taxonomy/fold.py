"""Text made comparable: lower case, no accents, one space for blanks and hyphens, offsets kept."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_BLANKS = "\t\n\r\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_BLANKS += "\u2028\u2029\u202f\u205f\u3000"
_HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_LATIN = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
_PLAIN = {
    code: letters[0]
    for code in _LATIN
    if (letters := unicodedata.normalize("NFD", chr(code)))[0].isascii() and letters[1:]
}
"""Letters with accents → without: "Neurontín"; "ß" and "ø" are letters of their own."""

_SAME_WIDTH = str.maketrans(
    dict.fromkeys(_BLANKS + _HYPHENS, " ")
    | dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'")
    | {chr(code): plain for code, plain in _PLAIN.items()}
    | {"\u0130": "i"}  # "İ" has no lower case of one character
)
_UNSEEN = "\u00ad\u0300-\u036f\u200b-\u200d\u2060\ufeff"
"""Soft hyphens, accents written apart from their letter, characters of no width."""

_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
}  # fmt: skip
_BLANK_RUN = re.compile(" {2,}")
_OTHER_WIDTH = re.compile(rf"[ {_UNSEEN}]{{2,}}|[{_UNSEEN}]|[\ufb00-\ufb04]")


class Folded(NamedTuple):
    """Folded text; `offsets[i]` is where its character i was, None where nothing moved."""

    text: str
    offsets: list[int] | None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span in the text as it was given, of a span that is not empty."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def lower(text: str) -> str:
    """Lower case of the same length: "İ", whose lower case is two characters, stays."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def fold(text: str, *, keep_case: bool = False) -> Folded:
    """Fold so that "X-ray", "x  ray" and an "X" and "ray" on two lines read the same."""
    even = (text if keep_case else lower(text)).translate(_SAME_WIDTH)
    offsets: list[int] = []
    pieces: list[str] = []
    at = 0
    # most text is plain, and then the plain pattern is four times faster
    for run in (_BLANK_RUN if even.isascii() else _OTHER_WIDTH).finditer(even):
        start = run.start()
        written = _LIGATURES.get(run[0]) or " " * (" " in run[0])
        pieces += (even[at:start], written)
        offsets.extend(range(at, start))
        offsets.extend([start] * len(written))
        at = run.end()
    if not at:
        return Folded(even, None)
    pieces.append(even[at:])
    offsets.extend(range(at, len(even)))
    return Folded("".join(pieces), offsets)
