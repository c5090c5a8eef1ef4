"""A letter's bytes → its record: what a synthetic letter states comes back, hostile bytes don't."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from imr.errors import (
    EmptyLetterError,
    EncryptedLetterError,
    LetterError,
    NeedsOcrError,
    NotALetterError,
)
from imr.letters.parse import parse
from imr.model import Citation, Dates, Determination, Reviewer
from samples import determination, stream
from samples.pdf import letter_pdf
from samples.render import blocks, header, letter_text, wrapped
from samples.variations import Variation, varied

LETTERS = 120

ODD = st.builds(
    Variation,
    width=st.integers(40, 120),
    heading_width=st.integers(20, 110),
    lines_per_page=st.integers(16, 60),
    break_heading=st.booleans(),
    break_citation=st.booleans(),
    outcome_alone=st.booleans(),
    tight_states=st.booleans(),
    redacted=st.booleans(),
    soft_hyphens=st.booleans(),
    joined_hyphens=st.booleans(),
)
"""Letters set more oddly, and in more ways at once, than any that was seen."""


def words(text: str) -> str:
    return " ".join(text.split())


def uncited(citations: Iterable[Citation]) -> list[Citation]:
    """Citations without their wording, which a record and a letter may punctuate differently."""
    return [citation.model_copy(update={"cited": ""}) for citation in citations]


def assert_stated(found: Determination, stated: Determination) -> None:
    assert found.id == stated.id
    assert found.case_number == stated.case_number
    assert found.dates == stated.dates
    assert found.priority == stated.priority
    assert found.reviewer == stated.reviewer
    assert (found.patient.age, found.patient.sex) == (stated.patient.age, stated.patient.sex)
    assert words(found.clinical_summary) == words(stated.clinical_summary)
    assert [d.request for d in found.decisions] == [d.request for d in stated.decisions]
    for ours, theirs in zip(found.decisions, stated.decisions, strict=True):
        assert (ours.id, ours.number, ours.outcome) == (theirs.id, theirs.number, theirs.outcome)
        assert words(ours.rationale) == words(theirs.rationale)
        administrator = uncited(ours.administrator_guidelines)
        assert administrator == uncited(theirs.administrator_guidelines)
        assert uncited(ours.reviewer_guidelines) == uncited(theirs.reviewer_guidelines)
    assert found.warnings == ()


def read_text(text: str, encoding: str = "utf-8") -> Determination:
    return parse(text.encode(encoding), "letter.txt")


def pdf_of(record: Determination, variation: Variation, folder: Path) -> bytes:
    path = folder / "letter.pdf"
    letter_pdf(record, variation, path)
    return path.read_bytes()


def oddly(rng: Random) -> Variation:
    """A mixture with narrow headings and short pages, for letters drawn as PDF."""
    return replace(
        varied(rng.randrange(10**6)),
        heading_width=rng.choice((20, 30, 60, 88)),
        lines_per_page=rng.choice((18, 30, 47)),
        break_heading=rng.random() < 0.5,
        break_citation=rng.random() < 0.5,
        outcome_alone=rng.random() < 0.5,
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_text_letter_gives_its_record_back(seed: int) -> None:
    for at, record in enumerate(islice(stream(seed), LETTERS)):
        assert_stated(read_text(letter_text(record, varied(at))), record)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 10**7 - 1), ODD)
def test_a_text_set_oddly_gives_its_record_back(seed: int, index: int, odd: Variation) -> None:
    record = determination(seed, index)
    assert_stated(read_text(letter_text(record, odd)), record)


def test_a_pdf_letter_gives_its_record_back(tmp_path: Path) -> None:
    for at, record in enumerate(islice(stream(4), LETTERS)):
        assert_stated(parse(pdf_of(record, varied(at), tmp_path), "letter.pdf"), record)


def test_a_pdf_set_oddly_gives_its_record_back(tmp_path: Path) -> None:
    rng = Random(9)
    for record in islice(stream(5), LETTERS):
        assert_stated(parse(pdf_of(record, oddly(rng), tmp_path), "letter.pdf"), record)


def paragraphs_apart(record: Determination) -> str:
    """As some converters write: a blank line after every line, two more between paragraphs."""
    lines = [wrapped(block.text, lambda start: start + 90) for block in blocks(record, Variation())]
    return "\n\n".join(header(record)) + "\n\n\n\n" + "\n\n\n\n".join(map("\n\n".join, lines))


def page_titles(record: Determination) -> str:
    """A page number above each page and a running title below it."""
    pages = letter_text(record, varied(record.id)).split("\f")
    title = f"Final Determination Letter for IMR Case Number {record.case_number}"
    return "\f".join(f"{at}\n{page}\n{title} {at}" for at, page in enumerate(pages, 1))


def as_text(change: Callable[[str], str]) -> Callable[[Determination], str]:
    return lambda record: change(letter_text(record, varied(record.id)))


SETTINGS = {
    "paragraphs apart": paragraphs_apart,
    "page numbers and running titles": page_titles,
    "a blank line after every line": as_text(lambda text: text.replace("\n", "\n\n")),
    "Windows line ends": as_text(lambda text: text.replace("\n", "\r\n")),
    "indented": as_text(lambda text: text.replace("\n", "\n      ")),
    "no space at line ends": as_text(lambda text: re.sub(r" +\n", "\n", text)),
    "pages run on": as_text(lambda text: text.replace("\f", "\n")),
    "hyphens of older builds of pdfium": as_text(lambda text: text.replace("\ufffe", "\x02")),
}


@pytest.mark.parametrize("layout", SETTINGS.values(), ids=SETTINGS)
def test_how_a_converter_sets_the_text_changes_nothing(
    layout: Callable[[Determination], str],
) -> None:
    for record in islice(stream(6), 40):
        assert_stated(read_text(layout(record)), record)


def test_a_line_joined_at_its_hyphen_opens_no_paragraph(tmp_path: Path) -> None:
    """There pdfium gives two lines as one, and the next stands two steps below its start."""
    for record in islice(stream(7), LETTERS):
        found = parse(pdf_of(record, Variation(), tmp_path), "letter.pdf")
        assert "\n" not in found.clinical_summary
        assert not [d for d in found.decisions if "\n" in d.rationale]


IN_ORDER = ("request", "outcome", "administrator_guidelines", "reviewer_guidelines", "rationale")


@pytest.mark.parametrize("format_", ["text", "pdf"])
def test_spans_point_at_what_the_record_holds(format_: str, tmp_path: Path) -> None:
    for at, record in enumerate(islice(stream(8), LETTERS)):
        is_pdf = format_ == "pdf"
        odd = varied(at)
        data = pdf_of(record, odd, tmp_path) if is_pdf else letter_text(record, odd).encode()
        found = parse(data, "letter")
        for decision in found.decisions:
            held = {name: found.text[slice(*span)] for name, span in decision.spans.items()}
            assert held["request"] == decision.request
            assert held["rationale"] == decision.rationale
            assert held["outcome"].lower() == decision.outcome
            starts = [decision.spans[name][0] for name in IN_ORDER]
            assert starts == sorted(starts)
            for citation in decision.reviewer_guidelines:
                assert citation.cited in held["reviewer_guidelines"]
            for reason in decision.reasons:
                start, end = decision.spans["rationale"]
                assert start <= reason.span[0] < reason.span[1] <= end


RECEIVED = "Application \nReceived: \n{date}"
"""The cell as samples write it."""


@pytest.mark.parametrize(
    "cell",
    [
        "Application Received: {date}",
        "Application\nReceived: {date}",
        "Application\nReceived:\n{date}",
        "Application {date}\nReceived:",
        "Application\n{date}\nReceived:",
    ],
)
def test_the_received_date_is_found_before_and_behind_its_label(cell: str) -> None:
    for record in islice(stream(2), 20):
        date = f"{record.dates.received:%m/%d/%Y}"
        text = letter_text(record).replace(RECEIVED.format(date=date), cell.format(date=date))
        assert cell.format(date=date) in text
        assert_stated(read_text(text), record)


@pytest.mark.parametrize("missing", Dates.model_fields)
def test_an_empty_cell_takes_no_date_from_its_neighbour(missing: str) -> None:
    record = next(stream(2))
    dates = record.dates.model_copy(update={missing: None})
    stated = record.model_copy(update={"dates": dates})
    assert_stated(read_text(letter_text(stated)), stated)


def test_a_date_that_is_none_is_warned_of_and_the_rest_is_read() -> None:
    record = next(stream(2))
    injury = f"Date of Injury: {record.dates.injury:%m/%d/%Y}"
    found = read_text(letter_text(record).replace(injury, "Date of Injury: 02/30/2016"))

    assert found.dates == record.dates.model_copy(update={"injury": None})
    assert [warning.code for warning in found.warnings] == ["bad-date"]
    assert "2/30/2016" in found.warnings[0].message


def test_a_letter_that_names_no_reviewer_still_has_its_decisions() -> None:
    record = next(stream(2))
    lines = letter_text(record).split("\n")
    kept = [line for line in lines if not line.startswith(("State(s) of", "Certification(s)"))]
    found = read_text("\n".join(kept))

    assert found.reviewer == Reviewer()
    assert len(found.decisions) == len(record.decisions)


def test_a_decision_without_a_rationale_is_warned_of() -> None:
    record = next(record for record in stream(2) if len(record.decisions) == 2)
    head, label, rest = letter_text(record).rpartition("Decision rationale:")
    found = read_text(head)

    assert label
    assert rest
    assert [d.outcome for d in found.decisions] == [d.outcome for d in record.decisions]
    assert found.decisions[1].rationale == ""
    assert [warning.code for warning in found.warnings] == ["no-rationale"]
    assert "2" in found.warnings[0].message


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_any_encoding_is_read(encoding: str) -> None:
    record = next(stream(1))
    assert_stated(read_text(letter_text(record), encoding), record)


def test_letters_beyond_ascii_are_kept_in_cp1252() -> None:
    record = next(stream(1))
    text = letter_text(record).replace("The ", "Dr. N\u00fa\u00f1ez\u2019s ", 1)
    assert "Dr. N\u00fa\u00f1ez\u2019s" in read_text(text, "cp1252").text


def test_nul_bytes_are_passed_over() -> None:
    record = next(stream(1))
    data = letter_text(record).encode().replace(b"CLINICAL", b"CLI\0NICAL")
    assert_stated(parse(data, "letter.txt"), record)


def test_a_pdf_is_known_behind_foreign_bytes(tmp_path: Path) -> None:
    record = next(stream(1))
    data = b"\xef\xbb\xbf\r\n\r\n" + pdf_of(record, Variation(), tmp_path)
    found = parse(data, "letter.pdf")
    assert_stated(found, record)
    assert found.source.format == "pdf"


def test_the_source_names_the_file_its_bytes_and_its_pages(tmp_path: Path) -> None:
    record = next(stream(1))
    short = Variation(lines_per_page=20)
    text = letter_text(record, short)
    ours, drawn = read_text(text), parse(pdf_of(record, short, tmp_path), "folder/x.pdf")

    assert (ours.source.format, ours.source.pages) == ("text", text.count("\f") + 1)
    assert (drawn.source.format, drawn.source.name) == ("pdf", "folder/x.pdf")
    assert drawn.source.pages > 1
    assert len(drawn.source.sha256) == 64


def test_a_letter_without_a_number_is_named_by_its_text() -> None:
    record = next(stream(1))
    nameless = record.model_copy(update={"case_number": None})
    found = read_text(letter_text(nameless))

    assert found.case_number is None
    assert re.fullmatch("sha-[0-9a-f]{12}", found.id)
    assert [d.id for d in found.decisions] == [f"{found.id}.{d.number}" for d in record.decisions]


def test_the_name_by_text_stays_when_the_text_is_wrapped_anew() -> None:
    plain = Variation(joined_hyphens=True)
    for record in islice(stream(1), 30):
        nameless = record.model_copy(update={"case_number": None})
        wraps = [replace(plain, width=width, heading_width=width) for width in (50, 72, 95, 120)]
        names = {read_text(letter_text(nameless, wrap)).id for wrap in wraps}
        doubled = letter_text(nameless, plain).replace("\n", "\n\n")
        names.add(read_text(doubled).id)
        assert len(names) == 1


def test_letters_that_differ_have_different_names_by_text() -> None:
    records = [r.model_copy(update={"case_number": None}) for r in islice(stream(1), 50)]
    assert len({read_text(letter_text(record)).id for record in records}) == 50


def picture_pdf(*, locked: bool = False) -> bytes:
    """A page without text; locked with a password if asked for."""
    buffer = io.BytesIO()
    encrypt = StandardEncryption("a", "b", canPrint=0) if locked else None
    canvas = Canvas(buffer, encrypt=encrypt)
    canvas.rect(100, 100, 200, 200, fill=1)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (b"", EmptyLetterError, "empty"),
        (b" \n\0\n", EmptyLetterError, "empty"),
        (b"%PDF-1.4 nothing behind", LetterError, "damaged"),
        (picture_pdf()[: len(picture_pdf()) // 2], LetterError, "damaged|no page|OCR"),
        (picture_pdf(), NeedsOcrError, "OCR"),
        (picture_pdf(locked=True), EncryptedLetterError, "encrypted"),
        (b"Dear sir, this is no determination.", NotALetterError, "no decision"),
        (b"The request is: Upheld\nDecision rationale: none", NotALetterError, "no decision"),
        (bytes(range(256)) * 40, LetterError, "no PDF, though its name"),
    ],
)
def test_what_is_no_letter_is_told_with_its_name(
    data: bytes, error: type[LetterError], said: str
) -> None:
    with pytest.raises(error, match=said) as raised:
        parse(data, "folder/odd.pdf")
    assert type(raised.value) is error
    assert "folder/odd.pdf" in str(raised.value)


def test_a_letter_cut_short_or_scrambled_is_read_or_told_never_worse(tmp_path: Path) -> None:
    rng = Random(3)
    record = next(stream(1))
    for data in (letter_text(record).encode(), pdf_of(record, Variation(), tmp_path)):
        for _ in range(60):
            hurt = bytearray(data[: rng.randrange(1, len(data))] if rng.random() < 0.5 else data)
            for _ in range(rng.randrange(20)):
                hurt[rng.randrange(len(hurt))] = rng.randrange(256)
            try:
                assert parse(bytes(hurt), "hurt").decisions
            except LetterError as error:
                assert str(error).startswith("hurt: ")  # noqa: PT017 - either way is right
