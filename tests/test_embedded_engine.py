"""The index folder: loading again, crashes, other processes, signatures, exact neighbours."""

from __future__ import annotations

import json
import os
import signal
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from imr.engines.document import documents
from imr.engines.embedded import counting
from imr.engines.embedded.columns import NumberWriter
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.embedded.files import Appended
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.embedded.vectors import VectorWriter
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.open import Place
from imr.engines.signature import current
from imr.errors import (
    IndexLockedError,
    IndexMismatchError,
    IndexMissingError,
    UnusableIndexError,
)
from imr.search.plan import Filter, Plan
from imr.search.response import SearchResponse
from imr.text.embedding import Embedder, Vectors
from imr.text.model_files import BGE_SMALL
from indexer.pipeline import LoadReport, load
from tests.corpus import PLANE, Plane, Search, put, read

# spawned, so that a child holds nothing of its parent but the arguments
spawn = get_context("spawn")

BEFORE = """
    A.1 upheld 2016-01-01
    request: Lantern
    category: imaging
    meaning: 0.9

    A.2 overturned
    request: Harbor
    category: surgery
    meaning: 0.4

    B.1 upheld 2016-02-01
    request: Lantern and harbor
    drugs: ibuprofen
    meaning: 0.6
"""
CHANGE = """
    A.1 overturned 2016-03-01
    request: Copper lantern
    category: dme
    meaning: 0.2

    C.1 upheld 2016-04-01
    request: Lantern
    category: acupuncture
    drugs: naproxen
    meaning: 0.7, 0.8
    rationale: One sentence. Another sentence.
"""


def place(folder: Path) -> Place:
    return Place(folder, None, "")


def opened(folder: Path) -> Search:
    return Search(EmbeddedIndex(folder).current(), Plane())


def answers(search: Search) -> list[SearchResponse]:
    """Everything that the corpora above can show, without what time it took."""
    asked = [{"text": ""}, {"text": "lantern"}, {"text": "lantern", "mode": "semantic"}]
    return [
        search(group="none", size=100, **each).model_copy(update={"took_ms": 0.0}) for each in asked
    ]


def found(search: Search) -> list[Any]:
    """The same without scores, which remember replaced decisions until segments merge."""
    return [
        (
            answer.total,
            answer.facets,
            answer.outcomes,
            {row.id: row.model_copy(update={"score": None, "why": None}) for row in answer.results},
        )
        for answer in answers(search)
    ]


# loading again


def report_of(folder: Path, *texts: str) -> LoadReport:
    """What one keyword-only load of all these letters, one after the other, reports."""
    report = LoadReport()
    with EmbeddedWriter(folder, current(None)) as writer:
        load([letter for text in texts for letter in read(text).letters], writer, None, report)
    return report


DATED = "A.1 upheld 2016-05-01\nrequest: The first one"
LATER = "A.1 upheld 2016-05-02\nrequest: The later one"
EARLIER = "A.1 upheld 2016-04-30\nrequest: The earlier one"
UNDATED = "A.1 upheld\nrequest: The undated one"


def request_of(folder: Path) -> str:
    (row,) = opened(folder)(mode="keyword").results
    return row.request


def test_the_same_letters_again_change_nothing(tmp_path: Path) -> None:
    first = report_of(tmp_path, BEFORE)
    before = found(opened(tmp_path))

    again = report_of(tmp_path, BEFORE)

    assert (first.letters, first.decisions, first.unchanged) == (2, 3, 0)
    assert (again.letters, again.decisions, again.unchanged) == (0, 0, 2)
    assert found(opened(tmp_path)) == before


