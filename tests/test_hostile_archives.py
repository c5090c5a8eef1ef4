"""Hostile archives: bombs, damage, names that lead out; each costs a line, the rest is read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
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

from imr.errors import LetterError
from imr.letters.pool import Pool
from indexer import budget
from indexer.sources import letter_files
from tests.hostile import CASE, LETTER, MEGABYTE, NO_PDF, assert_aside, read
from tests.packed import tarred, zipped


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """One worker."""
    with Pool(1) as pool:
        yield pool


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
