"""How often times how long: "two times a week for six weeks" is twelve visits."""

from __future__ import annotations

import re

RANGE = r"\d+\s*(?:-|\u2013|to|or)\s*\d+"
NUMBER = r"(?<![\d.,/a-wyz-])(\d{1,4})(?:\.0+)?(?![\d.]*\d|\s*(?:-|\u2013|to)\s*\d)"
"""A number that stands for itself: no end of a range, of a date, of "b12"; "x12" is one."""

_EVERY = r"(?:/|per|a|each|every|x|times|in a)?\s*"
_WEEK = r"(weeks?|wks?|weekly|months?|mos?|monthly)\b"
_FOR = (
    r"[\s,;:().-]*"
    r"(?:(?:for|x|times|over|during|by|\*|/|a total of|the next|duration|of)[\s:]*){0,3}"
)
_RATE = re.compile(
    rf"{NUMBER}[\s-]*(?:x|times?|sessions?|visits?|treatments?|days?)?\s*{_EVERY}{_WEEK}{_FOR}(\d+)\s*{_WEEK}"
)
_RATE_LAST = re.compile(
    rf"(\d+)\s*{_WEEK}[\s,;:@()-]*(?:of [a-z ]{{1,30}}? )?(?:at )?(\d+)"
    rf"\s*(?:x|times?|sessions?|visits?)\s*{_EVERY}{_WEEK}"
)
_RATE_RANGE = re.compile(rf"{RANGE}\s*(?:x\b|times?|sessions?|visits?|weeks?|wks?|treatments?)")
_EVERY_OTHER = re.compile(
    r"\bevery\s+(other|\d)\s+(weeks?|wks?|months?)[\s,]*(?:for|x)\s*(\d+)\s*(weeks?|wks?|months?)"
)
_ONE_A = re.compile(
    r"(?<!bi-)(?<!bi )\b(weekly|monthly"
    r"|(?:1\s*(?:x|times?)?\s*)?(?:/|per|a|each|every)\s*(?:week|wk|month))"
    r"\s*(?:[a-z-]+\s+){0,3}?(?:for|x|times)\s*(?:a total of\s*)?(\d+)\b(?!\s*(?:days?|hours?))"
    r"\s*(weeks?|wks?|months?)?"
)
_TWO_BY_SIX = re.compile(
    r"(?<![\d./-])(\d)\s*(?:x|\u00d7|\*|times)\s*(?:/\s*)?(\d{1,2})(?![\d./-]|\s*(?:cm|in\b|inch|\"|mg))"
)
_HOURS = re.compile(r"\d\s*(?:-\s*\d+\s*)?(?:hours?|hrs?)\b")
"""What is counted in hours is no count of visits."""

_THEN = re.compile(r"\b(?:then|followed by)\b")


def visits_of_course(text: str) -> int | None:
    """Visits of a course (text in digits); 0 where they cannot be known, None without a course.

    Months are not made weeks: "twice a week for a month" cannot be known. Of several courses one
    follows the other ("3x2, then 2x4"), or they differ and nobody can know.
    """
    if _RATE_RANGE.search(text):
        return 0
    if match := _EVERY_OTHER.search(text):
        step = 2 if match[1] == "other" else int(match[1])
        even = match[2][0] == match[4][0] and int(match[3]) % step == 0
        return int(match[3]) // step if even else 0
    if not _HOURS.search(text) and (course := _rated(text)) is not None:
        return course
    times = [int(match[1]) * int(match[2]) for match in _TWO_BY_SIX.finditer(text)]
    return _together(times, text) if times else None


def _rated(text: str) -> int | None:
    """The visits of courses that say how often a week or month."""
    if rates := [_product(*match.groups()) for match in _RATE.finditer(text)]:
        return _together(rates, text)
    if match := _RATE_LAST.search(text):
        return _product(match[3], match[4], match[1], match[2])
    if match := _ONE_A.search(text):
        every = "m" if "mo" in match[1] else "w"
        return int(match[2]) if match[3] is None or match[3][0] == every else 0
    return None


def _product(times: str, every: str, weeks: str, unit: str) -> int:
    return int(times) * int(weeks) if every[0] == unit[0] else 0


def _together(courses: list[int], text: str) -> int:
    if 0 in courses:
        return 0
    if _THEN.search(text):
        return sum(courses)
    return courses[0] if len(set(courses)) == 1 else 0
