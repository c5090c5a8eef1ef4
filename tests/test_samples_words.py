"""The words of synthetic letters: our own, and as many and as unevenly used as in real ones."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from imr.letters.parse import parse
from samples import stream
from samples.layout_current import CASE_INTRODUCTION, DECISIONS_INTRODUCTION, MADE
from samples.layout_maximus import MADE as MADE_IN_2013
from samples.layout_professional import WHY
from samples.measure import MARK, SEED, measure
from samples.told_in_part import disputed
from tests.letters_at_hand import letters_at_hand

RUN = 8
"""Words in a row that two writers do not share by chance."""
LETTERS = 3000
WORD = re.compile(r"[a-z0-9]+")
REAL, SYNTHETIC = 2, 3
"""Columns of the table in the document."""


def runs(text: str) -> set[str]:
    words = WORD.findall(text.lower())
    return {" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


@cache
def real_runs() -> set[str]:
    """All runs of the real letters at hand; skips the test where there are none."""
    letters = letters_at_hand()
    if not letters:
        pytest.skip("no real letters beside the checkout")
    return set().union(*(runs(parse(path.read_bytes(), "a letter").text) for path in letters))


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?]) (?=[A-Z0-9])", text)


def test_no_sentence_of_a_real_letter_is_in_a_synthetic_one() -> None:
    """Headings aside, which are names of treatments with their amounts; what is shown is ours."""
    theirs = real_runs()
    shared = set()
    for record in stream(21, LETTERS):
        told = [record.clinical_summary]
        told += [d.rationale.replace(disputed(d.request), " . ") for d in record.decisions]
        ours = (sentence for text in told for sentence in sentences(text))
        shared |= {sentence for sentence in ours if not theirs.isdisjoint(runs(sentence))}
    assert shared == set()


def test_the_paragraphs_that_all_letters_have_are_our_own() -> None:
    theirs = real_runs()
    for paragraph in (MADE, MADE_IN_2013, *WHY):
        assert theirs.isdisjoint(runs(paragraph))


def test_only_what_introduces_the_parts_is_as_in_real_letters() -> None:
    """Readers find the parts by these two lines, so they are carried over."""
    assert not real_runs().isdisjoint(runs(CASE_INTRODUCTION))
    assert not real_runs().isdisjoint(runs(DECISIONS_INTRODUCTION))


def rows() -> dict[str, list[str]]:
    """The table of docs/samples.md by the name of the figure."""
    document = Path(__file__).parents[1] / "docs" / "samples.md"
    table = document.read_text("utf-8").split(MARK)[1].strip().splitlines()[2:]
    cells = [[cell.strip() for cell in row.split("|")] for row in table]
    return {row[1]: row for row in cells}


def test_the_measured_table_is_near_the_real_figures_and_true() -> None:
    """The document's own columns, and what one great sample gives today."""
    letters = list(stream(SEED, 700))
    today = {figure.name: figure.value for figure in measure(letters)}
    table = rows()
    assert len(table) > 20
    for name, row in table.items():
        real, synthetic = float(row[REAL]), float(row[SYNTHETIC])
        assert 0.75 < synthetic / real < 1.25, name
        grows_with_the_sample = "found twice" in name or "in two letters" in name or "slope" in name
        if not grows_with_the_sample and "different words" not in name:
            assert 0.85 < today[name] / synthetic < 1.15, name