@pytest.mark.parametrize("in_one_load", [True, False])
@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        pytest.param(DATED, LATER, "The later one", id="decided later"),
        pytest.param(DATED, EARLIER, "The first one", id="decided earlier"),
        pytest.param(DATED, UNDATED, "The undated one", id="undated after dated"),
        pytest.param(UNDATED, EARLIER, "The earlier one", id="dated after undated"),
    ],
)
def test_of_one_case_number_the_later_decision_stays_else_the_later_load(
    first: str,
    second: str,
    kept: str,
    in_one_load: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    if in_one_load:
        report = report_of(tmp_path, first, second)
    else:
        report_of(tmp_path, first)
        report = report_of(tmp_path, second)

    assert request_of(tmp_path) == kept
    assert report.older == (kept == "The first one")


def test_a_replaced_letter_leaves_nothing_behind(tmp_path: Path) -> None:
    put(read(BEFORE), place(tmp_path))
    changed = put(read(CHANGE), place(tmp_path))

    assert changed.matches() == {"A.1", "B.1", "C.1"}
    assert changed.matches("harbor") == {"B.1"}
    assert {v.value for v in changed().facets["category"]} == {"dme", "acupuncture", "other"}
    assert changed.engine.fetch(["A.2"]) == {}
    assert changed.engine.corpus_outcomes() == (2, 1)
    letter = changed.engine.determination("A")
    assert letter is not None
    assert [d.request for d in letter.decisions] == ["Copper lantern"]
    nearest = changed.engine.nearest(Plan(vector=Plane().embed_query("")), 10)
    assert [(hit.id, round(hit.score, 1)) for hit in nearest] == [
        ("C.1", 0.8), ("B.1", 0.6), ("A.1", 0.2),
    ]  # fmt: skip


def test_counts_are_kept_of_the_last_plans_and_of_one_commit(tmp_path: Path) -> None:
    def of(year: str) -> Plan:
        return Plan(filters=(Filter("year", ((year,),)),))

    put(read(BEFORE), place(tmp_path))
    engine = EmbeddedIndex(tmp_path).current()
    first = engine.count(of("2016"), ("outcome",))

    assert engine.count(of("2016"), ("outcome",)) is first
    assert engine.count(of("2016"), ("year",)).facets.keys() == {"year"}
    for number in range(counting.KEPT):
        engine.count(of(str(number)), ("outcome",))
    again = engine.count(of("2016"), ("outcome",))
    assert again == first
    assert again is not first


def test_a_letter_comes_back_whole(tmp_path: Path) -> None:
    corpus = read(BEFORE)
    engine = put(corpus, place(tmp_path)).engine

    assert [engine.determination(letter.id) for letter in corpus.letters] == list(corpus.letters)
    assert engine.determination("Z") is None
    assert engine.fetch(["Z.1"]) == {}


def test_an_error_in_a_load_drops_all_since_the_last_commit(tmp_path: Path) -> None:
    before = answers(put(read(BEFORE), place(tmp_path)))

    def broken_load() -> None:
        with EmbeddedWriter(tmp_path, current(PLANE)) as writer:
            writer.replace("A", [])
            raise RuntimeError("half-way")

    # what was raised keeps the writer alive, and must not keep its locks
    with pytest.raises(RuntimeError, match="half-way") as raised:
        broken_load()

    assert raised.value is not None
    assert answers(opened(tmp_path)) == before
    put(read(CHANGE), place(tmp_path))
    assert opened(tmp_path).matches() == {"A.1", "B.1", "C.1"}


# crashes


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def half_written(self: Appended, data: bytes) -> None:
    with self.path.open("ab") as file:
        vectors = self.path.name == "passages.faiss"
        file.write(data[: len(data) // 2] if vectors else data)
    if vectors:
        die()


POINTS: dict[str, Callable[[], None]] = {
    "while letters come": lambda: dying(EmbeddedWriter, "replace", nth=2),
    "before anything is written": lambda: dying(EmbeddedWriter, "commit"),
    "between two columns": lambda: dying(NumberWriter, "flush"),
    "in the middle of the vectors": lambda: setattr(Appended, "append", half_written),
    "before the vectors are counted": lambda: dying(VectorWriter, "_write_counts", nth=3),
    "while the vectors are counted": lambda: dying(struct, "pack_into", nth=6),
    "when all but the text is written": lambda: dying(VectorWriter, "flush", nth=2, after=True),
}


def dying(owner: Any, name: str, *, nth: int = 1, after: bool = False) -> None:
    """Make the nth call of a function the process's last."""
    original, calls = getattr(owner, name), 0

    def last(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            die()
        result = original(*args, **named)
        if calls == nth:
            die()
        return result

    setattr(owner, name, last)


def crashing_load(folder: Path, point: str, text: str) -> None:
    """What the doomed process does."""
    POINTS[point]()
    put(read(text), place(folder))


def crash(folder: Path, point: str, text: str) -> None:
    child = spawn.Process(target=crashing_load, args=(folder, point, text))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    child.close()


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_leaves_the_last_commit_and_the_next_load_completes(
    point: str, tmp_path: Path
) -> None:
    before = answers(put(read(BEFORE), place(tmp_path / "crashed")))

    crash(tmp_path / "crashed", point, CHANGE)

    assert answers(opened(tmp_path / "crashed")) == before
    put(read(CHANGE), place(tmp_path / "crashed"))
    put(read(BEFORE), place(tmp_path / "spared"))
    put(read(CHANGE), place(tmp_path / "spared"))
    assert found(opened(tmp_path / "crashed")) == found(opened(tmp_path / "spared"))


@pytest.mark.parametrize("point", ["while letters come", "when all but the text is written"])
def test_a_crash_of_the_first_load_leaves_an_empty_index(point: str, tmp_path: Path) -> None:
    crash(tmp_path, point, BEFORE)

    assert opened(tmp_path)().total.matches == 0
    assert put(read(BEFORE), place(tmp_path)).matches() == {"A.1", "A.2", "B.1"}


def test_what_stands_behind_the_last_commit_is_never_seen(tmp_path: Path) -> None:
    before = answers(put(read(BEFORE), place(tmp_path)))

    generation = tmp_path / "000001"
    for path in [*(generation / "columns").iterdir(), *(generation / "vectors").iterdir()]:
        with path.open("ab") as file:
            file.write(b"torn\x00\xff")

    assert answers(opened(tmp_path)) == before
    put(read(CHANGE), place(tmp_path))
    assert opened(tmp_path).matches("copper") == {"A.1"}
    assert opened(tmp_path).matches(filters={"drug": "naproxen"}) == {"C.1"}


# other processes


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with EmbeddedWriter(tmp_path, current(None)):  # noqa: SIM117
        with pytest.raises(IndexLockedError, match="another process is loading"):
            EmbeddedWriter(tmp_path, current(None))

    EmbeddedWriter(tmp_path, current(None)).__exit__(None, None, None)


def load_elsewhere(folder: Path, text: str) -> None:
    put(read(text), place(folder))


def test_a_reader_sees_the_commits_of_another_process(tmp_path: Path) -> None:
    put(read(BEFORE), place(tmp_path))
    index = EmbeddedIndex(tmp_path)
    old = Search(index.current(), Plane())
    before = answers(old)
    assert index.current() is old.engine

    child = spawn.Process(target=load_elsewhere, args=(tmp_path, CHANGE))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    child.close()

    assert Search(index.current(), None).matches() == {"A.1", "B.1", "C.1"}
    assert answers(old) == before, "a search under way stays in its commit"


# signatures


def files(folder: Path) -> dict[str, bytes]:
    """All of an index but its lock."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def sign(folder: Path, **parts: Any) -> None:
    """Change what the index says it was built with."""
    path = folder / "signature.json"
    path.write_text(json.dumps(json.loads(path.read_text().splitlines()[0]) | parts))


def test_another_model_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    put(read(BEFORE), place(tmp_path))
    before = files(tmp_path)

    with pytest.raises(
        IndexMismatchError, match=r"vectors of plane, this load would add bge-small-en-v1\.5-q8"
    ):
        EmbeddedWriter(tmp_path, current(BGE_SMALL))
    with pytest.raises(IndexMismatchError, match="this load would add no model"):
        EmbeddedWriter(tmp_path, current(None))

    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("part", "value"), [("analysis", "other"), ("fields", "other"), ("layout", 0)]
)
def test_another_analysis_or_layout_is_neither_read_nor_written(
    part: str, value: object, tmp_path: Path
) -> None:
    put(read(BEFORE), place(tmp_path))
    sign(tmp_path, **{part: value})
    before = files(tmp_path)

    with pytest.raises(IndexMismatchError, match=f"other {part}.*index the letters anew"):
        EmbeddedIndex(tmp_path)
    with pytest.raises(IndexMismatchError, match=f"other {part}"):
        EmbeddedWriter(tmp_path, current(PLANE))
    assert files(tmp_path) == before


def test_another_taxonomy_is_read_but_not_written(tmp_path: Path) -> None:
    put(read(BEFORE), place(tmp_path))
    assert opened(tmp_path)("lantern").query.warnings == ()
    sign(tmp_path, taxonomy="other")

    assert opened(tmp_path).matches("lantern") == {"A.1", "B.1"}
    (warning,) = opened(tmp_path)("lantern").query.warnings
    assert "run `imr retag`" in warning
    with pytest.raises(IndexMismatchError, match="another taxonomy"):
        EmbeddedWriter(tmp_path, current(PLANE))


def test_what_is_no_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="make one with `imr index"):
        EmbeddedIndex(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_damaged_signature_is_named(tmp_path: Path) -> None:
    put(read(BEFORE), place(tmp_path))
    (tmp_path / "signature.json").write_text("{")

    with pytest.raises(UnusableIndexError, match=r"signature\.json is damaged"):
        EmbeddedIndex(tmp_path)


def test_a_place_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UnusableIndexError, match="choose a folder of your own"):
        EmbeddedWriter(tmp_path / "file", current(None))


def test_an_index_without_vectors_says_why_it_does_not_search_by_meaning(tmp_path: Path) -> None:
    engine = put(read("A.1 upheld\nrequest: Lantern"), place(tmp_path)).engine

    answer = Search(engine, Plane())("lantern")

    assert answer.query.warnings == ("semantic search is off: the index was built without vectors",)
    assert answer.total.matches == 1


def test_another_model_is_refused_for_reading_by_meaning(
    embedder: Embedder, tmp_path: Path
) -> None:
    engine = put(read(BEFORE), place(tmp_path)).engine

    with pytest.raises(IndexMismatchError):
        Search(engine, embedder)("lantern")


# neighbours

DIMENSION = 24
SPACE = replace(BGE_SMALL, name="space", dimension=DIMENSION)
ROWS = 600


@dataclass(frozen=True)
class Neighbours:
    """An engine over random passages, and the same as plain numbers."""

    engine: EmbeddedEngine
    ids: Sequence[str]
    passages: Sequence[Vectors]
    outcomes: Sequence[str]
    parts: Sequence[str]


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Neighbours:
    """600 decisions of one to three passages; the first 100 are loaded twice."""
    folder = tmp_path_factory.mktemp("neighbours")
    random = np.random.default_rng(3)
    outcomes = ["overturned" if at % 50 == 0 else "upheld" for at in range(ROWS)]
    parts = [("knee", "neck", "hand")[at % 3] for at in range(ROWS)]
    letters = read(
        "\n\n".join(
            f"N{at:03}.1 {outcomes[at]}\nrequest: Item {at}\nbody: {parts[at]}"
            for at in range(ROWS)
        )
    ).letters
    passages: list[Vectors] = [np.empty((0, DIMENSION), np.float32)] * ROWS
    with EmbeddedWriter(folder, current(SPACE)) as writer:
        for at in [*range(100), *range(ROWS)]:
            made = random.normal(size=(1 + at % 3, DIMENSION))
            made /= np.linalg.norm(made, axis=1, keepdims=True)
            passages[at] = made.astype(np.float16).astype(np.float32)
            spans = [(10 * n, 10 * n + 5) for n in range(len(made))]
            writer.replace(letters[at].id, documents(letters[at], [spans], [passages[at]]))
    engine = EmbeddedIndex(folder).current()
    return Neighbours(engine, [f"{letter.id}.1" for letter in letters], passages, outcomes, parts)


@pytest.mark.parametrize("limit", [1, 20, ROWS])
@pytest.mark.parametrize(
    "filters",
    [
        pytest.param((), id="all"),
        pytest.param((Filter("outcome", (("overturned",),)),), id="few"),
        pytest.param((Filter("body_part", (("knee",), ("neck",))),), id="many"),
        pytest.param(
            (
                Filter("outcome", (("overturned",),)),
                Filter("body_part", (("knee",),), negated=True),
            ),
            id="two filters",
        ),
        pytest.param((Filter("body_part", (("toe",),)),), id="none"),
    ],
)  # fmt: skip
def test_neighbours_are_exact_under_filters(
    filters: tuple[Filter, ...], limit: int, neighbours: Neighbours
) -> None:
    random = np.random.default_rng(limit)
    query = random.normal(size=DIMENSION).astype(np.float32)
    query /= np.linalg.norm(query)

    def allowed(at: int) -> bool:
        held = {"outcome": neighbours.outcomes[at], "body_part": neighbours.parts[at]}
        return all(((held[f.field],) in f.alternatives) != f.negated for f in filters)

    cosines = {
        neighbours.ids[at]: neighbours.passages[at] @ query for at in range(ROWS) if allowed(at)
    }
    best = sorted((-float(cosines[id_].max()), id_) for id_ in cosines)[:limit]
    hits = neighbours.engine.nearest(Plan(filters=filters, vector=query), limit)

    assert {hit.id for hit in hits} == {id_ for _, id_ in best}
    assert [hit.score for hit in hits] == pytest.approx([-score for score, _ in best], abs=1e-5)
    for hit in hits:
        nearest = int(cosines[hit.id].argmax())
        assert hit.score == pytest.approx(cosines[hit.id][nearest], abs=1e-5)
        assert hit.passage == (10 * nearest, 10 * nearest + 5)


# other versions, other rights


def test_an_index_of_another_version_is_told(tmp_path: Path) -> None:
    put(read(BEFORE), place(tmp_path))
    signature = tmp_path / "signature.json"
    signature.write_text('{"layout": 1, "analysis": "other"}', encoding="utf-8")

    with pytest.raises(IndexMismatchError, match="built by another version"):
        EmbeddedIndex(tmp_path)


def test_a_folder_that_only_may_be_read_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(read(BEFORE), place(tmp_path))
    before = sorted(path.name for path in (tmp_path / "000001" / "text").iterdir())
    monkeypatch.setattr("imr.engines.embedded.text.os.access", lambda *_: False)

    assert sum(EmbeddedIndex(tmp_path).current().corpus_outcomes()) > 0
    assert sorted(path.name for path in (tmp_path / "000001" / "text").iterdir()) == before
