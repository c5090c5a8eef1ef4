"""The real letters against labels made by reading them. Skipped where no letter is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from evaluation.accuracy import HALVES, LABELS, Checked, check
from imr.letters.parse import parse
from imr.model import Decision, Determination
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


ABSENT = "no real letter is at hand: they are not in the repository"


@pytest.fixture(scope="module")
def place() -> Path:
    found = folder()
    if found is None or not letters_at_hand():
        pytest.skip(ABSENT)
    return found


@pytest.fixture(scope="module")
def checked(place: Path) -> list[Checked]:
    return list(check(place / "pdf", HALVES))


@pytest.mark.usefixtures("place")
def test_every_letter_at_hand_is_labelled() -> None:
    assert {path.stem for path in letters_at_hand()} == {path.stem for path in LABELS.glob("CM*")}


@pytest.mark.parametrize("fact", sorted(EXACT))
def test_a_fact_is_read_right_on_every_letter(fact: str, checked: list[Checked]) -> None:
    of_fact = [each for each in checked if each.fact == fact]
    assert len(of_fact) >= 91
    assert [each.place for each in of_fact if not each.right] == []


def as_text(pdf: Path) -> str:
    """What a converter that knows no gaps and no bold type makes of the PDF."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "\f".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.usefixtures("place")
def test_a_letter_says_the_same_without_gaps_and_bold_type() -> None:
    # names alone are told, here and below: half of the letters are held back from rule writers
    assert [pdf.stem for pdf in letters_at_hand() if not says_the_same_as_text(pdf)] == []


def says_the_same_as_text(pdf: Path) -> bool:
    drawn = parse(pdf.read_bytes(), pdf.name)
    typed = parse(as_text(pdf).encode(), pdf.name)
    same = typed.model_copy(update={"source": drawn.source, "text": drawn.text})
    return facts(same) == facts(drawn)


def facts(letter: Determination) -> dict[str, object]:
    """The record with its white space collapsed and without places in the text."""
    placeless = {"decisions": {"__all__": {"spans", "reasons"}}}
    dumped = letter.model_dump_json(exclude=placeless)
    facts: dict[str, object] = json.loads(re.sub(r"\\n", " ", dumped))
    return facts


@pytest.mark.usefixtures("place")
def test_spans_of_a_letter_point_at_what_the_record_holds() -> None:
    letters = (parse(pdf.read_bytes(), pdf.name) for pdf in letters_at_hand())
    wrong = [d.id for letter in letters for d in letter.decisions if not holds(letter, d)]
    assert wrong == []


def holds(letter: Determination, decision: Decision) -> bool:
    held = {name: letter.text[slice(*span)] for name, span in decision.spans.items()}
    return (
        held["request"] == decision.request
        and held["outcome"].lower() == decision.outcome
        and held["rationale"] == decision.rationale
    )


@pytest.mark.parametrize("name", TEXTS)
def test_a_letter_without_a_header_is_read(name: str, place: Path) -> None:
    letter = parse((place / "txt" / name).read_bytes(), name)

    assert [decision.outcome for decision in letter.decisions] == TEXTS[name]
    assert letter.case_number is None
    assert letter.id.startswith("sha-")
    assert letter.clinical_summary
    assert all(decision.rationale for decision in letter.decisions)


FACTS = {
    *("case_number", "dates", "priority", "reviewer", "patient", "summary_sha256", "decisions"),
    *("injury", "ur_denial", "received", "assigned", "decision"),
    *("licensure_states", "specialties", "age", "sex"),
    *("number", "outcome", "category", "drugs", "body_parts", "side", "levels", "quantity"),
    *("administrator_guidelines", "reviewer_guidelines", "request_sha256", "rationale_sha256"),
    *("source", "document", "year", "sections", "pages"),
}


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from keys(inner)
    if isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_labels_hold_facts_and_no_text_of_a_letter() -> None:
    files = sorted(LABELS.glob("CM*.json"))
    assert len(files) == 91
    for file in files:
        label = json.loads(file.read_text(encoding="utf-8"))
        assert set(keys(label)) <= FACTS
        assert label["case_number"] == file.stem
        for decision in label["decisions"]:
            assert re.fullmatch("[0-9a-f]{64}", decision["request_sha256"])
            assert re.fullmatch("[0-9a-f]{64}", decision["rationale_sha256"])
