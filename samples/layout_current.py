"""The layout in use since 2014: a header table, then titles, headings with outcomes, and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.blocks import Block, Cells, dressed, labelled, shown, states_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imr.model import Citation, Decision, Determination
    from samples.variations import Variation

MADE = (
    "An independent clinician read the whole file for this synthetic letter, which describes no "
    "real person. The clinician has no tie to the worker, the employer, the insurer or any "
    "treating office, practices in a field that fits the dispute, and weighed the evidence in the "
    "order that the rules for medical review lay down."
)
"""How the determination was made: the one paragraph that is the same in every letter."""

CASE_INTRODUCTION = (
    "The expert reviewer developed the following clinical case summary based on a review of the "
    "case file, including all medical records:"
)
DECISIONS_INTRODUCTION = (
    "The Final Determination was based on decisions for the disputed items/services "
    "set forth below:"
)
NAMES: tuple[str, ...] = ()
"""No letterhead: the name stands in a picture."""

OUTCOMES = {"upheld": "Upheld", "overturned": "Overturned"}


def header_lines(record: Determination) -> list[str]:
    """The header table as extraction breaks it: row by row, "Application Received:" in three."""
    dates = record.dates
    return [
        f"Case Number: {record.case_number or ''}",
        f"Date Assigned: {shown(dates.assigned)} Date of Injury: {shown(dates.injury)}",
        f"Decision Date: {shown(dates.decision)} UR Denial Date: {shown(dates.ur_denial)}",
        f"Priority: {record.priority or ''} Application ",
        "Received: ",
        shown(dates.received),
    ]


def header_cells(record: Determination) -> tuple[Cells, ...]:
    """The header table as it is drawn."""
    dates = record.dates
    return (
        ("Case Number:", record.case_number or "", "", ""),
        ("Date Assigned:", shown(dates.assigned), "Date of Injury:", shown(dates.injury)),
        ("Decision Date:", shown(dates.decision), "UR Denial Date:", shown(dates.ur_denial)),
        ("Priority:", record.priority or "", "Application |Received: ", shown(dates.received)),
    )


def blocks(record: Determination, variation: Variation) -> list[Block]:
    """The letter below its header table, paragraph by paragraph."""
    specialties = ", ".join(record.reviewer.specialties)
    result = [
        Block("title", "HOW THE IMR FINAL DETERMINATION WAS MADE"),
        Block("body", MADE),
        Block("body", "The Expert Reviewer has the following credentials:"),
        Block("body", f"State(s) of Licensure: {states_of(record.reviewer, variation)}"),
        Block("body", f"Certification(s)/Specialty: {specialties}"),
        Block("title", "CLINICAL CASE SUMMARY"),
        Block("body", CASE_INTRODUCTION),
        Block("body", dressed(record.clinical_summary, variation)),
        Block("title", "IMR ISSUES, DECISIONS AND RATIONALES"),
        Block("body", DECISIONS_INTRODUCTION),
    ]
    for decision in record.decisions:
        result += _decision(decision, variation)
    return result


def _decision(decision: Decision, variation: Variation) -> Iterator[Block]:
    outcome = OUTCOMES[decision.outcome]
    if variation.outcome_alone:
        yield Block("heading", f"{decision.request}:")
        yield Block("outcome", outcome, tight=True)
    else:
        yield Block("heading", f"{decision.request}: {outcome}")
    administrator = _cited("Claims Administrator", decision.administrator_guidelines)
    reviewer = _cited("Expert Reviewer", decision.reviewer_guidelines)
    rationale = dressed(decision.rationale, variation)
    yield labelled("citation", "Claims Administrator guideline:", administrator)
    yield labelled("citation", "MAXIMUS guideline:", reviewer)
    yield labelled("body", "Decision rationale:", rationale)


def _cited(who: str, citations: Sequence[Citation]) -> str:
    """The wording of a citation block. The citations' own wording says which of them lead it."""
    if not citations:
        return f"The {who} did not cite any medical evidence for its decision."
    mtus = [citation for citation in citations if citation.source == "MTUS"]
    others = [citation.cited for citation in citations if citation.source != "MTUS"]
    sentences = []
    if mtus:
        undated = any(citation.year is None for citation in mtus)
        joint = ", " if undated else ", and "
        sentences.append(f"Decision based on {joint.join(row.cited for row in mtus)}.")
    else:
        sentences.append(
            f"The {who} based their decision on recommendation(s) outside of the MTUS Guidelines."
        )
    if others:
        joined = " and ".join(others) if others[0] == "ACOEM guidelines" else "; ".join(others)
        sentences.append(f"Decision based on Non-MTUS Citation {joined}.")
    return " ".join(sentences)
