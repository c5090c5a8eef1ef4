"""Conflicts: decisions close in facts and treatment, and opposite in outcome.

Of one decision: the nearest by facts among those about the same drug or treatment that ended
otherwise. Of a query: the closest pairs among its matches.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from imr import taken
from imr.engines.document import StoredDecision
from imr.engines.protocol import Compared, Engine, Hit
from imr.engines.signature import retagging_due
from imr.model import Outcome, Value
from imr.precedents.case import Case
from imr.precedents.closeness import Values, closeness, cosines, same_treatment, treated_by
from imr.precedents.nearness import by_vectors, by_words, rows_of, values_of
from imr.precedents.similar import SharedField, shared_fields
from imr.precedents.turns import Turn, turns
from imr.search import filters as filter_reader
from imr.search.decision_row import DecisionHead, head
from imr.search.heard import Heard, heard
from imr.search.plan import Filter, Plan
from imr.search.request import Request
from imr.search.run import WIDENED, may_widen, understood

MAX_SIZE = 100
SIDE = 150
"""Matches of either outcome that are compared, the best ones of a query."""
NEAREST = 15
"""Of each overturned one, how many upheld ones about the same treatment, the nearest by facts."""
PAIRS_EACH = 2
"""Pairs of a list that one decision may be in."""
OPPOSITE: Mapping[Outcome, Outcome] = {"upheld": "overturned", "overturned": "upheld"}
OUTCOME_IGNORED = "conflicts are between both outcomes: the outcome filter was left out"
NO_VECTORS = "closeness is by shared facts only: the index was built without vectors"


@dataclass(frozen=True, slots=True)
class _Pair:
    ours: Hit
    theirs: Hit
    closeness: float
    values: Mapping[str, Values]

    @property
    def shared(self) -> tuple[SharedField, ...]:
        """What both have in common."""
        return shared_fields(self.values[self.ours.id], self.values[self.theirs.id])


class Applied(Value):
    """A guideline that the reviewer applied, with its sections."""

    guideline: str
    sections: tuple[str, ...]


class Side(DecisionHead):
    """One decision of a pair, and what its rationale turns on."""

    reasons: tuple[Turn, ...]
    guidelines: tuple[Applied, ...]


class Conflict(Value):
    """Two decisions, what both share, and how close they are, from 0 to 1.

    `one` is the decision asked about; over a query it is the overturned one.
    """

    closeness: float
    shared: tuple[SharedField, ...]
    one: Side
    other: Side


class ConflictsResponse(Value):
    """The body of `/v1/conflicts` and its like, and of `imr conflicts --json`.

    `compared` are the decisions looked at: a query's matches, or what ended otherwise than the
    decision asked about.
    """

    conflicts: tuple[Conflict, ...]
    compared: int
    did_you_mean: str | None = None
    warnings: tuple[str, ...]
    took_ms: float


def of_decision(
    engine: Engine, case: Case, filters: Sequence[tuple[str, str]], size: int
) -> ConflictsResponse:
    """What conflicts with a stored decision, the closest first.

    Raises:
        BadQueryError: a filter that does not exist.
    """
    began = time.perf_counter()
    asked, warnings = _without_outcome(filter_reader.read(filters, engine.values))
    outcome: Outcome = case.outcome or "upheld"
    narrowed = (*asked, _ended(OPPOSITE[outcome]))
    hits = _others(engine, case, (*narrowed, same_treatment(case.values)))
    this = Hit(case.id or "", case.letter or "", 0.0)
    values: dict[str, Values] = {this.id: case.values, **values_of(engine, hits)}
    pairs = [
        _Pair(
            this,
            hit,
            closeness(case.values, values[hit.id], None if case.facts is None else hit.score),
            values,
        )
        for hit in hits
    ]
    groups = engine.groups_of(hits)
    told = Heard((*case.notes, *retagging_due(engine.signature), *warnings), None)
    return _response(engine, _once(pairs, groups, size, each=size), len(hits), told, began)


def over_query(engine: Engine, request: Request, size: int) -> ConflictsResponse:
    """The closest pairs among a query's matches.

    Raises:
        BadQueryError: a filter that does not exist.
    """
    began = time.perf_counter()
    query, plan = understood(engine, request)
    kept, warnings = _without_outcome(plan.filters)
    plan = replace(plan, filters=kept)
    sides = _sides(engine, plan)
    if not any(sides) and may_widen(request, plan):
        _, plan = understood(engine, replace(request, scope="all"))
        plan = replace(plan, filters=_without_outcome(plan.filters)[0])
        sides = _sides(engine, plan)
        warnings += [WIDENED] if any(sides) else []
    if max(map(len, sides)) >= SIDE:
        warnings.append(f"compared are the first {SIDE} matches of either outcome")
    groups = engine.groups_of([hit for side in sides for hit in side])
    pairs = _once(list(_close(engine, *sides)), groups, size, each=PAIRS_EACH)
    told = heard(engine, request, query, plan, any_=any(sides))
    told = replace(told, warnings=(*told.warnings, *warnings))
    return _response(engine, pairs, sum(map(len, sides)), told, began)


def _without_outcome(asked: Sequence[Filter]) -> tuple[tuple[Filter, ...], list[str]]:
    kept = tuple(each for each in asked if each.field != "outcome")
    return kept, [] if len(kept) == len(asked) else [OUTCOME_IGNORED]


def _ended(outcome: Outcome) -> Filter:
    return Filter("outcome", ((outcome,),))


def _others(engine: Engine, case: Case, filters: Sequence[Filter]) -> list[Hit]:
    """The nearest decisions of other letters under the filters."""
    found = by_vectors(engine, rows_of(case.facts), filters, "facts")
    if found is None:
        found = by_words(engine, case, filters) or []
    return [hit for hit in found if hit.determination != case.letter]


def _sides(engine: Engine, plan: Plan) -> tuple[list[Hit], list[Hit]]:
    """The query's overturned and upheld matches, so many of each that both can be compared."""

    def side(outcome: Outcome) -> list[Hit]:
        asked = replace(plan, filters=(*plan.filters, _ended(outcome)))
        if asked.scored:
            return engine.keyword(asked, SIDE, matching=True)[:SIDE]
        return engine.newest(asked, SIDE)

    return side("overturned"), side("upheld")


