"""Plans become OpenSearch queries: the builders, tested as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from imr import fields
from imr.engines.opensearch import dsl
from imr.search import plan as plans
from imr.search.plan import TAG_SCORE, Clause, ConceptClause, Filter, Group, Plan

TEXTS = [field.name for field in fields.texts("decision")]
WORD = Clause("word", "improvement")
PHRASE = Clause("phrase", "conservative care", hard=True)
EXCLUDED = Clause("word", "lumbar", hard=True, negated=True)
NORCO = Clause(
    "concept",
    "norco",
    concept=ConceptClause(
        code="norco",
        kind="drug",
        label="Norco",
        field="drug",
        codes=("acetaminophen", "hydrocodone"),
        names=("norco", "hydrocodone/acetaminophen"),
    ),
)
CONDITION = Clause(
    "concept",
    "stenosis",
    concept=ConceptClause("stenosis", "condition", "Stenosis", None, (), ("spinal stenosis",)),
)
UPHELD = Filter("outcome", (("upheld",),))
NOT_IMAGING = Filter("category", (("imaging",),), negated=True)
EITHER = Filter("drug", (("acetaminophen", "hydrocodone"), ("tramadol",)))


def found(tree: Any, key: str) -> Iterator[Any]:
    """Every value of that key, however deep."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name == key:
                yield value
            yield from found(value, key)
    elif isinstance(tree, list):
        for value in tree:
            yield from found(value, key)


def phrases(tree: Any) -> set[tuple[str, str]]:
    """(field, text) of every phrase that is looked for."""
    return {
        (field, given["query"] if isinstance(given, dict) else given)
        for phrase in found(tree, "match_phrase")
        for field, given in phrase.items()
    }


def boosts(tree: Any, text: str) -> dict[str, float]:
    """What that text counts in each field."""
    return {
        field: given["boost"]
        for phrase in found(tree, "match_phrase")
        for field, given in phrase.items()
        if given["query"] == text
    }


def terms(tree: Any) -> list[dict[str, str]]:
    """Each value that is looked for, alone or among others."""
    several = [
        {field: value}
        for either in found(tree, "terms")
        if isinstance(either, dict)
        for field, values in either.items()
        if isinstance(values, list)
        for value in values
    ]
    return [*found(tree, "term"), *several]


def unscored(query: dict[str, Any]) -> dict[str, Any]:
    """The parts of a bool query that score nothing."""
    return {part: query["bool"].get(part, []) for part in ("filter", "must_not")}


def scored(query: dict[str, Any]) -> dict[str, Any]:
    """The parts of a bool query that score."""
    return {part: query["bool"].get(part, []) for part in ("must", "should")}


def holds(query: dict[str, Any], document: dict[str, list[str]]) -> bool:
    """What a cluster would say of a document, where tokens are the words between spaces."""
    ((kind, asked),) = query.items()
    if kind == "match_all":
        return True
    if kind == "bool":
        should = [holds(part, document) for part in asked.get("should", [])]
        alone = not asked.get("must") and not asked.get("filter")
        least = asked.get("minimum_should_match", int(bool(should) and alone))
        return (
            all(holds(p, document) for part in ("must", "filter") for p in asked.get(part, []))
            and not any(holds(p, document) for p in asked.get("must_not", []))
            and sum(should) >= least
        )
    ((field, given),) = asked.items()
    values = document.get(field, [])
    if kind == "term":
        return given in values
    if kind == "terms":
        return bool(set(given) & set(values))
    text = given["query"] if isinstance(given, dict) else given
    return any(f" {text} " in f" {value} " for value in values)


def test_a_word_is_looked_for_in_every_text_by_its_weight() -> None:
    query = dsl.keyword(plans.make([WORD], []), 10, matching=False)["query"]
    assert boosts(scored(query), "improvement") == {
        f.name: f.weight for f in fields.texts("decision")
    }


def test_field_scores_add_up() -> None:
    query = dsl.keyword(plans.make([WORD], []), 10, matching=False)["query"]
    (sums,) = [
        each["should"] for each in found(query, "bool") if len(each.get("should", [])) == len(TEXTS)
    ]
    assert all("match_phrase" in part for part in sums)


def test_a_concept_scores_its_best_name_or_its_tag() -> None:
    query = dsl.keyword(plans.make([NORCO], []), 10, matching=False)["query"]
    (best,) = found(scored(query), "dis_max")
    assert best.get("tie_breaker", 0) == 0
    *names, tag = best["queries"]
    assert [phrases(name) for name in names] == [
        {(field, name) for field in TEXTS}
        for name in NORCO.concept.names  # type: ignore[union-attr]
    ]
    assert tag["constant_score"]["boost"] == TAG_SCORE
    assert terms(tag) == [{"drug": "acetaminophen"}, {"drug": "hydrocodone"}]
    assert not list(found(tag, "should")), "a brand of a combination needs all its ingredients"


