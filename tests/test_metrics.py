"""Measures against values worked out by hand, in trec_eval's conventions."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.bootstrap import difference, estimate
from evaluation.metrics import exponential, linear, ndcg, recall, reciprocal_rank
from imr.search import query
from imr.search.plain import plain
from imr.text.taxonomy.tagger import default_tagger

GRADES = {"a": 2, "b": 1, "c": 1, "d": 0}
VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_a_gain_is_discounted_by_the_logarithm_of_rank_plus_one() -> None:
    """Found: nothing, b (1) at 2, a (2) at 3. Ideal: a at 1, b at 2, c at 3."""
    found = 1 / log2(3) + 2 / log2(4)
    ideal = 2 / log2(2) + 1 / log2(3) + 1 / log2(4)

    assert ndcg(["x", "b", "a"], GRADES, 10, linear) == pytest.approx(found / ideal)


def test_an_exponential_gain_is_worth_three_partial_answers() -> None:
    found = 1 / log2(3) + 3 / log2(4)
    ideal = 3 / log2(2) + 1 / log2(3) + 1 / log2(4)

    assert ndcg(["x", "b", "a"], GRADES, 10) == pytest.approx(found / ideal)
    assert [exponential(grade) for grade in (0, 1, 2)] == [0, 1, 3]


def test_what_lies_below_the_depth_counts_neither_as_found_nor_as_ideal() -> None:
    assert ndcg(["x", "a"], GRADES, 1, linear) == 0
    assert ndcg(["a", "x"], GRADES, 1, linear) == 1


def test_a_topic_without_answers_scores_nothing() -> None:
    assert ndcg(["a"], {}, 10) == 0
    assert recall(["a"], {"a": 0}, 10) == 0
    assert reciprocal_rank(["a"], {"a": 0}, 10) == 0


def test_a_negative_grade_is_no_answer() -> None:
    """trec_eval takes no gain from it; junk pages are judged so."""
    assert ndcg(["j", "a"], {"j": -2, "a": 1}, 10, linear) == pytest.approx(1 / log2(3))
    assert recall(["j"], {"j": -2, "a": 1}, 10) == 0


def test_recall_is_the_share_of_all_answers() -> None:
    assert recall(["x", "a", "b"], GRADES, 3) == pytest.approx(2 / 3)
    assert recall(["x", "a", "b"], GRADES, 2) == pytest.approx(1 / 3)


def test_a_reciprocal_rank_is_that_of_the_first_answer() -> None:
    assert reciprocal_rank(["x", "d", "b", "a"], GRADES, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x", "d", "b", "a"], GRADES, 2) == 0


@given(VALUES)
def test_an_interval_holds_its_mean_and_is_the_same_every_time(values: list[float]) -> None:
    found = estimate(values)

    assert found == estimate(values)
    assert found.low - 1e-9 <= found.mean <= found.high + 1e-9


def test_an_interval_is_that_of_the_normal_approximation_where_queries_are_many() -> None:
    """Of 400 queries half score 1: the standard error is .5 / 20."""
    found = estimate([0.0, 1.0] * 200)

    assert (found.low, found.high) == pytest.approx(
        (0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025), abs=4e-3
    )


def test_a_difference_is_taken_query_by_query() -> None:
    """Two runs that differ alike on every query differ for sure, however far queries are apart."""
    ours, theirs = [0.1, 0.9, 0.5], [0.0, 0.8, 0.4]

    found = difference(ours, theirs)

    assert (found.low, found.mean, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert found.clear
    assert not difference([0.0, 1.0], [1.0, 0.0]).clear


@pytest.mark.parametrize(
    "text",
    [
        'He said "rest" -for 12 weeks- OR more',
        "+ 3 units (left) AND/OR right NOT stated",
        "outcome:upheld drug:norco year:[2015 TO 2017]",
        "alpha && beta || !gamma pre* fix~2",
    ],
)
def test_no_mark_of_plain_text_is_an_operator(text: str) -> None:
    understood = query.read(plain(text), default_tagger(), lambda _: ())

    assert understood.filters == ()
    assert not any(clause.hard or clause.negated or clause.parts for clause in understood.clauses)


def test_plain_text_keeps_what_joins_within_words() -> None:
    assert plain("Norco 10/325mg, L4-5 x-ray") == "Norco 10/325mg, L4-5 x-ray"
