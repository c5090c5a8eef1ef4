"""What an answer says of why each result is there, on both engines."""

from __future__ import annotations

import pytest

from imr.search.response import Explanation, Result
from tests.corpus import Loader, Search

CORPUS = f"""
    A.1 upheld 2016-05-01
    request: Norco 10/325mg #90
    drugs: acetaminophen, hydrocodone
    reviewer: MTUS: Chronic Pain Medical Treatment > Opioids, criteria for use
    rationale: The worker is 51. There is no functional improvement with Norco. Weaning was begun.
    summary: Injured at a <b>loading dock</b>.
    meaning: 0.1, 0.9, 0.3

    B.1 overturned 2016-06-01
    request: Tagged but not named
    drugs: acetaminophen, hydrocodone
    rationale: Function improved. {"So said others of much else. " * 5}
    meaning: 0.5

    C.1 upheld 2016-07-01
    request: A gym membership
    rationale: Nothing is said of it.
    meaning: 0.7

    D.1 upheld
    request: Massage, excluded
    rationale: No functional improvement.
    meaning: 0.8
"""


@pytest.fixture
def search(load: Loader) -> Search:
    return load(CORPUS)


def results(search: Search, text: str, **asked: object) -> dict[str, Result]:
    return {row.id: row for row in search(text, **asked).results}


def explained(row: Result) -> Explanation:
    assert row.explanation is not None
    return row.explanation


def test_each_result_tells_its_legs_and_what_holds_where(search: Search) -> None:
    found = results(search, "norco functional improvement -excluded")

    a, b, c = (found[id_].why for id_ in ("A.1", "B.1", "C.1"))
    assert a.clauses == (
        "norco in request, rationale, tag", "functional in rationale", "improvement in rationale",
    )  # fmt: skip
    assert b.clauses == ("norco in tag", "functional in rationale", "improvement in rationale")
    assert c.clauses == ()
    assert a.keyword is not None
    assert a.keyword.rank == 1
    assert (a.semantic.rank, b.semantic.rank, c.semantic.rank) == (1, 3, 2)  # type: ignore[union-attr]
    assert a.semantic.score == pytest.approx(0.9, abs=1e-3)  # type: ignore[union-attr]
    assert c.keyword is None
    assert "D.1" not in found


def test_without_meaning_there_is_no_semantic_leg_to_tell(search: Search) -> None:
    found = results(search, "norco", mode="keyword")

    assert [row.why.semantic for row in found.values()] == [None, None]
    assert [row.why.keyword.rank for row in found.values() if row.why.keyword] == [1, 2]


def test_a_browse_has_nothing_to_tell(search: Search) -> None:
    for row in search("", explain=True).results:
        assert (row.why.keyword, row.why.semantic, row.why.clauses) == (None, None, ())
        assert row.highlights == {}
        assert explained(row).rank == "By date, without a score."


def test_highlights_are_of_every_text_that_holds_something(search: Search) -> None:
    found = results(search, "norco opioids functional")

    assert found["A.1"].highlights == {
        "request": ("<em>Norco</em> 10/325mg #90",),
        "rationale": ("There is no <em>functional</em> improvement with <em>Norco</em>.",),
        "cited": ("<em>Opioids</em>, criteria for use",),
    }
    assert found["B.1"].highlights == {"rationale": ("<em>Function</em> improved.",)}


def test_a_phrase_is_marked_as_one_and_an_exclusion_never(search: Search) -> None:
    found = results(search, '"functional improvement" gym -excluded', match="any")

    assert found["A.1"].highlights["rationale"] == (
        "There is no <em>functional improvement</em> with Norco.",
    )
    assert not any("xclu" in text for row in found.values() for text in row.highlights)


def test_the_summary_is_marked_only_where_it_is_searched(search: Search) -> None:
    assert "summary" not in results(search, "dock norco")["A.1"].highlights
    assert results(search, "dock norco", scope="facts")["A.1"].highlights == {
        "request": ("<em>Norco</em> 10/325mg #90",),
        "summary": ("Injured at a &lt;b&gt;loading <em>dock</em>&lt;/b&gt;.",),
    }


def test_highlights_can_be_left_out(search: Search) -> None:
    with_, without = (results(search, "norco", highlight=each)["A.1"] for each in (True, False))

    assert with_.highlights
    assert without == with_.model_copy(update={"highlights": {}})


# the nearest sentence


def test_the_passage_tells_the_sentence_that_says_most_of_what_is_asked(load: Loader) -> None:
    row = load("""
        A.1 upheld
        request: A gym
        rationale: The plan is made. The plan lacks improvement. Improvement of the knee! None.
        meaning: 0.9
    """)("improvement in the plan of which the knee is part").results[0]  # fmt: skip

    passage = row.passage
    assert passage is not None
    assert passage.sentence is not None
    start, end = passage.sentence
    assert passage.text[start - passage.start : end - passage.start] == "Improvement of the knee!"


