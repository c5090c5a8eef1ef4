"""Synthetic letters as text and PDF: they say what their record says, however they are set."""

from __future__ import annotations

import re
import subprocess
import sys
import tracemalloc
from itertools import islice
from pathlib import Path

import pypdfium2
import pytest

from imr.model import Determination
from samples import stream
from samples.pdf import letter_pdf
from samples.render import letter_text
from samples.variations import Variation, varied
from samples.write import write_letters

ROOT = Path(__file__).parents[1]
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
    return list(islice(stream(7), 400))


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
    assert re.search(r":[ ]?[\n\f](Upheld|Overturned)[\n\f]", text)
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


def test_letters_of_all_layouts_are_told_apart_by_their_date(tmp_path: Path) -> None:
    write_letters(tmp_path, 120, seed=3, formats=("text",), layout="all")
    for record in stream(3, 120):
        text = (tmp_path / "0000" / f"{record.id}.txt").read_text("utf-8")
        early = record.dates.decision is not None and record.dates.decision.year == 2013
        assert ("MAXIMUS FEDERAL SERVICES, INC." in text) == early


def test_the_command_writes_letters(tmp_path: Path) -> None:
    asked = ["--count", "3", "--format", "text", "--layout", "maximus-2013"]
    subprocess.run([sys.executable, "-m", "samples", tmp_path, *asked], cwd=ROOT, check=True)
    written = list(tmp_path.rglob("*.txt"))
    assert len(written) == 3
    assert all("IMR DECISION(S) AND RATIONALE(S)" in path.read_text("utf-8") for path in written)


def test_only_the_formats_asked_for_are_written(tmp_path: Path) -> None:
    write_letters(tmp_path, 3, formats=("text",))
    assert {path.suffix for path in tmp_path.rglob("*.*")} == {".txt"}


def test_a_long_stream_keeps_memory_flat() -> None:
    letters = (letter_text(record, varied(record.id)) for record in stream(1))
    for _ in islice(letters, 1500):  # templates and word lists are kept once they were used
        pass
    tracemalloc.start()
    for _ in islice(letters, 700):
        pass
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_500_000
