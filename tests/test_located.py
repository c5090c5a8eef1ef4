"""Tokens with their places are the index's own tokens, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr.text.analysis import tokens, words
from imr.text.located import Located

# what tokens are made of and broken at stands thick in these; the rest of Unicode in between
MIXED = st.text(
    st.one_of(
        st.sampled_from("abLx019./'-_ \n%,\u0301\u00e9\u00df\u05d0\u0661\u00bd\u2167\ufb01\u0130"),
        st.characters(),
    ),
    max_size=60,
)


@settings(max_examples=2_000, deadline=None)
@given(MIXED)
def test_places_and_tokens_agree_for_any_text(text: str) -> None:
    found = Located(text)
    spans = [found.span(at, at) for at in range(len(found.stems))]

    assert found.stems == tokens(text)
    assert found.words == words(text)
    # each stands where it says, none reaches into the next, and nothing is left between them
    assert [tokens(text[start:end]) for start, end in spans] == [[stem] for stem in found.stems]
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    assert all(end <= start for end, start in zip(ends, starts, strict=True))
    assert all(not tokens(text[a:b]) for a, b in zip(ends, starts, strict=True))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Norco10/325mg's L4-5, x-rayed", ["Norco10/325mg", "s", "L4-5", "x", "rayed"]),
        ("a a-b a", ["a", "a-b", "a"]),
        ("caf\u00e9 (EMG/NCV)", ["caf\u00e9", "EMG", "NCV"]),
        ("\u05e9\u05dc\u05d5\u05dd.", ["\u05e9\u05dc\u05d5\u05dd"]),
        ("\ud83d lone", ["lone"]),
        ("", []),
    ],
)  # fmt: skip
def test_tokens_stand_where_they_are_written(text: str, written: list[str]) -> None:
    found = Located(text)
    spans = [found.span(at, at) for at in range(len(found.stems))]
    assert [text[start:end] for start, end in spans] == written


def test_a_range_reaches_from_one_token_to_another() -> None:
    text = " no  functional improvement, (so far)."
    start, end = Located(text).span(1, 4)
    assert text[start:end] == "functional improvement, (so far"
