"""What every list of decisions shows of one, whatever it was asked for."""

from __future__ import annotations

from typing import Any

from imr import taken
from imr.engines.document import StoredDecision
from imr.model import Outcome, Value


class DecisionHead(Value):
    """Which decision it is, what was asked for, and how it ended."""

    id: str
    case_number: str | None
    number: int
    request: str
    outcome: Outcome
    decision_date: str | None


class DecisionRow(DecisionHead):
    """A decision as lists show it; `guidelines` are those that the reviewer applied."""

    category: str
    drugs: tuple[str, ...]
    body_parts: tuple[str, ...]
    guidelines: tuple[str, ...]


def head(record: StoredDecision) -> dict[str, Any]:
    """The fields of `DecisionHead`, for a view that is one."""
    decision = record.decision
    return {
        "id": decision.id,
        "case_number": record.case_number,
        "number": decision.number,
        "request": decision.request,
        "outcome": decision.outcome,
        "decision_date": record.decision_date,
    }


def row(record: StoredDecision) -> dict[str, Any]:
    """The fields of `DecisionRow`, for a view that is one."""
    decision = record.decision
    applied = (taken.guideline_name(each) for each in decision.reviewer_guidelines)
    return {
        **head(record),
        "category": decision.category,
        "drugs": decision.drugs,
        "body_parts": decision.body_parts,
        "guidelines": tuple(dict.fromkeys(applied)),
    }
