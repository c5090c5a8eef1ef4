"""Requests → decisions: outcomes, citations, rationales with their reasons, and their spans."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imr.model import Decision, Reason
from samples.citations import administrator_cites, reviewer_cites
from samples.rationale import REPEATED, Argument, Rationale, argument, rationale

if TYPE_CHECKING:
    from random import Random

    from imr.model import Citation, Outcome, Span
    from samples.cases import Case
    from samples.requests import Request
    from samples.traits import Traits

REUSED = 0.85
"""How often the argument about an item of the same letter, theme and outcome serves again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What the decisions of one letter share: its number, its facts so far, its arguments."""

    case: Case
    number: str
    traits: Traits
    facts: list[str] = field(default_factory=list)
    arguments: dict[tuple[str, bool, Outcome], Argument] = field(default_factory=dict)

    def rationale(self, rng: Random, request: Request, outcome: Outcome) -> Rationale:
        """Why: often as said before in the letter of something else of the same kind."""
        key = request.theme, request.quantity is None, outcome
        argued = self.arguments.get(key)
        if argued is None or rng.random() > REUSED:
            argued = argument(rng, self.case, request, outcome, self.facts)
            self.arguments[key] = argued
        wanted = self.traits.repeated
        repeated = rng.random() < REPEATED if wanted is None else wanted
        return rationale(argued, request, repeated=repeated)


def draw_decisions(
    rng: Random, letter: Letter, requests: tuple[Request, ...], summary: str
) -> tuple[str, tuple[Decision, ...]]:
    """The text that spans point into, and the decisions in order."""
    text = [summary]
    at = len(summary) + 1
    decisions = []
    outcomes = _outcomes(rng, requests)
    for number, (request, outcome) in enumerate(zip(requests, outcomes, strict=True), 1):
        decision, parts = _decision(rng, letter, request, outcome, (number, at))
        decisions.append(decision)
        text += parts
        at = decision.spans["rationale"][1] + 1
    return "\n".join(text), tuple(decisions)


def _decision(
    rng: Random, letter: Letter, request: Request, outcome: Outcome, place: tuple[int, int]
) -> tuple[Decision, list[str]]:
    """A decision and its parts, one a line; `place` is its number and where these stand."""
    number, at = place
    administrator = administrator_cites(rng, request, letter.case, letter.traits)
    reviewer = reviewer_cites(rng, request, letter.case, administrator, letter.traits)
    told = letter.rationale(rng, request, outcome)
    parts = {
        "request": request.text,
        "administrator_guidelines": _wording(administrator),
        "reviewer_guidelines": _wording(reviewer),
        "rationale": told.text,
    }
    spans = _spans(parts, at)
    start = spans["rationale"][0]
    decision = Decision(
        id=f"{letter.number}.{number}",
        number=number,
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
    return decision, list(parts.values())


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
