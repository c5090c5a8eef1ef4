"""The layout "MEDICAL PROFESSIONAL REVIEW" of early 2013; unverified on real letters.

Known by its headings only. How several disputed items stand in one letter is a guess: issue,
guidelines and rationale come again for each. It has no place for what the administrator cited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.blocks import Block, Cells, dressed, shown, states_of
from samples.citing_2013 import named
from samples.layout_maximus import documents_reviewed
from samples.told_in_part import disputed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import Decision, Determination
    from samples.variations import Variation

NAMES: tuple[str, ...] = ("MAXIMUS FEDERAL SERVICES, INC.", "MEDICAL PROFESSIONAL REVIEW")
WHY = (
    "It was chosen because it deals with the treatment in dispute.",
    "It ranks first in the order of evidence for this dispute.",
    "No other text speaks to the question as directly.",
)


def header_lines(record: Determination) -> list[str]:
    """The letterhead and the header, one label a line."""
    dates = record.dates
    return [
        *NAMES,
        f"IMR Case Number: {record.case_number or ''}",
        f"Date of Injury: {shown(dates.injury)}",
        f"UR Denial Date: {shown(dates.ur_denial)}",
        f"Application Received: {shown(dates.received)}",
        f"Date Assigned: {shown(dates.assigned)}",
        f"Decision Date: {shown(dates.decision)}",
        f"Priority: {record.priority or ''}",
    ]


def header_cells(record: Determination) -> tuple[Cells, ...]:
    """No table: what stands on top is lines."""
    del record
    return ()


def blocks(record: Determination, variation: Variation) -> list[Block]:
    """The letter below its header, paragraph by paragraph."""
    first, *others = record.decisions
    reviewer = record.reviewer
    result = [
        *_issue(first),
        Block("label", "CASE SUMMARY:"),
        Block("body", dressed(record.clinical_summary, variation)),
        Block("label", "DOCUMENTS REVIEWED FOR DETERMINATION:"),
        *documents_reviewed(record),
        *_grounds(first, variation),
    ]
    for decision in others:
        result += [*_issue(decision), *_grounds(decision, variation)]
    qualifications = (
        f"The professional reviewer is board certified in {', '.join(reviewer.specialties)} and is "
        f"licensed to practice in {states_of(reviewer, variation)}. The reviewer has no tie to any "
        "party. This synthetic letter describes no real person."
    )
    return [
        *result,
        Block("label", "MEDICAL REVIEWER QUALIFICATIONS:"),
        Block("body", qualifications),
    ]


def _issue(decision: Decision) -> Iterator[Block]:
    yield Block("label", "ISSUE AT DISPUTE:")
    yield Block("heading", disputed(decision.request), tight=True)


def _grounds(decision: Decision, variation: Variation) -> Iterator[Block]:
    cited = ". ".join(named(citation) for citation in decision.reviewer_guidelines)
    verb = "WAS" if decision.request.startswith("Retrospective") else "IS"
    denied = "" if decision.outcome == "overturned" else "NOT "
    yield Block(
        "label",
        "MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY:",
    )
    yield Block("citation", f"{cited}. {WHY[decision.number % len(WHY)]}")
    yield Block(
        "label",
        f"RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE {verb} {denied}MEDICALLY NECESSARY:",
    )
    yield Block("body", dressed(decision.rationale, variation))
