"""What a query plainly names leans the ranking, on both engines, and changes no count."""

from __future__ import annotations

import pytest

from tests.corpus import Loader

CORPUS = """
    A.1 upheld
    request: Functional capacity evaluation
    rationale: Functional improvement.
    meaning: 0.80

    B.1 upheld
    request: Norco
    drugs: acetaminophen, hydrocodone
    rationale: Lantern.
    meaning: 0.75

    C.1 overturned
    request: Acupuncture
    rationale: Copper functional harbor.
    meaning: 0.78

    D.1 upheld
    request: Acupuncture
    rationale: Copper functional harbor.
    meaning: 0.785

    E.1 upheld
    request: Violet
    rationale: Violet.
    meaning: 0.1
"""


def ranked(load: Loader, text: str) -> list[str]:
    return [row.id for row in load(CORPUS)(text).results]


def test_a_drug_that_is_named_weighs_more_than_words_beside_it(load: Loader) -> None:
    """Both decisions have half of what is asked; the one about the drug stands first."""
    assert ranked(load, "norco functional improvement documented")[0] == "B.1"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("copper overturned", "C.1"),
        ("copper approved", "C.1"),
        ("copper upheld", "D.1"),
        ("copper denied", "D.1"),  # by meaning alone: every decision was about a denial
        ("copper approved or not", "D.1"),
        ("copper", "D.1"),
    ],
)
def test_a_ruling_that_is_named_leans_to_what_ended_so(load: Loader, text: str, first: str) -> None:
    answer = load(CORPUS)(text)

    assert answer.results[0].id == first
    assert {row.id for row in answer.results if row.matched} == {"C.1", "D.1"}
    assert (answer.outcomes.upheld, answer.outcomes.overturned) == (1, 1)


def test_the_explanation_tells_it(load: Loader) -> None:
    (first, *_) = load(CORPUS)("copper overturned norco", explain=True).results

    assert first.explanation is not None
    assert "that it ended as the query says counts" in first.explanation.rank
    assert "what it has of the drugs that are named counts" in first.explanation.rank


def test_a_drug_beside_what_is_asked_for_does_not_lean(load: Loader) -> None:
    answer = load("""
        A.1 upheld
        request: Tramadol
        drugs: tramadol
        rationale: Copper.
        meaning: 0.80

        B.1 upheld
        request: Norco
        drugs: acetaminophen, hydrocodone
        rationale: Copper instead of tramadol.
        meaning: 0.70
    """)("norco instead of tramadol", explain=True)

    told = {row.id: row.explanation.rank for row in answer.results if row.explanation}
    assert "drugs that are named counts 1.00" in told["B.1"]
    assert "drugs that are named counts 0.00" in told["A.1"]
