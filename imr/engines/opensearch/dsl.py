"""Pure builders: a plan → the query bodies that OpenSearch takes.

The rules are those of `imr/engines/embedded/text.py` in another language; the contract test holds
both to the same answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from imr import fields
from imr.search.plan import TAG_SCORE, Clause, Filter, Plan, name_weight

Dsl = dict[str, Any]

EVERY_VALUE = 20_000
"""More values than a facet has: with fewer asked for, counts over several shards go wrong."""
LETTERS_EXACT = 40_000
"""Up to about so many letters are counted exactly (OpenSearch's highest precision)."""
_BY_SCORE = [{"_score": "desc"}, {"id": "asc"}]


def keyword(plan: Plan, size: int, *, matching: bool) -> Dsl:
    """The scored leg: under all hard clauses, any soft clause holding."""
    bool_: Dsl = {
        "filter": [hard(plan, plan.filters), *(groups(plan) if matching else [])],
        "should": [_scored(clause) for clause in plan.must],
    }
    if plan.soft:
        bool_["must"] = [_any(_scored(clause) for clause in plan.soft)]
    return _page({"bool": bool_}, size, _BY_SCORE)


def nearest_exactly(plan: Plan, size: int) -> Dsl:
    """Every decision under the hard clauses by its best passage's inner product."""
    compared = {
        "script_score": {
            "query": {"exists": {"field": "passages.vector"}},
            "script": {
                "lang": "knn",
                "source": "knn_score",
                "params": {
                    "field": "passages.vector",
                    "query_value": _vector(plan),
                    "space_type": "innerproduct",
                },
            },
        }
    }
    query = {"bool": {"filter": [hard(plan, plan.filters)], "must": [_best_passage(compared)]}}
    return _page(query, size, _BY_SCORE)


def nearest(plan: Plan, size: int) -> Dsl:
    """The nearest by the graph, the hard clauses inside it; k is a shard's."""
    graph = {
        "knn": {
            "passages.vector": {
                "vector": _vector(plan),
                "k": size,
                "filter": hard(plan, plan.filters),
            }
        }
    }
    return _page(_best_passage(graph), size, _BY_SCORE)


def _vector(plan: Plan) -> list[float]:
    assert plan.vector is not None  # noqa: S101 - callers ask only with one
    vector: list[float] = plan.vector.tolist()
    return vector


def _best_passage(query: Dsl) -> Dsl:
    return {
        "nested": {
            "path": "passages",
            "score_mode": "max",
            "query": query,
            "inner_hits": {"size": 1, "_source": ["passages.start", "passages.end"]},
        }
    }


def counts(plan: Plan, facets: Collection[str]) -> Dsl:
    """Totals and facets over the matches, each facet under all filters but its own."""
    aggregations: Dsl = {
        "matches": {
            "filter": _filters(plan.filters),
            "aggs": {
                "determinations": {
                    "cardinality": {
                        "field": "determination",
                        "precision_threshold": LETTERS_EXACT,
                    }
                }
            },
        }
    }
    for name in facets:
        others = plan.filters_counting(name)
        aggregations[f"facet.{name}"] = {
            "filter": _filters(others),
            "aggs": {"values": {"terms": {"field": name, "size": EVERY_VALUE}}},
        }
    query = {"bool": {"filter": [hard(plan, []), *groups(plan)]}}
    return {"size": 0, "track_total_hits": False, "query": query, "aggs": aggregations}


def matches(plan: Plan, *also: Dsl) -> Dsl:
    """All matches, narrowed further; as a query."""
    return {"bool": {"filter": [hard(plan, plan.filters), *groups(plan), *also]}}


def by_date(plan: Plan, size: int, *, oldest: bool) -> Dsl:
    """Matches by date, nulls last both ways."""
    order = {"decided": {"order": "asc" if oldest else "desc", "missing": "_last"}}
    return _page(matches(plan), size, [order, {"id": "asc"}])


def _page(query: Dsl, size: int, sort: list[Dsl]) -> Dsl:
    return {
        "size": size,
        "query": query,
        "sort": sort,
        "track_scores": True,
        "track_total_hits": False,
        "_source": ["id", "determination"],
    }


def hard(plan: Plan, filters: Sequence[Filter]) -> Dsl:
    """All hard clauses and these filters."""
    return {
        "bool": {
            "filter": [*(_holds(clause, fields.TEXTS) for clause in plan.must), _filters(filters)],
            "must_not": [_holds(clause, fields.TEXTS) for clause in plan.must_not],
        }
    }


def groups(plan: Plan) -> list[Dsl]:
    """Enough soft clauses for a match. The least number is a number: shares round differently."""
    return [
        {
            "bool": {
                "should": [_holds(clause, plan.match_scope) for clause in group.clauses],
                "minimum_should_match": group.needed,
            }
        }
        for group in plan.groups
    ]


def _filters(filters: Iterable[Filter]) -> Dsl:
    kept: Dsl = {"filter": [], "must_not": []}
    for filter_ in filters:
        held = _any(
            {"bool": {"filter": [{"term": {filter_.field: value}} for value in values]}}
            for values in filter_.alternatives
        )
        kept["must_not" if filter_.negated else "filter"].append(held)
    return {"bool": kept}


def _scored(clause: Clause) -> Dsl:
    """A concept scores its best name or tag, anything else the sum over the texts."""
    if clause.concept is None:
        return _everywhere(clause.text)
    queries = [_everywhere(name, name_weight(name)) for name in clause.concept.names]
    tag = _tag(clause)
    if tag is not None:
        queries.append({"constant_score": {"filter": tag, "boost": TAG_SCORE}})
    return {"dis_max": {"queries": queries}}


def _everywhere(text: str, weight: float = 1.0) -> Dsl:
    return _any(_phrase(f.name, text, weight * (f.weight or 1.0)) for f in fields.TEXTS)


def _holds(clause: Clause, scope: Iterable[fields.Field]) -> Dsl:
    """Whether a clause holds in any of these texts, or by its tag."""
    texts = clause.concept.names if clause.concept else (clause.text,)
    queries = [_phrase(field.name, text) for text in texts for field in scope]
    if (tag := _tag(clause)) is not None:
        queries.append(tag)
    return _any(queries)


def _tag(clause: Clause) -> Dsl | None:
    concept = clause.concept
    if concept is None or concept.field is None:
        return None
    return {"bool": {"filter": [{"term": {concept.field: code}} for code in concept.codes]}}


def _phrase(field: str, text: str, boost: float = 1.0) -> Dsl:
    return {"match_phrase": {field: {"query": text, "boost": boost}}}


def _any(queries: Iterable[Dsl]) -> Dsl:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}
