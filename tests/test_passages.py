"""Rationales cut into what is embedded."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imr.letters.parse import parse
from imr.model import Decision, Determination
from imr.text.embedding import Embedder
from imr.text.passages import PASSAGE_TOKENS, passages, sentences
from indexer.sources import letter_files

PROSE = st.text(st.sampled_from("Aab1 .!?\"'()\n\u201d"), max_size=80)


@pytest.fixture(scope="module")
def letters(sample_letters: Path) -> list[Determination]:
    return [parse(file.read(), file.name) for file in letter_files([sample_letters])]


def decision(rationale: str, request: str = "A lantern") -> Decision:
    return Decision.model_validate(
        {
            "id": "A.1", "number": 1, "request": request, "outcome": "upheld",
            "category": "other", "rationale": rationale,
            "spans": {"request": (0, len(request)), "rationale": (100, 100 + len(rationale))},
        }
    )  # fmt: skip


def words(text: str) -> int:
    return len(text.split())


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Smith saw J. Doe. He left.", ["Dr. Smith saw J. Doe.", "He left."]),
        ("Doses, e.g. Norco, vs. Ultram.", ["Doses, e.g. Norco, vs. Ultram."]),
        ("Pain is 4.5 of 10. 12 visits.", ["Pain is 4.5 of 10.", "12 visits."]),
        ('He said "Yes." Then he left.', ['He said "Yes."', "Then he left."]),
        ("It ended. no capital", ["It ended. no capital"]),
        ("", []),
    ],
)
def test_sentences_end_where_people_end_them(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@given(PROSE)
@example("A. B. C.\n\nD! ")
def test_sentences_cover_the_text_in_order(text: str) -> None:
    ranges = list(sentences(text))

    assert all(start < end for start, end in ranges)
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))
    kept = set().union(*(range(start, end) for start, end in ranges))
    assert all(text[at].isspace() for at in range(len(text)) if at not in kept)


def test_a_short_rationale_is_one_passage_that_begins_with_the_request() -> None:
    (passage,) = passages(decision("One. Two."), words)

    assert passage.text == "A lantern: One. Two."
    assert passage.span == (100, 109)


def test_a_long_rationale_is_cut_at_sentence_ends() -> None:
    sentence = "Word " * 149 + "end."
    found = passages(decision(" ".join([sentence] * 5)), words)

    assert [words(p.text) - 2 for p in found] == [300, 300, 150]
    assert all(p.text.endswith("end.") for p in found)


def test_an_endless_sentence_stands_alone() -> None:
    endless = "word " * 500 + "end."
    found = passages(decision(f"Short one. X{endless} Short two."), words)

    assert [words(p.text) - 2 for p in found] == [2, 501, 2]


def test_without_a_rationale_the_request_is_the_passage() -> None:
    (passage,) = passages(decision(""), words)

    assert (passage.text, passage.span) == ("A lantern", (0, 9))


def test_passages_of_letters_fit_the_model_and_point_into_the_text(
    letters: list[Determination], embedder: Embedder
) -> None:
    found = 0
    for letter in letters:
        for each in letter.decisions:
            made = passages(each, embedder.count_tokens)
            found += len(made)
            for passage in made:
                start, end = passage.span
                piece = letter.text[start:end]
                assert passage.text == f"{each.request}: {piece}"
                assert embedder.count_tokens(piece) <= PASSAGE_TOKENS
            start, end = each.spans["rationale"]
            assert (made[0].span[0], made[-1].span[1]) == (start, end)
    assert found > len(letters)