def _close(engine: Engine, ours: Sequence[Hit], theirs: Sequence[Hit]) -> Iterator[_Pair]:
    """The pairs about the same treatment, of different letters, of each one's nearest by facts."""
    values = values_of(engine, [*ours, *theirs])
    near = _cosines(ours, theirs, engine.compared([hit.id for hit in (*ours, *theirs)]))
    treated = [treated_by(values[hit.id]) for hit in theirs]
    for at, one in enumerate(ours):
        name, codes = treated_by(values[one.id])
        alike = [
            beside
            for beside, (field, others) in enumerate(treated)
            if field == name
            and not codes.isdisjoint(others)
            and theirs[beside].determination != one.determination
        ]
        if near is not None:
            alike.sort(key=lambda beside: -near[at, beside])
        for beside in alike[:NEAREST]:
            other = theirs[beside]
            cosine = None if near is None else float(near[at, beside])
            yield _Pair(one, other, closeness(values[one.id], values[other.id], cosine), values)


def _cosines(
    ours: Sequence[Hit], theirs: Sequence[Hit], compared: Mapping[str, Compared]
) -> np.ndarray | None:
    if not ours or not theirs or any(len(each.facts) == 0 for each in compared.values()):
        return None
    one, other = (
        np.concatenate([compared[hit.id].facts for hit in side]) for side in (ours, theirs)
    )
    return cosines(one, other)


def _once(pairs: Sequence[_Pair], groups: Mapping[str, str], size: int, each: int) -> list[_Pair]:
    """The closest pairs; near-identical rationales stand for each other, none comes too often."""
    kept: list[_Pair] = []
    seen: set[tuple[str, str]] = set()
    times: Counter[str] = Counter()
    for pair in sorted(pairs, key=lambda p: (-p.closeness, p.ours.id, p.theirs.id)):
        ours, theirs = (groups.get(hit.id, hit.id) for hit in (pair.ours, pair.theirs))
        if (ours, theirs) in seen or max(times[ours], times[theirs]) >= each:
            continue
        seen.add((ours, theirs))
        times.update((ours, theirs))
        kept.append(pair)
        if len(kept) == size:
            break
    return kept


def _response(
    engine: Engine, pairs: Sequence[_Pair], compared: int, heard_: Heard, began: float
) -> ConflictsResponse:
    ids = dict.fromkeys(id_ for pair in pairs for id_ in (pair.ours.id, pair.theirs.id))
    records = engine.fetch(list(ids))
    told = list(heard_.warnings)
    if engine.signature.model is None:
        told.append(NO_VECTORS)
    return ConflictsResponse(
        conflicts=tuple(
            Conflict(
                closeness=pair.closeness,
                shared=pair.shared,
                one=_side(records[pair.ours.id]),
                other=_side(records[pair.theirs.id]),
            )
            for pair in pairs
            if pair.ours.id in records and pair.theirs.id in records
        ),
        compared=compared,
        did_you_mean=heard_.did_you_mean,
        warnings=tuple(told),
        took_ms=round((time.perf_counter() - began) * 1000, 1),
    )


def _side(record: StoredDecision) -> Side:
    decision = record.decision
    return Side(
        **head(record),
        reasons=tuple(turns(decision)),
        guidelines=tuple(
            Applied(guideline=taken.guideline_name(each), sections=each.sections)
            for each in decision.reviewer_guidelines
        ),
    )
