"""Joining the keyword leg, the semantic leg and the reasons that are asked about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr.engines.protocol import Hit
from imr.search.fuse import Lean, fuse, min_max, of_best

SCORES = st.lists(st.floats(0, 100, allow_nan=False), min_size=1, max_size=30)


def hits(**scores: float) -> list[Hit]:
    return [Hit(id_, id_[0], score) for id_, score in scores.items()]


def fused(
    keyword: list[Hit] | None,
    semantic: list[Hit] | None,
    reasons: dict[str, float] | None = None,
) -> dict[str, float]:
    return {
        each.hit.id: each.hit.score
        for each in fuse(keyword, semantic, [Lean("", reasons or {}, 0.3)])
    }


def test_words_weigh_four_tenths_and_meaning_six_and_an_absent_candidate_scores_0() -> None:
    keyword = hits(a=12.0, b=6.0, c=3.0)
    semantic = hits(d=0.9, b=0.8, a=0.5)

    found = fused(keyword, semantic)

    assert found == {"a": 0.4, "b": 0.65, "c": 0.1, "d": 0.6}


def test_the_weaker_of_two_hits_by_words_counts_as_much_as_it_is_worth() -> None:
    """Laid onto 0 to 1 it would count as if it had not been found."""
    assert fused(hits(a=10.0, b=9.0), hits(c=0.9, a=0.5, b=0.5))["b"] == 0.36


def test_a_reason_that_is_asked_about_weighs_three_tenths_beside_the_legs() -> None:
    keyword, semantic = hits(a=2.0, b=2.0), hits(a=0.9, b=0.5)

    assert fused(keyword, semantic, {"b": 0.5}) == {
        "a": pytest.approx(1.0 / 1.3, abs=1e-6),
        "b": pytest.approx((0.4 + 0.15) / 1.3, abs=1e-6),
    }


def test_where_no_reason_is_asked_about_scores_are_as_without_reasons() -> None:
    keyword, semantic = hits(a=2.0, b=1.0), hits(a=0.9, c=0.5)

    assert fused(keyword, semantic, {}) == fused(keyword, semantic)


def test_a_reason_brings_no_candidate() -> None:
    assert set(fused(hits(a=2.0), hits(a=0.9), {"z": 1.0})) == {"a"}


def test_candidates_are_best_first_and_ties_go_by_id() -> None:
    ranked = fuse(hits(c=2.0, a=2.0, b=4.0), hits(z=0.9, b=0.1))

    assert [candidate.hit.id for candidate in ranked] == ["z", "b", "a", "c"]


def test_a_leg_alone_keeps_its_normalised_scores() -> None:
    assert fused(hits(a=4.0, b=3.0, c=2.0), None) == {"a": 1.0, "b": 0.75, "c": 0.5}
    assert fused(None, hits(a=0.9, b=0.5)) == {"a": 1.0, "b": 0.0}
    assert fused(None, None) == {}


def test_a_leg_that_found_nothing_still_takes_its_share() -> None:
    assert fused([], hits(a=0.9, b=0.5)) == {"a": 0.6, "b": 0.0}


def test_equal_scores_and_a_single_one_become_1() -> None:
    assert min_max([3.0, 3.0, 3.0]) == [1.0, 1.0, 1.0]
    assert min_max([0.2]) == [1.0]
    assert min_max([]) == []
    assert of_best([3.0, 3.0]) == [1.0, 1.0]
    assert of_best([0.0, 0.0]) == [1.0, 1.0]
    assert of_best([]) == []


def test_the_passage_is_the_semantic_leg_s() -> None:
    ranked = fuse([Hit("a", "A", 1.0)], [Hit("a", "A", 0.5, (3, 9)), Hit("b", "B", 0.4, (0, 2))])

    assert {each.hit.id: each.hit.passage for each in ranked} == {"a": (3, 9), "b": (0, 2)}


@given(SCORES)
def test_normalised_scores_keep_their_order_and_reach_from_0_to_1(scores: list[float]) -> None:
    laid = min_max(scores)

    assert all(0.0 <= share <= 1.0 for share in laid)
    assert max(laid) == 1.0
    by_score = sorted(zip(scores, laid, strict=True))
    assert [share for _, share in by_score] == sorted(laid)


@given(SCORES, SCORES, st.floats(1, 50))
def test_the_scale_of_a_leg_does_not_matter(
    keyword: list[float], semantic: list[float], factor: float
) -> None:
    """BM25 of another corpus, or another engine's scale, ranks alike."""
    first = [Hit(f"k{at}", "K", score) for at, score in enumerate(keyword)]
    scaled = [Hit(f"k{at}", "K", score * factor) for at, score in enumerate(keyword)]
    other = [Hit(f"k{2 * at}", "K", score) for at, score in enumerate(semantic)]

    assert fused(scaled, other) == pytest.approx(fused(first, other), abs=1e-5)


def test_scores_that_differ_by_how_they_were_added_up_are_level() -> None:
    one, other = hits(b=12.0, a=11.99999, c=11.9), hits(a=12.0, b=11.99999, c=11.9)

    for keyword in (one, other):
        found = fuse(keyword, None)
        assert [each.hit.id for each in found] == ["a", "b", "c"]
        assert [each.keyword.rank for each in found if each.keyword] == [1, 2, 3]
