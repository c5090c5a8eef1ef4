"""The amount in dispute: tablets, visits, units. Doses, volumes and durations are none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imr.text.taxonomy.levels import level_spans
from imr.text.taxonomy.portion import disputed_portion

if TYPE_CHECKING:
    from collections.abc import Callable

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_ONES += " sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORTH = {word: number for number, word in enumerate(_ONES.split(), start=1)}
_WORTH |= {word: 10 * number for number, word in enumerate(_TENS.split(), start=2)}
_NUMBER_WORD = re.compile(
    rf"\b(?:({'|'.join(_TENS.split())})[ -]?)?({'|'.join([*_ONES.split(), *_TENS.split()])})\b"
)
_OFTEN = {"once": "1 times", "twice": "2 times", "thrice": "3 times"}
_TOLD_TWICE = re.compile(r"\b(\d+)\s*\(\s*#?\1\s*\)")

_NO_AMOUNT = (
    re.compile(r"tylenol[\s-]*(?:with codeine\s*)?(?:#|no\.?|number)?\s*[234]\b(?!\s*(?:tab|\d))"),
    re.compile(r"\bx?\s*\d+\s*(?:\(\d+\)\s*)?(?:additional\s+)?(?:refills?|rf)\b"),
    re.compile(r"\brefills?\s*(?:x|:|#|=|times|\()*\s*\d+"),
    re.compile(r"\b\d{1,2}[/-]\d{1,2}[/-]\d{2,4}\b"),
    re.compile(r"\b(?:cpt|hcpcs|icd)\S*[\s:#]*[a-z]?\d[\d.]*|\b[a-z]\d{4}\b|\b\d{5}\b"),
    re.compile(
        r"\b\d+(?:[.,/]\d+)*\s*-?(?:mg|mcg|ug|%|ml|cc|gm?s?|grams?|oz|iu|meq)(?:\b|(?<=%))(?:/\s*\w+)?"
    ),
    re.compile(r"#\s*\d+(?:\.\d+)?\s*(?:gm?s?|grams?|ml|cc|oz)\b"),
)
_RANGE = r"\d+\s*(?:-|\u2013|to|or)\s*\d+"
_N = r"(?<![\d.,/-])(\d{1,4})(?:\.0+)?(?![\d.]*\d|\s*(?:-|\u2013|to)\s*\d)"
_PIECE = (
    r"(?:tablets?|tabs?|capsules?|caps?|pills?|patch(?:es)?|lozenges?|films?|suppositor(?:y|ies)"
    r"|box(?:es)?|bottles?|tubes?|vials?|kits?|syringes?|pairs?|packs?|packets?|count|ct|each|ea)\b"
)
_DOSING = (
    r"(?!\s*(?:po\b|by mouth|orally|every|q\s?\d|qd|qhs|daily|bid|tid|qid|per\b|at bed|twice"
    r"|once|\d times|prn|as needed|nightly|a day|each|/|hs\b|in the))"
)
_VISIT = (
    r"(?:sessions?|visits?|treatments?|appointments?|injections?|blocks?|units?|trips?|classes)\b"
)
_BETWEEN = (
    r"(?:(?!(?:weeks?|wks?|times?|x|days?|months?|hours?|minutes?|min|years?|per|a|for|and|levels?"
    r"|of|phase|views?|every|refills?)\b)[a-z(][\w()'/.&-]*,?\s+){0,5}?"
)
_PER = r"(?!\s*(?:per|a|each|every|/|weekly|monthly)\s*(?:week|wk|month|day|$)?)"
_EVERY = r"(?:/|per|a|each|every|x|times|in a)?\s*"
_WEEK = r"(weeks?|wks?|weekly|months?|mos?|monthly)\b"
_FOR = (
    r"[\s,;:().-]*(?:(?:for|x|times|over|during|by|\*|a total of|the next|duration|of)[\s:]*){1,3}"
)

_LABELLED = re.compile(
    rf"(?:#|\bqty\b|\bquantity\b|\bqnty\b|\bamount\b)[\s:.#=]*(?:of\s+|x\s*)?{_N}"
)
_PIECES = re.compile(rf"{_N}\s*(?:\(\d+\)\s*)?{_PIECE}{_DOSING}")
_AFTER_DOSE = re.compile(
    r"~[\s,;:-]*(?:tablets?|tabs?|capsules?|caps?)?[\s,;:]+(\d{2,3})\s*(?=$|[,(]|~|with|w/)"
)
_VISITS = re.compile(rf"{_N}\s*(?:\(\d+\)\s*)?{_BETWEEN}{_VISIT}{_PER}")
_VISITS_TIMES = re.compile(
    rf"{_VISIT}[\s,]*(?:x|times|:|\(|=|#|-)\s*{_N}\s*(?!\s*(?:x|times|per|weeks?|wks?|days?|months?|/))"
)
_IN_BRACKETS = re.compile(r"\(\s*(\d+)\s*(?:total)?\s*\)")
_RATE = re.compile(
    rf"{_N}\s*(?:x|times?|sessions?|visits?|treatments?|days?)?\s*{_EVERY}{_WEEK}{_FOR}(\d+)\s*{_WEEK}"
)
_RATE_LAST = re.compile(
    rf"(\d+)\s*{_WEEK}[\s,;:at@()-]*(\d+)\s*(?:x|times?|sessions?|visits?)\s*{_EVERY}{_WEEK}"
)
_SERIES = re.compile(r"\bseries of\s*(?:up to\s*)?(\d+)\b")
_STRENGTH_IN_UNITS = re.compile(r"\b\d+(?:\s*-\s*\d+)?\s*(?:units?|iu)\b")
_ONE_A = re.compile(
    r"\b(weekly|monthly)\s*(?:for|x|times)\s*(?:a total of\s*)?(\d+)\b(?!\s*(?:days?|hours?))"
)
_TWO_BY_SIX = re.compile(
    r"(?<![\d./-])(\d)\s*(?:x|\u00d7|times)\s*(?:/\s*)?(\d{1,2})(?![\d./-]|\s*(?:cm|in\b|inch|\"|mg))"
)
_TIMES = re.compile(
    r"(?<!\d)(?<!\d\s)(?:\bx|\u00d7|\btimes)\s*(\d{1,3})\b"
    r"(?!\s*(?:-|\u2013|to|x|weeks?|wks?|days?|months?|mos?|hours?|hrs?|years?|cm|mm|in\b|inch|per|a\b|/|~|times))"
)
_LEADING = re.compile(
    r"^(?:\W*(?:retrospective|prospective|request(?:ed|s)?|for|additional|an?|the|associated"
    r"|surgical|service|purchase|rental|of|outpatient|continued|remaining|unknown|post-?\s?op\w*"
    r"|pre-?\s?op\w*)\b)*\W*"
    r"(\d{1,3})\s+(?:additional\s+)?(?!(?:days?|weeks?|wks?|months?|mos?|hours?|hrs?|minutes?|years?|phases?"
    r"|levels?|panels?|views?|points?|leads?|wheel\w*|in|part|ways?|pieces?|stages?|channels?"
    r"|persons?|prongs?|x|times?|tesla|t|d|prescriptions?|scripts?|rx|doses?|st|nd|rd|th|foot|feet"
    r"|inch\w*|lbs?|miles?|steps?|volts?|units?|to|or|per|medications?)\b)[a-z]"
)
_THERAPY = frozenset(
    {"physical-therapy", "chiropractic", "acupuncture", "massage", "psych", "program", "other",
     "electrical-stimulation", "home-health"}
)  # fmt: skip


def find_quantity(request: str, category: str) -> int | None:
    """The amount in dispute; None where none is given or it cannot be known, as in a range.

    Args:
        request: the whole heading.
        category: of the request; "2x6" is twelve visits of a therapy and nothing elsewhere.
    """
    text = _plain(disputed_portion(request))
    if category in {"medication", "injection"}:
        text = _STRENGTH_IN_UNITS.sub("~", text)
    finders: list[Callable[[str], int | None]] = [
        _only(_LABELLED), _only(_PIECES), _after_dose, _visits
    ]  # fmt: skip
    if category in _THERAPY:
        finders += [_bracketed, _course]
    elif category == "injection":
        finders += [_course]
    finders += [_first(_SERIES), _first(_TIMES), _first(_LEADING)]
    amounts = (finder(text) for finder in finders)
    return next((amount for amount in amounts if amount is not None), None) or None


_RATE_RANGE = re.compile(rf"{_RANGE}\s*(?:x\b|times?|sessions?|visits?|weeks?|wks?|treatments?)")


def _plain(request: str) -> str:
    """Lower case, number words as digits, and "~" for what is no amount."""
    for start, end in reversed(level_spans(request)):
        request = f"{request[:start]}~{request[end:]}"
    text = _NUMBER_WORD.sub(_digits, request.lower())
    for word, times in _OFTEN.items():
        text = re.sub(rf"\b{word}\b(?=\s+(?:a|per|every|each|weekly|monthly|week))", times, text)
    text = _TOLD_TWICE.sub(r"\1", re.sub(r"(?<=\d),(?=\d{3}\b)", "", text))
    for pattern in _NO_AMOUNT:
        text = pattern.sub("~", text)
    return text


def _digits(word: re.Match[str]) -> str:
    return str((_WORTH[word[1]] if word[1] else 0) + _WORTH[word[2]])


def _only(pattern: re.Pattern[str]) -> Callable[[str], int | None]:
    """The amount if all matches agree; 0 (not to be known) if they do not."""

    def find(text: str) -> int | None:
        amounts = {int(match[1]) for match in pattern.finditer(text)}
        return None if not amounts else amounts.pop() if len(amounts) == 1 else 0

    return find


def _first(pattern: re.Pattern[str]) -> Callable[[str], int | None]:
    def find(text: str) -> int | None:
        match = pattern.search(text)
        return int(match[1]) if match else None

    return find


def _after_dose(text: str) -> int | None:
    """A bare number after the dose: "Norco ~, 120"."""
    match = _AFTER_DOSE.search(text)
    return int(match[1]) if match else None


def _visits(text: str) -> int | None:
    """Of "12 sessions", "sessions x 12"; 0 for a range; not the 4 of "2 times 4 visits"."""
    for match in (*_VISITS.finditer(text), *_VISITS_TIMES.finditer(text)):
        if not re.search(r"\d\s*(?:x|times|by)\s*$", text[: match.start(1)]):
            return int(match[1])
    ranged = re.search(rf"{_RANGE}\s+{_BETWEEN}{_VISIT}{_PER}", text)
    return 0 if ranged else None


def _bracketed(text: str) -> int | None:
    match = _IN_BRACKETS.search(text)
    return int(match[1]) if match else None


def _course(text: str) -> int | None:
    """How often times how long: "2 times a week for 6 weeks", "weekly x 6", "2x6"; 0 for ranges."""
    if _RATE_RANGE.search(text):
        return 0
    if (match := _RATE.search(text)) and "hour" not in text:
        return int(match[1]) * int(match[3]) if match[2][0] == match[4][0] else 0
    if match := _RATE_LAST.search(text):
        return int(match[1]) * int(match[3]) if match[2][0] == match[4][0] else 0
    if match := _ONE_A.search(text):
        return int(match[2])
    match = _TWO_BY_SIX.search(text)
    return int(match[1]) * int(match[2]) if match else None
