"""What a search finds, counts and lists: the ten points of docs/search.md over tiny corpora."""

from __future__ import annotations

import pytest

from imr.errors import BadQueryError
from imr.search.response import FacetValue, SearchResponse
from tests.corpus import Loader

WORDS = "lantern harbor meadow copper violet timber pebble saddle ribbon walnut".split()
"""Plain words: in no vocabulary, all different after stemming."""


def ids(answer: SearchResponse) -> list[str]:
    return [row.id for row in answer.results]


def counts(answer: SearchResponse, facet: str) -> dict[str, int]:
    return {value.value: value.count for value in answer.facets[facet]}


def many(number: int, *lines: str) -> str:
    """So many letters of one decision each, alike but for their ids, which begin with M0001.1."""
    return "\n\n".join("\n".join([f"M{at:04}.1 upheld", *lines]) for at in range(1, number + 1))


# 1. clauses

TAPER = """
    A.1 upheld
    request: Norco 10/325mg #90
    rationale: Weaning is not medically necessary.

    B.1 upheld
    request: A gym
    rationale: It is medically necessary, and a necessary weaning plan is given.

    C.1 upheld
    request: Weaned slowly
    rationale: Nothing else is said.
    reviewer: ODG: Pain > Tapering schedule
"""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("weaning", {"A.1", "B.1", "C.1"}, id="a word, in any form"),
        pytest.param("WEANING", {"A.1", "B.1", "C.1"}, id="a word in capitals"),
        pytest.param("weaning plan", {"B.1"}, id="both of two words"),
        pytest.param("tapering", {"C.1"}, id="a word of a cited section"),
        pytest.param('"medically necessary"', {"A.1", "B.1"}, id="a phrase"),
        pytest.param('"not medically necessary"', {"A.1"}, id="a phrase with a stop word"),
        pytest.param('"necessary weaning"', {"B.1"}, id="a phrase in its order only"),
        pytest.param('"necessary weaned"', {"B.1"}, id="a phrase is stemmed"),
        pytest.param('"90 weaning"', set(), id="a phrase does not reach over fields"),
        pytest.param("\u201cnot medically necessary\u201d", {"A.1"}, id="curly quotes"),
        pytest.param("+plan", {"B.1"}, id="a required word"),
        pytest.param("weaning -plan", {"A.1", "C.1"}, id="without a word"),
        pytest.param('weaning -"not medically"', {"B.1", "C.1"}, id="without a phrase"),
        pytest.param("-plan", {"A.1", "C.1"}, id="nothing but an exclusion"),
        pytest.param("10/325mg", {"A.1"}, id="a strength"),
        pytest.param("which cases about weaning", {"A.1", "B.1", "C.1"}, id="words of asking"),
        pytest.param("weaning without plan", {"B.1"}, id="without is no exclusion"),
    ],
)  # fmt: skip
def test_a_query_finds_what_its_clauses_say(query: str, found: set[str], load: Loader) -> None:
    assert load(TAPER).matches(query) == found


def test_words_of_outcome_are_suggested_and_never_filter(load: Loader) -> None:
    search = load(TAPER)

    answer = search("denied weaning")

    assert answer.total == search("weaning").total
    assert [(s.field, s.value) for s in answer.query.suggestions] == [("outcome", "upheld")]
    assert search("denied weaning", filters={"outcome": "upheld"}).query.suggestions == ()


def test_a_query_without_any_word_lists_all_and_says_so(load: Loader) -> None:
    answer = load(TAPER)("??? --- !")

    assert answer.total.matches == 3
    assert any("no word to search by" in warning for warning in answer.query.warnings)


# 2. concepts

