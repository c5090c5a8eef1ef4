"""What is marked in a text, and which snippets of it are shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr.model import Span
from imr.search.highlight import LENGTH, SNIPPETS, joined, parts, snippets
from imr.search.occurrences import Sought, Text
from imr.search.plan import Clause, ConceptClause
from imr.text.passages import sentences

HEBREW = "\u05d1\u05d2\u05d1"
"""A word that is written from right to left."""


def concept(*names: str) -> Clause:
    return Clause("concept", names[0], concept=ConceptClause("c", "drug", "C", None, ("c",), names))


def shown(text: str, *clauses: Clause) -> tuple[str, ...]:
    """The snippets of a text, as a search gives them."""
    read = Text(text)
    found = (
        (number, span)
        for number, clause in enumerate(clauses)
        for span in Sought.by(clause).spans(read)
    )
    return snippets(text, joined(found), list(sentences(text)))


def word(text: str) -> Clause:
    return Clause("word", text)


# what is marked


@pytest.mark.parametrize(
    ("text", "clause", "marked"),
    [
        pytest.param("No injection. Injections!", word("injected"),
                     ["injection", "Injections"], id="a word in any form"),
        pytest.param("Norco 10/325mg #90", word("10/325mg"), ["10/325mg"], id="a strength"),
        pytest.param("EMG/NCV, EMG, NCV", word("EMG/NCV"), ["EMG/NCV", "EMG, NCV"],
                     id="a word that is two tokens"),
        pytest.param("not medically necessary", Clause("phrase", "medical necessity"),
                     [], id="no other phrase"),
        pytest.param("It is not medically necessary.", Clause("phrase", "not medically necessary"),
                     ["not medically necessary"], id="a phrase as one"),
        pytest.param("red red flags", Clause("phrase", "red flags"), ["red flags"],
                     id="a phrase that begins twice"),
        pytest.param("Acupuncture, acupressure", Clause("prefix", "acupunct"), ["Acupuncture"],
                     id="a prefix"),
        pytest.param("m\u00e9dical", word("medical"), ["m\u00e9dical"], id="accents"),
        pytest.param("an MRI, magnetic resonance imaging",
                     concept("mri", "magnetic resonance imaging"),
                     ["MRI", "magnetic resonance imaging"], id="a concept by each of its names"),
        pytest.param("care fails; care was conservative and failed",
                     Clause("near", "conservative failed", slop=1), ["conservative", "failed"],
                     id="words near each other, each by itself"),
        pytest.param("failed conservative", Clause("near", "conservative failed", slop=1), [],
                     id="the other way round is two further"),
        pytest.param("failed conservative", Clause("near", "conservative failed", slop=2),
                     ["failed", "conservative"], id="and near enough"),
        pytest.param(f"{HEBREW} Norco {HEBREW}", word("norco"),
                     ["Norco"], id="among right-to-left words"),
        pytest.param(f"Norco {HEBREW}.", word(HEBREW), [HEBREW], id="a right-to-left word"),
    ],
)  # fmt: skip
def test_what_holds_is_marked_and_nothing_else(
    text: str, clause: Clause, marked: list[str]
) -> None:
    found = [
        piece for snippet in shown(text, clause) for piece, is_mark in parts(snippet) if is_mark
    ]

    assert sorted(found) == sorted(marked)


@pytest.mark.parametrize(
    ("clauses", "snippet"),
    [
        ((word("care"), Clause("phrase", "conservative care")),
         "Failed <em>conservative care</em> and rest."),
        ((Clause("phrase", "failed conservative"), Clause("phrase", "conservative care")),
         "<em>Failed conservative care</em> and rest."),
        ((word("failed"), word("conservative")),
         "<em>Failed</em> <em>conservative</em> care and rest."),
        ((Clause("prefix", "conserv"), word("conservative")),
         "Failed <em>conservative</em> care and rest."),
    ],
)  # fmt: skip
def test_marks_that_overlap_are_one(clauses: tuple[Clause, ...], snippet: str) -> None:
    assert shown("Failed conservative care and rest.", *clauses) == (snippet,)


def test_markup_of_a_letter_is_text() -> None:
    text = 'A <script>alert("pain")</script> & <em>pain</em> &lt;b&gt; pain'

    (snippet,) = shown(text, word("pain"))

    assert re.findall(r"<[^>]*>", snippet) == ["<em>", "</em>"] * 3
    assert "&lt;script&gt;" in snippet
    assert "&lt;em&gt;<em>pain</em>&lt;/em&gt; &amp;lt;b&amp;gt;" in snippet
    assert "".join(piece for piece, _ in parts(snippet)) == text


# which snippets


def test_a_snippet_is_a_whole_sentence() -> None:
    text = "The knee hurts. Dr. Smith asks for an MRI of it!  Nothing else is said."

    assert shown(text, word("MRI")) == ("Dr. Smith asks for an <em>MRI</em> of it!",)


def test_a_phrase_over_the_end_of_a_sentence_joins_both() -> None:
    assert shown("There are none. Red flags. Nothing.", Clause("phrase", "none red")) == (
        "There are <em>none. Red</em> flags.",
    )


def test_the_best_three_are_shown_those_first_that_say_most_that_is_new() -> None:
    text = "Alpha. Alpha again. Beta alpha gamma. Delta! Alpha and beta. Delta, once more."
    clauses = [word(each) for each in ("alpha", "beta", "gamma", "delta")]

    assert shown(text, *clauses) == (
        "<em>Beta</em> <em>alpha</em> <em>gamma</em>.",
        "<em>Delta</em>!",
        "<em>Alpha</em> and <em>beta</em>.",
    )


def test_a_long_sentence_is_cut_at_words_around_its_marks() -> None:
    text = f"{'before ' * 60}the needle {'between ' * 60}needles {'after ' * 60}"

    first, second = shown(text, word("needle"))

    for snippet, written in ((first, "needle"), (second, "needles")):
        assert snippet.startswith("\u2026 ")
        assert snippet.endswith(" \u2026")
        assert f"<em>{written}</em>" in snippet
        words = "".join(piece for piece, _ in parts(snippet)).strip("\u2026 ").split()
        assert set(words) <= {"before", "the", "needle", "between", "needles", "after"}
        assert LENGTH - 20 < len(" ".join(words)) <= LENGTH


def test_lines_are_joined_and_no_mark_gives_no_snippet() -> None:
    assert shown("an MRI\n   of the\tknee", word("knee")) == ("an MRI of the <em>knee</em>",)
    assert shown("an MRI", word("knee")) == ()
    assert shown("", word("knee")) == ()


def test_an_endless_word_is_cut() -> None:
    (snippet,) = shown(f"see {'x' * 5_000} there", word("x" * 5_000))

    assert len(snippet) < LENGTH + 20
    assert snippet.count("<em>") == 1


PIECES = st.lists(
    st.sampled_from(
        ["care", "failed ", "conservative", " ", ". ", "\n", "<em>", "</em>", "&lt;", "<", "&",
         "'", '"', HEBREW, "\u202e", "x" * 70, "no care. The ", "\u0301", "10/325"]
    ),
    max_size=120,
).map("".join)  # fmt: skip
CLAUSES = (
    word("care"), Clause("phrase", "conservative care"), Clause("prefix", "x"), word("em"),
    Clause("near", "failed care", slop=3), word(HEBREW), word("10/325"),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(PIECES)
def test_snippets_are_pieces_of_the_text_for_any_text(text: str) -> None:
    found = shown(text, *CLAUSES)
    whole = " ".join(text.split())

    assert len(found) <= SNIPPETS
    assert bool(found) == any(Sought.by(clause).stands_in(Text(text)) for clause in CLAUSES)
    for snippet in found:
        tags = re.findall(r"<[^>]*>", snippet)
        assert tags == ["<em>", "</em>"] * (len(tags) // 2)
        assert tags
        plain = "".join(piece for piece, _ in parts(snippet))
        assert " ".join(plain.removeprefix("\u2026 ").removesuffix(" \u2026").split()) in whole
        assert len(plain) <= LENGTH + 4
        assert "<" not in re.sub(r"</?em>", "", snippet)


def test_pieces_of_a_snippet_are_told_from_marks() -> None:
    assert list(parts("a <em>b &amp; c</em> &lt;d&gt;")) == [
        ("a ", False), ("b & c", True), (" <d>", False),
    ]  # fmt: skip


def test_marks_are_joined_in_order() -> None:
    spans: list[tuple[int, Span]] = [(1, (4, 9)), (0, (0, 3)), (2, (8, 12)), (1, (12, 13))]

    assert [(mark.start, mark.end, set(mark.clauses)) for mark in joined(spans)] == [
        (0, 3, {0}), (4, 12, {1, 2}), (12, 13, {1}),
    ]  # fmt: skip
