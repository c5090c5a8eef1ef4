"""The layout of MAXIMUS Federal Services in late 2013; unverified on real letters.

Written from descriptions and published decisions of the time, not from letters at hand: labels and
their order may differ in life.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.blocks import Block, Cells, dressed, shown, states_of
from samples.citing_2013 import sentences
from samples.told_in_part import disputed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import Decision, Determination
    from samples.variations import Variation

NAMES: tuple[str, ...] = ("MAXIMUS FEDERAL SERVICES, INC.", "Independent Medical Review")
MADE = (
    "This synthetic letter describes no real person. A physician with no tie to the worker, the "
    "employer, the insurer or any treating office read the whole file. The physician reviewer is "
    "board certified in {specialties} and is licensed to practice in {states}. The reviewer has "
    "been active in practice for years and knows the rules by which evidence is ranked."
)
CASE_INTRODUCTION = (
    "The physician reviewer developed the following clinical case summary based on a review of the "
    "case file, including all medical records:"
)
DECISIONS_INTRODUCTION = (
    "The Final Determination was based on decisions for the disputed items/services "
    "set forth below:"
)


def header_lines(record: Determination) -> list[str]:
    """The letterhead and the header table, row by row."""
    cells = (" ".join(cell for cell in row if cell) for row in header_cells(record))
    return [*NAMES, *cells]


def header_cells(record: Determination) -> tuple[Cells, ...]:
    """The header table as it is drawn."""
    dates = record.dates
    number = record.case_number or ""
    return (
        ("IMR Case Number:", number, "Date of Injury:", shown(dates.injury)),
        ("Date Assigned:", shown(dates.assigned), "UR Denial Date:", shown(dates.ur_denial)),
        ("Decision Date:", shown(dates.decision), "Application Received:", shown(dates.received)),
        ("Priority:", record.priority or "", "", ""),
    )


def blocks(record: Determination, variation: Variation) -> list[Block]:
    """The letter below its header table, paragraph by paragraph."""
    made = MADE.format(
        specialties=", ".join(record.reviewer.specialties),
        states=states_of(record.reviewer, variation),
    )
    result = [
        Block("title", "HOW THE IMR FINAL DETERMINATION WAS MADE"),
        Block("body", made),
        Block("title", "DOCUMENTS REVIEWED"),
        *documents_reviewed(record),
        Block("title", "CLINICAL CASE SUMMARY"),
        Block("body", CASE_INTRODUCTION),
        Block("body", dressed(record.clinical_summary, variation)),
        Block("title", "IMR DECISION(S) AND RATIONALE(S)"),
        Block("body", DECISIONS_INTRODUCTION),
    ]
    for decision in record.decisions:
        result += _decision(decision, variation)
    return result


def documents_reviewed(record: Determination) -> list[Block]:
    """What the reviewer had at hand, one a line."""
    dates = record.dates
    rows = [
        f"Application for Independent Medical Review, received {shown(dates.received)}",
        f"Utilization review determination of {shown(dates.ur_denial)}",
        "Medical records from the claims administrator and the provider",
        "Medical Treatment Utilization Schedule (MTUS)",
    ]
    return [Block("body", row, tight=place > 0) for place, row in enumerate(rows)]


def _decision(decision: Decision, variation: Variation) -> Iterator[Block]:
    outcome = "is" if decision.outcome == "overturned" else "is not"
    heading = f"The request for {disputed(decision.request)} {outcome} medically necessary"
    administrator = sentences("Claims Administrator", "its", decision.administrator_guidelines)
    reviewer = sentences("Physician Reviewer", "his/her", decision.reviewer_guidelines)
    rationale = dressed(decision.rationale, variation)
    yield Block("heading", f"{decision.number}. {heading} and appropriate.")
    yield Block("citation", administrator)
    yield Block("citation", reviewer)
    yield Block("body", f"The Physician Reviewer's decision rationale: {rationale}")