PILLS = """
    A.1 upheld
    request: Norco 10/325mg #90
    drugs: acetaminophen, hydrocodone

    B.1 upheld
    request: Vicodin 5/300mg #60
    drugs: acetaminophen, hydrocodone

    C.1 overturned
    request: Hydrocodone/acetaminophen 7.5/325mg #30
    drugs: acetaminophen, hydrocodone

    D.1 upheld
    request: Tylenol 500mg #60
    drugs: acetaminophen

    E.1 upheld
    request: Ibuprofen 800mg #60
    drugs: ibuprofen

    F.1 upheld
    request: Retrospective refill of Vicodin
    rationale: Its tag was missed, its name was not.
"""
ALL_APAP = {"A.1", "B.1", "C.1", "D.1", "F.1"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("norco", {"A.1", "B.1", "C.1", "F.1"}, id="a brand finds its ingredients"),
        pytest.param("vicodin", {"A.1", "B.1", "C.1", "F.1"}, id="as another brand of them"),
        pytest.param("hydrocodone/apap", {"A.1", "B.1", "C.1", "F.1"}, id="as their short form"),
        pytest.param("acetaminophen", ALL_APAP, id="an ingredient finds every product"),
        pytest.param("tylenol", ALL_APAP, id="a brand of one ingredient is that ingredient"),
        pytest.param("opioids", {"A.1", "B.1", "C.1"}, id="a class of drugs"),
        pytest.param("acetaminophen -norco", {"D.1"}, id="without a combination"),
        pytest.param("-norco", {"D.1", "E.1"}, id="an excluded concept takes its names along"),
        pytest.param('-"norco"', {"B.1", "C.1", "D.1", "E.1", "F.1"}, id="quoted it is a word"),
        pytest.param('"norco"', {"A.1"}, id="a phrase has no synonyms"),
        pytest.param("+norco", {"A.1", "B.1", "C.1", "F.1"}, id="a required concept"),
    ],
)  # fmt: skip
def test_a_concept_is_found_by_any_of_its_names(query: str, found: set[str], load: Loader) -> None:
    assert load(PILLS).matches(query) == found


@pytest.mark.parametrize("value", ["norco", "Vicodin", "hydrocodone/acetaminophen"])
def test_a_filter_takes_names_as_a_query_does(value: str, load: Loader) -> None:
    search = load(PILLS)

    assert search.matches(filters={"drug": value}) == {"A.1", "B.1", "C.1"}
    assert search.matches(filters={"not.drug": value}) == {"D.1", "E.1", "F.1"}


def test_concepts_are_told_with_their_wording(load: Loader) -> None:
    (concept,) = load(PILLS)("Norco refill").query.concepts

    assert (concept.kind, concept.text) == ("drug", "Norco")
    assert concept.code == "acetaminophen+hydrocodone"


# 3. scope


def test_the_clinical_summary_is_not_searched(load: Loader) -> None:
    search = load("""
        A.1 upheld
        request: Gym membership
        rationale: Not indicated.
        summary: The patient plays violoncello.
    """)  # fmt: skip

    assert search.matches("violoncello") == set()


def test_a_word_in_the_request_counts_more_than_in_the_rationale(load: Loader) -> None:
    answer = load("""
        A.1 upheld
        request: Meadow
        rationale: Lantern

        B.1 upheld
        request: Lantern
        rationale: Meadow
    """)("lantern")  # fmt: skip

    assert ids(answer) == ["B.1", "A.1"]


# 4. ranking

HYBRID = """
    A.1 upheld 2016-01-01
    request: Lantern
    rationale: Alike in both.
    meaning: 0.9

    B.1 overturned 2016-01-02
    request: Lantern
    rationale: Alike in both.
    meaning: 0.5

    C.1 overturned 2016-01-03
    request: Meadow
    rationale: Alike in both.
    meaning: 0.7

    D.1 upheld 2016-01-04
    request: Harbor
    rationale: Alike in both.
    meaning: 0.1
"""


def test_words_weigh_four_tenths_and_meaning_six(load: Loader) -> None:
    """Equal BM25 is 1 for all; of the cosines .9 is 1, .1 is 0 and the others lie between."""
    answer = load(HYBRID)("lantern")

    assert [(row.id, row.matched) for row in answer.results] == [
        ("A.1", True),
        ("B.1", True),
        ("C.1", False),
        ("D.1", False),
    ]
    scores = [row.score for row in answer.results]
    assert scores == pytest.approx([1.0, 0.7, 0.45, 0.0], abs=1e-3)