def test_a_concept_that_decisions_are_not_tagged_with_has_names_only() -> None:
    query = dsl.keyword(plans.make([CONDITION], []), 10, matching=False)["query"]
    assert not list(found(query, "constant_score"))
    assert not terms(query)
    assert phrases(query) == {(field, "spinal stenosis") for field in TEXTS}


def test_one_soft_clause_must_hold_and_required_text_alone_does_too() -> None:
    body = dsl.keyword(plans.make([WORD, NORCO, PHRASE], []), 10, matching=False)
    asked = body["query"]["bool"]
    soft = [
        part
        for part in [asked, *found(asked, "bool")]
        if part.get("minimum_should_match") == 1
        and {("request", "improvement"), ("request", "norco")} <= phrases(part.get("should", []))
    ]
    assert soft, "any of the soft clauses"
    alone = dsl.keyword(plans.make([PHRASE], []), 10, matching=False)["query"]
    assert phrases(scored(alone)) == {(field, "conservative care") for field in TEXTS}


def test_filters_and_exclusions_hold_but_do_not_score() -> None:
    plan = plans.make([WORD, EXCLUDED], [UPHELD, NOT_IMAGING])
    query = dsl.keyword(plan, 10, matching=False)["query"]
    assert phrases(scored(query)) == {(field, "improvement") for field in TEXTS}
    assert not terms(scored(query))
    assert {"outcome": "upheld"} in terms(unscored(query))


def test_exclusions_look_in_every_text_and_at_tags() -> None:
    negated = Clause("concept", "norco", hard=True, negated=True, concept=NORCO.concept)
    query = dsl.hard(plans.make([EXCLUDED, negated], []), [])
    excluded = list(found(query, "must_not"))
    assert {(field, "lumbar") for field in TEXTS} <= phrases(excluded)
    assert {(field, "norco") for field in TEXTS} <= phrases(excluded)
    assert {"drug": "hydrocodone"} in terms(excluded)
    assert not phrases(list(found(query, "filter")))


def test_alternatives_are_or_and_the_values_of_one_are_and() -> None:
    (either,) = [
        each
        for each in found(dsl.hard(Plan(), [EITHER]), "bool")
        if len(each.get("should", [])) == 2
    ]
    assert either["minimum_should_match"] == 1
    assert [terms(alternative) for alternative in either["should"]] == [
        [{"drug": "acetaminophen"}, {"drug": "hydrocodone"}],
        [{"drug": "tramadol"}],
    ]
    assert all("should" not in alternative.get("bool", {}) for alternative in either["should"])


def test_a_negated_filter_excludes() -> None:
    query = dsl.hard(Plan(), [UPHELD, NOT_IMAGING])
    assert holds(query, {"outcome": ["upheld"], "category": ["surgery"]})
    assert not holds(query, {"outcome": ["upheld"], "category": ["imaging"]})
    assert not holds(query, {"outcome": ["overturned"], "category": ["surgery"]})


def test_every_hard_clause_has_to_hold() -> None:
    query = dsl.hard(plans.make([PHRASE, EXCLUDED, WORD], []), [EITHER])
    care = "after conservative care"
    assert holds(query, {"rationale": [care], "drug": ["tramadol"]}), "soft words need not"
    assert holds(query, {"cited": [care], "drug": ["hydrocodone", "acetaminophen"]})
    assert not holds(query, {"rationale": [care], "drug": ["acetaminophen"]})
    assert not holds(query, {"rationale": ["care, conservative"], "drug": ["tramadol"]})
    assert not holds(query, {"rationale": [care], "request": ["lumbar"], "drug": ["tramadol"]})


@pytest.mark.parametrize(
    ("document", "matches"),
    [
        ({"request": ["norco"], "rationale": ["one two three"]}, True),
        ({"request": ["norco"], "rationale": ["one two"]}, False),
        ({"rationale": ["one two three four"]}, False),
        ({"rationale": ["norco one"], "request": ["two"], "cited": ["three"]}, True),
        ({"drug": ["acetaminophen", "hydrocodone"], "rationale": ["one two three"]}, True),
        ({"drug": ["acetaminophen"], "rationale": ["one two three"]}, False),
    ],
)
def test_enough_of_each_group_makes_a_match(
    document: dict[str, list[str]],
    matches: bool,  # noqa: FBT001
) -> None:
    words = [Clause("word", text) for text in ("one", "two", "three", "four")]
    assert holds(dsl.matches(plans.make([*words, NORCO], [])), document) == matches


def test_a_match_needs_a_whole_number_of_each_group() -> None:
    words = tuple(Clause("word", text) for text in ("one", "two", "three", "four"))
    plan = Plan(soft=(*words, NORCO), groups=(Group(words, 3), Group((NORCO,), 1)))
    enough = dsl.groups(plan)
    assert [each["bool"]["minimum_should_match"] for each in enough] == [3, 1]
    assert [len(each["bool"]["should"]) for each in enough] == [4, 1]


