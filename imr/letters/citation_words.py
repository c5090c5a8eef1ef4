"""What the stages of reading citations share: years and dates, glue between citations, brackets."""

from __future__ import annotations

import re
from itertools import accumulate

# Patterns for re.VERBOSE and re.IGNORECASE
YEAR = r"(?:19|20)\d\d"
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|{MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?,?\ {YEAR})"
DATE = rf"(?:{_DAY}|{MONTH},?\ {YEAR}|\d{{1,2}}/\d{{4}}|{YEAR})"
# When a web page was changed or seen, which is no year of the guideline: "(updated 12/12/16)",
# "last updated 11/21/2016", "(web: updated 5/10/2013)", "March 2015 update"
UPDATED = rf"""\(?(?:(?:web:?\ |online:?\ |version\ |last\ |most\ recently\ |as\ of\ )*
      (?:updated?|modified|accessed|reviewed|retrieved|revised(?!\ {YEAR}\b)|revision(?!\ {YEAR}\b))
          (?:\ on|\ as\ of|\ through)?:?\ ?{DATE}
    | as\ of\ {DATE} | {DATE}\ (?:updates?|version|revision)\b )\)?"""
EDITION = r"""\(?(?:\d+(?:st|nd|rd|th)|first|second|third|latest|current|most\ recent|annual
    |web|online|internet|web-?based)(?:\ annual|\ \d{4})?\ (?:ed\b\.?|editions?\b|version\b)
    (?:\ \(web\))?\)?|\bV(?:ersion\ |er\.?\ |\.\ ?)\d+(?:\.\d+)?\b"""
# The year of a document: "2009", "(May 2009)", "(Revised 2007)", "2014 web"
DATED_YEAR = rf"""\(?(?:(?:revised|revision|rev\.|edition|version|published|copyright|adopted|in
        |{MONTH},?)\ (?:\d{{1,2}},\ )?)?(?<![\d/]){YEAR}(?:\ (?:web|online|edition|version|ed\b\.?))*
    \)?(?![\d/.]?\d|-\d)"""
# "(Second Edition, 2004)", "(web version, updated 5/1/15)"
IN_PRINT = r"\((?=[^()]*\b(?:edition|ed\.|version|updated?))[^()]*\)"
ADDRESS = r"(?:https?:\ ?//|www\.)\S+"

_GLUE_WORDS = (
    *("and", "as", "well", "also", "along", "with", "on", "per", "the", "of", "in", "from"),
    *("upon", "both", "by", "therefore", "thus"),
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
    steps = [0] * (len(text) + 1)
    opened: list[int] = []
    for mark in _BRACKET.finditer(text):
        if mark[0] in "([":
            opened.append(mark.end())
        elif opened:
            steps[opened.pop()] += 1
            steps[mark.start()] -= 1
    return bytearray(depth > 0 for depth in accumulate(steps[:-1]))