def test_a_decision_that_only_means_the_same_can_come_before_a_match(load: Loader) -> None:
    answer = load("""
        A.1 upheld
        request: Lantern lantern lantern
        meaning: 0.2

        B.1 upheld
        request: Lantern and many other words that make it long
        meaning: 0.1

        C.1 upheld
        request: Meadow
        meaning: 0.9
    """)("lantern")  # fmt: skip

    assert [(row.id, row.matched) for row in answer.results] == [
        ("C.1", False),
        ("A.1", True),
        ("B.1", True),
    ]


def test_filters_and_exclusions_hold_for_the_nearest_too(load: Loader) -> None:
    search = load(HYBRID)

    assert ids(search("lantern", filters={"outcome": "overturned"})) == ["C.1", "B.1"]
    assert ids(search("lantern -meadow")) == ["A.1", "B.1", "D.1"]
    assert ids(search("lantern +alike")) == ["A.1", "B.1", "C.1", "D.1"]
    assert ids(search('lantern "harbor"', mode="semantic")) == ["D.1"]


def test_exclusions_alone_have_no_meaning_to_compare(load: Loader) -> None:
    answer = load(HYBRID)("-meadow")

    assert ids(answer) == ["D.1", "B.1", "A.1"]
    assert all(row.score is None for row in answer.results)


def test_by_keyword_alone_scores_are_shares_of_the_best(load: Loader) -> None:
    answer = load(TAPER)("weaning", mode="keyword")

    first, *rest = [row.score or 0.0 for row in answer.results]
    assert first == 1.0
    assert all(0.0 < score <= 1.0 for score in rest)


def test_equal_scores_are_1_and_go_by_id(load: Loader) -> None:
    answer = load(many(12, "request: Lantern"))("lantern", size=100)

    assert ids(answer) == [f"M{at:04}.1" for at in range(1, 13)]
    assert {row.score for row in answer.results} == {1.0}


def test_all_that_tie_at_the_cut_are_candidates(load: Loader) -> None:
    """With 230 alike none of them may fall behind the 200 candidates of a leg."""
    search = load(many(230, "request: Lantern"))

    last = search("lantern", size=100, page=3)

    assert ids(last) == [f"M{at:04}.1" for at in range(201, 231)]
    assert {row.score for row in last.results} == {1.0}


def test_behind_the_candidates_matches_follow_without_a_score(load: Loader) -> None:
    longer = "\n\n".join(
        f"L{at:03}.1 upheld\nrequest: Lantern {'meadow ' * at}" for at in range(1, 241)
    )
    search = load(longer)

    pages = [search("lantern", size=100, page=number) for number in (1, 2, 3)]
    scores = [row.score for page in pages for row in page.results]

    assert pages[0].total.listed == len(scores) == 240
    assert len({id_ for page in pages for id_ in ids(page)}) == 240
    assert None not in scores[:200]
    assert set(scores[-20:]) == {None}


def test_the_passage_shown_is_the_nearest_one(load: Loader) -> None:
    answer = load("""
        A.1 upheld
        request: Lantern
        rationale: The first sentence is far. The second one is near. The third is not.
        meaning: 0.1, 0.9, 0.4

        B.1 upheld
        request: Lantern
        rationale: Nothing.
        meaning: 0.5
    """)("lantern")  # fmt: skip

    passage = answer.results[0].passage
    assert passage is not None
    assert passage.text == "The second one is near."


# 5. matches


@pytest.mark.parametrize(
    ("asked", "needed"),
    [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (8, 6), (9, 7), (10, 7)],
)
def test_a_match_holds_all_of_two_words_and_70_percent_of_more(
    asked: int, needed: int, load: Loader
) -> None:
    """Decision W07.1 holds the first seven words, and so on."""
    search = load(
        "\n\n".join(
            f"W{held:02}.1 upheld\nrequest: {' '.join(WORDS[:held])}" for held in range(1, 11)
        )
    )
    query = " ".join(WORDS[:asked])

    assert search.matches(query) == {f"W{held:02}.1" for held in range(needed, 11)}
    assert search.matches(query, match="all") == {f"W{held:02}.1" for held in range(asked, 11)}
    assert search.matches(query, match="any") == {f"W{held:02}.1" for held in range(1, 11)}


