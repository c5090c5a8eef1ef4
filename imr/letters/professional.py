"""Stage 5, "Medical Professional Review" (2013) → items.

The issue at dispute stands under one title and the rationale under another, which states the
outcome: RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS (NOT) MEDICALLY NECESSARY.
Unverified on real letters: none was at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from imr.letters import sections
from imr.letters.clean import Cleaned
from imr.letters.items import Found, Item
from imr.letters.labels import LABEL, LIST_ITEM
from imr.letters.sections import Section, trim
from imr.model import Outcome, Span

# "Whether the request for … is medically necessary?"
_FRAME = re.compile(
    r"(?:whether\s(?:or\snot\s)?)?(?:the\s)?(?:requests?\sfor\s|requested\s(?=\S))|whether\s",
    re.IGNORECASE,
)
_FRAME_END = re.compile(
    r"\s(?:is|are|was|were)(?:\s?/\s?(?:is|are|was|were))?\s(?:not\s)?"
    r"medically\snecessary(?:\sand\sappropriate)?\s?[.?]?\Z",
    re.IGNORECASE,
)
_MARKER = re.compile(r"\(?(?P<number>\d{1,2})[.)]\s")
# How a rationale concludes: "Therefore, the requested MRI is not medically necessary."
_CONCLUSION = re.compile(
    r"\b(?:request(?:ed|s)?|treatments?|services?|items?|procedures?|medications?)\b.{0,240}?"
    r"\b(?P<verb>is|are|was|were)\s(?P<not>not\s)?(?:considered\s|deemed\s)?medically\snecessary",
    re.IGNORECASE | re.DOTALL,
)
_DOUBT = re.compile(
    r"\b(?:not?|nor|neither|cannot|whether|unclear|unless|if|fails?)\b|n['\u2019]t\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?])\s(?=[A-Z\"\u201c(])")
_NAMED = re.compile(
    r"\b(?:MTUS|ODG|ACOEM|Official Disability|Utilization Schedule|Environmental Medicine"
    r"|Guidelines|(?:19|20)\d\d)\b"
)
# "It covers active therapy.", "No other text …", but no title such as "The Merck Manual"
_PROSE = re.compile(r"(?<=[.!?])\s(?=(?:It|They|This|These|There|No|The|As|Because|Since)\s[a-z])")
_LAST_WORDS = 400  # characters of a rationale that may conclude it
_AFTERTHOUGHT = 30  # characters behind a conclusion, as "at this time."

_Decided = tuple[Section, Span | None, Span | None]
"""The rationale's section, the guidelines before it, and what of it belongs to one item."""


@dataclass(slots=True)
class _Review:
    """Issues and the rationales that decide them."""

    requests: list[Span] = field(default_factory=list)
    rationales: list[tuple[Section, Span | None]] = field(default_factory=list)
    """Each with the guidelines that stand before it."""


def find(cleaned: Cleaned, parts: Sequence[Section]) -> Found:
    """The letter's items: each issue at dispute with the rationale that follows it."""
    summary = sections.first(parts, "summary")
    qualifications = sections.first(parts, "qualifications", "made")
    found = Found(
        summary=summary.content if summary else None,
        qualifications=qualifications.content if qualifications else None,
    )
    number = 0
    for review in _reviews(cleaned.text, parts):
        for request, decided in zip(review.requests, _decided(cleaned.text, review), strict=True):
            number += 1
            if isinstance(decided, str):
                found.leave_out(number, decided)
            else:
                _add(cleaned.text, number, request, decided, found)
    return found


def _reviews(text: str, parts: Sequence[Section]) -> Iterator[_Review]:
    """One for each run of issues and the rationales up to the next issue."""
    review, guidelines = _Review(), None
    for part in parts:
        if part.part == "issue":
            if review.rationales:
                yield review
                review = _Review()
            review.requests += _requests(text, part)
        elif part.part == "guidelines":
            guidelines = _cited(text, part.content) if part.content else None
        elif part.part == "why":
            review.rationales.append((part, guidelines))
            guidelines = None
    yield review


def _cited(text: str, content: Span) -> Span | None:
    """The guidelines up to the last that is named; why they apply follows.

    Where no known name is found, up to a sentence that is prose.
    """
    names = list(_NAMED.finditer(text, *content))
    after = _SENTENCE if names else _PROSE
    end = after.search(text, names[-1].end() if names else content[0], content[1])
    return trim(text, content[0], end.start() if end else content[1])


