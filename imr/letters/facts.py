"""Stage 6: a decision's facts from its pieces of the letter, for new letters and stored ones."""

from __future__ import annotations

from collections.abc import Mapping

from imr.letters import annotate
from imr.letters.citations import parse_citations
from imr.model import Citation, Decision, Determination, Outcome, Reason, Span
from imr.text.taxonomy.reasons import find_reasons
from imr.text.taxonomy.requests import RequestFacts

LONGEST_REQUEST = 1_000
"""Characters of a heading that facts are read from: three times the longest heading seen."""
LONGEST_CITATIONS = 8_000
"""The same of a block of citations: ten times the longest seen."""


def decision(
    text: str, letter: str, number: int, outcome: Outcome, spans: Mapping[str, Span]
) -> Decision:
    """Everything the record says of one disputed item.

    `text` is the letter's cleaned text that `spans` point into, `letter` the letter's id; `spans`
    has at least "request".
    """

    def piece(name: str) -> str:
        return text[slice(*spans[name])] if name in spans else ""

    request = " ".join(piece("request").split())
    heading = request[:LONGEST_REQUEST]
    facts = annotate.request(heading)
    return Decision(
        id=f"{letter}.{number}",
        number=number,
        request=request,
        outcome=outcome,
        category=facts.category,
        treatments=facts.treatments,
        drugs=facts.drugs,
        drug_classes=facts.drug_classes,
        body_parts=facts.body_parts,
        side=facts.side,
        levels=facts.levels,
        quantity=facts.quantity,
        administrator_guidelines=_cited(piece("administrator_guidelines")),
        reviewer_guidelines=_cited(piece("reviewer_guidelines")),
        reasons=_reasons(text, spans.get("rationale", (0, 0)), outcome, about(heading, facts)),
        rationale=piece("rationale"),
        spans=dict(spans),
    )


def _cited(text: str) -> tuple[Citation, ...]:
    return parse_citations(text[:LONGEST_CITATIONS]) if text else ()


def about(heading: str, found: RequestFacts) -> str:
    """What is requested, in all the names that a rationale may use for it."""
    names = (found.category, *found.drugs, *found.drug_classes, *found.treatments)
    return " ".join((heading, *names))


def _reasons(text: str, rationale: Span, outcome: Outcome, asked: str) -> tuple[Reason, ...]:
    """The rationale's reasons with their places in the letter's text."""
    start = rationale[0]
    return tuple(
        Reason(code=code, span=(start + first, start + last))
        for code, (first, last) in find_reasons(text[slice(*rationale)], outcome, asked)
    )


def revise(determination: Determination) -> Determination:
    """The letter with the facts that today's vocabularies and rules find in its stored text.

    What was read off the page stays: requests, outcomes, dates, the ranges of its parts.
    """
    return determination.model_copy(
        update={
            "patient": annotate.patient(determination.patient, determination.clinical_summary),
            "decisions": tuple(
                decision(determination.text, determination.id, d.number, d.outcome, d.spans)
                for d in determination.decisions
            ),
        }
    )
