"""What a query plainly names leans the ranking: its drugs, and the ruling.

"norco without functional improvement" is about Norco before it is about anything functional, and
"overturned MRI" about overturned ones. Nothing is filtered by it, and matches stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imr.engines.protocol import Engine, Hit
from imr.search.function_words import OUTCOME_WORDS
from imr.search.fuse import Lean
from imr.search.plan import Plan
from imr.search.query import Query

DRUG_WEIGHT = 0.1
RULING_WEIGHT = 0.2
"""Beside those of the legs (docs/adr/0027-what-is-named-leans.md)."""

_DRUGS = frozenset({"drug", "drug-class"})
_OF_UTILIZATION_REVIEW = frozenset(w for w in OUTCOME_WORDS if w.startswith(("den", "ref", "rej")))
"""Words that say what was disputed as often as how it ended."""


def leans(engine: Engine, query: Query, plan: Plan, hits: Sequence[Hit]) -> Iterator[Lean]:
    """The shares of candidates that have what is named, by their ids."""
    asked = (c.concept for c in plan.soft if not c.beside)
    drugs = [concept for concept in asked if concept and concept.kind in _DRUGS]
    names = {drug.field for drug in drugs if drug.field}
    ruling = _ruling(query)
    if not names and ruling is None:
        return
    held = engine.keywords_of(hits, sorted(names | ({"outcome"} if ruling else set())))
    if names:
        shares = {
            id_: sum(set(drug.codes) <= set(of[drug.field or ""]) for drug in drugs) / len(drugs)
            for id_, of in held.items()
        }
        yield Lean("what it has of the drugs that are named", shares, DRUG_WEIGHT)
    if ruling is not None:
        shares = {id_: float(ruling in of["outcome"]) for id_, of in held.items()}
        yield Lean("that it ended as the query says", shares, RULING_WEIGHT)


def _ruling(query: Query) -> str | None:
    """The one outcome that the query names by words of rulings and approvals."""
    named = {
        each.value
        for each in query.suggested
        if each.field == "outcome" and each.text.split()[-1].lower() not in _OF_UTILIZATION_REVIEW
    }
    return named.pop() if len(named) == 1 else None