def test_concepts_and_words_are_counted_apart(load: Loader) -> None:
    """Many words do not make up for the concept that was asked for."""
    search = load("""
        A.1 upheld
        request: Norco with lantern harbor meadow
        drugs: acetaminophen, hydrocodone

        B.1 upheld
        request: Ibuprofen with lantern harbor meadow copper
        drugs: ibuprofen
    """)  # fmt: skip

    assert search.matches("norco lantern harbor meadow copper") == {"A.1"}


THERAPY = """
    A.1 upheld
    request: Physical therapy, 12 visits
    treatments: physical-therapy

    B.1 upheld
    request: MRI of the lumbar spine
    treatments: mri
    body: low back
    rationale: The patient has failed physical therapy.

    C.1 overturned
    request: Physiotherapy, 8 sessions
    rationale: The tag was missed, the name in the request was not.

    D.1 upheld
    request: Rehabilitation after the operation
    treatments: post-operative-physical-therapy
    body: low back
"""


def test_a_concept_alone_means_decisions_about_it(load: Loader) -> None:
    search = load(THERAPY)

    assert search.matches("physical therapy") == {"A.1", "C.1", "D.1"}
    assert search.matches("physical therapy", subject="mentioned") == {"A.1", "B.1", "C.1", "D.1"}


def test_with_other_words_a_concept_may_be_mentioned_anywhere(load: Loader) -> None:
    search = load(THERAPY)

    assert search.matches("failed physical therapy") == {"B.1"}
    assert search.matches('"failed" physical therapy') == {"B.1"}
    assert search.matches("failed physical therapy", subject="requested") == set()


def test_all_concepts_a_request_is_about_must_hold(load: Loader) -> None:
    search = load("""
        A.1 upheld
        request: Lumbar MRI, acupuncture and Norco
        treatments: mri, acupuncture
        drugs: acetaminophen, hydrocodone
        body: low back

        B.1 upheld
        request: Lumbar MRI and acupuncture
        treatments: mri, acupuncture
        body: low back
    """)  # fmt: skip

    assert search.matches("lumbar mri acupuncture") == {"A.1", "B.1"}
    assert search.matches("lumbar mri acupuncture norco") == {"A.1"}
    assert search.matches("lumbar mri acupuncture norco", match="any") == {"A.1", "B.1"}


def test_what_is_named_beside_what_is_asked_for_may_stand_anywhere(load: Loader) -> None:
    search = load("""
        A.1 upheld
        request: Physical therapy
        treatments: physical-therapy
        rationale: The arthroscopy was eight weeks ago.

        B.1 upheld
        request: Shoulder arthroscopy
        treatments: arthroscopy
        body: shoulder
        rationale: A physical therapy course was not finished before arthroscopy.

        C.1 upheld
        request: Physical therapy
        treatments: physical-therapy
        rationale: The strain is eight weeks ago.

        D.1 upheld
        request: Physical therapy and shoulder arthroscopy
        treatments: physical-therapy, arthroscopy
        body: shoulder
    """)

    assert search.matches("physical therapy after arthroscopy") == {"A.1", "D.1"}
    assert search.matches("physical therapy arthroscopy") == {"D.1"}
    assert search.matches("physical therapy after shoulder arthroscopy") == {"D.1"}
    assert search.matches("arthroscopy without physical therapy") == {"B.1", "D.1"}
    # where all that is named is named so, it is what is asked for
    assert search.matches("after arthroscopy") == {"B.1", "D.1"}

    rows = search("physical therapy after arthroscopy", mode="keyword", explain=True).results
    order = [row.id for row in rows]
    # being requested scores nothing for it
    assert order.index("A.1") < order.index("B.1")
    (told,) = (row.explanation for row in rows if row.id == "A.1")
    assert told is not None
    assert "1 of 1 concepts in what was requested (1 needed), 1 of 1 concepts anyw" in told.match


# 6. related


def test_related_are_at_most_50_marked_and_never_counted(load: Loader) -> None:
    search = load(
        many(70, "request: Lantern", "category: imaging")
        + "\n\nX.1 overturned\nrequest: Lantern harbor\ncategory: surgery"
    )

    answer = search("lantern harbor", size=100)

    assert answer.total.model_dump() == {
        "matches": 1, "related": 50, "determinations": 1, "listed": 51,
    }  # fmt: skip
    assert [row.id for row in answer.results if row.matched] == ["X.1"]
    assert len(answer.results) == 51
    assert counts(answer, "category") == {"surgery": 1}
    assert (answer.outcomes.upheld, answer.outcomes.overturned) == (0, 1)


