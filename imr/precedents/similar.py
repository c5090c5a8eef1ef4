"""Similar cases: decisions like a given one, each with what makes it so."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imr import fields
from imr.engines.document import StoredDecision
from imr.engines.protocol import Engine
from imr.engines.signature import retagging_due
from imr.model import Outcome, Value
from imr.precedents.case import COMPARED, Case
from imr.precedents.nearness import Near, nearest, nothing_shared
from imr.precedents.sentences import SentencePair, pairs
from imr.precedents.turns import Turn, turns
from imr.search import filters as filter_reader
from imr.search.decision_row import DecisionRow, row
from imr.text.taxonomy import load as taxonomies

MAX_SIZE = 100
DIGITS = 4
STRANGE = (
    "no decision here shares a word or a fact with the case: what follows is near by its vector "
    "only, and may be quite unlike it"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """`filters` are as in a search; `fold` shows near-identical rationales once."""

    filters: tuple[tuple[str, str], ...] = ()
    size: int = 10
    fold: bool = True


class SharedField(Value):
    """What both cases have of a field, as people read it."""

    field: str
    label: str
    values: tuple[str, ...]


class SimilarWhy(Value):
    """Why a decision is like the case.

    `parts` has how near it is by its request, its rationale, the facts of the case and what is
    shared, from 0 to 1; parts that were not compared are left out.
    """

    shared: tuple[SharedField, ...]
    sentences: SentencePair | None
    parts: dict[str, float]


class SimilarResult(DecisionRow):
    """A decision like the case, and what it turned on.

    `near_duplicates` are ids that are folded under it.
    """

    reasons: tuple[Turn, ...]
    score: float
    why: SimilarWhy
    near_duplicates: tuple[str, ...]


class SourceView(Value):
    """The case as it was understood; `facts` are those that are compared, `id` null if not stored.

    `letter` is the one whose decisions are left out, `number` which of its items the case is.
    """

    id: str | None
    letter: str | None
    number: int | None
    request: str
    outcome: Outcome | None
    facts: tuple[SharedField, ...]


class SimilarResponse(Value):
    """The body of `/v1/similar` and its like, and of `imr similar --json`."""

    source: SourceView
    results: tuple[SimilarResult, ...]
    warnings: tuple[str, ...]
    took_ms: float


def similar(
    engine: Engine, case: Case, asked: Asked, warnings: Sequence[str] = ()
) -> SimilarResponse:
    """Decisions like the case, best first.

    Those of its own letter and those with its very rationale are left out.

    Raises:
        BadQueryError: a filter that does not exist.
    """
    began = time.perf_counter()
    filters = filter_reader.read(asked.filters, engine.values)
    near = nearest(engine, case, filters)
    ranked, under = folded(engine, case, near, fold=asked.fold)
    shown = ranked[: asked.size]
    records = engine.fetch([each.hit.id for each in shown])
    kept = [each for each in shown if each.hit.id in records]
    said = pairs(case.rationale, [records[each.hit.id].decision.rationale for each in kept])
    strange = (STRANGE,) if nothing_shared(near) else ()
    told = (*case.notes, *strange, *retagging_due(engine.signature), *missing(engine, case))
    return SimilarResponse(
        source=source_view(case),
        results=tuple(
            _result(each, records[each.hit.id], _why(case, each, pair), under.get(each.hit.id, ()))
            for each, pair in zip(kept, said, strict=True)
        ),
        warnings=(*warnings, *told, *engine.notes()),
        took_ms=round((time.perf_counter() - began) * 1000, 1),
    )


def missing(engine: Engine, case: Case) -> tuple[str, ...]:
    """What is told where the case is compared without vectors."""
    if engine.signature.model is None:
        return ("compared by words and facts only: the index was built without vectors",)
    if case.passages is None:
        return ("compared by words and facts only: the embedding model is not available",)
    return ()


def folded(
    engine: Engine, case: Case, ranked: Sequence[Near], *, fold: bool
) -> tuple[list[Near], Mapping[str, tuple[str, ...]]]:
    """The ranking without rationales that stand before, and which are folded under which.

    Items of one letter may share a rationale and ask for different things: they are kept.
    """
    if not fold:
        return list(ranked), {}
    group_of = engine.groups_of([near.hit for near in ranked])
    first: dict[str, Near] = {}
    under: dict[str, tuple[str, ...]] = {}
    kept = []
    for near in ranked:
        group = group_of.get(near.hit.id, near.hit.id)
        if group == case.group:
            continue
        lead = first.setdefault(group, near)
        if lead is near or lead.hit.determination == near.hit.determination:
            kept.append(near)
        else:
            under[lead.hit.id] = (*under.get(lead.hit.id, ()), near.hit.id)
    return kept, under


def source_view(case: Case) -> SourceView:
    """The case as it is shown."""
    return SourceView(
        id=case.id,
        letter=case.letter,
        number=case.number,
        request=case.request,
        outcome=case.outcome,
        facts=shared_fields(case.values, case.values),
    )


def shared_fields(
    ours: Mapping[str, frozenset[str]], theirs: Mapping[str, frozenset[str]]
) -> tuple[SharedField, ...]:
    """What both have in common, field by field, the narrowest values of a tree only."""
    found = []
    for name in COMPARED:
        field = fields.BY_NAME[name]
        both = ours.get(name, frozenset()) & theirs.get(name, frozenset())
        if name == "treatment":
            both -= {
                code for each in both for code in taxonomies.load().ancestors("treatment", each)
            }
        if both:
            values = tuple(fields.label(field, value) for value in sorted(both))
            found.append(SharedField(field=name, label=field.label, values=values))
    return tuple(found)


def _why(case: Case, near: Near, pair: SentencePair | None) -> SimilarWhy:
    parts = {
        name: round(share, DIGITS)
        for name, share in near.parts._asdict().items()
        if share is not None
    }
    return SimilarWhy(shared=shared_fields(case.values, near.values), sentences=pair, parts=parts)


def _result(
    near: Near, record: StoredDecision, why: SimilarWhy, under: tuple[str, ...]
) -> SimilarResult:
    return SimilarResult(
        **row(record),
        reasons=tuple(turns(record.decision)),
        score=round(near.hit.score, DIGITS),
        why=why,
        near_duplicates=under,
    )
