"""Text that was not written as a query, as one that says the same: no mark of it is an operator."""

from __future__ import annotations

import re

_MARKS = re.compile(r'["\u201c\u201d\u201e()\[\]{}<>~*|]|&&|(?<!\S)[+\-!]+|(?<=\w):(?=\S)')
_OPERATORS = re.compile(r"(?<!\S)(?:AND|OR|NOT|TO)(?!\S)")


def plain(text: str) -> str:
    """The text without quotation marks, signs and colons that bind, its operators in lower case."""
    unmarked = _MARKS.sub(" ", text)
    return " ".join(_OPERATORS.sub(lambda found: found[0].lower(), unmarked).split())
