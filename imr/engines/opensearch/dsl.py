"""Pure builders: a plan → the query bodies that OpenSearch takes.

The rules are those of `imr/engines/embedded/text.py` in another language; the contract test holds
both to the same answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

from imr import fields
from imr.search.plan import (
    CONSTANT_SCORES,
    TAG_SCORE,
    Clause,
    Filter,
    Plan,
    document_field,
    name_weight,
    word_weight,
)
from imr.text.analysis import words

Dsl = dict[str, Any]
Texts = Sequence[fields.Field]

WINDOW = 10_000
"""The most results OpenSearch gives at once; ties beyond it are cut."""
EVERY_VALUE = 20_000
"""More values than a facet has: with fewer asked for, counts over several shards go wrong."""
LETTERS_EXACT = 40_000
"""So many letters are counted one by one; a cluster makes at most 65,535 buckets for an answer."""
LETTERS_NEAR = 40_000
"""OpenSearch's highest precision for an estimate: off by two or three at 20,000."""
_BY_SCORE = [{"_score": "desc"}, {"id": "asc"}]


def keyword(plan: Plan, size: int, *, matching: bool) -> Dsl:
    """The scored leg: under all hard clauses, any soft clause holding."""
    bool_: Dsl = {
        "filter": [hard(plan, plan.filters), *(groups(plan) if matching else [])],
        "should": [_scored(clause, plan.texts) for clause in plan.must],
    }
    if plan.soft:
        bool_["must"] = [_any(_soft(clause, plan.texts) for clause in plan.soft)]
    return _page({"bool": bool_}, size, _BY_SCORE)


VectorsOf = Literal["passages", "facts"]
"""Which vectors a query is compared with: the passages', or the facts' of the case."""


WALKED = 1_000
"""Vectors that the graph is asked for at least (ADR 29)."""


def nearest_exactly(plan: Plan, size: int, of: VectorsOf) -> Dsl:
    """Every decision under the hard clauses by its best vector's inner product."""
    compared = {
        "script_score": {
            "query": {"exists": {"field": _VECTOR[of]}},
            "script": {
                "lang": "knn",
                "source": "knn_score",
                "params": {
                    "field": _VECTOR[of],
                    "query_value": _vector(plan),
                    "space_type": "innerproduct",
                },
            },
        }
    }
    best = _best_passage(compared) if of == "passages" else compared
    query = {"bool": {"filter": [hard(plan, plan.filters)], "must": [best]}}
    return _page(query, size, _BY_SCORE)


def nearest(plan: Plan, size: int, of: VectorsOf) -> Dsl:
    """The nearest by the graph, the hard clauses inside it.

    k is a shard's, and how far the graph is walked: the `size` nearest of more are found surer.
    """
    filter_ = hard(plan, plan.filters)
    k = max(WALKED, size)
    graph = {"knn": {_VECTOR[of]: {"vector": _vector(plan), "k": k, "filter": filter_}}}
    return _page(_best_passage(graph) if of == "passages" else graph, size, _BY_SCORE)


_VECTOR: dict[VectorsOf, str] = {"passages": "passages.vector", "facts": "facts"}


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
            "inner_hits": {"size": 1, **columns("passages.start", "passages.end")},
        }
    }


