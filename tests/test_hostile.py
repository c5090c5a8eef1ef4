"""Hostile files, archives and folders: each costs one clear line, and what is behind it is read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import socket
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from imr.errors import LetterError
from imr.letters.pool import Pool
from imr.letters.pool_process import Limits
from imr.model import Determination
from indexer import budget, pipeline
from indexer.quarantine import SetAside
from indexer.sources import letter_files
from samples import determination
from samples.render import letter_text
from tests import hostile_pdfs
from tests.test_sources import tarred, zipped

LETTER = letter_text(determination(1, 1)).encode()
CASE = determination(1, 1).id
MEGABYTE = 1_000_000
NO_PDF = b"%PDF-1.7" + Random(1).randbytes(MEGABYTE)
"""Quickly seen to be no letter."""


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """One worker, with little time."""
    with Pool(1, Limits(seconds=3)) as pool:
        yield pool


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(pool: Pool, *paths: str, stdin: bytes = b"") -> tuple[list[Determination], list[SetAside]]:
    """What became of the files under the paths."""
    aside: list[SetAside] = []
    files = letter_files([Path(path) for path in paths], stdin=io.BytesIO(stdin))
    return list(pipeline.parsed(files, pool, aside.append)), aside


def assert_aside(pool: Pool, path: str, code: str, said: str) -> None:
    """The file is set aside, in one line that tells why, and the letter behind it is read."""
    Path("letter.txt").write_bytes(LETTER)
    letters, (aside,) = read(pool, path, "letter.txt")

    assert [letter.id for letter in letters] == [CASE]
    assert aside.code == code
    assert re.search(said, aside.reason), aside.reason
    assert aside.reason.isprintable()
    assert aside.place.startswith(path)


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
    "noise": (lambda: Random(1).randbytes(MEGABYTE), "not-a-determination", "no decision"),
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
    "a million pages": (hostile_pdfs.many_pages, "letter-too-slow", "longer than 3 seconds"),
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


# ---------------------------------------------------------------- archives, names


@pytest.mark.parametrize("packed", [zipped, tarred])
def test_names_that_lead_out_of_an_archive_are_harmless(
    packed: Callable[[dict[str, bytes]], bytes], pool: Pool, here: Path
) -> None:
    members = {
        "../../up.txt": "up.txt",
        "/etc/root.txt": "etc/root.txt",
        "C:\\Windows\\drive.txt": "Windows/drive.txt",
        "a/./b//../c.txt": "a/b/c.txt",
        "x\x1b[2J\r\n.txt": r"x\x1b[2J\r\n.txt",
        "..\\..\\back.txt": "back.txt",
    }
    Path("x.archive").write_bytes(packed(dict.fromkeys(members, LETTER)))

    letters, aside = read(pool, "x.archive")

    assert aside == []
    assert [letter.source.name for letter in letters] == [
        f"x.archive/{shown}" for shown in members.values()
    ]
    assert [path.name for path in here.rglob("*")] == ["x.archive"]


def test_a_name_of_any_length_stays_one_line(pool: Pool) -> None:
    Path("x.zip").write_bytes(zipped({"a" * 60_000 + ".txt": b"no"}))

    _, (aside,) = read(pool, "x.zip")

    assert len(aside.place) < 600
    assert aside.place.endswith("aaa.txt")


# ---------------------------------------------------------------- archives, members


def test_a_member_that_is_bad_is_set_aside_alone(pool: Pool) -> None:
    members = {"a.txt": LETTER, "b.pdf": b"%PDF-", "c.txt": b"no letter", "d.txt": LETTER}
    for packed in (zipped, tarred):
        Path("x.archive").write_bytes(packed(members))
        letters, aside = read(pool, "x.archive")

        assert [letter.source.name for letter in letters] == ["x.archive/a.txt", "x.archive/d.txt"]
        assert [(entry.place, entry.code) for entry in aside] == [
            ("x.archive/b.pdf", "letter-unreadable"),
            ("x.archive/c.txt", "not-a-determination"),
        ]


def test_links_and_devices_in_a_tar_are_told(pool: Pool) -> None:
    out = io.BytesIO()
    kinds = {
        "symbolic.txt": tarfile.SYMTYPE, "hard.txt": tarfile.LNKTYPE, "pipe.txt": tarfile.FIFOTYPE,
        "char.txt": tarfile.CHRTYPE, "block.txt": tarfile.BLKTYPE,
    }  # fmt: skip
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in kinds.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("z.txt")
        info.size = len(LETTER)
        archive.addfile(info, io.BytesIO(LETTER))
    Path("x.tar").write_bytes(out.getvalue())

    letters, aside = read(pool, "x.tar")

    assert [letter.id for letter in letters] == [CASE]
    assert [entry.place.removeprefix("x.tar/") for entry in aside] == list(kinds)
    assert {entry.reason for entry in aside} == {"it is a link or a device, not a file"}


def zip_of(info: zipfile.ZipInfo, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, data)
        archive.writestr("letter.txt", LETTER)
    return out.getvalue()


def test_a_link_in_a_zip_is_told(pool: Pool) -> None:
    info = zipfile.ZipInfo("link.txt")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    Path("x.zip").write_bytes(zip_of(info, b"/etc/passwd"))

    letters, (aside,) = read(pool, "x.zip")

    assert len(letters) == 1
    assert aside.reason == "it is a link or a device, not a file"


def test_an_encrypted_member_is_told(pool: Pool) -> None:
    data = bytearray(zipped({"secret.txt": LETTER, "z.txt": LETTER}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    Path("x.zip").write_bytes(data)

    letters, (aside,) = read(pool, "x.zip")

    assert len(letters) == 1
    assert (aside.place, aside.code) == ("x.zip/secret.txt", "letter-encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_packed_in_a_way_that_has_no_limits_is_told(method: int, pool: Pool) -> None:
    info = zipfile.ZipInfo("x.txt")
    info.compress_type = method
    Path("x.zip").write_bytes(zip_of(info, LETTER))

    letters, (aside,) = read(pool, "x.zip")

    assert len(letters) == 1
    assert aside.reason == f"its compression (method {method}) is not read: unpack it"


# ---------------------------------------------------------------- archives, nesting and bombs


def test_archives_are_read_three_deep(pool: Pool) -> None:
    nested = LETTER
    for name in ("a.txt", "b.zip", "c.zip", "d.zip"):
        nested = zipped({name: nested, "z.txt": LETTER})
    Path("e.zip").write_bytes(nested)

    letters, (aside,) = read(pool, "e.zip")

    assert len(letters) == 3
    assert (aside.place, aside.code) == ("e.zip/d.zip/c.zip/b.zip", "archive-limit")
    assert "3 deep" in aside.reason


def zeros(size: int) -> bytes:
    return bytes(size)


def test_a_member_that_is_too_large_is_told(pool: Pool) -> None:
    large = Random(1).randbytes(budget.MAX_BYTES + 1)
    for packed in (zipped, tarred):
        Path("x.archive").write_bytes(packed({"x.pdf": large, "z.txt": LETTER}))
        letters, (aside,) = read(pool, "x.archive")

        assert len(letters) == 1
        assert (aside.place, aside.code) == ("x.archive/x.pdf", "letter-too-large")


def test_a_zip_member_of_zeros_is_told_and_the_rest_is_read(pool: Pool) -> None:
    Path("x.zip").write_bytes(zipped({"bomb.txt": zeros(40 * MEGABYTE), "z.txt": LETTER}))

    letters, (aside,) = read(pool, "x.zip")

    assert len(letters) == 1
    assert (aside.place, aside.code) == ("x.zip/bomb.txt", "archive-limit")


def overlapping(times: int) -> bytes:
    """A zip whose entries all lead to the same bytes, each with a modest ratio (Fifield's bomb)."""
    one = zipped({"00000.pdf": NO_PDF})
    start = one.index(b"PK\x01\x02")
    entry = one[start : one.index(b"PK\x05\x06")]
    directory = entry * times
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, times % 65536, times % 65536, len(directory), start, 0
    )
    return one[:start] + directory + end