def _requests(text: str, issue: Section) -> Iterator[Span]:
    """The items of an issue: a numbered or marked list, or all of it."""
    if issue.content is None:
        return
    pieces = _listed(text, issue) or [issue.content]
    for start, end in pieces:
        frame = _FRAME.match(text, start, end)
        closing = _FRAME_END.search(text, max(start, end - 80), end)
        span = trim(text, frame.end() if frame else start, closing.start() if closing else end)
        if span:
            yield span


def _listed(text: str, section: Section) -> list[Span]:
    """The pieces of a list in a section, without their numbers or bullets; empty for no list."""
    if section.content is None:
        return []
    start, end = section.content
    marks = _numbers(text, start, end)
    if not marks:
        lines = [start, *(block.start for block in section.blocks if block.start > start)]
        found = (LIST_ITEM.match(text, line, end) for line in lines)
        marks = [mark.span() for mark in found if mark and not mark["number"]]
    spans = (trim(text, begin, stop) for (_, begin), (stop, _) in pairwise([*marks, (end, end)]))
    return [span for span in spans if span]


def _numbers(text: str, start: int, end: int) -> list[Span]:
    """Where 1., 2., … stand, each preferably at the start of a line; none without a 2."""
    of_number: dict[int, list[re.Match[str]]] = {}
    for mark in _MARKER.finditer(text, start, end):
        if mark.start() == start or text[mark.start() - 1].isspace():
            of_number.setdefault(int(mark["number"]), []).append(mark)
    marks: list[Span] = []
    at = start
    for wanted in range(1, 100):
        after = [mark for mark in of_number.get(wanted, ()) if mark.start() >= at]
        if not after:
            break
        lines = (m for m in after if m.start() == start or text[m.start() - 1] == "\n")
        mark = next(lines, after[0])
        marks.append(mark.span())
        at = mark.end()
    return marks if len(marks) > 1 or (marks and marks[0][0] == start) else []


def _decided(text: str, review: _Review) -> Iterator[_Decided | str]:
    """For each request its rationale's section, the guidelines and the rationale's range.

    A reason instead where that can't be told.
    """
    count, rationales = len(review.requests), review.rationales
    if not count:
        return
    if len(rationales) == count:
        yield from ((section, cited, section.content) for section, cited in rationales)
    elif len(rationales) == 1:
        section, cited = rationales[0]
        own = _listed(text, section)
        whole = len(own) != count or not section.content or own[0][0] > section.content[0] + 5
        pieces = [section.content] * count if whole else own
        yield from ((section, cited, piece) for piece in pieces)
    else:
        yield from [f"there are {count} issues at dispute and {len(rationales)} rationales"] * count


def _add(text: str, number: int, request: Span, decided: _Decided, found: Found) -> None:
    section, guidelines, rationale = decided
    stated = _outcome(text[slice(*section.title)])
    concluded = _conclusion(text, rationale) if rationale else None
    if stated and concluded and stated != concluded:
        found.leave_out(number, "its rationale concludes otherwise than the title above it")
    elif outcome := stated or concluded:
        found.add(Item(number, request, outcome, section.title, None, guidelines, rationale))
    else:
        found.leave_out(number, "the title above its rationale leaves the outcome open")


def _outcome(title: str) -> Outcome | None:
    """What the title states; "IS/WAS (NOT) MEDICALLY NECESSARY" leaves it open."""
    match = LABEL.match(title)
    negation = match["not"] if match else None
    if negation is None:
        return "overturned"
    return None if negation.startswith("(") else "upheld"


def _conclusion(text: str, rationale: Span) -> Outcome | None:
    """What the rationale's last sentence says of the request, if it says it plainly."""
    last = _SENTENCE.split(text[max(rationale[0], rationale[1] - _LAST_WORDS) : rationale[1]])[-1]
    match = _CONCLUSION.search(last)
    if match is None or len(last) - match.end() > _AFTERTHOUGHT:
        return None
    if _DOUBT.search(last, 0, match.start("verb")):
        return None
    return "upheld" if match["not"] else "overturned"
