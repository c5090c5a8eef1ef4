"""Stage 5, "Notice of Independent Medical Review Determination" (2013, early 2014) → items.

Under IMR DECISION(S) AND RATIONALE(S) each item is a sentence, "1. The request for … is not
medically necessary and appropriate.", then come sentences that name the guidelines and a rationale
under its label. Unverified on real letters: none was at hand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from imr.letters import sections
from imr.letters.clean import Cleaned
from imr.letters.items import Found, Item
from imr.letters.labels import ITEM_LABELS, LIST_ITEM, PART_OPENS
from imr.letters.sections import Section, trim
from imr.model import Outcome, Span

# How a heading closes: "is not medically necessary and appropriate.", or ": Upheld".
_CLOSING = re.compile(
    r"""(?:\b(?P<necessity>(?:is|are|was|were)(?:\s?/\s?(?:is|are|was|were))?\s(?P<not>not\s?)?
            (?:considered\s|deemed\s)?medically\s?necessary(?:\s?(?:and|or|/)\s?appropriate)?)
      | (?:[:;]\s?|\s[-\u2013]\s)(?P<word>upheld|overturned))\s?[.:;*]?\s*\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING_WITHIN = 120  # characters before a part opens
_LONGEST = 400  # characters of a numbered heading with several sentences
_NUMBERS = 8  # numbers before an outcome that are looked at
_INTRODUCTION = re.compile(
    r"the\sfinal\sdetermination\swas\sbased\son\s.{0,160}?(?:below\s?:?|:)\s*",
    re.IGNORECASE | re.DOTALL,
)
_MARKER = re.compile(r"(?:\A|(?<=\n)|(?<=[.:?!)\]\"\u201d]\s))\(?(?P<number>\d{1,2})\s?[.)]\s")
_SENTENCE = re.compile(r"[.!?][\"'\u201d\u2019)\]]{0,3}\s(?=[\w\"\u201c(\[])")
# What frames what is requested: "The request for … is medically necessary".
_FRAME = re.compile(
    r"(?:maximus\sfederal\sservices,?(?:\sinc\.?)?,?\shas\sdetermined\s(?:that\s)?)?"
    r"(?:the\s)?requests?\sfor\s",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Draft:
    """An item while its parts are gathered: where its heading stands and where each part opens."""

    heading: Span | None
    start: int
    """Where the item begins: its heading's number, else its first part."""
    closing: re.Match[str] | None
    parts: dict[str, int] = field(default_factory=dict)
    """Where the content of each part begins, in the order of the letter."""
    opened: dict[str, int] = field(default_factory=dict)
    """Where its label or sentence begins."""

    @property
    def stage(self) -> int:
        """How far the item has come: the place of its last part among ITEM_LABELS."""
        return max((ITEM_LABELS.index(part) for part in self.parts), default=-1)


def find(cleaned: Cleaned, parts: Sequence[Section]) -> Found:
    """The letter's items under IMR DECISION(S) AND RATIONALE(S), in order."""
    found = Found(summary=sections.until(cleaned, parts, "summary", {"issues", "decisions"}))
    made = sections.first(parts, "made", "qualifications")
    found.qualifications = made.content if made else None
    title = sections.first(parts, "decisions", "issues")
    if title is None or title.content is None:
        return found
    start, end = title.content[0], _end(cleaned, title)
    if introduction := _INTRODUCTION.match(cleaned.text, start, end):
        start = introduction.end()
    drafts = list(_drafts(cleaned, start, end))
    ends = [*(draft.start for draft in drafts), end][1:]
    for number, (draft, until) in enumerate(zip(drafts, ends, strict=False), start=1):
        _add(cleaned.text, draft, number, until, found)
    return found


def _end(cleaned: Cleaned, title: Section) -> int:
    """The end of the letter, or of what is no disclaimer."""
    after = (block for block in cleaned.blocks if block.start > title.title[0])
    stop = next((block.start for block in after if block.part == "disclaimer"), None)
    return len(cleaned.text) if stop is None else stop


def _drafts(cleaned: Cleaned, start: int, end: int) -> Iterator[_Draft]:
    """Items as their parts open one after another."""
    text, draft, count, free = cleaned.text, None, 0, start
    for opener in PART_OPENS.finditer(text, start, end):
        part = next(name for name in ITEM_LABELS if opener[name])
        heading, closing, begins = None, None, opener.start()
        if draft is None or ITEM_LABELS.index(part) <= draft.stage:
            # between the parts of one item no heading stands, whatever a citation ends in
            closing = _closing(text, free, opener.start())
            unread = closing is None and part == "administrator"
            if closing or unread:
                begins = _heading_start(cleaned, free, opener.start(), closing, count + 1)
                heading = _unnumbered(text, begins, opener.start())
        if heading or draft is None:
            if draft is not None:
                yield draft
            count += 1
            draft = _Draft(heading, begins, closing)
        if part not in draft.parts and "rationale" not in draft.parts:
            draft.opened[part] = opener.start()
            draft.parts[part] = opener.end() if opener[f"{part}_label"] else opener.start()
        free = opener.end()
    if draft is not None:
        yield draft


def _closing(text: str, start: int, end: int) -> re.Match[str] | None:
    """The outcome that the text up to `end` closes with."""
    return _CLOSING.search(text, max(start, end - _CLOSING_WITHIN), end)


def _heading_start(
    cleaned: Cleaned, free: int, end: int, closing: re.Match[str] | None, number: int
) -> int:
    """Where the heading that ends at `end` begins; `end` if none does.

    At its number, its block's start or after the last sentence. Without an outcome only what is
    numbered or ends no sentence is a heading.
    """
    text = cleaned.text
    until = closing.start() if closing else end
    block = cleaned.blocks[bisect_right(cleaned.blocks, until - 1, key=lambda b: b.start) - 1]
    own = block.start >= free
    start = _numbered(text, free, block.start if own else None, until, number)
    if start is not None:
        return start
    if closing is None:
        return block.start if own and _unended(text[block.start : end]) else end
    if own:
        return block.start
    # in one paragraph with the rationale before it: at least its guideline begins a line
    return _sentence_start(text, free, until) if text[end - 1] == "\n" else end


def _unnumbered(text: str, start: int, end: int) -> Span | None:
    item = LIST_ITEM.match(text, start, end)
    return trim(text, item.end() if item else start, end)


def _numbered(text: str, free: int, own: int | None, until: int, number: int) -> int | None:
    """Where the heading's own number stands: in its block, or before it in the same sentence."""
    for marker in reversed(list(_MARKER.finditer(text, free, until))[-_NUMBERS:]):
        if int(marker["number"]) != number:
            continue
        if own is not None and marker.start() >= own:
            return marker.start()
        before = text[marker.end() : until if own is None else own]
        if _SENTENCE.search(before + " ") is None or (own is None and len(before) < _LONGEST):
            return marker.start()
    return None


def _unended(text: str) -> bool:
    return text.rstrip()[-1:] not in {".", "!", "?"}


def _sentence_start(text: str, start: int, end: int) -> int:
    last = start
    for sentence in _SENTENCE.finditer(text, start, end):
        last = sentence.end()
    return last


def _add(text: str, draft: _Draft, number: int, until: int, found: Found) -> None:
    closing, heading = draft.closing, draft.heading
    request = _request(text, heading, closing) if heading and closing else None
    if closing is None or request is None:
        shown = f' "{text[slice(*heading)][-60:]}"' if heading else ""
        found.leave_out(number, f"its heading{shown} does not say whether it is necessary")
        return
    group = "word" if closing["word"] else "necessity"
    spans = _parts(text, draft, until)
    found.add(
        Item(
            number=number,
            request=request,
            outcome=_outcome(closing),
            outcome_span=closing.span(group),
            administrator=spans.get("administrator"),
            reviewer=spans.get("reviewer"),
            rationale=spans.get("rationale"),
        )
    )


def _outcome(closing: re.Match[str]) -> Outcome:
    if closing["word"]:
        return "upheld" if closing["word"].lower() == "upheld" else "overturned"
    return "upheld" if closing["not"] else "overturned"


def _request(text: str, heading: Span, closing: re.Match[str]) -> Span | None:
    frame = _FRAME.match(text, *heading)
    request = trim(text, frame.end() if frame else heading[0], closing.start())
    if request is None:
        return None
    return trim(text, request[0], request[0] + len(text[slice(*request)].rstrip(" :;,-\u2013")))


def _parts(text: str, draft: _Draft, until: int) -> dict[str, Span]:
    """Each part up to where the next one opens."""
    ends = [*list(draft.opened.values())[1:], until]
    spans = {
        part: trim(text, start, end)
        for (part, start), end in zip(draft.parts.items(), ends, strict=True)
    }
    return {part: span for part, span in spans.items() if span is not None}