def test_related_decisions_can_be_left_out(load: Loader) -> None:
    search = load(many(5, "request: Lantern") + "\n\nX.1 upheld\nrequest: Lantern harbor")

    answer = search("lantern harbor", related=False)

    assert ids(answer) == ["X.1"]
    assert (answer.total.related, answer.total.listed) == (0, 1)


# 7. counts

BALANCE = """
    A.1 overturned 2016-01-01
    request: Lumbar MRI
    category: imaging
    treatments: mri
    body: low back

    B.1 upheld 2016-02-01
    request: Lumbar MRI
    category: imaging
    treatments: mri
    body: low back

    C.1 upheld 2017-01-01
    request: Knee MRI and CT
    category: imaging
    treatments: mri, ct
    body: knee

    D.1 upheld 2017-02-01
    request: Knee brace
    category: dme
    body: knee, leg
"""


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param([("body_part", "knee")], {"C.1", "D.1"}, id="one value"),
        pytest.param(
            [("body_part", "knee"), ("body_part", "low back")], {"A.1", "B.1", "C.1", "D.1"},
            id="either of two values",
        ),
        pytest.param(
            [("body_part", "knee"), ("category", "imaging")], {"C.1"}, id="both of two fields"
        ),
        pytest.param([("not.body_part", "knee")], {"A.1", "B.1"}, id="not a value"),
        pytest.param(
            [("not.body_part", "leg"), ("not.body_part", "low back")], {"C.1"},
            id="neither of two values",
        ),
        pytest.param(
            [("body_part", "knee"), ("not.category", "dme")], {"C.1"}, id="one and not another"
        ),
        pytest.param([("treatment", "imaging")], {"A.1", "B.1", "C.1"}, id="a broader treatment"),
        pytest.param([("body_part", "lumbar")], {"A.1", "B.1"}, id="a part by another name"),
        pytest.param([("category", "Imaging")], {"A.1", "B.1", "C.1"}, id="a value in capitals"),
        pytest.param([("year", "2017")], {"C.1", "D.1"}, id="a year"),
    ],
)  # fmt: skip
def test_filters_are_or_within_a_field_and_and_across(
    filters: list[tuple[str, str]], found: set[str], load: Loader
) -> None:
    assert load(BALANCE).matches(filters=filters) == found


def test_a_facet_ignores_its_own_filter_and_heeds_all_others(load: Loader) -> None:
    answer = load(BALANCE)("", filters={"body_part": "low back", "outcome": "upheld"})

    assert answer.total.matches == 1
    assert counts(answer, "body_part") == {"knee": 2, "leg": 1, "low back": 1}
    assert counts(answer, "outcome") == {"overturned": 1, "upheld": 1}
    assert counts(answer, "category") == {"imaging": 1}


def test_a_facet_heeds_what_its_own_filter_excludes(load: Loader) -> None:
    answer = load(BALANCE)("", filters={"not.body_part": "leg"})

    assert counts(answer, "body_part") == {"low back": 2, "knee": 1}


def test_the_outcome_balance_ignores_an_outcome_filter(load: Loader) -> None:
    search = load(BALANCE)

    answer = search("mri", filters={"outcome": "overturned"})

    assert answer.total.matches == 1
    assert answer.outcomes == search("mri").outcomes
    assert (answer.outcomes.overturned, answer.outcomes.upheld) == (1, 2)
    assert answer.outcomes.overturn_rate == pytest.approx(1 / 3, abs=1e-4)
    assert answer.outcomes.corpus_rate == 0.25


def test_counts_are_the_same_on_every_page(load: Loader) -> None:
    search = load(BALANCE)
    first, *others = [search("", size=1, page=number) for number in range(1, 6)]

    for other in others:
        assert (other.total, other.facets, other.outcomes, other.counted) == (
            first.total, first.facets, first.outcomes, first.counted,
        )  # fmt: skip


