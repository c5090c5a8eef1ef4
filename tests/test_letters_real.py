"""The real letters against what people read in them. Skipped where no letter is at hand."""

from __future__ import annotations

import pytest

from evaluation.accuracy import LABELS, Checked, check
from imr.letters.parse import parse
from tests.letters_at_hand import folder, letters_at_hand

EXACT = frozenset(
    {"number of decisions", "request", "outcome", "rationale", "summary", "priority", "age", "sex"}
    | {"licensure states", "specialties"}
    | {f"date: {name}" for name in ("injury", "ur denial", "received", "assigned", "decision")}
)
"""Facts that the first layout's rules must get right on every letter at hand."""

TEXTS = {
    "seed-000.txt": ["upheld", "upheld", "upheld"],
    "seed-001.txt": ["upheld"],
    "seed-002.txt": ["upheld", "upheld", "upheld"],
}
"""Outcomes of the letters that are at hand as text, in order, counted by reading."""


@pytest.fixture(scope="module")
def checked() -> list[Checked]:
    place = folder()
    if place is None or not letters_at_hand():
        pytest.skip("no real letter is at hand: they are not in the repository")
    return list(check(place / "pdf"))


def test_every_letter_at_hand_is_labelled() -> None:
    if not letters_at_hand():
        pytest.skip("no real letter is at hand: they are not in the repository")
    assert {path.stem for path in letters_at_hand()} == {path.stem for path in LABELS.glob("CM*")}


@pytest.mark.parametrize("fact", sorted(EXACT))
def test_a_fact_is_read_right_on_every_letter(fact: str, checked: list[Checked]) -> None:
    of_fact = [each for each in checked if each.fact == fact]
    assert len(of_fact) >= 70
    assert [each.place for each in of_fact if not each.right] == []


@pytest.mark.parametrize("name", TEXTS)
def test_a_letter_without_a_header_is_read(name: str) -> None:
    place = folder()
    if place is None:
        pytest.skip("no real letter is at hand: they are not in the repository")
    letter = parse((place / "txt" / name).read_bytes(), name)

    assert [decision.outcome for decision in letter.decisions] == TEXTS[name]
    assert letter.case_number is None
    assert letter.id.startswith("sha-")
    assert letter.clinical_summary
    assert all(decision.rationale for decision in letter.decisions)
