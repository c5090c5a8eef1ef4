"""Requests → decisions: outcomes, citations, rationales with their reasons, and their spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imr.model import Decision, Reason
from samples.citations import administrator_cites, reviewer_cites
from samples.rationale import Rationale, rationale

if TYPE_CHECKING:
    from random import Random

    from imr.model import Citation, Outcome, Span
    from samples.cases import Case
    from samples.requests import Request
    from samples.traits import Traits

REUSED = 0.85
"""How often a rationale of the same letter, theme and outcome is used again as it stands."""


def draw_decisions(
    rng: Random,
    case: Case,
    requests: tuple[Request, ...],
    number: str,
    summary: str,
    traits: Traits,
) -> tuple[str, tuple[Decision, ...]]:
    """The text that spans point into, and the decisions in order."""
    text = [summary]
    at = len(summary) + 1
    made: dict[tuple[str, Outcome], Rationale] = {}
    facts: list[str] = []
    decisions = []
    for place, (request, outcome) in enumerate(
        zip(requests, _outcomes(rng, requests), strict=True)
    ):
        administrator = administrator_cites(rng, request, case, traits)
        reviewer = reviewer_cites(rng, request, case, administrator, traits)
        key = request.theme, outcome
        told = made.get(key)
        if told is None or rng.random() > REUSED:
            told = made[key] = rationale(
                rng, case, request, outcome, facts, repeated=traits.repeated
            )
        parts = {
            "request": request.text,
            "administrator_guidelines": _wording(administrator),
            "reviewer_guidelines": _wording(reviewer),
            "rationale": told.text,
        }
        spans = _spans(parts, at)
        start = spans["rationale"][0]
        decisions.append(
            Decision(
                id=f"{number}.{place + 1}",
                number=place + 1,
                request=request.text,
                outcome=outcome,
                category=request.category,
                treatments=request.treatments,
                drugs=request.drugs,
                drug_classes=request.drug_classes,
                body_parts=request.body_parts,
                side=request.side,
                levels=request.levels,
                quantity=request.quantity,
                administrator_guidelines=administrator,
                reviewer_guidelines=reviewer,
                reasons=tuple(
                    Reason(code=code, span=(start + first, start + last))
                    for code, (first, last) in told.reasons
                ),
                rationale=told.text,
                spans=spans,
            )
        )
        text += parts.values()
        at = spans["rationale"][1] + 1
    return "\n".join(text), tuple(decisions)


def _wording(citations: tuple[Citation, ...]) -> str:
    return "; ".join(citation.cited for citation in citations)


def _spans(parts: dict[str, str], at: int) -> dict[str, Span]:
    """Where the parts stand that are written one a line from `at` on."""
    spans: dict[str, Span] = {}
    for name, part in parts.items():
        spans[name] = (at, at + len(part))
        at += len(part) + 1
    return spans


def _outcomes(rng: Random, requests: tuple[Request, ...]) -> list[Outcome]:
    """About 12 % overturned, alike within a letter; what goes with surgery follows its outcome."""
    chance = 0.72 if rng.random() < 0.1 else 0.055
    outcomes: list[Outcome] = []
    surgery: Outcome | None = None
    for request in requests:
        outcome: Outcome = "overturned" if rng.random() < chance else "upheld"
        if request.theme == "adjunct" and surgery == "upheld":
            outcome = "upheld"
        if request.theme == "adjunct" and surgery == "overturned" and rng.random() < 0.7:
            outcome = "overturned"
        if request.theme == "surgery":
            surgery = "overturned" if "overturned" in {surgery, outcome} else outcome
        outcomes.append(outcome)
    return outcomes
