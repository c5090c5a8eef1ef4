"""Hostile files and paths: each costs one clear line, and what is behind it is read."""

from __future__ import annotations

import io
import os
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from imr.letters.pool import Pool
from imr.letters.pool_process import Limits
from indexer import budget, pipeline
from indexer.quarantine import SetAside
from indexer.sources import letter_files
from samples import determination
from tests import hostile_pdfs
from tests.hostile import CASE, LETTER, MEGABYTE, assert_aside, read


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """One worker, with little time."""
    with Pool(1, Limits(seconds=10)) as pool:
        yield pool


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---------------------------------------------------------------- files that are no letters


def drawn(*, locked: bool = False, text: str = "") -> bytes:
    """A PDF of one page."""
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("a", "b") if locked else None)
    canvas.rect(100, 100, 200, 200, fill=1)
    canvas.drawString(72, 700, text)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


FILES: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b"", "letter-empty", "empty"),
    "blank": (lambda: b"\0\0 \n" * 1000, "letter-empty", "empty"),
    "shopping list": (lambda: b"milk, bread", "not-a-determination", "no decision found"),
    "noise": (lambda: Random(1).randbytes(MEGABYTE), "letter-unreadable", "is no PDF"),
    "zeros": (lambda: bytes(40 * MEGABYTE), "letter-empty", "empty"),
    "PDF cut in half": (lambda: drawn(text="Upheld")[:600], "letter-unreadable", "damaged"),
    "PDF mark alone": (lambda: b"%PDF-1.7", "letter-unreadable", "damaged"),
    "encrypted PDF": (lambda: drawn(locked=True), "letter-encrypted", "encrypted"),
    "PDF without pages": (hostile_pdfs.no_page, "letter-unreadable", "no page|damaged"),
    "picture": (drawn, "needs-ocr", "needs OCR"),
    "PDF of something else": (lambda: drawn(text="Hello"), "not-a-determination", "no decision"),
    "1.5 GB page": (hostile_pdfs.huge_stream, "letter-crashed", "needs more than 1,000 MB"),
    "500 MB text": (hostile_pdfs.huge_text, "letter-crashed", "needs more than 1,000 MB"),
    "forms in forms": (hostile_pdfs.deep_forms, "letter-(crashed|too-slow)", "more|longer"),
    "a million pages": (hostile_pdfs.many_pages, "letter-too-slow", "longer than 10 seconds"),
    "pages in a circle": (hostile_pdfs.pages_in_a_circle, "letter-unreadable", "damaged"),
    "brackets": (hostile_pdfs.deep_brackets, "needs-ocr", "needs OCR"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_letter_is_set_aside(name: str, pool: Pool) -> None:
    made, code, said = FILES[name]
    path = f"{name}.pdf"
    Path(path).write_bytes(made())
    Path("letter.txt").write_bytes(LETTER)

    letters, (aside,) = read(pool, path, "letter.txt")

    assert [letter.id for letter in letters] == [CASE]
    assert re.fullmatch(code, aside.code)
    assert re.search(said, aside.reason), aside.reason
    assert (aside.place, aside.name, aside.size) == (path, path, Path(path).stat().st_size)


def test_a_huge_file_is_refused_without_being_read(pool: Pool) -> None:
    for path in ("huge.pdf", "huge.txt"):
        with Path(path).open("wb") as file:
            file.truncate(500 * MEGABYTE)
        assert_aside(
            pool, path, "letter-too-large", "500 MB is too large for a letter .at most 50 MB"
        )


def test_a_huge_file_on_standard_input_is_refused(pool: Pool) -> None:
    _, (aside,) = read(pool, "-", stdin=b"x" * (budget.MAX_BYTES + 1))

    assert (aside.code, aside.place) == ("letter-too-large", "standard input")


def test_a_letter_without_its_summary_is_read_and_says_so(pool: Pool) -> None:
    title = b"CLINICAL CASE SUMMARY"
    assert title in LETTER
    Path("x.txt").write_bytes(LETTER.replace(title, b""))

    ((letter,), _) = read(pool, "x.txt")

    assert len(letter.decisions) == len(determination(1, 1).decisions)
    assert [warning.code for warning in letter.warnings] == ["no-summary"]


def test_a_letter_without_its_decisions_is_set_aside(pool: Pool) -> None:
    head, title, _ = LETTER.partition(b"IMR ISSUES, DECISIONS AND RATIONALES")
    Path("x.txt").write_bytes(head + title)

    assert_aside(pool, "x.txt", "not-a-determination", "no decision found")


ACCENTS = LETTER.decode().replace("The ", "Dr. N\u00fa\u00f1ez: the ", 1)
ENCODINGS = [
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
    *("cp1252", "latin-1"),
]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_any_encoding_gives_the_same_letter(encoding: str, pool: Pool) -> None:
    Path("x.txt").write_bytes(ACCENTS.encode(encoding))
    Path("utf8.txt").write_bytes(ACCENTS.encode())

    (ours, theirs), aside = read(pool, "x.txt", "utf8.txt")

    assert aside == []
    assert "N\u00fa\u00f1ez" in ours.text
    assert ours.model_copy(update={"source": theirs.source}) == theirs


def test_lines_of_two_encodings_are_both_read(pool: Pool) -> None:
    head, first, rest = LETTER.decode().partition("The ")
    mixed = (head + "N\u00fa\u00f1ez ").encode() + (first + rest).encode()
    mixed = mixed.replace(b"\n", b"\nN\xfa\xf1ez\n", 1)
    Path("x.txt").write_bytes(mixed)

    ((letter,), _) = read(pool, "x.txt")

    assert letter.text.count("N\u00fa\u00f1ez") == 2


def test_nul_bytes_are_passed_over(pool: Pool) -> None:
    Path("x.txt").write_bytes(LETTER.replace(b"e", b"e\0"))

    ((letter,), _) = read(pool, "x.txt")

    assert letter.id == CASE
    assert "\0" not in letter.text


# ---------------------------------------------------------------- paths


def test_a_pipe_a_socket_and_a_device_are_told_and_never_opened(pool: Pool, here: Path) -> None:
    os.mkfifo("pipe.pdf")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.pdf")
    Path("device.txt").symlink_to("/dev/zero")
    Path("letter.txt").write_bytes(LETTER)

    letters, aside = read(pool, str(here), "/dev/full")

    assert [letter.id for letter in letters] == [CASE]
    assert [(Path(entry.place).name, entry.reason.partition(" (")[0]) for entry in aside] == [
        ("device.txt", "it is a device, not a file"),
        ("pipe.pdf", "it is a pipe, not a file"),
        ("socket.pdf", "it is a socket, not a file"),
        ("full", "it is a device, not a file"),
    ]
    assert {entry.code for entry in aside} == {"file-unreadable"}


def test_a_path_that_vanishes_after_it_was_listed_is_told(pool: Pool) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        Path(name).write_bytes(LETTER)
    files = list(letter_files([Path()]))
    Path("b.txt").unlink()
    aside: list[SetAside] = []

    assert len(list(pipeline.parsed(files, pool, aside.append))) == 2
    assert [entry.reason for entry in aside] == ["can't be read, No such file or directory"]


def test_a_folder_that_cannot_be_listed_is_told(pool: Pool, here: Path) -> None:
    """Its path is longer than the system takes: even root can't list it."""
    Path("letter.txt").write_bytes(LETTER)
    for _ in range(20):
        Path("d" * 250).mkdir()
        os.chdir("d" * 250)
    os.chdir(here)

    letters, (aside,) = read(pool, str(here))

    assert [letter.id for letter in letters] == [CASE]
    assert aside.code == "file-unreadable"
    assert aside.reason == "can't be listed, File name too long"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list any folder")
def test_a_locked_folder_is_told(pool: Pool) -> None:
    Path("locked").mkdir(mode=0)
    _, (aside,) = read(pool, ".")
    Path("locked").chmod(0o700)

    assert aside.reason == "can't be listed, Permission denied"


ODD_NAMES = [
    b"\xff\xfe.txt",
    b"new\nline.txt",
    b"\x1b[31mred.txt",
    b"[bold]x.txt",
    "\u202etxt.exe.txt".encode(),
]


def test_a_name_cannot_break_a_line_or_a_record(pool: Pool) -> None:
    for name in ODD_NAMES:
        Path(os.fsdecode(name)).write_bytes(LETTER)
        Path(os.fsdecode(b"no " + name)).write_bytes(b"no letter")

    letters, aside = read(pool, ".")

    assert len(letters) == len(aside) == len(ODD_NAMES)
    for shown in [*(letter.source.name for letter in letters), *(entry.place for entry in aside)]:
        assert shown.isprintable()
    assert {letter.source.name for letter in letters} == {
        r"\udcff\udcfe.txt", r"new\nline.txt", r"\x1b[31mred.txt", "[bold]x.txt",
        r"\u202etxt.exe.txt",
    }  # fmt: skip
