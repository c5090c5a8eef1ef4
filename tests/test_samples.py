"""Synthetic letters: repeatable, distributed as life is, and saying what their record says."""

from __future__ import annotations

import re
import tracemalloc
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, get_args

import pypdfium2
import pytest

from imr.model import Category, Determination
from samples import determination, stream
from samples.amounts import NUMBERS
from samples.pdf import letter_pdf
from samples.render import letter_text
from samples.variations import Variation, varied
from samples.write import write_letters

if TYPE_CHECKING:
    from pathlib import Path

VARIATIONS = {
    "plain": Variation(),
    "narrow headings": Variation(heading_width=24),
    "page ends in a heading": Variation(break_heading=True, heading_width=40),
    "page ends in a citation": Variation(break_citation=True),
    "outcome alone": Variation(outcome_alone=True),
    "states without space": Variation(tight_states=True),
    "redacted": Variation(redacted=True),
    "soft hyphens": Variation(soft_hyphens=True),
    "joined hyphens": Variation(joined_hyphens=True, heading_width=30),
    "short pages": Variation(lines_per_page=20),
}


@pytest.fixture(scope="module")
def records() -> list[Determination]:
    return list(islice(stream(7), 1500))


def flat(text: str) -> str:
    """Text as a reader takes it: on one line, with the typesetter's hyphens undone."""
    joined = text.replace("\ufffe", "-").replace("\u00ad", "").replace("\r", "")
    joined = re.sub(r"(?<=[a-zA-Z])-[\n\f](?=[a-zA-Z])", "-", joined)
    return " ".join(joined.split())