def test_a_parent_is_counted_once_a_decision(load: Loader) -> None:
    answer = load(BALANCE)()

    assert counts(answer, "treatment") == {"imaging": 3, "mri": 3, "ct": 1}


def test_by_meaning_alone_the_related_are_counted_and_rated_null(load: Loader) -> None:
    answer = load(HYBRID)("lantern", mode="semantic")

    assert ids(answer) == ["A.1", "C.1", "B.1", "D.1"]
    assert not any(row.matched for row in answer.results)
    assert answer.total.model_dump() == {
        "matches": 0, "related": 4, "determinations": 0, "listed": 4,
    }  # fmt: skip
    assert answer.counted == "related"
    assert counts(answer, "outcome") == {"overturned": 2, "upheld": 2}
    assert (answer.outcomes.overturned, answer.outcomes.upheld) == (2, 2)
    assert answer.outcomes.overturn_rate is None
    assert answer.outcomes.interval is None
    assert answer.outcomes.corpus_rate == 0.5


def test_where_nothing_matches_the_related_are_counted(load: Loader) -> None:
    answer = load(HYBRID)("walnut")

    assert answer.total.matches == 0
    assert answer.counted == "related"
    assert answer.outcomes.overturn_rate is None
    assert counts(answer, "year") == {"2016": 4}


def test_where_nothing_is_found_all_is_empty(load: Loader) -> None:
    answer = load(TAPER)("walnut")

    assert answer.results == ()
    assert answer.total.model_dump() == dict.fromkeys(
        ["matches", "related", "determinations", "listed"], 0
    )
    assert answer.outcomes.overturn_rate is None
    assert answer.outcomes.interval is None
    assert all(values == () for values in answer.facets.values())
    assert answer.page.next is None


def test_a_keyword_index_says_why_it_does_not_search_by_meaning(load: Loader) -> None:
    warnings = load(TAPER)("weaning").query.warnings

    assert warnings == ("semantic search is off: the embedding model is not available",)


# 8. facet values

CITED = "\n\n".join(
    f"C{number:02}{copy}.1 upheld\nrequest: Lantern\nreviewer: ODG: Chapter {number:02}"
    for number in range(1, 25)
    for copy in ("ab" if number % 2 else "a")
)
"""24 guidelines, the odd ones cited twice."""


def test_facet_values_come_by_count_then_value_and_20_of_them(load: Loader) -> None:
    values = load(CITED)().facets["guideline"]

    odd = [f"ODG: Chapter {number:02}" for number in range(1, 25, 2)]
    even = [f"ODG: Chapter {number:02}" for number in range(2, 25, 2)]
    assert [value.value for value in values] == [*odd, *even][:20]
    assert [value.count for value in values] == [2] * 12 + [1] * 8


def test_selected_values_are_shown_however_rare(load: Loader) -> None:
    search = load(CITED)

    rare = search("", filters=[("guideline", "ODG: Chapter 24")]).facets["guideline"]

    assert rare[20:] == (
        FacetValue(value="ODG: Chapter 24", label="ODG: Chapter 24", count=1, selected=True),
    )
    with pytest.raises(
        BadQueryError, match=r"no value 'ODG: Chapter 42': did you mean ODG: Chapter"
    ):
        search("", filters=[("guideline", "ODG: Chapter 42")])


def test_only_the_facets_asked_for_are_counted(load: Loader) -> None:
    search = load(BALANCE)

    assert set(search("", facets=("year",)).facets) == {"year"}
    assert search("", facets=()).facets == {}
    assert search("", facets=()).outcomes == search("").outcomes


# 9. grouping

LETTERS = """
    A.1 upheld 2016-01-01
    request: Lantern and many more words beside it
    rationale: x

    A.2 overturned
    request: Lantern
    rationale: x

    A.3 upheld
    request: Harbor
    rationale: x

    B.1 upheld 2016-02-01
    request: Lantern and harbor
    rationale: x
"""


