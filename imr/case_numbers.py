"""Ids of letters and decisions as people write them: "cm16-0000042", "CM16-0000042.1"."""

from __future__ import annotations

import re

LENGTH = 7
"""Digits behind the hyphen."""

_LETTER = r"(?P<head>[Cc][Mm]\d{2})(?:\s?[\-\u2010-\u2015]\s?|\s)?(?P<number>\d{7})"
_UNNUMBERED = r"(?P<hash>sha-[0-9a-fA-F]{12})"
_ID = rf"(?:{_LETTER}|{_UNNUMBERED})(?:\.(?P<item>\d{{1,3}}))?"
# as in "IMR Case Number: CM16-0000042", or a number sign before it
_LABEL = r"(?:\b(?:case[\s_]*)?(?:number|num|no|nr|id)\b\.?\s*[:#=]?\s*|#\s?)?"
WRITTEN = re.compile(rf"{_LABEL}(?<!\w){_ID}(?!\w|[\-\u2010-\u2015.]\d)", re.IGNORECASE)
"""A case number or id in a text, with the words that only say what it is."""
NEARLY = re.compile(r"(?<!\w)[Cc][Mm]\d{2}[\-\u2010-\u2015](\d{1,12})(?:\.\d{1,3})?(?!\w)")
"""What looks like one, and may have too few or too many digits."""


def canonical(id_: str) -> str:
    """An id as it is stored, however its letters and hyphen are written; else the text itself."""
    found = WRITTEN.fullmatch(id_.strip())
    return spelled(found) if found else id_


def spelled(found: re.Match[str]) -> str:
    """The id of a match, as it is stored."""
    letter = (
        found["hash"].lower() if found["hash"] else f"{found['head'].upper()}-{found['number']}"
    )
    return f"{letter}.{int(found['item'])}" if found["item"] else letter


def is_decision(id_: str) -> bool:
    """Whether a canonical id is a decision's rather than a letter's."""
    return "." in id_