def test_a_group_holds_anywhere_or_where_it_was_requested() -> None:
    anywhere = Plan(soft=(NORCO,), groups=(Group((NORCO,), 1),))
    requested = Plan(soft=(NORCO,), groups=(Group((NORCO,), 1),), requested=True)
    assert {field for field, _ in phrases(dsl.groups(anywhere))} == set(TEXTS)
    assert {field for field, _ in phrases(dsl.groups(requested))} == {"request"}
    for plan in (anywhere, requested):
        assert {"drug": "hydrocodone"} in terms(dsl.groups(plan)), "its tag holds too"


def test_only_matching_asks_for_enough() -> None:
    words = [Clause("word", text) for text in ("one", "two", "three", "four")]
    plan = plans.make(words, [])
    assert 3 in list(found(dsl.keyword(plan, 10, matching=True), "minimum_should_match"))
    assert 3 not in list(found(dsl.keyword(plan, 10, matching=False), "minimum_should_match"))


def test_ranked_pages_go_by_score_then_id() -> None:
    body = dsl.keyword(plans.make([WORD], []), 250, matching=False)
    assert body["size"] == 250
    assert body["sort"] == [{"_score": "desc"}, {"id": "asc"}]


@pytest.mark.parametrize(("oldest", "order"), [(False, "desc"), (True, "asc")])
def test_dates_unknown_are_last_both_ways(oldest: bool, order: str) -> None:  # noqa: FBT001
    body = dsl.by_date(Plan(), 10, oldest=oldest)
    assert body["sort"] == [{"decided": {"order": order, "missing": "_last"}}, {"id": "asc"}]


def with_vector(*filters: Filter) -> Plan:
    return plans.make([PHRASE], filters, vector=np.array([0.6, 0.8], dtype=np.float32))


def test_the_graph_is_walked_under_the_hard_clauses() -> None:
    (near,) = found(dsl.nearest(with_vector(UPHELD), 200, "passages"), "knn")
    clause = near["passages.vector"]
    assert clause["k"] == dsl.WALKED
    assert clause["vector"] == pytest.approx([0.6, 0.8])
    assert clause["filter"] == dsl.hard(with_vector(UPHELD), [UPHELD])


def test_exact_neighbours_are_compared_by_inner_product() -> None:
    """As the embedded engine does; a cosine would undo the rounding of the vectors."""
    (script,) = found(dsl.nearest_exactly(with_vector(), 200, "passages"), "script")
    assert script["lang"] == "knn"
    assert script["params"]["space_type"] == "innerproduct"
    assert script["params"]["field"] == "passages.vector"


@pytest.mark.parametrize("exact", [False, True])
def test_a_decision_counts_by_its_best_passage(exact: bool) -> None:  # noqa: FBT001
    build = dsl.nearest_exactly if exact else dsl.nearest
    (nested,) = found(build(with_vector(), 10, "passages"), "nested")
    assert nested["score_mode"] == "max"
    assert nested["inner_hits"]["size"] == 1


def filtered_by(aggregation: dict[str, Any]) -> list[dict[str, str]]:
    return terms(aggregation["filter"])


def test_a_facet_ignores_its_own_filter_and_no_other() -> None:
    plan = plans.make([WORD], [UPHELD, EITHER])
    aggregations = dsl.counts(plan, ["outcome", "drug", "category"])["aggs"]
    assert {"outcome": "upheld"} not in filtered_by(aggregations["facet.outcome"])
    assert {"drug": "tramadol"} in filtered_by(aggregations["facet.outcome"])
    assert {"outcome": "upheld"} in filtered_by(aggregations["facet.drug"])
    assert {"drug": "tramadol"} not in filtered_by(aggregations["facet.drug"])
    for name in ("matches", "facet.category"):
        assert {"outcome": "upheld"} in filtered_by(aggregations[name])
        assert {"drug": "tramadol"} in filtered_by(aggregations[name])


def test_a_facet_keeps_its_own_exclusion() -> None:
    """Only what is chosen among is ignored: excluded values stay away."""
    aggregations = dsl.counts(plans.make([], [NOT_IMAGING]), ["category"])["aggs"]
    assert filtered_by(aggregations["facet.category"]) == [{"category": "imaging"}]


def test_counts_are_over_the_text_whatever_the_filters() -> None:
    body = dsl.counts(plans.make([WORD, PHRASE], [UPHELD]), ["outcome"])
    assert not terms(body["query"])
    assert {text for _, text in phrases(body["query"])} == {"improvement", "conservative care"}
    assert body["size"] == 0


def test_facets_ask_for_every_value() -> None:
    """Fewer would make the counts wrong over several shards."""
    for name, each in dsl.counts(Plan(), [f.name for f in fields.FACETS])["aggs"].items():
        if name.startswith("facet."):
            assert each["aggs"]["values"]["terms"]["size"] >= 10_000