def test_a_letter_stands_where_its_best_decision_does_with_its_matching_siblings(
    load: Loader,
) -> None:
    answer = load(LETTERS)("lantern")

    assert ids(answer) == ["A.2", "B.1"]
    siblings = answer.results[0].siblings
    assert [(s.id, s.outcome) for s in siblings] == [("A.1", "upheld")]
    assert answer.results[1].siblings == ()


def test_a_letter_led_by_a_related_decision_shows_its_match_as_a_sibling(load: Loader) -> None:
    search = load("""
        A.1 upheld
        request: Meadow
        meaning: 0.9

        A.2 overturned
        request: Lantern
        meaning: 0.1

        B.1 upheld
        request: Lantern lantern
        meaning: 0.5
    """)  # fmt: skip

    by_both, by_meaning = search("lantern"), search("lantern", mode="semantic")

    assert [(row.id, row.matched) for row in by_both.results] == [("B.1", True), ("A.1", False)]
    assert [s.id for s in by_both.results[1].siblings] == ["A.2"]
    assert [row.siblings for row in by_meaning.results] == [(), ()]


def test_totals_stay_decisions_when_letters_are_listed(load: Loader) -> None:
    answer = load(LETTERS)("lantern")

    assert (answer.total.matches, answer.total.determinations) == (3, 2)
    assert answer.total.listed == 3


def test_ungrouped_every_decision_is_a_result(load: Loader) -> None:
    answer = load(LETTERS)("lantern", group="none")

    assert ids(answer) == ["A.2", "B.1", "A.1"]
    assert all(row.siblings == () for row in answer.results)


def test_the_size_counts_letters_and_paging_runs_out(load: Loader) -> None:
    search = load(LETTERS)

    pages = [search("lantern", size=1, page=number) for number in (1, 2, 3)]

    assert [ids(page) for page in pages] == [["A.2"], ["B.1"], []]
    assert [page.page.next for page in pages] == [2, None, None]


def test_at_most_1000_decisions_are_listed(load: Loader) -> None:
    search = load(many(1020, "request: Lantern", "rationale: Alike."))

    for text in ("", "lantern"):
        last, behind = (search(text, size=100, page=number) for number in (10, 11))
        assert (last.total.matches, last.total.listed) == (1020, 1000)
        assert ids(last)[-1] == "M1000.1"
        assert last.page.next is None
        assert ids(behind) == []
        assert behind.total == last.total


# 10. order by date

DATED = """
    C.1 upheld 2016-03-01
    request: Lantern

    B.1 upheld
    request: Lantern

    D.1 upheld 2016-03-01
    request: Lantern

    A.1 upheld
    request: Harbor lantern

    E.1 upheld 2017-01-01
    request: Lantern

    F.1 upheld 2015-01-01
    request: Lantern
"""


def test_a_browse_is_newest_first_undated_last_and_ties_by_id(load: Loader) -> None:
    assert ids(load(DATED)()) == ["E.1", "C.1", "D.1", "F.1", "A.1", "B.1"]


def test_oldest_first_has_the_undated_last_too(load: Loader) -> None:
    assert ids(load(DATED)("", sort="oldest")) == ["F.1", "C.1", "D.1", "E.1", "A.1", "B.1"]


def test_by_date_only_matches_are_listed(load: Loader) -> None:
    answer = load(DATED)("harbor lantern", sort="newest")

    assert ids(answer) == ["A.1"]
    assert (answer.total.related, answer.total.listed) == (0, 1)


# what can't be asked


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        pytest.param({"filters": {"drgu": "norco"}}, "drug", id="a field"),
        pytest.param({"filters": {"drug": "norcoo"}}, "did you mean", id="a drug"),
        pytest.param({"filters": {"category": "imagin"}}, "imaging", id="a category"),
        pytest.param({"filters": {"outcome": "denied"}}, "did you mean upheld", id="an outcome"),
        pytest.param({"filters": {"year": "  "}}, "no value", id="an empty value"),
        pytest.param({"facets": ("outcomes",)}, "outcome", id="a facet"),
        pytest.param({"filters": {"rationale": "x"}}, "there is no filter", id="a text field"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_refused_with_the_nearest_names(
    asked: dict[str, object], hint: str, load: Loader
) -> None:
    search = load(TAPER)

    with pytest.raises(BadQueryError, match=hint):
        search("", **asked)
