"""A record as the text of a letter in the first layout, wrapped and broken as extraction gives it.

Real letters come out of the PDF without page furniture: the header table's cells, then the text,
with a form feed between pages and a space left at the end of each wrapped line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from samples.prose import MADE
from samples.variations import Variation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from imr.model import Citation, Decision, Determination

GAP = " " * 12
HYPHENATED = re.compile(r"[a-zA-Z]-[a-zA-Z]")
HYPHEN_WRAP = re.compile(r"(?<=[a-zA-Z])-\n(?=[a-zA-Z])")
LONG_WORD = re.compile(r"\b([a-z]{5})([a-z]{6,})\b")
CASE_INTRODUCTION = (
    "The expert reviewer developed the following clinical case summary based on a review of the "
    "case file, including all medical records:"
)
DECISIONS_INTRODUCTION = (
    "The Final Determination was based on decisions for the disputed items/services "
    "set forth below:"
)
OUTCOMES = {"upheld": "Upheld", "overturned": "Overturned"}

Kind = Literal["title", "heading", "outcome", "citation", "body"]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of the letter; `bold` opens it in bold type where it is drawn (a label)."""

    kind: Kind
    text: str
    bold: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A wrapped line; `first` of its block, `breaks` where the page must end after it."""

    block: Block
    text: str
    first: bool
    breaks: bool = False


def letter_text(determination: Determination, variation: Variation | None = None) -> str:
    """The whole letter as text; pages are separated by a form feed in place of the line break."""
    variation = variation or Variation()

    def cut(block: Block) -> list[str]:
        width = variation.heading_width if block.kind == "heading" else variation.width
        return wrapped(block.text, lambda start: start + width)

    head = header(determination)
    pages = paged(lines(blocks(determination, variation), variation, cut), variation, len(head) + 4)
    text = "\f".join("\n".join(line.text for line in page) for page in pages)
    if variation.joined_hyphens:
        text = HYPHEN_WRAP.sub("\ufffe", text)
    return "\n".join(head) + "\n" + text


def header(determination: Determination) -> list[str]:
    """The header table as extraction breaks it: row by row, "Application Received:" in three."""
    dates = determination.dates
    return [
        f"Case Number: {determination.case_number or ''}",
        f"Date Assigned: {shown(dates.assigned)} Date of Injury: {shown(dates.injury)}",
        f"Decision Date: {shown(dates.decision)} UR Denial Date: {shown(dates.ur_denial)}",
        f"Priority: {determination.priority or ''} Application ",
        "Received: ",
        shown(dates.received),
    ]


def shown(day: date | None) -> str:
    """A date of the header; an empty cell where there is none."""
    return f"{day.month:02}/{day.day:02}/{day.year}" if day else ""


def blocks(determination: Determination, variation: Variation) -> list[Block]:
    """The letter below its header table, paragraph by paragraph."""
    reviewer = determination.reviewer
    states = ("," if variation.tight_states else ", ").join(reviewer.licensure_states)
    specialties = ", ".join(reviewer.specialties)
    result = [
        Block("title", "HOW THE IMR FINAL DETERMINATION WAS MADE"),
        Block("body", MADE),
        Block("body", "The Expert Reviewer has the following credentials:"),
        Block("body", f"State(s) of Licensure: {states}"),
        Block("body", f"Certification(s)/Specialty: {specialties}"),
        Block("title", "CLINICAL CASE SUMMARY"),
        Block("body", CASE_INTRODUCTION),
        Block("body", _dressed(determination.clinical_summary, variation)),
        Block("title", "IMR ISSUES, DECISIONS AND RATIONALES"),
        Block("body", DECISIONS_INTRODUCTION),
    ]
    for decision in determination.decisions:
        result += _decision(decision, variation)
    return result


def _decision(decision: Decision, variation: Variation) -> Iterator[Block]:
    outcome = OUTCOMES[decision.outcome]
    if variation.outcome_alone:
        yield Block("heading", f"{decision.request}:")
        yield Block("outcome", outcome)
    else:
        yield Block("heading", f"{decision.request}: {outcome}")
    administrator = _citations("Claims Administrator", decision.administrator_guidelines)
    reviewer = _citations("Expert Reviewer", decision.reviewer_guidelines)
    rationale = _dressed(decision.rationale, variation)
    yield _labelled("citation", "Claims Administrator guideline:", administrator)
    yield _labelled("citation", "MAXIMUS guideline:", reviewer)
    yield _labelled("body", "Decision rationale:", rationale)


def _labelled(kind: Kind, label: str, text: str) -> Block:
    return Block(kind, f"{label} {text}", bold=label)


def _citations(who: str, citations: Sequence[Citation]) -> str:
    """The wording of a citation block. The citations' own wording says which of them lead it."""
    if not citations:
        return f"The {who} did not cite any medical evidence for its decision."
    mtus = [citation.cited for citation in citations if citation.source == "MTUS"]
    others = [citation.cited for citation in citations if citation.source != "MTUS"]
    sentences = []
    if mtus:
        sentences.append(f"Decision based on {', and '.join(mtus)}.")
    else:
        sentences.append(
            f"The {who} based their decision on recommendation(s) outside of the MTUS Guidelines."
        )
    if others:
        joined = " and ".join(others) if others[0] == "ACOEM guidelines" else "; ".join(others)
        sentences.append(f"Decision based on Non-MTUS Citation {joined}.")
    return " ".join(sentences)


