"""What a person types, understood as clauses."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imr.search.function_words import FUNCTION_WORDS, OUTCOME_WORDS
from imr.search.plan import Clause, make
from imr.search.query import MAX_LENGTH, Query, read
from imr.text.analysis import tokens
from imr.text.taxonomy.tagger import default_tagger

MARKS = list("\"+-'()[]{}:/\\.*?~^&|<> \u201c\u201d\u200b\x00\n\ud800ab1\u00e9")
AWKWARD = st.text(st.one_of(st.sampled_from(MARKS), st.characters()), max_size=60)
QUERIES = st.one_of(
    AWKWARD,
    st.lists(
        st.sampled_from(
            ["norco", "lumbar", "MRI", "-", "+", '"', "\u201c", "denied", "the", "L4-5", "10/325mg",
             "+knee", '-"not medically"', "AND", "OR", "NOT", "&&", "||", "!mri", "(", ")",
             "(a OR b)", "drug:norco", "drug:(", "year:2016", "age:[40 TO", "60]", "age:>=40",
             "request:mri", 'rationale:"red flags"', "acupunct*", '"two words"~5', "~3", "!!!",
             "\u0131"]
        )
    ).map(" ".join),
)  # fmt: skip


def understood(text: str) -> Query:
    return read(text, default_tagger(), lambda _: ())


def outcomes(text: str) -> list[str]:
    return [each.value for each in understood(text).suggested if each.field == "outcome"]


def shown(text: str) -> list[str]:
    """Each clause as one string: its kind, its mark and its wording."""
    return [
        f"{c.kind}: {'-' if c.negated else '+' if c.hard else ''}{c.text}"
        for c in understood(text).clauses
    ]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("lantern harbor", ["word: lantern", "word: harbor"]),
        ("norco taper", ["concept: norco", "word: taper"]),
        ('"not medically necessary"', ["phrase: +not medically necessary"]),
        ("\u201ccurly quotes\u201d", ["phrase: +curly quotes"]),
        ('+lantern -harbor -"two words"',
         ["word: +lantern", "word: -harbor", "phrase: -two words"]),
        ("-norco +knee", ["concept: -norco", "concept: +knee"]),
        ('-"norco"', ["phrase: -norco"]),
        ("post-operative x-ray", ["word: post-operative", "concept: x-ray"]),
        ("lantern - harbor", ["word: lantern", "word: harbor"]),
        ("10/325mg, (L4-5)?", ["word: 10/325mg", "word: L4-5"]),
        ("lantern, lanterns; LANTERN", ["word: lantern"]),
        ("norco vicodin", ["concept: norco"]),
        ("", []),
        (" \t\n", []),
    ],
)  # fmt: skip
def test_a_query_is_read_as_clauses(text: str, clauses: list[str]) -> None:
    assert shown(text) == clauses


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("physical therapy after arthroscopy", ["arthroscopy"]),
        ("physical therapy status post shoulder arthroscopy", ["shoulder", "shoulder arthroscopy"]),
        ("pregabalin instead of gabapentin", ["gabapentin"]),
        ("norco versus tramadol or percocet", ["tramadol", "percocet"]),
        ("lumbar fusion without physical therapy", ["physical therapy"]),
        ("interpreter for an MRI", ["MRI"]),
        ("physical therapy and acupuncture", []),
        ("norco, tramadol", []),
        ("after arthroscopy", []),
        ("norco without improvement after surgery of the knee", ["surgery"]),
        ("MRI of the knee after an injury", []),
        ("+norco instead of +tramadol", []),
    ],
)
def test_what_is_named_beside_what_is_asked_for(text: str, beside: list[str]) -> None:
    assert [c.text for c in understood(text).clauses if c.beside] == beside


@pytest.mark.parametrize(
    ("text", "positive"),
    [
        ("lumbar pain -surgery", "lumbar pain"),
        ('lumbar -"not medically" pain', "lumbar pain"),
        ('+lumbar "neck pain"', "lumbar neck pain"),
        ("which cases without surgery", "which cases without surgery"),
        ("-surgery", ""),
        ("the of and", ""),
    ],
)
def test_meaning_is_taken_from_the_positive_text(text: str, positive: str) -> None:
    assert understood(text).positive == positive


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ('an "open quote', "no partner"),
        ('lantern "" harbor', "holds no word"),
        ("lantern " * 2000, f"only the first {MAX_LENGTH} characters"),
    ],
)
def test_what_was_left_out_is_said(text: str, warning: str) -> None:
    (said,) = understood(text).warnings

    assert warning in said


@pytest.mark.parametrize("text", ["lantern", "norco 10/325mg", '"a phrase" -word', "x-ray (L4-5)"])
def test_plain_input_gives_no_warning(text: str) -> None:
    assert understood(text).warnings == ()


def test_an_open_quote_takes_nothing_away() -> None:
    assert shown('lantern "harbor meadow') == ["word: lantern", "word: harbor", "word: meadow"]
    assert shown('"harbor meadow" lantern"') == ["phrase: +harbor meadow", "word: lantern"]


def test_words_of_asking_are_no_clauses() -> None:
    kept = {w for w in FUNCTION_WORDS if shown(f"lantern {w} harbor")[1] != "word: harbor"}

    assert kept == set()


def test_quoted_or_required_a_function_word_counts() -> None:
    assert shown('+without "the" -prior') == ["word: +without", "phrase: +the", "word: -prior"]


@pytest.mark.parametrize(("word", "outcome"), OUTCOME_WORDS.items())
def test_words_of_outcome_become_suggestions(word: str, outcome: str) -> None:
    query = understood(f"{word.upper()}: lantern")

    assert [(s.field, s.value) for s in query.suggested] == [("outcome", outcome)]
    assert [clause.text for clause in query.clauses] == ["lantern"]


def test_outcomes_are_suggested_once_and_not_from_phrases() -> None:
    assert outcomes("denied, denial; then approved") == ["upheld", "overturned"]
    assert outcomes('"denied by" lantern -approved') == []


@given(QUERIES)
@settings(max_examples=400, deadline=None)
@example('"' * 101)
@example("-" * 100)
@example('+"')
@example("\u201c a \u201c b")
@example("\ud800 lantern")
@example("İstanbul ﬁ ẞ")
def test_whatever_is_typed_is_understood(text: str) -> None:
    query = understood(text)

    assert len(query.text) == len(text)
    for clause in query.clauses:
        assert clause.hard or not clause.negated
        for leaf in leaves(clause):
            assert leaf.kind == "field" or tokens(leaf.text), "every clause can be searched for"
            assert (leaf.kind == "concept") == (leaf.concept is not None)
            assert (leaf.kind == "field") == (leaf.filter is not None)
            if leaf.concept:
                assert leaf.concept.names
    for written in query.words:
        assert query.text[written.start : written.end] == written.word
    assert all(each.text for each in query.suggested)
    assert bool(query.positive) <= any(not clause.negated for clause in query.clauses)
    query.positive.encode()


def leaves(clause: Clause) -> Iterator[Clause]:
    """The words, phrases, concepts and field terms of a clause; groups have two parts at least."""
    assert not clause.parts or len(clause.parts) > 1
    if not clause.parts:
        yield clause
    for part in clause.parts:
        yield from leaves(part)


@given(st.lists(st.sampled_from(["lantern", "harbor", "norco", "lumbar", "+mri", "-knee"])))
def test_order_changes_no_clause(words: list[str]) -> None:
    """Words in any order ask for the same, concepts of one word included."""
    assert sorted(shown(" ".join(words))) == sorted(shown(" ".join(sorted(words))))


@pytest.mark.parametrize(
    "text",
    [
        "norco " * 1667,
        "lantern harbor meadow " * 455,
        '"' * 10_000,
        '"a" ' * 2_500,
        "+-" * 5_000,
        "(" * 10_000,
        "a-" * 5_000,
        "1." * 5_000,
        "x" * 10_000,
        "é\u0301" * 5_000,
        " " * 10_000,
    ],
    ids=lambda text: text[:6],
)
def test_ten_thousand_characters_are_read_at_once(text: str) -> None:
    understood("warm")
    began = time.perf_counter()
    query = understood(text)

    assert time.perf_counter() - began < 0.5
    assert any(f"first {MAX_LENGTH} characters" in warning for warning in query.warnings)


def clauses_of(text: str) -> tuple[Clause, ...]:
    return understood(text).clauses


def test_a_plan_sorts_hard_from_soft_and_required_from_excluded() -> None:
    plan = make(clauses_of('norco taper +harbor "a phrase" -meadow'), [])

    assert [c.text for c in plan.soft] == ["norco", "taper"]
    assert [c.text for c in plan.must] == ["harbor", "a phrase"]
    assert [c.text for c in plan.must_not] == ["meadow"]
    assert [[c.text for c in group.clauses] for group in plan.groups] == [["norco"], ["taper"]]


@pytest.mark.parametrize(
    ("text", "requested"),
    [
        ("norco", True),
        ("lumbar mri", True),
        ("opioids", True),
        ("norco taper", False),
        ("radiculopathy", False),
        ('norco "taper"', False),
        ("norco -taper", True),
        ("", False),
    ],
)
def test_concepts_alone_are_looked_for_in_the_request(text: str, requested: bool) -> None:  # noqa: FBT001
    assert make(clauses_of(text), []).requested == requested
    assert make(clauses_of(text), [], subject="mentioned").requested is False
    assert make(clauses_of(text), [], subject="requested").requested is True


@pytest.mark.parametrize("text", ['drug:"lantern', 'rationale:"lantern'])
def test_an_open_quote_behind_a_field_leaves_its_words_whole(text: str) -> None:
    found = shown(f"{text} harbor")

    assert any("lantern" in each for each in found)
    assert "word: harbor" in found
    assert not any(each.endswith((" rug", " ationale")) for each in found)
