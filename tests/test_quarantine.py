"""What loading sets aside is kept beside the index until it loads; `imr quarantine` shows it."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from imr.engines.open import Place
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.generations import Generations
from imr.errors import NeedsOcrError
from indexer import quarantine
from indexer.quarantine import Quarantine, SetAside, entries, set_aside
from indexer.sources import LetterFile, letter_files
from samples import determination
from samples.render import letter_text
from tests.packed import zipped
from tests.test_cli import imr

LETTER = letter_text(determination(1, 1))
OTHER = letter_text(determination(1, 2))


def file(path: str) -> LetterFile:
    return LetterFile(Path(path).name, path, f"/{path}", lambda: b"")


def entry(path: str, data: bytes | None = b"data") -> SetAside:
    given = file(path)
    return set_aside(given, data, NeedsOcrError(f"{given.name}: needs OCR"))


def kept(path: Path) -> list[str]:
    return [each.place for each in entries(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "quarantine.jsonl"


def test_an_entry_tells_file_reason_bytes_and_day(path: Path) -> None:
    Quarantine(path).add(entry("f/x.pdf"))

    (line,) = path.read_text().splitlines()
    told = json.loads(line)
    assert told.pop("at").endswith("Z")
    assert told == {
        "name": "x.pdf",
        "place": "f/x.pdf",
        "path": "/f/x.pdf",
        "code": "needs-ocr",
        "reason": "needs OCR",
        "sha256": "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7",
        "size": 4,
    }


def test_what_was_not_read_has_no_bytes() -> None:
    assert (entry("x", None).sha256, entry("x", None).size) == (None, None)


def test_entries_are_kept_at_once_and_over_loads(path: Path) -> None:
    first = Quarantine(path)
    first.add(entry("a"))
    assert kept(path) == ["a"]
    first.add(entry("b"))
    second = Quarantine(path)
    second.add(entry("c"))

    assert kept(path) == ["a", "b", "c"]


def test_the_last_entry_of_a_path_counts(path: Path) -> None:
    for data in (b"one", b"two"):
        load = Quarantine(path)
        load.add(entry("a", data))
        load.add(entry("b"))
        load.settle()

    assert [(each.place, each.size) for each in entries(path)] == [("a", 3), ("b", 4)]
    assert next(entries(path)).sha256 == entry("a", b"two").sha256


def test_what_loads_under_the_same_path_or_with_the_same_bytes_disappears(path: Path) -> None:
    before = Quarantine(path)
    for name, data in (("a", b"one"), ("b", b"two"), ("c", b"three"), ("d", None)):
        before.add(entry(name, data))
    digest = entry("b", b"two").sha256
    assert digest is not None
    load = Quarantine(path)
    load.loaded(file("a"), "0" * 64)
    load.loaded(file("elsewhere/b"), digest)
    assert kept(path) == ["a", "b", "c", "d"]

    load.settle()

    assert kept(path) == ["c", "d"]
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_line_that_a_crash_cut_off_harms_no_other(path: Path) -> None:
    load = Quarantine(path)
    load.add(entry("a"))
    load.add(entry("b"))
    path.write_bytes(path.read_bytes()[:-20])
    again = Quarantine(path)
    again.add(entry("c"))

    assert kept(path) == ["a", "c"]


def test_it_is_cleared(path: Path) -> None:
    assert quarantine.clear(path) == 0
    Quarantine(path).add(entry("a"))
    assert quarantine.clear(path) == 1
    assert kept(path) == []


def test_a_clusters_is_kept_on_this_machine_by_cluster_and_index(tmp_path: Path) -> None:
    places = [
        quarantine.path_of(Place(Path("index"), url, name), tmp_path)
        for url in ("http://a:9200", "http://b:9200")
        for name in ("one", "two")
    ]

    assert len(set(places)) == 4
    assert {place.parent for place in places} == {tmp_path / "quarantine"}
    secret = quarantine.path_of(Place(Path("i"), "http://me:pass@a:9200", "one"), tmp_path)
    assert secret == places[0]


# ---------------------------------------------------------------- through the command


def test_index_keeps_what_it_sets_aside_and_quarantine_lists_it(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "a.txt").write_text(LETTER)
    (folder / "b\x1b[31m.txt").write_text("no letter")
    (folder / "c.zip").write_bytes(zipped({"x/d.pdf": b"%PDF-", "e.txt": OTHER.encode()}))

    done = imr("index", "letters", "--keyword-only", cwd=tmp_path, code=1)

    assert done.stdout.startswith("2 letters, ")
    assert done.stdout.endswith(", 2 set aside\n")
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()[:2]] == ["set aside"] * 2
    assert done.stderr.endswith("what was set aside is listed by: imr quarantine\n")

    listed = imr("quarantine", cwd=tmp_path)
    first, second = listed.stdout.splitlines()
    assert f"not-a-determination  {folder}/b\\x1b[31m.txt: no decision found" in first
    assert f"letter-unreadable  {folder}/c.zip/x/d.pdf: the PDF" in second
    assert "2 files set aside, kept in index/quarantine.jsonl" in listed.stderr
    printed = imr("quarantine", "--json", cwd=tmp_path).stdout
    assert printed == (tmp_path / "index" / "quarantine.jsonl").read_text()


def test_a_file_that_was_mended_is_no_longer_listed(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("no letter")
    imr("index", "a.txt", "b.txt", "--keyword-only", cwd=tmp_path, code=1)
    (tmp_path / "a.txt").write_text(LETTER)

    imr("index", "a.txt", "--keyword-only", cwd=tmp_path)

    (line,) = imr("quarantine", cwd=tmp_path).stdout.splitlines()
    assert f"{tmp_path}/b.txt" in line


def test_quarantine_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no letter")
    imr("index", "a.txt", "--keyword-only", "--index", "i", cwd=tmp_path, code=1)

    assert "1 file forgotten" in imr("quarantine", "--clear", "--index", "i", cwd=tmp_path).stdout
    done = imr("quarantine", "--index", "i", cwd=tmp_path)
    assert done.stdout == ""
    assert "no file is set aside (i)" in done.stderr


def test_quarantine_without_an_index_exits_1(tmp_path: Path) -> None:
    done = imr("quarantine", cwd=tmp_path, code=1)

    assert done.stderr.startswith("imr: there is no index in index")


def test_a_damaged_letter_named_on_its_own_leaves_an_index_and_a_reason(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-")

    done = imr("index", "a.pdf", "--keyword-only", cwd=tmp_path, code=1)

    assert done.stdout == "0 letters, 0 decisions loaded into index, 1 set aside\n"
    (kept_entry,) = entries(tmp_path / "index" / "quarantine.jsonl")
    (given,) = letter_files([tmp_path / "a.pdf"])
    assert kept_entry.path == given.path


def test_what_a_cluster_was_not_given_is_kept_on_this_machine(
    opensearch_url: str, tmp_path: Path
) -> None:
    name = f"quarantine-{uuid.uuid4().hex[:8]}"
    environ = {"IMR_CACHE": str(tmp_path / "cache"), "IMR_OPENSEARCH_INDEX": name}
    (tmp_path / "a.txt").write_text(LETTER)
    (tmp_path / "b.txt").write_text("no letter")
    given = ("--url", opensearch_url)
    try:
        done = imr(
            "index", "a.txt", "b.txt", "--keyword-only", *given, cwd=tmp_path, code=1,
            environ=environ,
        )  # fmt: skip
        listed = imr("quarantine", *given, cwd=tmp_path, environ=environ)
    finally:
        Generations(Cluster(opensearch_url, name)).delete()

    assert f"imr quarantine --url {opensearch_url}" in done.stderr
    assert f"{tmp_path}/b.txt" in listed.stdout
    assert str(tmp_path / "cache" / "quarantine") in listed.stderr
