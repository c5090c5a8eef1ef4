"""What a person may name, and which letters come of it: files, folders, patterns, archives, `-`."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imr.errors import BadQueryError, LetterError, NotFoundError
from indexer.sources import LetterFile, count_letters, letter_files
from tests.packed import tarred, zipped


def content(file: LetterFile) -> str:
    """What reading the file gives: its text, or the reason there is none."""
    try:
        return file.read().decode()
    except LetterError as error:
        return f"{error.code}: {str(error).removeprefix(f'{file.name}: ')}"


def names(*paths: str | Path, notes: list[str] | None = None) -> list[str]:
    note = notes.append if notes is not None else lambda _: None
    return [file.name for file in letter_files([Path(path) for path in paths], note)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own as the present one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(*paths: str) -> None:
    """Files, each of which holds its own path."""
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(path))


# folders


def test_letters_come_in_order_of_name_folder_by_folder() -> None:
    write(
        "f/b.pdf", "f/a.txt", "f/B.PDF", "f/a/z.pdf", "f/a/c/x.txt", "f/c.docx", "f/d", "f/._b.pdf"
    )

    files = list(letter_files([Path("f")]))

    assert [file.place for file in files] == [
        "f/B.PDF", "f/a/c/x.txt", "f/a/z.pdf", "f/a.txt", "f/b.pdf",
    ]  # fmt: skip
    assert [file.name for file in files] == ["B.PDF", "x.txt", "z.pdf", "a.txt", "b.pdf"]
    assert [content(file) for file in files] == [file.place for file in files]
    assert [file.path for file in files] == [str(Path.cwd() / file.place) for file in files]


def test_a_file_that_is_named_may_be_called_anything() -> None:
    write("letter", "letter.doc")

    assert names("letter.doc", "letter") == ["letter.doc", "letter"]


def test_nothing_is_listed_ahead_of_need() -> None:
    write("a/1.txt", "b/1.txt")
    files = letter_files([Path("a"), Path("b")])
    next(files)
    write("b/2.txt")

    assert [file.place for file in files] == ["b/1.txt", "b/2.txt"]


def test_a_path_without_letters_is_told_of() -> None:
    Path("empty").mkdir()
    write("other/x.docx", "full/x.txt")
    with zipfile.ZipFile("none.zip", "w") as archive:
        archive.writestr("x.docx", "")
    notes: list[str] = []

    assert names("empty", "full", "other", "none.zip", notes=notes) == ["x.txt"]
    assert notes == [
        f"no letter (.pdf, .txt or an archive of such) in {path}"
        for path in ("empty", "other", "none.zip")
    ]


def test_what_does_not_exist_is_refused_before_anything_is_read() -> None:
    write("a.txt")
    for missing in ("nowhere", "a.txt/b.txt", "*.pdf", "no/**/*.txt"):
        with pytest.raises(NotFoundError):
            letter_files([Path("a.txt"), Path(missing)])
    for wrong in (["-", "-"], ["a.txt", ""]):
        with pytest.raises(BadQueryError):
            letter_files(wrong)
    with pytest.raises(BadQueryError):
        letter_files([Path("[z-a].txt")])


# one file, several names


@pytest.mark.parametrize(
    "paths",
    [
        ["f/a.txt", "f/a.txt"],
        ["f/a.txt", "./f/../f/a.txt", "link.txt", "hard.txt"],
        ["f", "f/a.txt"],
        ["f/a.txt", "f"],
        ["f", "f"],
        [".", "f", "linked"],
        ["linked", "f"],
        ["f", "f/*.txt"],
        ["f/a.txt", "f/*.txt"],
        ["f*", "f"],
        ["linked", "."],
    ],
    ids=" ".join,
)
def test_what_is_named_twice_is_read_once(paths: list[str]) -> None:
    write("f/a.txt")
    os.link("f/a.txt", "hard.txt")
    Path("link.txt").symlink_to("f/a.txt")
    Path("linked").symlink_to("f")
    if "." in paths:
        Path("hard.txt").unlink()
        Path("link.txt").unlink()

    notes: list[str] = []

    assert len(names(*paths, notes=notes)) == 1
    assert notes == []


def test_links_are_followed_and_circles_end() -> None:
    write("elsewhere/x.txt", "f/a/y.txt")
    Path("f/link").symlink_to("../elsewhere")
    Path("f/a/up").symlink_to("..")
    Path("f/a/self").symlink_to("self")
    Path("f/loop.txt").symlink_to("loop.txt")
    Path("f/gone.txt").symlink_to("nowhere")

    files = list(letter_files([Path("f")]))

    assert [file.place for file in files] == [
        "f/a/y.txt",
        "f/gone.txt",
        "f/link/x.txt",
        "f/loop.txt",
    ]
    assert content(files[1]) == "file-unreadable: can't be read, No such file or directory"
    assert content(files[2]) == "elsewhere/x.txt"
    assert content(files[3]).startswith("file-unreadable: can't be read, Too many levels")


# patterns


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("l/*.txt", ["l/[x].txt", "l/a.txt", "l/b.txt"]),
        ("l/[ab].*", ["l/a.pdf", "l/a.txt", "l/b.txt"]),
        ("l/[!a].*", ["l/b.txt", "l/c.pdf"]),
        ("l/?.pdf", ["l/a.pdf", "l/c.pdf"]),
        ("l/**/*.pdf", ["l/1/2/e.pdf", "l/1/d.pdf", "l/a.pdf", "l/c.pdf"]),
        ("l/*/*.pdf", ["l/1/d.pdf"]),
        ("**/e.*", ["l/1/2/e.pdf"]),
        ("l/1*", ["l/1/2/e.pdf", "l/1/d.pdf"]),
        ("l/.h*/*.pdf", ["l/.hidden/f.pdf"]),
        ("./l/1/**", ["l/1/2/e.pdf", "l/1/d.pdf"]),
        ("l/[[]*", ["l/[x].txt"]),
        ("l/[x].txt", ["l/[x].txt"]),
    ],
)
def test_patterns_mean_what_they_mean_in_a_shell(pattern: str, found: list[str]) -> None:
    write(
        "l/a.txt", "l/b.txt", "l/a.pdf", "l/c.pdf", "l/1/d.pdf", "l/1/2/e.pdf", "l/.hidden/f.pdf",
        "l/[x].txt", "l/.dot.txt",
    )  # fmt: skip

    places = [os.path.normpath(file.place) for file in letter_files([Path(pattern)])]

    assert places == found
    assert [os.path.normpath(f.place) for f in letter_files([Path.cwd() / pattern])] == [
        str(Path.cwd() / path) for path in found
    ]


# archives


MEMBERS = {
    "2016/b.txt": b"bee",
    "2016/a.pdf": b"ay",
    "readme.doc": b"other",
    "__MACOSX/2016/._a.pdf": b"fork",
    "long/" * 40 + "c.txt": b"see",
    "\u00e9t\u00e9.txt": b"summer",
}
INSIDE = ["2016/b.txt", "2016/a.pdf", "long/" * 40 + "c.txt", "\u00e9t\u00e9.txt"]
PACKED: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "x.zip": zipped,
    "x.tar": tarred,
    "gnu.tar": lambda members: tarred(members, tarfile.GNU_FORMAT),
    "x.tar.gz": lambda members: gzip.compress(tarred(members)),
    "x.tgz": lambda members: gzip.compress(tarred(members)),
    "x.tar.bz2": lambda members: bz2.compress(tarred(members)),
    "x.tar.xz": lambda members: lzma.compress(tarred(members)),
}


@pytest.mark.parametrize("name", PACKED)
def test_an_archive_is_read_like_a_folder(name: str) -> None:
    Path(name).write_bytes(PACKED[name](MEMBERS))

    files = list(letter_files([Path(name)]))

    assert [file.name for file in files] == [f"{name}/{inside}" for inside in INSIDE]
    assert [file.place for file in files] == [file.name for file in files]
    assert [content(file) for file in files] == ["bee", "ay", "see", "summer"]
    assert sorted(path.name for path in Path.cwd().iterdir()) == [name]


@pytest.mark.parametrize("name", PACKED)
def test_an_archive_is_known_by_its_bytes(name: str) -> None:
    Path("download").write_bytes(PACKED[name](MEMBERS))

    assert names("download") == [f"download/{inside}" for inside in INSIDE]


def test_archives_in_folders_are_opened() -> None:
    write("f/1.txt", "f/3.txt")
    Path("f/2.zip").write_bytes(zipped({"x.txt": b"ex"}))
    Path("f/2.docx").write_bytes(zipped({"x.txt": b"ex"}))

    assert [f.place for f in letter_files([Path("f")])] == ["f/1.txt", "f/2.zip/x.txt", "f/3.txt"]


def test_archives_in_archives_are_opened() -> None:
    inner = gzip.compress(tarred({"a.txt": b"deep"}))
    Path("o.zip").write_bytes(zipped({"m/i.tar.gz": inner, "z.txt": b"flat"}))

    files = list(letter_files([Path("o.zip")]))

    assert [(file.name, content(file)) for file in files] == [
        ("o.zip/m/i.tar.gz/a.txt", "deep"),
        ("o.zip/z.txt", "flat"),
    ]


def test_an_empty_archive_is_no_damage() -> None:
    Path("e.zip").write_bytes(zipped({}))
    Path("e.tar").write_bytes(tarred({}))
    notes: list[str] = []

    assert names("e.zip", "e.tar", notes=notes) == []
    assert len(notes) == 2


def test_a_tar_is_read_without_holding_what_has_passed() -> None:
    """Ten thousand members of a kilobyte, and never more than a few in memory."""

    class Endless(io.RawIOBase):
        """A tar that is made as it is read."""

        def __init__(self) -> None:
            self.blocks = self.made()
            self.left = b""

        def made(self) -> Iterator[bytes]:
            for at in range(10_000):
                info = tarfile.TarInfo(f"{at}.txt")
                info.size = 1024
                yield info.tobuf() + bytes(1024)
            yield bytes(1024)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            while len(self.left) < len(buffer) and (block := next(self.blocks, b"")):
                self.left += block
            count = min(len(buffer), len(self.left))
            buffer[:count] = self.left[:count]
            self.left = self.left[count:]
            return count

    tracemalloc.start()
    count = sum(1 for _ in letter_files([Path("-")], stdin=io.BufferedReader(Endless())))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 10_000
    assert peak < 2_000_000


# standard input


@pytest.mark.parametrize("name", PACKED)
def test_standard_input_may_be_an_archive(name: str) -> None:
    files = list(letter_files([Path("-")], stdin=io.BytesIO(PACKED[name](MEMBERS))))

    assert [file.name for file in files] == [f"stdin/{inside}" for inside in INSIDE]
    assert files[0].place == "standard input/2016/b.txt"


def test_standard_input_may_be_one_letter() -> None:
    for text in ("", "a", "letter " * 10_000):
        (file,) = letter_files([Path("-")], stdin=io.BytesIO(text.encode()))

        assert (file.name, file.place, content(file)) == ("stdin", "standard input", text)


# the bar


def test_letters_are_counted_as_far_as_that_can_be_known() -> None:
    write("f/a.txt", "f/g/b.pdf", "f/c.docx", "d.txt")
    Path("x.zip").write_bytes(zipped(MEMBERS))

    for paths in (["f"], ["f", "f/a.txt", "d.txt"], ["f/*", "d.txt"]):
        given = [Path(path) for path in paths]
        assert count_letters(given) == len(list(letter_files(given)))
    assert count_letters([Path("f"), Path("x.zip")]) is None
    assert count_letters([Path("-")]) is None
