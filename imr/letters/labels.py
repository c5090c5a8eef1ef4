"""How the parts of a letter are marked: titles, labels, outcomes, list items, page furniture.

One table for all layouts: a title or label opens its part wherever it stands, and which parts a
letter has tells its layout (`layouts.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from imr.letters.read import Line

OUTCOME = re.compile(
    r"(?:^|[:;]\s?|\bis\s|\s[-\u2013\u2014]\s?)\(?(upheld|overturned)\)?\s?[.*]?$", re.IGNORECASE
)
"""An outcome that closes a heading, or stands on a line of its own."""

# "Partially overturned", "Modified": outcomes that the record does not have. See `decisions.py`.
OTHER_OUTCOME = re.compile(
    r"(?:^|[:;]\s?|\bis\s|\s[-\u2013\u2014]\s?)\(?(?:"
    r"(?:partial(?:ly)?|partly|in\spart)[\s,:-]{1,3}(?:upheld|overturned?|uphold|approved|certified)"
    r"|(?:upheld|overturned|approved|certified),?\s\(?(?:in\spart|partially|with\smodifications?)"
    r"|modified|modification|withdrawn|dismissed|remanded|no\sdecision"
    r")\)?\s?[.*]?$",
    re.IGNORECASE,
)

_END = r"\s?(?::|$)"
_REVIEWER = r"(?:the\s)?(?:expert|physician|professional|medical)\sreviewer"
_OWN = r"(?:['\u2019]s|s['\u2019])?"

LABEL = re.compile(
    rf"""(?P<administrator>claims\sadministrator{_OWN}\sguidelines?\s?:)
      | (?P<reviewer>(?:maximus|imr|{_REVIEWER}){_OWN}\sguidelines?\s?:)
      | (?P<rationale>(?:{_REVIEWER}{_OWN}\s)?decision\srationale\s?:)
      | (?P<states>states?(?:\s?\(s\))?\sof\slicensure\s?:)
      | (?P<specialties>certifications?(?:\s?\(s\))?\s?/\s?specialt(?:y|ies|y\s?\(s\))\s?:)
      | (?P<credentials>the\sexpert\sreviewer\shas\sthe\sfollowing\scredentials\s?:)
      | (?P<made>how\sthe\simr\s(?:final\s)?determination\swas\smade{_END})
      | (?P<documents>documents?(?:\s?\(s\))?\sreviewed(?:\sfor\sdetermination)?{_END})
      | (?P<summary>(?:clinical\s)?case\ssummary{_END})
      | (?P<issues>imr\sissues?(?:\s?\(s\))?,?\sdecisions?(?:\s?\(s\))?,?\sand
            \srationales?(?:\s?\(s\))?{_END})
      | (?P<decisions>(?:imr|independent\smedical\sreview)\sdecisions?(?:\s?\(s\))?\sand
            \srationales?(?:\s?\(s\))?{_END})
      | (?P<introduction>the\sfinal\sdetermination\swas\sbased\son\b)
      | (?P<issue>issues?(?:\s?\(s\))?\s(?:at|in)\sdispute(?:\s?\#?\s?\d{{1,2}})?{_END})
      | (?P<guidelines>medical\streatment\sguidelines?(?:\s?\(s\))?\srelied\s(?:up)?on\sby
            \s(?:the\s)?(?:professional|medical|expert|physician)\sreviewer(?:\sand\swhy)?{_END})
      | (?P<why>rationale\sfor\swhy\sthe\srequested\streatments?(?:\(s\))?\s?(?:/|or)
            \s?services?(?:\(s\))?\s(?:is|was|are|were)(?:\s?/\s?(?:is|was|are|were))?
            \s(?P<not>\(?not\)?\s)?medically\snecessary{_END})
      | (?P<qualifications>medical\s(?:reviewer\squalifications?
            |qualifications?\sof\sthe\s(?:expert|professional|physician)\sreviewer){_END})
      | (?P<disclaimer>disclaimer\s?:\smaximus\b)
      | (?P<header>(?:imr\s|maximus\s)?case\snumber\s?:|date\sassigned\s?:|decision\sdate\s?:
            |priority\s?:)""",
    re.IGNORECASE | re.VERBOSE,
)
"""How a line begins that opens a new part of the letter, by the part's name.

Applied to single-spaced text only.
"""

_WHO = r"(?:expert|physician|professional|medical|imr|maximus)(?:\sreviewer)?"
_BASED = r"(?:has\s|have\s)?based\s(?:its|their|his/her|his|her|the)\s(?:medical\s)?decisions?\b"
_CITED_NOT = r"did\snot\s(?:cite|provide|rely|use|identify)\b"

PART_OPENS = re.compile(
    rf"""(?:\A|(?<=\n)|(?<=[.:;?!)\]"\u201d]\s))(?:
        (?P<administrator>(?:the\s)?claims\sadministrator
            (?:(?P<administrator_label>{_OWN}\sguidelines?\s?:)|\s{_BASED}|\s{_CITED_NOT}))
      | (?P<reviewer>(?:the\s)?{_WHO}
            (?:(?P<reviewer_label>{_OWN}\sguidelines?\s?:)
              |\s{_BASED}|\s{_CITED_NOT}|\sfound\s(?:that\s)?(?:the|no)\b))
      | (?P<rationale>(?P<rationale_label>
            (?:(?:the\s)?{_WHO}{_OWN}\s)?(?:decision\s)?rationale
            (?:\sfor\s(?:the|his/her|its)\sdecision)?\s?:)))""",
    re.IGNORECASE | re.VERBOSE,
)
"""How a part of an item opens in a notice of 2013: by a label or by a sentence."""

TITLES = frozenset({"made", "documents", "summary", "issues", "decisions", "issue"}) | {
    "guidelines",
    "why",
    "qualifications",
}
"""Parts that stand under a title."""

ITEM_LABELS = ("administrator", "reviewer", "rationale")
"""The labelled parts of a disputed item in the letter's order."""

LIST_ITEM = re.compile(r"(?:\(?(?P<number>\d{1,2})[.)]|[\u2022\u25aa\u25cf\u25e6\u00b7*\u2013-])\s")
"""How an item of a list begins."""

# A line can only open a part if it begins so; spares joining lines that can't.
_FIRST = re.compile(
    r"(?:claims|maximus|imr|the|expert|physician|professional|medical|decision|states?|"
    r"certification|how|documents?|clinical|case|independent|issues?|rationale|disclaimer|date|"
    r"priority)\b",
    re.IGNORECASE,
)
_LONGEST = (12, 240)
"""Lines and characters that a title may be wrapped over."""
# Everyday words that are a title only where they look like one.
_PLAIN_WORDS = re.compile(
    r"(?:documents?\sreviewed|case\ssummary|issues?\s(?:at|in)\sdispute)$", re.IGNORECASE
)


def part_of(match: re.Match[str]) -> str:
    """The name of the part that a match of LABEL opens."""
    # "not" is a group inside "why", so the last group is not always the part's
    return "why" if match["why"] else str(match.lastgroup)


@dataclass(frozen=True, slots=True)
class Label:
    """A title or label of a part.

    Attributes:
        lines: how many lines it is wrapped over.
        alone: whether these lines hold nothing else.
    """

    part: str
    lines: int
    alone: bool


def label_at(lines: Sequence[Line], index: int) -> Label | None:
    """The title or label that begins with line `index`."""
    text = lines[index].text
    if _FIRST.match(text) is None:
        return None
    found: Label | None = None
    longest = 0
    for count in range(1, _LONGEST[0] + 1):
        if count > 1:
            if index + count > len(lines) or len(text) > _LONGEST[1]:
                break
            text = f"{text} {lines[index + count - 1].text}"
        match = LABEL.match(text)
        if match and match.end() > longest and _is_title(match, lines[index]):
            longest = match.end()
            found = Label(part_of(match), count, alone=longest == len(text))
    return found


def _is_title(match: re.Match[str], line: Line) -> bool:
    if _PLAIN_WORDS.match(match[0]) is None:
        return True
    return line.gap_before or line.bold is True or match[0].isupper()


# "Final Determination Letter for IMR Case Number CM14-0012345 3", also misspelt
_RUNNING_TITLE = re.compile(
    r"final\sdeterm\w*\slet+er\sfor\simr\scase\s?(?:number|no\.?|\#)?\s?:?\s?"
    r"(?:CM\s?\d\d\s?[-\u2010-\u2013]\s?\d{7})?\s?(?:page\s?)?\d{0,3}(?:\sof\s\d{1,3})?$",
    re.IGNORECASE,
)
_RUNNING_TITLE_CUT = re.compile(
    r"final\sdeterm\w*\slet+er(?:\sfor(?:\simr(?:\scase(?:\snumber)?)?)?)?$", re.IGNORECASE
)
_PAGE_NUMBER = re.compile(
    r"(?:page\s?:?\s?\d{1,3}(?:\s?(?:of|/)\s?\d{1,3})?|\d{1,3}\s?(?:of|/)\s?\d{1,3}"
    r"|[-\u2013|]?\s?\d{1,3}\s?[-\u2013|]?)$",
    re.IGNORECASE,
)


def furniture_at(lines: Sequence[Line], index: int) -> int:
    """Over how many lines from `index` on a running title or page number stands, 0 for none.

    A page number is one at a page's edge only. Where pages were run on, a running title stands
    between lines of the text.
    """
    text = lines[index].text
    if len(text) > _LONGEST[1]:
        return 0
    if _RUNNING_TITLE_CUT.match(text) and index + 1 < len(lines):
        both = f"{text} {lines[index + 1].text}"
        return 2 if _RUNNING_TITLE.match(both) else 1
    if _RUNNING_TITLE.match(text):
        return 1
    last = index + 1 == len(lines) or lines[index + 1].page_start
    first = lines[index].page_start or (index > 0 and lines[index - 1].page_start)
    return 1 if (first or last) and _PAGE_NUMBER.match(text) else 0
