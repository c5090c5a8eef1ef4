"""A letter's bytes → its record: what a synthetic letter states comes back, hostile bytes don't."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from imr.errors import LetterError, NeedsOcrError, NotALetterError
from imr.letters.parse import parse
from imr.model import Determination
from samples import stream
from samples.pdf import letter_pdf
from samples.render import letter_text
from samples.variations import varied

LETTERS = 120


def words(text: str) -> str:
    return " ".join(text.split())


def assert_stated(found: Determination, stated: Determination) -> None:
    assert found.id == stated.id
    assert found.dates == stated.dates
    assert found.priority == stated.priority
    assert found.reviewer == stated.reviewer
    assert (found.patient.age, found.patient.sex) == (stated.patient.age, stated.patient.sex)
    assert words(found.clinical_summary) == words(stated.clinical_summary)
    assert [d.outcome for d in found.decisions] == [d.outcome for d in stated.decisions]
    assert [d.request for d in found.decisions] == [d.request for d in stated.decisions]
    assert [words(d.rationale) for d in found.decisions] == [
        words(d.rationale) for d in stated.decisions
    ]
    assert found.warnings == ()


@pytest.mark.parametrize("seed", range(3))
def test_a_text_letter_gives_its_record_back(seed: int) -> None:
    for record in islice(stream(seed), LETTERS):
        assert_stated(parse(letter_text(record).encode(), "letter.txt"), record)


def test_a_pdf_letter_gives_its_record_back(tmp_path: Path) -> None:
    for at, record in enumerate(islice(stream(4), LETTERS)):
        path = tmp_path / f"{record.id}.pdf"
        letter_pdf(record, varied(at), path)
        assert_stated(parse(path.read_bytes(), path.name), record)


def test_a_letter_in_any_variation_gives_its_record_back() -> None:
    for at, record in enumerate(islice(stream(5), LETTERS)):
        assert_stated(parse(letter_text(record, varied(at)).encode(), "letter.txt"), record)


def test_spans_point_at_what_the_record_holds() -> None:
    for at, record in enumerate(islice(stream(6), LETTERS)):
        found = parse(letter_text(record, varied(at)).encode(), "letter.txt")
        for decision in found.decisions:
            spans = decision.spans
            assert words(found.text[slice(*spans["request"])]) == decision.request
            assert found.text[slice(*spans["rationale"])] == decision.rationale
            assert found.text[slice(*spans["outcome"])].lower() == decision.outcome


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "utf-8-sig"])
def test_any_encoding_is_read(encoding: str) -> None:
    record = next(stream(1))
    assert_stated(parse(letter_text(record).encode(encoding), "letter.txt"), record)


def test_nul_bytes_are_passed_over() -> None:
    record = next(stream(1))
    data = letter_text(record).encode().replace(b"CLINICAL", b"CLI\0NICAL")
    assert_stated(parse(data, "letter.txt"), record)


def test_a_letter_without_a_number_is_named_by_its_text() -> None:
    text = letter_text(next(stream(1)))
    nameless = text.replace(next(stream(1)).id, "")
    found = parse(nameless.encode(), "letter.txt")
    doubled = parse(nameless.replace("\n", "\n\n").encode(), "letter.txt")

    assert found.case_number is None
    assert found.id.startswith("sha-")
    assert len(found.id) == len("sha-") + 12
    assert doubled.id == found.id


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
        (b"", LetterError, "empty"),
        (b" \n\0\n", LetterError, "empty"),
        (b"%PDF-1.4 nothing behind", LetterError, "damaged"),
        (picture_pdf(), NeedsOcrError, "OCR"),
        (picture_pdf(locked=True), LetterError, "encrypted"),
        (b"Dear sir, this is no determination.", NotALetterError, "no decision"),
        (bytes(range(256)) * 40, LetterError, "no decision"),
    ],
)
def test_what_is_no_letter_is_told_with_its_name(
    data: bytes, error: type[LetterError], said: str
) -> None:
    with pytest.raises(error, match=said) as raised:
        parse(data, "folder/odd.pdf")
    assert "folder/odd.pdf" in str(raised.value)
