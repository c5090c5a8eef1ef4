"""Counts of decisions that cite guidelines, and of the overturned ones among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from imr.engines.protocol import Counts, Engine
from imr.precedents.guideline_views import Ended
from imr.precedents.interval import wilson
from imr.search.plan import Clause, Filter, Plan

REVIEWER, ADMINISTRATOR = "guideline", "administrator_guideline"
FEW = 10


@dataclass(frozen=True, slots=True)
class BothCounts:
    """Counts over some decisions, and over the overturned ones of them."""

    all: Counts
    overturned: Counts

    @property
    def ended(self) -> Ended:
        """How all of them ended."""
        return ended_of(self.all.matches, self.overturned.matches)

    def values(self, field: str) -> dict[str, Ended]:
        """By value, the most frequent first."""
        overturned = self.overturned.facets[field]
        ranked = sorted(self.all.facets[field].items(), key=lambda item: (-item[1], item[0]))
        return {value: ended_of(count, overturned.get(value, 0)) for value, count in ranked}


def field_of(who: str, what: str) -> str:
    """The field that holds a thing (document, part, edition) of what a side cites."""
    return f"{who}_{what}"


def is_about(who: str, name: str) -> Clause:
    """A side cites the guideline of that name."""
    return has(field_of(who, "document"), [name])


def has(field: str, values: Iterable[str], *, negated: bool = False) -> Clause:
    """A decision has any of the values, or none of them."""
    asked = Filter(field, tuple((value,) for value in values))
    return Clause("field", field, hard=True, negated=negated, filter=asked)


def holding(plan: Plan, *clauses: Clause) -> Plan:
    """The plan with more that has to hold; facets don't ignore it, as they do filters."""
    return replace(
        plan,
        must=(*plan.must, *(clause for clause in clauses if not clause.negated)),
        must_not=(*plan.must_not, *(clause for clause in clauses if clause.negated)),
    )


def count_both(engine: Engine, plan: Plan, names: Sequence[str]) -> BothCounts:
    """Facets of the plan's decisions, and of the overturned ones among them."""
    overturned = holding(plan, has("outcome", ["overturned"]))
    return BothCounts(engine.count(plan, names), engine.count(overturned, names))


def ended_of(total: int, overturned: int) -> Ended:
    """How so many decisions ended, of which so many were overturned."""
    return Ended(
        decisions=total,
        overturned=overturned,
        overturn_rate=round(overturned / total, 4) if total else None,
        interval=wilson(overturned, total),
        few=total < FEW,
    )
