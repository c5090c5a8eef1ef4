"""Rows of frequent words, lists of near vectors: made beside an index, unseen in answers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from imr.engines.document import documents
from imr.engines.embedded import frequent, lists
from imr.engines.embedded.frequent import Frequent
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.embedded.made import Made
from imr.engines.embedded.text import Word
from imr.engines.embedded.verify import verify
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.signature import current
from imr.errors import UnusableIndexError
from imr.search.plan import Plan
from tests.corpus import PLANE, Plane, Search, read, towards

LETTERS = 64
DRUGS = ("ibuprofen", "naproxen", "gabapentin")
QUERIES = (
    "lantern",
    "lantern harbor",
    "lantern -harbor",
    "lantern OR copper",
    "NOT lantern",
    '"lantern harbor"',
    "rationale:lantern",
    "request:harbor",
    "(lantern OR harbor) -rationale:copper",
    "naproxen",
    "aleve lantern",
    "drug:naproxen harbor",
    "lant*",
    "seldom",
    "knee lantern",
    "home exercise",
    "home exercise lantern",
    '"home exercise"',
    '"home exercise"~3',
    "rationale:(home exercise)",
    "lantern -(home exercise)",
)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for of in (lists, frequent):
        monkeypatch.setattr(of, "LEAST", 30)
        monkeypatch.setattr(of, "TAIL", 30)
    monkeypatch.setattr(frequent, "SHARE", 8)


def text(number: int, request: str = "Lantern") -> str:
    second = "harbor" if number % 2 else "copper"
    says = f"The {second} lantern." if number % 3 else f"A knee, a {second}, home exercises."
    drug = DRUGS[number % 3]
    return f"""
        F{number:03}.1 {"upheld" if number % 4 else "overturned"} 2016-01-{1 + number % 28:02}
        request: {request} {drug}
        drugs: {drug}
        rationale: {says} {"seldom" if number == 9 else ""}
    """


def load(folder: Path, first: int, last: int, request: str = "Lantern") -> None:
    with EmbeddedWriter(folder, current(PLANE)) as writer:
        for number in range(first, last):
            (letter,) = read(text(number, request)).letters
            spans = [[d.spans["rationale"]] for d in letter.decisions]
            vectors = [towards([0.1 + number / 100]) for _ in letter.decisions]
            writer.replace(letter.id, documents(letter, spans, vectors, [v[0] for v in vectors]))


def made(folder: Path) -> Iterator[Path]:
    for of in (
        frequent.files(folder / "000001" / "columns"),
        lists.files(folder / "000001" / "vectors", "passages"),
        lists.files(folder / "000001" / "vectors", "facts"),
    ):
        yield from of.known().values()


def written(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def answers(folder: Path) -> list[object]:
    search = Search(EmbeddedIndex(folder).current(), Plane())
    return [
        search(query, mode=mode, size=100).model_copy(update={"took_ms": 0.0})
        for query in QUERIES
        for mode in ("hybrid", "keyword", "semantic")
    ]


def same_without(folder: Path, copy: Path) -> list[object]:
    """The answers, after those of a copy in which nothing is made were found to be the same."""
    shutil.copytree(folder, copy)
    for path in list(made(copy)):
        path.unlink()
    assert list(made(copy)) == []
    found = answers(folder)
    assert answers(copy) == found
    return found


def test_answers_are_those_without_what_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    load(folder, 0, 40)
    columns = folder / "000001" / "columns"
    kept = Frequent.find(columns, 40)
    assert kept.count == 40
    assert {Word("request", "lantern"), Word("rationale", "harbor")} <= kept.places.keys()
    assert Word("rationale", "seldom") not in kept.places
    # a name of a concept in a third of the rationales, and two words that are none
    assert Word("rationale", "home exercis") in kept.places
    assert Word("rationale", "harbor lantern") not in kept.places
    assert len(list(made(folder))) == 3
    first = same_without(folder, tmp_path / "first")

    # some rows behind those that are in the files, some before them replaced
    load(folder, 40, LETTERS)
    load(folder, 3, 6, "Copper lamp")
    assert Frequent.find(columns, 1000).count == 40
    then = same_without(folder, tmp_path / "then")
    assert then != first

    # so many that they are made anew
    load(folder, LETTERS, LETTERS + 20)
    assert Frequent.find(columns, 1000).count == LETTERS + 3 + 20
    assert len(list(made(folder))) == 3
    same_without(folder, tmp_path / "last")
    assert list(verify(folder)) == []


def test_rows_of_frequent_words_come_from_their_file(tmp_path: Path) -> None:
    """A file that says nothing of any row is believed: that searches read it is what this shows."""
    load(tmp_path, 0, 40)
    matches = Search(EmbeddedIndex(tmp_path).current(), Plane())("harbor").total.matches
    assert matches == 20
    words = frequent.files(tmp_path / "000001" / "columns")
    (path,) = words.known().values()
    head, _, bits = path.read_bytes().partition(b"\n")
    path.unlink()
    words.put(40, written(head + b"\n" + bytes(len(bits))))

    found = Search(EmbeddedIndex(tmp_path).current(), Plane())("harbor").total.matches
    assert found == 0


def test_a_vector_behind_the_lists_is_found(tmp_path: Path) -> None:
    load(tmp_path, 0, 40)
    load(tmp_path, 90, 91)
    engine = EmbeddedIndex(tmp_path).current()
    hits = engine.nearest(Plan(vector=towards([1.0])[0]), 5)

    numbers = [90, 39, 38, 37, 36]
    assert [hit.id for hit in hits] == [f"F{number:03}.1" for number in numbers]
    scores = [float(np.float16(0.1 + number / 100)) for number in numbers]
    assert [hit.score for hit in hits] == pytest.approx(scores, abs=1e-3)


def test_what_was_made_of_more_than_is_committed_counts_for_nothing(tmp_path: Path) -> None:
    load(tmp_path, 0, 40)
    before = answers(tmp_path)
    for path in list(made(tmp_path)):
        head, _, crc = path.name.rpartition("-40-")
        path.rename(path.with_name(f"{head}-41-{crc}"))
    assert answers(tmp_path) == before

    with EmbeddedWriter(tmp_path, current(PLANE)):
        assert list(made(tmp_path)) == []
    assert answers(tmp_path) == before


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    load(tmp_path, 0, 40)
    for path in list(made(tmp_path)):
        data = path.read_bytes()
        path.write_bytes(data[:-7])
        with pytest.raises(UnusableIndexError, match=f"{path.name} is damaged"):
            EmbeddedIndex(tmp_path).current()
        assert [fault for fault in verify(tmp_path) if path.name in fault]
        path.write_bytes(data)
    assert list(verify(tmp_path)) == []


def test_a_file_that_is_replaced_while_it_is_opened_is_looked_for_again(tmp_path: Path) -> None:
    files = Made(tmp_path, "words", "bits")
    files.put(10, written(b"old"))

    def read_late(path: Path) -> bytes:
        if path.name.startswith("words-10-"):
            files.put(20, written(b"new"))
        return path.read_bytes()

    assert files.newest(20, read_late) == (20, b"new")
    assert files.newest(19, read_late) is None
