"""How often times how long: "two times a week for six weeks" is twelve visits."""

from __future__ import annotations

import re

RANGE = r"\d+\s*(?:-|\u2013|to|or)\s*\d+"
NUMBER = r"(?<![\d.,/a-wyz-])(\d{1,4})(?:\.0+)?(?![\d.]*\d|\s*(?:-|\u2013|to)\s*\d)"
"""A number that stands for itself: no end of a range, of a date, of "b12"; "x12" is one."""

_EVERY = r"(?:/|per|a|each|every|x|times|in a)?\s*"
_WEEK = r"(weeks?|wks?|weekly|months?|mos?|monthly)\b"
_FOR = (
    r"[\s,;:().-]*(?:(?:for|x|times|over|during|by|\*|a total of|the next|duration|of)[\s:]*){1,3}"
)
_RATE = re.compile(
    rf"{NUMBER}\s*(?:x|times?|sessions?|visits?|treatments?|days?)?\s*{_EVERY}{_WEEK}{_FOR}(\d+)\s*{_WEEK}"
)
_RATE_LAST = re.compile(
    rf"(\d+)\s*{_WEEK}[\s,;:at@()-]*(\d+)\s*(?:x|times?|sessions?|visits?)\s*{_EVERY}{_WEEK}"
)
_RATE_RANGE = re.compile(rf"{RANGE}\s*(?:x\b|times?|sessions?|visits?|weeks?|wks?|treatments?)")
_EVERY_OTHER = re.compile(
    r"\bevery\s+(other|\d)\s+(weeks?|wks?|months?)[\s,]*(?:for|x)\s*(\d+)\s*(weeks?|wks?|months?)"
)
_ONE_A = re.compile(
    r"\b(?:weekly|monthly|1\s*(?:x|times?)?\s*(?:/|per|a|each|every)\s*(?:week|wk|month))"
    r"\s*(?:for|x|times)\s*(?:a total of\s*)?(\d+)\b(?!\s*(?:days?|hours?))"
)
_TWO_BY_SIX = re.compile(
    r"(?<![\d./-])(\d)\s*(?:x|\u00d7|times)\s*(?:/\s*)?(\d{1,2})(?![\d./-]|\s*(?:cm|in\b|inch|\"|mg))"
)


def visits_of_course(text: str) -> int | None:
    """Visits of a course (text in digits); 0 where it gives ranges, None where it gives no course.

    Months are not made weeks: "twice a week for a month" cannot be known.
    """
    if _RATE_RANGE.search(text):
        return 0
    if match := _EVERY_OTHER.search(text):
        step = 2 if match[1] == "other" else int(match[1])
        even = match[2][0] == match[4][0] and int(match[3]) % step == 0
        return int(match[3]) // step if even else 0
    if (match := _RATE.search(text)) and "hour" not in text:
        return int(match[1]) * int(match[3]) if match[2][0] == match[4][0] else 0
    if match := _RATE_LAST.search(text):
        return int(match[1]) * int(match[3]) if match[2][0] == match[4][0] else 0
    if match := _ONE_A.search(text):
        return int(match[1])
    match = _TWO_BY_SIX.search(text)
    return int(match[1]) * int(match[2]) if match else None