def _dressed(prose: str, variation: Variation) -> str:
    """Prose with the marks that redaction and typesetting leave in it."""
    if variation.redacted:
        prose = prose.replace("Dr. ", f"Dr.{GAP}")
    if variation.soft_hyphens:
        prose = LONG_WORD.sub("\\1\u00ad\\2", prose)
    return prose


def wrapped(text: str, reach: Callable[[int], int]) -> list[str]:
    """Cuts text into lines; all but the last keep the space they were cut at, and gaps stay.

    `reach` says for a start how far a line from there may go. Words are also cut behind a hyphen
    between letters, where a typesetter would.
    """
    result = []
    start = 0
    while (limit := reach(start)) < len(text):
        end = text.rfind(" ", start, limit + 1) + 1
        hyphen = text.rfind("-", max(end, start), limit)
        if hyphen > 0 and HYPHENATED.match(text, hyphen - 1):
            end = hyphen + 1
        if end <= start:
            end = text.find(" ", start) + 1 or len(text)
        result.append(text[start:end])
        start = end
    rest = text[start:]
    return [*result, rest] if rest or not result else result


def lines(
    parts: Sequence[Block], variation: Variation, cut: Callable[[Block], list[str]]
) -> list[Line]:
    """All lines of the letter, with the page breaks that the variation asks for."""
    rows = [
        [Line(part, text, place == 0) for place, text in enumerate(cut(part))] for part in parts
    ]
    if variation.break_heading:
        _break_inside(rows, "heading", always=True)
    if variation.break_citation:
        _break_inside(rows, "citation", always=False)
    return [line for row in rows for line in row]


def _break_inside(rows: list[list[Line]], kind: Kind, *, always: bool) -> None:
    """Marks the end of a page inside the first block of a kind that has several lines."""
    of_kind = [row for row in rows if row[0].block.kind == kind]
    several = [row for row in of_kind if len(row) > 1]
    chosen = several or (of_kind if always else [])
    if chosen:
        row = chosen[0]
        row[0] = Line(row[0].block, row[0].text, first=True, breaks=True)


def paged(rows: Sequence[Line], variation: Variation, taken: int) -> list[list[Line]]:
    """Lines by page; `taken` lines of the first page belong to the header table."""
    pages: list[list[Line]] = [[]]
    room = variation.lines_per_page - taken
    for place, line in enumerate(rows):
        pages[-1].append(line)
        full = len(pages[-1]) >= room
        if (full or line.breaks) and place + 1 < len(rows):
            pages.append([])
            room = variation.lines_per_page
    return pages
