"""The part of a heading that is in dispute, where the heading tells how it came to be so."""

from __future__ import annotations

import re
from typing import NamedTuple

_REMAINDER = re.compile(
    r"\b(?:the\s+)?(?:remaining|remainder)\b[^.,]*?(?:portion|request|item|treatment|service)s?"
    r"[^.,]*,\s*(?P<item>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL = re.compile(
    r"\bleaving the original request[^.]*\.\s*(?:the original request,\s*)?(?P<item>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_WAS_ORIGINAL = re.compile(
    r"^(?P<item>.+?)\s+was the original request\b", re.IGNORECASE | re.DOTALL
)
_TAIL = re.compile(r"[\s,]+(?:is|are|was|were)\s*:?\s*$", re.IGNORECASE)

_UNIT = (
    r"(?:(?:additional|more|total)\s+)?"
    r"(?:(?:[a-z]+\s+)?(?:tab(?:let)?s?|cap(?:sule)?s?|pills?|patch(?:es)?|units?|visits?|sessions?"
    r"|treatments?|injections?|appointments?)\s+)?"
)
_GRANTED = (
    r"(?:certified|authori[sz]ed|approved|granted|allowed)\b(?! (?:hand|interpreter|thera|nurse))"
)
_REFUSED = (
    r"(?:in dispute|disputed|denied|non-?\s?certified|not (?:certified|authori[sz]ed|approved))\b"
)
_NUMBER = r"(?<![\d.,/-])(\d{1,3})(?:\.0+)?"
_NO_UNIT = r"\b(?!\s*(?:mg|mcg|%|/|-|x\b|times|weeks?|wks?|months?|days?|refills?))"
_IS = r"(?:(?:were|was|have been|had been|has been|are|is)\s+)?"

_AUTHORIZED = (
    re.compile(rf"#?{_NUMBER}\s*(?:of (?:the )?\d+\s+)?{_UNIT}{_IS}(?:partially )?{_GRANTED}"),
    re.compile(
        r"(?<!non-)(?<!non )(?<!not )(?<!previously )(?<!already )(?<!prior )(?<!board )\b"
        rf"(?:{_GRANTED}|modified|reduced|certification|approval)\s*(?:(?:to|for|of|only|at|with|quantity|qty|x|:"
        r"|by (?:the )?(?:ur|claims administrator|reviewer|physician))[\s.:]*)*[(\s]*"
        rf"#?\s*{_NUMBER}{_NO_UNIT}"
    ),
)
_EARLIER = (
    re.compile(rf"{_NUMBER}\s*{_UNIT}{_IS}(?:previously|already|prior|completed|to date)\b"),
    re.compile(
        r"\b(?:previously|already|prior|completed|had|received|attended|after|s/p)\s*"
        rf"(?:{_GRANTED}|completed)?\s*{_NUMBER}\s*(?:of (?:the )?\d+\s+)?"
        r"(?:visits?|sessions?|treatments?)\b"
    ),
)
"""Amounts of the past, which nobody disputes: "12 previously authorized"."""

_REMAINING = (
    re.compile(rf"\b(?:remaining|remainder of|balance of)\s*:?\s*#?\s*{_NUMBER}{_NO_UNIT}"),
    re.compile(
        rf"#?{_NUMBER}\s*(?:of (?:the )?\d+\s+)?{_UNIT}(?:remain(?:s|ing)?\b|{_IS}{_REFUSED})"
    ),
    re.compile(rf"\b{_REFUSED}\s*(?:for|:)?\s*#?\s*{_NUMBER}{_NO_UNIT}"),
)


_SPOKEN_OF = re.compile(
    r"certif|authori|approv|grant|allow|modif|reduc|remain|balance|disput|deni|previous|already"
    r"|prior|complet|to date|had |receiv|attend|after|s/p"
)
"""What each pattern above holds one of; most headings hold none."""


class Portion(NamedTuple):
    """What is in dispute.

    Attributes:
        item: the words that name it.
        told: the words that may tell how many of it were authorized; "" where `item` is already
            what was left.
    """

    item: str
    told: str


def disputed_portion(request: str) -> Portion:
    """X of "… was the original request. … The remaining …, X is"; most headings are it whole."""
    for left in (_REMAINDER, _ORIGINAL):
        if found := left.search(request):
            return Portion(_TAIL.sub("", found["item"]), "")
    if found := _WAS_ORIGINAL.search(request):
        return Portion(_TAIL.sub("", found["item"]), request)
    return Portion(request, request)


def remaining(told: str) -> int | None:
    """The amount that the words (in digits) say is left: "remaining #45", "6 are in dispute"."""
    return _number(told, _REMAINING)


def authorized(told: str) -> int | None:
    """The amount that the words (in digits) say was authorized: "certified #15"."""
    return _number(told, _AUTHORIZED)


def without_fate(text: str) -> str:
    """The words without those that tell what was authorized, before or now, or left of it."""
    if not _SPOKEN_OF.search(text):
        return text
    for pattern in (*_EARLIER, *_AUTHORIZED, *_REMAINING):
        text = pattern.sub("~", text)
    return text


def _number(text: str, patterns: tuple[re.Pattern[str], ...]) -> int | None:
    if not _SPOKEN_OF.search(text):
        return None
    found = next((match for pattern in patterns if (match := pattern.search(text))), None)
    return int(found[1]) if found else None