def test_no_sentence_is_told_where_none_has_a_word_of_it(search: Search) -> None:
    row = search("zebra", mode="semantic").results[0]

    assert row.passage is not None
    assert row.passage.sentence is None


# explain


def test_nothing_is_explained_unless_asked(search: Search) -> None:
    assert [row.explanation for row in search("norco").results] == [None] * 4


def test_each_clause_is_explained_where_it_holds(search: Search) -> None:
    found = results(search, 'norco "functional improvement" -excluded', explain=True)

    told = [
        (c.kind, c.text, c.hard, c.negated, c.holds, c.where)
        for c in explained(found["A.1"]).clauses
    ]
    assert told == [
        ("phrase", "functional improvement", True, False, True, ("rationale",)),
        ("concept", "norco", False, False, True, ("request", "rationale", "tag")),
        ("word", "excluded", True, True, False, ()),
    ]


@pytest.mark.parametrize(
    ("query", "asked", "told"),
    [
        ("norco", {}, {
            "A.1": "A match: 1 of 1 concepts in what was requested (1 needed).",
            "C.1": "Related, no match: 0 of 1 concepts in what was requested (1 needed).",
        }),
        ("norco functional lantern membership", {}, {
            "A.1": "Related, no match: 1 of 1 concepts (1 needed), "
            "1 of 3 words (3 needed).",
        }),
        ("norco membership", {"match": "any"}, {
            "C.1": "A match: 1 of 2 clauses (1 needed).",
        }),
        ('"functional improvement"', {}, {"A.1": "A match: all that must hold does."}),
        ("norco", {"mode": "semantic"}, {"A.1": "Related, no match: meaning alone makes none."}),
    ],
)  # fmt: skip
def test_a_match_is_explained(
    query: str, asked: dict[str, str], told: dict[str, str], search: Search
) -> None:
    found = results(search, query, explain=True, **asked)

    assert {id_: explained(found[id_]).match for id_ in told} == told


def test_the_rank_is_explained_by_both_legs(search: Search) -> None:
    found = results(search, "norco functional", explain=True)

    both, one = (explained(found[id_]).rank for id_ in ("A.1", "C.1"))
    assert both.startswith("Rank 1 by words with ")
    assert "; rank 1 by meaning with 0.90, which is 1.00 of the way" in both
    assert both.endswith(
        " what it has of the drugs that are named counts 1.00. The score is "
        "0.364 \u00d7 1.00 + 0.545 \u00d7 1.00 + 0.0909 \u00d7 1.00 = 1.00."
    )
    assert one.startswith("No candidate by words; rank 3 by meaning with 0.70")
    assert one.endswith(
        f" The score is 0.545 \u00d7 0.50 + 0.0909 \u00d7 0.00 = {found['C.1'].score:.2f}."
    )


def test_the_rank_is_explained_by_one_leg(search: Search) -> None:
    found = results(search, "norco functional", mode="keyword", explain=True)

    assert "meaning" not in explained(found["A.1"]).rank
    assert explained(found["A.1"]).rank.endswith(" The score is 1 \u00d7 1.00 = 1.00.")


def test_by_date_no_rank_is_explained(search: Search) -> None:
    found = results(search, "norco", sort="newest", explain=True)

    assert {explained(row).rank for row in found.values()} == {"By date, without a score."}


def test_behind_the_candidates_there_is_no_score_to_explain(load: Loader) -> None:
    alike = "\n\n".join(f"M{at:03}.1 upheld\nrequest: lantern" for at in range(230))
    nearer = "\n\n".join(f"N{at:03}.1 upheld\nrequest: lantern lantern" for at in range(201))
    search = load(f"{alike}\n\n{nearer}")

    row = search("lantern", page=25, explain=True).results[0]

    assert (row.id, row.score) == ("M039.1", None)
    assert explained(row).rank.startswith("Behind the candidates of both legs")
    assert row.why.clauses == ("lantern in request",)


# how long it takes


def test_a_rationale_as_long_as_a_book_is_told_like_any_other(load: Loader) -> None:
    """Every word of 30,000 characters is asked for; one sentence has no end."""
    search = load(f"""
        A.1 upheld
        request: A gym
        rationale: {"Conservative care failed. " * 600}{"and care failed " * 940}
    """)

    row = search('care failed "conservative care"', explain=True).results[0]

    assert row.why.clauses == (
        "conservative care in rationale", "care in rationale", "failed in rationale",
    )  # fmt: skip
    assert row.highlights["rationale"] == ("<em>Conservative care</em> <em>failed</em>.",) * 3