def counts(plan: Plan, facets: Collection[str]) -> Dsl:
    """Totals and facets over the matches, each facet under all filters but its own."""
    estimate = {"field": "determination", "precision_threshold": LETTERS_NEAR}
    aggregations: Dsl = {
        "matches": {
            "filter": _filters(plan.filters),
            "aggs": {"determinations": {"cardinality": estimate}},
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


LETTERS_FOUND = "responses.aggregations.letters.buckets"
"""Where an answer to `determinations` lists every letter."""


def determinations(plan: Plan) -> Dsl:
    """How many letters the matches are of, where they are at most LETTERS_EXACT."""
    aggregations: Dsl = {
        "letters": {"terms": {"field": "determination", "size": LETTERS_EXACT + 1_000}},
        # its count is of the letters found, which need not be sent
        "determinations": {"stats_bucket": {"buckets_path": "letters._count"}},
    }
    return {"size": 0, "track_total_hits": False, "query": matches(plan), "aggs": aggregations}


def matches(plan: Plan, *also: Dsl) -> Dsl:
    """All matches, narrowed further; as a query."""
    return {"bool": {"filter": [hard(plan, plan.filters), *groups(plan), *also]}}


def values(names: Collection[str]) -> Dsl:
    """How many decisions have each value of these fields; the cluster remembers it."""
    counted = {name: {"terms": {"field": name, "size": EVERY_VALUE}} for name in names}
    return {"size": 0, "track_total_hits": False, "aggs": counted}


def letters(prefix: str, size: int) -> Dsl:
    """The first letters by id that begin with a prefix, a decision of each."""
    return {
        "size": size,
        "query": {"prefix": {"determination": prefix}},
        "collapse": {"field": "determination"},
        "sort": [{"determination": "asc"}],
        "track_total_hits": False,
        **columns("determination"),
    }


def frequency(word: str) -> Dsl:
    """How many decisions have a word, unstemmed, in each text."""
    aggregations = {f.name: {"filter": {"term": {f"{f.name}.words": word}}} for f in fields.TEXTS}
    return {"size": 0, "track_total_hits": False, "aggs": aggregations}


def near_words(word: str) -> Dsl:
    """The words that are one edit away, in each text."""
    near = {
        "suggest_mode": "always", "max_edits": 1, "prefix_length": 1, "min_word_length": 3,
        "accuracy": 0.1, "sort": "frequency", "size": 100, "shard_size": 200,
        "max_inspections": 100,
    }  # fmt: skip
    asked = {f.name: {"term": {"field": f"{f.name}.words", **near}} for f in fields.TEXTS}
    return {"size": 0, "track_total_hits": False, "suggest": {"text": word, **asked}}


def beginning(bands: Collection[str]) -> Dsl:
    """The signs of decisions that begin a group and are found by any of these keys."""
    return {
        "size": WINDOW,
        "query": {"bool": {"filter": [{"terms": {"bands": sorted(bands)}}]}},
        "track_total_hits": False,
        "_source": ["signs"],
    }


def by_date(plan: Plan, size: int, *, oldest: bool) -> Dsl:
    """Matches by date, nulls last both ways."""
    order = {"decided": {"order": "asc" if oldest else "desc", "missing": "_last"}}
    # with scores each hit would be looked for once more, for a score that nobody asks for
    return _page(matches(plan), size, [order, {"id": "asc"}]) | {"track_scores": False}


def _page(query: Dsl, size: int, sort: list[Dsl]) -> Dsl:
    return {
        "size": size,
        "query": query,
        "sort": sort,
        "track_scores": True,
        "track_total_hits": False,
        **columns("id", "determination"),
    }


def columns(*names: str) -> Dsl:
    """What of each hit is sent, lists of values as its `fields`.

    They are read from columns. What is stored is read a whole decision at a time, its letter and
    vectors too, and that takes most of a search for many.
    """
    return {"_source": False, "stored_fields": "_none_", "docvalue_fields": list(names)}


def hard(plan: Plan, filters: Sequence[Filter]) -> Dsl:
    """All hard clauses and these filters."""
    return {
        "bool": {
            "filter": [*(_holds(clause, plan.texts) for clause in plan.must), _filters(filters)],
            "must_not": [_holds(clause, plan.texts) for clause in plan.must_not],
        }
    }


def groups(plan: Plan) -> list[Dsl]:
    """Enough soft clauses for a match. The least number is a number: shares round differently."""
    return [
        {
            "bool": {
                "should": [_holds(clause, plan.scope_of(clause)) for clause in group.clauses],
                "minimum_should_match": group.needed,
            }
        }
        for group in plan.groups
    ]


def _filters(filters: Iterable[Filter]) -> Dsl:
    kept: Dsl = {"filter": [], "must_not": []}
    for asked in filters:
        kept["must_not" if asked.negated else "filter"].append(_filter(asked))
    return {"bool": kept}


def _filter(asked: Filter) -> Dsl:
    """What a filter asks, whether it is negated or not."""
    held: list[Dsl] = [
        {"bool": {"filter": [{"term": {asked.field: value}} for value in values]}}
        for values in asked.alternatives
        if len(values) > 1
    ]
    # one part however many: a query has a limit of them
    if single := [values[0] for values in asked.alternatives if len(values) == 1]:
        held.append({"terms": {asked.field: single}})
    for low, high in asked.ranges:
        ends = {name: end for name, end in (("gte", low), ("lte", high)) if end is not None}
        held.append({"range": {asked.field: ends}} if ends else {"exists": {"field": asked.field}})
    return _any(held)


def _soft(clause: Clause, texts: Texts) -> Dsl:
    """What a soft clause of several words scores where only some stand, or stand apart, too."""
    scored = _scored(clause, texts)
    if not clause.by_words:
        return scored
    words_ = _words(clause.text, _bound(clause, texts), word_weight(clause))
    return {"dis_max": {"queries": [scored, words_]}} if clause.concept else words_


def _words(text: str, texts: Texts, weight: float) -> Dsl:
    return _any(
        {"match": {f.name: {"query": text, "boost": weight * (f.weight or 1.0)}}} for f in texts
    )


def _scored(clause: Clause, texts: Texts) -> Dsl:
    """A concept scores its best name or tag, a group its parts, anything else over the texts."""
    texts = _bound(clause, texts)
    if clause.kind == "concept" and clause.concept is not None:
        queries = [_everywhere(name, texts, name_weight(name)) for name in clause.concept.names]
        if not clause.beside and (tag := _tag(clause)) is not None:
            queries.append({"constant_score": {"filter": tag, "boost": TAG_SCORE}})
        return {"dis_max": {"queries": queries}}
    if clause.kind in {"any", "all"}:
        return _group(clause, texts, scored=True)
    if clause.kind in {"field", "case"}:
        return {"bool": {"filter": [_holds(clause, texts)]}}
    if (score := CONSTANT_SCORES.get(clause.kind)) is not None:
        return {"constant_score": {"filter": _holds(clause, texts), "boost": score}}
    return _everywhere(clause.text, texts)


def _group(clause: Clause, texts: Texts, *, scored: bool) -> Dsl:
    parts: Dsl = {"must" if clause.kind == "all" else "should": [], "must_not": []}
    wanted = parts["must" if clause.kind == "all" else "should"]
    for part in clause.parts:
        if not part.negated:
            wanted.append(_scored(part, texts) if scored else _holds(part, texts))
        elif clause.kind == "any":
            wanted.append({"bool": {"filter": [{"bool": {"must_not": [_holds(part, texts)]}}]}})
        else:
            parts["must_not"].append(_holds(part, texts))
    if clause.kind == "any":
        parts["minimum_should_match"] = 1
    return {"bool": parts}


def _everywhere(text: str, texts: Texts, weight: float = 1.0) -> Dsl:
    return _any(_phrase(f.name, text, weight * (f.weight or 1.0)) for f in texts)


def _holds(clause: Clause, texts: Texts) -> Dsl:
    """Whether a clause holds in any of these texts, or by its tag."""
    texts = _bound(clause, texts)
    if clause.kind in {"any", "all"}:
        return _group(clause, texts, scored=False)
    if clause.kind == "field" and clause.filter is not None:
        return _filter(clause.filter)
    if clause.kind == "case":
        return {"term": {document_field(clause): clause.text}}
    if clause.kind == "prefix":
        found = words(clause.text)
        return _any({"prefix": {f"{f.name}.words": found[0]}} for f in texts if len(found) == 1)
    named = clause.concept.names if clause.concept else (clause.text,)
    queries = [_phrase(field.name, text, 1.0, clause.slop) for text in named for field in texts]
    if (tag := _tag(clause)) is not None:
        queries.append(tag)
    return _any(queries)


def _bound(clause: Clause, texts: Texts) -> Texts:
    """The one text a clause is bound to, or all in scope."""
    return texts if clause.field is None else (fields.BY_NAME[clause.field],)


def _tag(clause: Clause) -> Dsl | None:
    concept = clause.concept
    if concept is None or concept.field is None or clause.field is not None:
        return None
    return {"bool": {"filter": [{"term": {concept.field: code}} for code in concept.codes]}}


def _phrase(field: str, text: str, boost: float = 1.0, slop: int = 0) -> Dsl:
    near = {"slop": slop} if slop else {}
    return {"match_phrase": {field: {"query": text, "boost": boost, **near}}}


def _any(queries: Iterable[Dsl]) -> Dsl:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}
