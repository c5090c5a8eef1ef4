"""A letter's bytes → its Determination: the stages in order. Pure: no file, network or model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from imr.errors import LetterError, NotALetterError
from imr.letters import annotate, clean, facts, header, layouts, people, read, sections
from imr.letters.items import Item
from imr.model import Decision, Determination, LetterWarning, Source

MOST_ITEMS = 200
"""Decisions of one letter; those seen have 15 at most."""


def parse(data: bytes, name: str) -> Determination:
    """Read one letter; `name` is what the record calls its source.

    Raises:
        LetterError: the bytes can't be read (empty, damaged, encrypted, only an image) or are no
            determination; the message names the file and the reason.
    """
    pages = read.read(data, name)
    cleaned = clean.clean(pages.lines)
    parts = sections.find(cleaned)
    found = layouts.find(cleaned, parts)
    if not found.items:
        raise _no_items(name, found.warnings)
    if len(found.items) > MOST_ITEMS:
        raise NotALetterError(
            f"{name}: {len(found.items):,} decisions, no determination has more than {MOST_ITEMS}"
        )
    text = _headings_on_one_line(cleaned.text, found.items)
    head = text[slice(*sections.header(cleaned, parts))]
    number = header.own_number(text, head, cleaned.furniture)
    id_ = number or f"sha-{_text_digest(text)}"
    dates, priority = header.fields(head, found.warnings)
    summary = people.summary(cleaned, found.summary)
    if summary is None:
        message = "the letter has no clinical summary"
        found.warnings.append(LetterWarning(code="no-summary", message=message))
    told = text[slice(*summary)] if summary else ""
    return Determination(
        id=id_,
        case_number=number,
        dates=dates,
        priority=priority,
        reviewer=people.reviewer(cleaned, found.qualifications),
        patient=annotate.patient(people.patient(told), told),
        clinical_summary=told,
        decisions=tuple(_decision(text, id_, item) for item in found.items),
        text=text,
        source=Source(
            name=name,
            sha256=hashlib.sha256(data).hexdigest(),
            format=pages.format,
            pages=pages.count,
        ),
        warnings=tuple(found.warnings),
    )


def _no_items(name: str, warnings: Sequence[LetterWarning]) -> LetterError:
    """Why there is nothing to record."""
    if warnings:
        reasons = "; ".join(warning.message for warning in warnings)
        return LetterError(f"{name}: no decision's outcome can be read: {reasons}")
    return NotALetterError(
        f"{name}: no decision found, a determination has headings that end in "
        "Upheld or Overturned after the title IMR ISSUES, DECISIONS AND RATIONALES, "
        "or the titles of 2013 that docs/letters.md names"
    )


def _headings_on_one_line(text: str, items: Sequence[Item]) -> str:
    """The text with requests that a gap or page cut in two on one line, as the record has them."""
    characters = list(text)
    for start, end in (item.request for item in items):
        for at in range(start, end):
            if characters[at] == "\n":
                characters[at] = " "
    return "".join(characters)


def _text_digest(text: str) -> str:
    """12 hex digits over the text without its white space."""
    return hashlib.sha256("".join(text.split()).encode("utf-8", "replace")).hexdigest()[:12]


def _decision(text: str, letter: str, item: Item) -> Decision:
    spans = {
        "request": item.request,
        "outcome": item.outcome_span,
        "administrator_guidelines": item.administrator,
        "reviewer_guidelines": item.reviewer,
        "rationale": item.rationale,
    }
    present = {name: span for name, span in spans.items() if span is not None}
    return facts.decision(text, letter, item.number, item.outcome, present)