def pdf_pages(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def statements(record: Determination) -> list[str]:
    """All wording of the record that the letter must hold."""
    outcomes = {"upheld": "Upheld", "overturned": "Overturned"}
    cited = [
        citation.cited
        for decision in record.decisions
        for citation in (*decision.administrator_guidelines, *decision.reviewer_guidelines)
    ]
    headings = [f"{d.request}: {outcomes[d.outcome]}" for d in record.decisions]
    rationales = [f"Decision rationale: {d.rationale}" for d in record.decisions]
    return [
        f"Case Number: {record.case_number}",
        record.clinical_summary,
        *record.reviewer.specialties,
        *headings,
        *cited,
        *rationales,
    ]


def test_a_seed_gives_the_same_records_again_and_another_seed_others() -> None:
    first = list(islice(stream(3), 20))
    assert first == list(islice(stream(3), 20))
    assert first != list(islice(stream(4), 20))
    assert determination(3, 17) == first[16]


def test_about_twelve_percent_are_overturned(records: list[Determination]) -> None:
    outcomes = [decision.outcome for record in records for decision in record.decisions]
    assert 0.09 < outcomes.count("overturned") / len(outcomes) < 0.15


def test_most_letters_decide_few_items_and_some_many(records: list[Determination]) -> None:
    sizes = Counter(len(record.decisions) for record in records)
    assert sum(sizes[n] for n in (1, 2, 3)) / len(records) > 0.7
    assert min(sizes) == 1
    assert 15 < max(sizes) <= 21


def test_every_category_occurs(records: list[Determination]) -> None:
    seen = {decision.category for record in records for decision in record.decisions}
    assert seen == set(get_args(Category))


def test_drugs_are_generics_sorted_and_skewed(records: list[Determination]) -> None:
    decisions = [decision for record in records for decision in record.decisions]
    assert all(decision.drugs == tuple(sorted(decision.drugs)) for decision in decisions)
    norco = next(decision for decision in decisions if "Norco" in decision.request)
    assert norco.drugs == ("acetaminophen", "hydrocodone")
    ranked = Counter(drug for d in decisions for drug in d.drugs).most_common()
    assert ranked[0][1] > 8 * ranked[len(ranked) // 2][1]


def test_dates_are_in_order_and_case_numbers_in_sequence(records: list[Determination]) -> None:
    for index, record in enumerate(records, 1):
        dates = record.dates
        assert dates.injury
        assert dates.ur_denial
        assert dates.received
        assert dates.assigned
        assert dates.decision
        assert dates.injury < dates.ur_denial < dates.received <= dates.assigned < dates.decision
        assert record.case_number == f"CM{dates.decision:%y}-{index:07}"


def test_facts_are_stated_by_the_request(records: list[Determination]) -> None:
    for decision in (decision for record in records for decision in record.decisions):
        request = decision.request.lower()
        for level in decision.levels:
            upper, _, lower = level.lower().partition("-")
            assert f"{upper}-{lower}" in request or f"{upper}-{lower[1:]}" in request
        if decision.side:
            assert decision.side in request
        if decision.quantity is not None and not re.search(r"times|once", request):
            number = int(decision.quantity)
            worded = NUMBERS[number] if number < len(NUMBERS) else str(number)
            assert re.search(rf"\b({number}|{worded})\b", request)


def test_requests_of_a_letter_differ(records: list[Determination]) -> None:
    for record in records:
        requests = [decision.request for decision in record.decisions]
        assert len(requests) == len(set(requests))


def test_rationales_conclude_with_the_outcome(records: list[Determination]) -> None:
    for decision in (decision for record in records for decision in record.decisions):
        denied = "not medically necessary" in decision.rationale
        assert not (denied and decision.outcome == "overturned")


@pytest.mark.parametrize("variation", VARIATIONS.values(), ids=VARIATIONS)
def test_text_says_what_the_record_says(records: list[Determination], variation: Variation) -> None:
    for record in records[:150]:
        text = flat(letter_text(record, variation))
        missing = [said for said in statements(record) if said not in text]
        assert not missing


@pytest.mark.parametrize("variation", VARIATIONS.values(), ids=VARIATIONS)
def test_pdf_says_what_the_record_says(
    records: list[Determination], variation: Variation, tmp_path: Path
) -> None:
    for record in records[:12]:
        letter_pdf(record, variation, tmp_path / "letter.pdf")
        text = flat("\n".join(pdf_pages(tmp_path / "letter.pdf")))
        missing = [said for said in statements(record) if said not in text]
        assert not missing


def test_pdf_header_is_extracted_in_the_order_of_real_letters(
    records: list[Determination], tmp_path: Path
) -> None:
    record = records[0]
    letter_pdf(record, None, tmp_path / "letter.pdf")
    extracted = pdf_pages(tmp_path / "letter.pdf")[0].split("\r\n")
    assert extracted[:7] == letter_text(record).split("\n")[:7]
    assert extracted[3:5] == [f"Priority: {record.priority} Application ", "Received: "]


def test_narrow_headings_wrap_over_several_lines(records: list[Determination]) -> None:
    record = next(r for r in records if "original request" in r.decisions[0].request)
    text = letter_text(record, Variation(heading_width=40))
    heading = text.partition("set forth below:")[2].partition("Claims Administrator guideline")[0]
    assert heading.count("\n") >= 5


def test_a_page_may_end_inside_a_heading_and_a_citation(records: list[Determination]) -> None:
    record = next(r for r in records if "original request" in r.decisions[0].request)
    text = letter_text(record, Variation(break_heading=True))
    heading = text.partition("set forth below:")[2].partition("Claims Administrator guideline")[0]
    assert "\f" in heading
    text = letter_text(record, Variation(break_citation=True))
    cited = text.partition("Claims Administrator guideline")[2].partition("Decision rationale")[0]
    assert "\f" in cited


def test_outcome_alone_and_tight_states_show_in_the_text(records: list[Determination]) -> None:
    record = next(r for r in records if len(r.reviewer.licensure_states) > 1)
    text = letter_text(record, Variation(outcome_alone=True, tight_states=True))
    assert re.search(r":[ ]?\n(Upheld|Overturned)\n", text)
    assert f"Licensure: {','.join(record.reviewer.licensure_states)}\n" in text


def test_redaction_leaves_a_gap(records: list[Determination]) -> None:
    record = next(r for r in records if "Dr. saw" in r.clinical_summary)
    assert re.search(r"Dr\.\s{6,}saw", letter_text(record, Variation(redacted=True)))


def test_written_letters_are_the_same_bytes_again(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    for name in ("one", "two"):
        write_letters(tmp_path / name, 5, seed=2, set_progress=lambda *step: steps.append(step))
    assert steps == [(n, 5) for n in range(1, 6)] * 2
    first = sorted(path for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(first) == 10
    for path in first:
        again = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == again.read_bytes()


def test_only_the_formats_asked_for_are_written(tmp_path: Path) -> None:
    write_letters(tmp_path, 3, formats=("text",))
    assert {path.suffix for path in tmp_path.rglob("*.*")} == {".txt"}


def test_a_long_stream_keeps_memory_flat() -> None:
    letters = (letter_text(record, varied(record.id)) for record in stream(1))
    for _ in islice(letters, 300):
        pass
    tracemalloc.start()
    for _ in islice(letters, 500):
        pass
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2_000_000