def test_entries_that_share_their_bytes_are_stopped(pool: Pool) -> None:
    Path("x.zip").write_bytes(overlapping(2000))

    letters, aside = read(pool, "x.zip")

    assert letters == []
    assert aside[-1].code == "archive-limit"
    assert "more than 100 times its size" in aside[-1].reason
    assert len(aside) < 300


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_tar_of_zeros_is_stopped_and_the_next_archive_is_read(
    pack: Callable[[bytes], bytes], pool: Pool
) -> None:
    """Members that are passed over count too."""
    bomb = tarred({"a.txt": LETTER, "b.bin": zeros(150 * MEGABYTE), "c.txt": LETTER})
    Path("a.archive").write_bytes(pack(bomb))
    Path("b.zip").write_bytes(zipped({"z.txt": LETTER}))

    letters, (aside,) = read(pool, "a.archive", "b.zip")

    assert [letter.source.name for letter in letters] == ["a.archive/a.txt", "b.zip/z.txt"]
    assert (aside.place, aside.code) == ("a.archive", "archive-limit")
    assert aside.reason == (
        "it unpacks to more than 100 times its size, no archive of letters does; 1 of its members "
        "were read before"
    )


def test_nested_archives_share_one_limit(pool: Pool) -> None:
    inner = zipped({f"{at}.pdf": NO_PDF[:1000] * 900 for at in range(60)})
    Path("x.zip").write_bytes(zipped({f"{at}.zip": inner for at in range(40)}))

    _, aside = read(pool, "x.zip")

    assert aside[-1].place == "x.zip"
    assert aside[-1].code == "archive-limit"


