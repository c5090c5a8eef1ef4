"""A letter's bytes → its Determination: the stages in order. Pure: no file, network or model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from imr.errors import NotALetterError
from imr.letters import annotate, clean, decisions, facts, header, read, sections
from imr.letters.clean import Cleaned
from imr.letters.decisions import Item
from imr.model import Decision, Determination, LetterWarning, Source


def parse(data: bytes, name: str) -> Determination:
    """Read one letter; `name` is what the record calls its source.

    Raises:
        LetterError: the bytes can't be read (empty, damaged, encrypted, only an image) or are no
            determination; the message names the file and the reason.
    """
    pages = read.read(data, name)
    cleaned = clean.clean(pages.lines)
    parts = sections.find(cleaned)
    warnings: list[LetterWarning] = []
    items = decisions.find(cleaned, parts.issues, warnings)
    if not items:
        raise NotALetterError(
            f"{name}: no decision found, a determination has headings that end in "
            "Upheld or Overturned after the title IMR ISSUES, DECISIONS AND RATIONALES"
        )
    head = cleaned.text[slice(*parts.header)]
    number = header.case_number(head) or header.case_number(cleaned.text)
    id_ = number or f"sha-{_text_digest(cleaned.text)}"
    summary = cleaned.text[slice(*parts.summary)] if parts.summary else ""
    if parts.summary is None:
        warnings.append(
            LetterWarning(code="no-summary", message="the letter has no clinical summary")
        )
    return Determination(
        id=id_,
        case_number=number,
        dates=header.dates(head, warnings),
        priority=header.priority(head),
        reviewer=header.reviewer(cleaned, parts),
        patient=annotate.patient(header.patient(summary), summary),
        clinical_summary=summary,
        decisions=_decisions(cleaned, id_, items),
        text=cleaned.text,
        source=Source(
            name=name,
            sha256=hashlib.sha256(data).hexdigest(),
            format=pages.format,
            pages=pages.count,
        ),
        warnings=tuple(warnings),
    )


def _text_digest(text: str) -> str:
    """12 hex digits over the text without its white space."""
    return hashlib.sha256("".join(text.split()).encode("utf-8", "replace")).hexdigest()[:12]


def _decisions(cleaned: Cleaned, id_: str, items: Sequence[Item]) -> tuple[Decision, ...]:
    return tuple(_decision(cleaned, id_, number, item) for number, item in enumerate(items, 1))


def _decision(cleaned: Cleaned, id_: str, number: int, item: Item) -> Decision:
    spans = {
        "request": item.request,
        "outcome": item.outcome_span,
        "administrator_guidelines": item.administrator,
        "reviewer_guidelines": item.reviewer,
        "rationale": item.rationale,
    }
    present = {name: span for name, span in spans.items() if span is not None}
    return facts.decision(cleaned.text, id_, number, item.outcome, present)
