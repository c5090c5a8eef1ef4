"""Draws what was found as the answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from imr import fields
from imr.engines.protocol import Engine
from imr.precedents.interval import wilson
from imr.search import explain, passage, wording
from imr.search import response as r
from imr.search.decision_row import row as decision_row
from imr.search.explain import Told
from imr.search.field_terms import worded as filter_worded
from imr.search.holding import Asked
from imr.search.page import Found, Listed, Shown
from imr.search.plan import Clause, Filter, Plan
from imr.search.query import Query
from imr.search.request import Request

VALUES_SHOWN = 20
"""How many of a facet's values are shown, beside the selected ones."""


def response(
    request: Request,
    query: Query,
    plan: Plan,
    found: Found,
    shown: Shown,
    *,
    engine: Engine,
    warnings: Sequence[str],
    did_you_mean: str | None,
    began: float,
) -> r.SearchResponse:
    """The whole answer; `began` is when it was asked for, by `time.perf_counter`."""
    facets = request.facets if request.facets is not None else tuple(f.name for f in fields.SHOWN)
    counts = found.counts
    told = explain.told(engine, request, Asked(plan), shown)
    stems = passage.content(query.positive)
    return r.SearchResponse(
        query=query_view(request, query, plan, warnings, did_you_mean),
        total=r.Total(
            matches=counts.matches,
            related=found.related,
            determinations=counts.determinations,
            listed=found.total,
        ),
        counted=found.counted,
        outcomes=balance(
            counts.facets.get("outcome", {}),
            engine.corpus_outcomes(),
            counted_matches=found.counted == "matches",
        ),
        facets={name: facet(name, counts.facets[name], plan) for name in facets},
        results=tuple(
            result(row, shown, told[row.hit.id], stems) for row in shown.rows if row.hit.id in told
        ),
        page=r.Page(number=shown.number, size=shown.size, next=shown.next),
        took_ms=round((time.perf_counter() - began) * 1000, 1),
    )


def query_view(
    request: Request, query: Query, plan: Plan, warnings: Sequence[str], did_you_mean: str | None
) -> r.QueryView:
    """How the query was understood."""
    filtered = {f.field for f in plan.filters}
    return r.QueryView(
        # a lone surrogate, as a terminal may give, can't be written as JSON
        text=request.text.encode("utf-8", "replace").decode(),
        mode=request.mode,
        clauses=tuple(
            r.ClauseView(kind=c.kind, text=wording.worded(c), hard=c.hard, negated=c.negated)
            for c in (*query.clauses, *map(_field_term, query.filters))
        ),
        concepts=tuple(
            r.ConceptView(
                code=c.concept.code, kind=c.concept.kind, label=c.concept.label, text=c.text
            )
            for clause in query.clauses
            for c in _leaves(clause)
            if c.concept
        ),
        suggestions=tuple(
            r.Suggestion(field=s.field, value=s.value, label=s.label, text=s.text, query=s.query)
            for s in query.suggested
            if s.field is None or s.field.removeprefix("not.") not in filtered
        ),
        did_you_mean=did_you_mean,
        warnings=tuple(warnings),
    )


def _field_term(asked: Filter) -> Clause:
    return Clause("field", filter_worded(asked), hard=True, negated=asked.negated, filter=asked)


def _leaves(clause: Clause) -> Iterator[Clause]:
    """A clause, or the parts of a group."""
    if not clause.parts:
        yield clause
    for part in clause.parts:
        yield from _leaves(part)


def balance(
    counts: Mapping[str, int], corpus: tuple[int, int], *, counted_matches: bool
) -> r.OutcomeBalance:
    """The outcome facet as a balance; rates only over matches."""
    upheld, overturned = counts.get("upheld", 0), counts.get("overturned", 0)
    total = upheld + overturned
    rated = counted_matches and total > 0
    in_corpus = sum(corpus)
    return r.OutcomeBalance(
        upheld=upheld,
        overturned=overturned,
        overturn_rate=round(overturned / total, 4) if rated else None,
        interval=wilson(overturned, total) if rated else None,
        corpus_rate=round(corpus[1] / in_corpus, 4) if in_corpus else None,
    )


def facet(name: str, counts: Mapping[str, int], plan: Plan) -> tuple[r.FacetValue, ...]:
    """Values by count, then by value: the first ones and the selected ones."""
    field = fields.BY_NAME[name]
    selected = {v for f in plan.filters if f.field == name and not f.negated for v in f.selected}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = [item for at, item in enumerate(ranked) if at < VALUES_SHOWN or item[0] in selected]
    kept += [(value, 0) for value in sorted(selected - counts.keys())]
    return tuple(
        r.FacetValue(
            value=value, label=fields.label(field, value), count=count, selected=value in selected
        )
        for value, count in kept
    )


def result(row: Listed, shown: Shown, told: Told, stems: frozenset[str]) -> r.Result:
    """One row of the list; `stems` are the query's, see `passage`."""
    record = shown.records[row.hit.id]
    return r.Result(
        **decision_row(record),
        matched=row.matched,
        score=row.score,
        why=told.why,
        highlights=told.highlights,
        passage=passage.shown(row, record, stems),
        siblings=tuple(
            r.Sibling(
                id=id_,
                request=shown.records[id_].decision.request,
                outcome=shown.records[id_].decision.outcome,
            )
            for id_ in shown.siblings.get(row.hit.id, ())
            if id_ in shown.records
        ),
        near_duplicates=row.near,
        explanation=told.explanation,
    )
