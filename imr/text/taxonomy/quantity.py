"""The amount in dispute: tablets, visits, units. Doses, volumes and durations are none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imr.text.taxonomy.course import NUMBER, RANGE, visits_of_course
from imr.text.taxonomy.levels import level_spans
from imr.text.taxonomy.numbers import in_digits
from imr.text.taxonomy.portion import authorized, disputed_portion, remaining, without_fate

if TYPE_CHECKING:
    from collections.abc import Callable

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_NO_AMOUNT = tuple(
    re.compile(pattern)
    for pattern in (
        # "Tylenol #3" is a strength
        r"\b(?:tylenol|codeine|cod|apap|acetaminophen)[a-z\s/,.-]{0,14}(?:#|\bno\.?|\bnumber)\s*[2-4]\b",
        r"\bx?\s*\d+\s*(?:\(\d+\)\s*)?(?:additional\s+)?(?:refills?|rf)\b",
        r"\b(?:refills?|rf)\s*(?:x|:|#|=|times|\()*\s*(?:\d|1[0-2])(?!\d)",
        r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b\d{1,2}/\d{4}\b",
        rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b|\b{_MONTH}\s+\d{{4}}\b",
        r"\b(?:cpt|hcpcs|icd)\S*[\s:#]*[a-z]?\d[\d.]*|\b[a-z]\d{4}\b|\b\d{5}\b",
        r"\b(?:tooth|teeth|molars?)\b[\s:]*#?\s*\d+(?:\s*(?:,|and|&|-)\s*#?\s*\d+)*",
        r"\b(?:size|level|stage|type|grade|phase|class|zone|model|schedule)\s*#?\s*\d+\b",
        r"\bb[- ]?(?:6|12)\b|\bomega[- ]3\b|\bcovid[- ]19\b",
        r"\b\d+(?:[.,/]\d+)*\s*-?(?:mg|mcg|ug|%|ml|cc|gm?s?|grams?|oz|iu|meq)(?:\b|(?<=%))(?:/\s*\w+)?",
        r"#\s*\d+(?:\.\d+)?\s*(?:gm?s?|grams?|ml|cc|oz)\b",
    )
)
_ORDINAL = re.compile(r"\b(?:injection|esi|block|epidural|steroid|tfesi|lesi)\s*#\s*[1-9]\b(?!\d)")
"""The how manieth: "ESI #2" is the second."""

_STRENGTH = re.compile(r"\d\s*(?:mg|mcg|%)")
_UNITS_OF_STRENGTH = re.compile(r"\b\d+(?:\s*-\s*\d+)?\s*(?:units?|iu)\b")
_PIECE = (
    r"(?:tablets?|tabs?|capsules?|caps?|pills?|patch(?:es)?|lozenges?|films?|suppositor(?:y|ies)"
    r"|box(?:es)?|bottles?|tubes?|vials?|kits?|syringes?|pairs?|packs?|packets?|count|ct|each|ea"
    r"|caplets?|softgels?|troches?|strips?|inhalers?|canisters?|diskus|pens?|cartridges?|ampules?"
    r"|auto-?injectors?|dose ?packs?|blisters?|sachets?|pouches|jars?|rolls?|sets?|bags?|cans?"
    r"|dispensers?|applicators?|gummies|wafers?)\b"
)
_DOSING = (
    r"(?!\s*(?:po\b|by mouth|orally|every|q\s?\d|q[a-z]{1,3}\b|daily|bid|tid|qid|at\b|twice|once"
    r"|\d+ ?(?:times|x)|prn|as needed|nightly|a (?:day|night)|each|hs\b|in the|before"
    r"|with (?:meals|food)|(?:per|/)\s*(?!\s*(?:month|mo\b|28|30))))"
)
"""After a number of tablets: that they are to be taken so, not that so many are asked for."""

_VISIT = (
    r"(?:sessions?|visits?|treatments?|appointments?|injections?|blocks?|units|(?<=\b1 )unit|trips?"
    r"|classes)\b"
)
_BETWEEN = (
    r"(?:(?!(?:weeks?|wks?|times?|x|days?|months?|hours?|minutes?|min|years?|per|a|for|and|levels?"
    r"|of|phase|views?|every|refills?)\b)[a-z(][\w()'/.&-]*,?\s+){0,5}?"
)
_PER = r"(?!\s*(?:(?:per|a|each|every|weekly|monthly)\b|/\s*(?:week|wk|month|mo|day)))"

_LABELLED = re.compile(
    r"(?:#|\b(?:qty|quantity|qnty|amount|disp(?:ense)?|count|units(?=\s*[:=]))\b)[\s:.#=(]*"
    rf"(?:of\s+|x\s*)?{NUMBER}(?!\s*-?(?:days?|weeks?|wks?|months?|years?|hours?|hrs?|mg|ml)\b)"
)
_PIECES = re.compile(rf"(?<!take )(?<!apply )(?<!use ){NUMBER}\s*(?:\(\d+\)\s*)?{_PIECE}{_DOSING}")
_AFTER_DOSE = re.compile(
    r"~[\s,;:-]*(?:tablets?|tabs?|capsules?|caps?)?[\s,;:]+(\d{2,3})\s*(?=$|[,(]|~|with|w/)"
)
_VISITS = re.compile(rf"{NUMBER}[\s-]*(?:\(\d+\)\s*)?{_BETWEEN}{_VISIT}{_PER}")
_VISITS_TIMES = re.compile(
    rf"{_VISIT}(?:[\s,]*(?:x|times|:|\(|=|#|-)|,(?=\s*\d+\s*[,)])"
    rf"|(?=\s+\d+\s*(?:$|[,.;)]|for\b|of\b)))\s*{NUMBER}"
    r"\s*(?!\s*(?:x|times|per|levels?|sides?|areas?|muscles?|weeks?|wks?|days?|months?|/))"
)
_VISITS_OF = re.compile(
    rf"\b(?:and|plus|&)\s*{NUMBER}\s+of\s+(?!(?:which|these|those|them|the|it|up)\b)[a-z]"
)
"""The visits left unsaid: "8 chiropractic visits and 6 of acupuncture"."""

_VISITS_RANGE = re.compile(rf"{RANGE}\s+{_BETWEEN}{_VISIT}{_PER}")
_IN_BRACKETS = re.compile(r"\(\s*(\d+)\s*(?:total)?\s*\)")
_SERIES = re.compile(
    r"\b(?:series|trial|total|course) of\s*(?:up to\s*)?(\d+)\b"
    r"(?!\s*(?:-|to\b|days?|weeks?|months?|mg))"
)
_TIMES = re.compile(
    r"(?<!\d)(?<!\d\s)(?:\bx|\u00d7|\btimes)\s*(\d{1,3})\b"
    r"(?!\s*(?:-|\u2013|to|x|levels?|sides?|views?|areas?|sites?|regions?|muscles?|weeks?|wks?|days?|nights?|months?|mos?|hours?|hrs?|years?|cm|mm|in\b|inch"
    r"|per|a\b|/|~|times))"
)
_LEADING = re.compile(
    r"^(?:\W*(?:retrospective|prospective|request(?:ed|s)?|for|additional|up to|initial|trial|an?"
    r"|the|associated|surgical|service|purchase|rental|of|outpatient|continued|remaining|unknown|post-?\s?op\w*"
    r"|pre-?\s?op\w*)\b)*\W*"
    r"(\d{1,3})\s+(?:additional\s+)?(?!(?:days?|nights?|weeks?|wks?|months?|mos?|hours?|hrs?|minutes?"
    r"|years?|phases?|levels?|panels?|views?|points?|leads?|wheel\w*|in|part|ways?|pieces?|stages?"
    r"|channels?|persons?|prongs?|x|times?|tesla|t|d|prescriptions?|scripts?|rx|doses?|st|nd|rd|th"
    r"|foot|feet|inch\w*|lbs?|miles?|steps?|volts?|units?|to|or|per|medications?)\b)[a-z]"
)
_TRAILING = re.compile(r",\s*(\d{1,3})\s*\.?\s*$")
_MORE = re.compile(
    rf"\b(?:additional|another|further|extra|requested:?) {NUMBER}"
    r"(?!\s*-?(?:days?|weeks?|wks?|months?|hours?))"
)
_MORE_LAST = re.compile(
    rf"{NUMBER} (?:additional|more|(?:were )?requested)\b(?! (?:days|weeks|months|hours))"
)
_ONCE = re.compile(r"\b(1)[- ]times?\b(?!\s*(?:a|per|every|each|weekly|daily|/|x)\b)")
_YEARLY = re.compile(r"(?<![\d-])(\d{1,2})\s*(?:x|times)?\s*(?:/|per|a|each|in a)\s*year\b")
_REFILLS_OF = re.compile(r"\W*(\d{1,2})\s*refills?\s+(?:of|for)\b")
"""Refills multiply only where they themselves are what is disputed."""

_BEFORE_REFILLS = re.compile(
    r"((?:#|\b(?:qty|quantity|disp(?:ense)?)\b)[\s:.#=(]*(?:of\s+|x\s*)?\d+\s*\)?)"
    r"\s+(?=(?:refills?|rf)\b)(?:(?<=\d\d )|(?=\w+[\s:#=x(]*(?:\d|none|no\b)))"
)
"""An amount with its label and the label of the refills: "Qty: 60 Refills: 2" has no 60 refills."""

_LABELLED_REFILLS = re.compile(r"\brefills?\s*[:=]\s*(?:none\b|(?:\d|1[0-2])(?!\d))")
_ONE_IN_NAME = re.compile(
    r"\b(?:(synvisc)[- ]one|(gel)(?:-one| one(?= (?:inject|syringe))))\b", re.IGNORECASE
)
_DATE_OF_SERVICE = re.compile(
    r"\bdos\b|\bdates? of service\b|\bservice dates?\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b"
)
_DIGIT = re.compile(r"\d")

_THERAPY = frozenset(
    {"physical-therapy", "chiropractic", "acupuncture", "massage", "psych", "program", "other",
     "electrical-stimulation", "home-health", "consultation"}
)  # fmt: skip


def find_quantity(request: str, category: str) -> int | None:
    """The amount in dispute; None where none is given or it cannot be known, as in a range.

    Args:
        request: the whole heading.
        category: of the request; "2x6" is twelve visits of a therapy and nothing elsewhere.
    """
    portion = disputed_portion(_ONE_IN_NAME.sub(r"\1\2", _without_levels(request)))
    told, item = in_digits(portion.told), in_digits(portion.item)
    if not _DIGIT.search(item) and not _DIGIT.search(told):
        return None
    if (left := remaining(told)) is not None:
        return left
    amount = _amount(without_fate(item) if told else item, category)
    if amount and (refills := _REFILLS_OF.match(item)):
        return amount * int(refills[1])
    granted = authorized(told)
    return amount - granted if amount and granted and granted < amount else amount


def _amount(text: str, category: str) -> int | None:
    if category == "injection":
        text = _UNITS_OF_STRENGTH.sub("~", text)
        text = text if _STRENGTH.search(text) else _ORDINAL.sub("~", text)
    elif category == "medication" and not _STRENGTH.search(text):
        text = _UNITS_OF_STRENGTH.sub("~", text)
    if (dated := _of_several_dates(text)) is not None:
        return dated or None
    text = _LABELLED_REFILLS.sub("~", _BEFORE_REFILLS.sub(r"\1, ", text))
    for pattern in _NO_AMOUNT:
        text = pattern.sub("~", text)
    amounts = (find(text) for find in _finders(category))
    return next((amount for amount in amounts if amount is not None), None) or None


def _finders(category: str) -> list[Callable[[str], int | None]]:
    """What to look for, the surest first; each gives None where it finds nothing."""
    finders = [_only(_LABELLED), _only(_PIECES), _first(_AFTER_DOSE), _visits]
    if category in _THERAPY:
        finders += [_only(_IN_BRACKETS), visits_of_course]
    elif category == "injection":
        finders.append(visits_of_course)
    if category in {"diagnostic-test", "consultation"}:
        finders.append(_first(_YEARLY))
    last = (_SERIES, _TIMES, _LEADING, _TRAILING, _MORE, _MORE_LAST, _ONCE, _IN_BRACKETS)
    return [*finders, *(_first(each) for each in last)]


def _without_levels(request: str) -> str:
    for start, end in reversed(level_spans(request)):
        request = f"{request[:start]}~{request[end:]}"
    return request


def _only(pattern: re.Pattern[str]) -> Callable[[str], int | None]:
    """The amount if all matches agree; 0 (not to be known) if they do not."""

    def find(text: str) -> int | None:
        amounts = {int(match[1]) for match in pattern.finditer(text)}
        return None if not amounts else amounts.pop() if len(amounts) == 1 else 0

    return find


def _of_several_dates(text: str) -> int | None:
    """Of amounts dispensed on several dates the stated total, 0 without one; else None.

    "#60 DOS 12/1/2015, #60 DOS 1/1/2016" are two amounts, "Norco #60, quantity 60" is one.
    """
    counts = list(_LABELLED.finditer(text))
    if len(counts) < 2:
        return None
    starts, ends = [count.start() for count in counts], [count.end() for count in counts]
    before = [text[end:start] for end, start in zip([0, *ends], starts, strict=False)]
    after = [text[end:start] for end, start in zip(ends, [*starts[1:], len(text)], strict=True)]
    dated = [sum(bool(_DATE_OF_SERVICE.search(gap)) for gap in gaps) for gaps in (before, after)]
    if max(dated) < 2:
        return None
    amounts = [int(count[1]) for count in counts]
    return max(amounts) if "total" in text and 2 * max(amounts) == sum(amounts) else 0


def _first(pattern: re.Pattern[str]) -> Callable[[str], int | None]:
    def find(text: str) -> int | None:
        match = pattern.search(text)
        return int(match[1]) if match else None

    return find


def _visits(text: str) -> int | None:
    """Of "12 sessions", "sessions x 12"; 0 for a range, or several; not the 4 of "2 x 4 visits".

    Several counts are known where one is the sum of the others: "12 visits, 6 visits for the neck
    and 6 visits for the back".
    """
    plain = _VISITS_RANGE.sub("~", text)
    amounts = [
        int(match[1])
        for pattern in (_VISITS, _VISITS_TIMES, _VISITS_OF)
        for match in pattern.finditer(plain)
        if not re.search(r"\d\s*(?:x|times|by)\s*$", plain[: match.start(1)])
    ]
    if not amounts:
        return 0 if plain != text else None
    if len(set(amounts)) == 1 or 2 * max(amounts) == sum(amounts):
        return max(amounts)
    return 0
