"""Text made comparable: lower case, one space for any run of blanks and hyphens, offsets kept."""

from __future__ import annotations

import re
from typing import NamedTuple

_BLANKS = "\t\n\r\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_BLANKS += "\u2028\u2029\u202f\u205f\u3000"
_HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_SAME_WIDTH = str.maketrans(
    dict.fromkeys(_BLANKS + _HYPHENS, " ") | dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'")
)
_TO_CLOSE_UP = re.compile(r" {2,}|\u00ad")


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
    for gap in _TO_CLOSE_UP.finditer(even):
        stop = gap.start() + (gap.group() != "\u00ad")
        pieces.append(even[at:stop])
        offsets.extend(range(at, stop))
        at = gap.end()
    if not at:
        return Folded(even, None)
    pieces.append(even[at:])
    offsets.extend(range(at, len(even)))
    return Folded("".join(pieces), offsets)
