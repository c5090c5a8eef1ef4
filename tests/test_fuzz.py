"""Letters that went wrong: a record that holds together or a reason, never anything else.

`python -m tests.fuzz` does the same for as long as asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imr.letters.pool import Pool
from imr.model import Determination
from tests import mutations
from tests.fuzz import fault, parsed

bounded = settings(
    max_examples=150, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@bounded
@given(st.randoms(use_true_random=False))
def test_a_letter_that_was_changed_is_read_or_told(rng: Random) -> None:
    assert fault(parsed(mutations.mutated(rng))) is None


@bounded
@given(st.randoms(use_true_random=False))
def test_a_pdf_that_was_changed_is_read_or_told(rng: Random) -> None:
    assert fault(parsed(mutations.scrambled_pdf(rng))) is None


@bounded
@given(st.randoms(use_true_random=False))
def test_pieces_of_letters_in_any_order_are_read_or_told(rng: Random) -> None:
    assert fault(parsed(mutations.noise(rng))) is None


@bounded
@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_are_told(data: bytes) -> None:
    assert fault(parsed(data)) is None


def test_most_changed_letters_still_reach_the_last_stage() -> None:
    """Else this would test only how letters are refused."""
    made = [parsed(mutations.mutated(Random(seed))) for seed in range(100)]

    assert sum(isinstance(each, Determination) for each in made) > 30


# ---------------------------------------------------------------- letters of a megabyte


TITLE = (
    "IMR ISSUES, DECISIONS AND RATIONALES\n\nThe Final Determination was based on decisions for "
    "the disputed items/services set forth below:\n\n"
)
ITEM = (
    "{request}: Upheld\n\nClaims Administrator guideline: The Claims Administrator based its "
    "decision on the {cited}\n\nMAXIMUS guideline: {cited}\n\nDecision rationale: {rationale}\n\n"
)


def long_letter(part: str, unit: str) -> bytes:
    """A letter in which a part repeats a few characters a million times."""
    parts = {
        "header": "", "summary": "", "request": "Norco #90", "cited": "MTUS", "rationale": "No.",
    } | {part: unit * (mutations.LONG // len(unit))}  # fmt: skip
    return (
        f"Case Number: CM16-0000042\n{parts['header']}\n\nCLINICAL CASE SUMMARY\n\n"
        f"{parts['summary']}\n\n{TITLE}{ITEM.format(**parts)}"
    ).encode()


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1) as pool:
        yield pool


@pytest.mark.parametrize(
    ("part", "unit"),
    [
        ("request", "1"),  # took 8 hours: two patterns backtracked over every run of digits
        ("request", "#"),
        ("request", "The remaining "),
        ("request", "12,000.50"),
        ("request", "99/99/9999"),
        ("cited", "ODG, "),
        ("cited", "2009, Section(s): "),
        ("rationale", "not "),
        ("rationale", "a.b."),
        ("summary", "51 year old "),
        ("summary", "\ufb01\n"),
        ("header", "Date of Injury: "),
        ("header", "Page 1\n"),
    ],
)
def test_a_letter_of_a_megabyte_stays_within_the_limits(part: str, unit: str, pool: Pool) -> None:
    assert fault(pool.parse_one(long_letter(part, unit), "letter")) is None


def test_more_decisions_than_a_letter_has_are_none() -> None:
    item = ITEM.format(request="Norco #90", cited="MTUS", rationale="No.")
    few, many = (parsed((TITLE + item * count).encode()) for count in (200, 201))

    assert isinstance(few, Determination)
    assert "201 decisions" in str(many)