def header(name: str, kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "data",
    [
        # a name of eight gigabytes
        header("x", tarfile.GNUTYPE_LONGNAME, 8_000_000_000) + zeros(MEGABYTE),
        header("x", tarfile.XHDTYPE, 8_000_000_000) + zeros(MEGABYTE),
        # digits that tarfile's own search would spend hours on
        header("x", tarfile.XHDTYPE, 16_000) + b"1" * 16_384,
        # a thousand headers before a member
        header("x", tarfile.XGLTYPE, 512) * 1000,
        # a size below zero, from which tarfile would go on for ever
        header("x.txt", tarfile.REGTYPE, -5120),
    ],
    ids=["long name", "long header", "digits", "many headers", "below zero"],
)
def test_tar_headers_that_mean_harm_are_stopped(data: bytes, pool: Pool) -> None:
    whole = header("a.txt", tarfile.REGTYPE, len(LETTER)) + LETTER + zeros(-len(LETTER) % 512)
    Path("x.tar").write_bytes(whole + data)
    Path("y.tar").write_bytes(data)

    letters, aside = read(pool, "x.tar", "y.tar")

    assert len(letters) == 1
    assert {entry.code for entry in aside} == {"archive-unreadable"}


def test_a_zip_with_too_many_entries_is_refused_before_they_are_listed(pool: Pool) -> None:
    entries = 800_000
    Path("x.zip").write_bytes(overlapping(entries))

    assert_aside(pool, "x.zip", "archive-limit", "too many members")


# ---------------------------------------------------------------- archives, damage


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.zip", zipped({"a.txt": LETTER})[:-30]),
        ("x.zip", b"PK\x03\x04" + bytes(100)),
        ("x.zip", b"no archive"),
        ("x.zip", b""),
        ("x.tar", b"no archive" * 100),
        ("x.tar.gz", b"no archive"),
        ("x.tar.gz", gzip.compress(b"no tar")),
        ("x.tar.gz", gzip.compress(tarred({"a.txt": LETTER}))[:40]),
        ("x.tar.bz2", b"BZh91AY&SY" + bytes(40)),
        ("x.tar.xz", lzma.compress(tarred({"a.txt": LETTER}))[:40]),
        ("x.tar.xz", b"\xfd7zXZ\0" + bytes(40)),
    ],
)
def test_a_damaged_archive_is_set_aside(name: str, data: bytes, pool: Pool) -> None:
    Path(name).write_bytes(data)

    assert_aside(pool, name, "archive-unreadable", "damaged|neither zip nor tar")


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_letters_before_the_damage_are_read(pack: Callable[[bytes], bytes], pool: Pool) -> None:
    members = {f"{at}.pdf": LETTER + Random(at).randbytes(300_000) for at in range(9)}
    data = pack(tarred({"a.txt": LETTER} | members))
    Path("x.archive").write_bytes(data[: len(data) * 2 // 3])

    letters, aside = read(pool, "x.archive")

    assert letters
    assert aside[-1].code == "archive-unreadable"


def test_a_damaged_header_in_the_middle_of_a_tar_is_no_end(pool: Pool) -> None:
    data = bytearray(tarred({"a.txt": LETTER, "b.txt": LETTER, "c.txt": LETTER}))
    data[data.index(b"b.txt")] ^= 0xFF
    Path("x.tar").write_bytes(data)

    letters, (aside,) = read(pool, "x.tar")

    assert len(letters) == 1
    assert (aside.place, aside.code) == ("x.tar", "archive-unreadable")
    assert "1 of its members were read before" in aside.reason


def test_a_damaged_member_of_a_zip_is_told_and_the_rest_is_read(pool: Pool) -> None:
    data = bytearray(zipped({"a.txt": LETTER, "b.txt": LETTER, "c.txt": LETTER}))
    data[data.index(b"b.txt") + 400] ^= 0xFF
    Path("x.zip").write_bytes(data)

    letters, (aside,) = read(pool, "x.zip")

    assert len(letters) == 2
    assert (aside.place, aside.code) == ("x.zip/b.txt", "archive-unreadable")


ARCHIVES = {
    "zip": zipped({"a.txt": LETTER, "b/c.txt": b"x" * 3000, "d.zip": zipped({"e.txt": b"e"})}),
    "tar": tarred({"a.txt": LETTER, "b/" * 80 + "c.txt": b"x" * 3000}),
}
ARCHIVES["gz"] = gzip.compress(ARCHIVES["tar"])
ARCHIVES["xz"] = lzma.compress(ARCHIVES["tar"])
ARCHIVES["bz2"] = bz2.compress(ARCHIVES["tar"])


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(ARCHIVES)),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), max_size=6),
    st.floats(0.1, 1),
)
def test_whatever_is_changed_in_an_archive_its_reading_ends_well(
    kind: str, changes: list[tuple[float, bytes]], kept: float
) -> None:
    data = bytearray(ARCHIVES[kind])
    for place, piece in changes:
        at = int(place * len(data))
        data[at : at + len(piece)] = piece
    stdin = io.BytesIO(bytes(data[: int(kept * len(data))]))
    for file in letter_files([Path("-")], stdin=stdin):
        try:
            file.read()
        except LetterError as error:
            assert str(error).isprintable()  # noqa: PT017 - either way is right
