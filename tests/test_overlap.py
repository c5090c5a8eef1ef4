"""Loading: letters are embedded beside reading and writing, and a broken load is gone on with."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import pytest

from imr.engines.document import Document
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.signature import current
from imr.letters.parse import parse
from imr.model import Determination
from imr.search.plan import Plan
from imr.text.embedding import Embedder, Vectors
from imr.text.model_files import BGE_SMALL
from imr.text.vector_cache import RememberingEmbedder
from indexer import overlap, pipeline
from indexer.embed import Cut, cut
from samples import stream
from samples.render import letter_text
from tests.stand_ins import StandIn

SPEC = replace(BGE_SMALL, name="stated by the test", dimension=8)
PATIENCE = 60
spawn = get_context("spawn")


@pytest.fixture(scope="module")
def letters() -> list[Determination]:
    return some(40)


def some(count: int) -> list[Determination]:
    return [
        parse(letter_text(each).encode(), f"{each.id}.txt") for each in islice(stream(31), count)
    ]


class Noting(EmbeddedWriter):
    """The real writer; notes what it is told, and when."""

    def __init__(self, folder: Path) -> None:
        self.told: list[str] = []
        super().__init__(folder, current(SPEC))

    def replace(self, determination: str, documents_: Iterable[Document]) -> None:
        self.told.append(determination)
        super().replace(determination, documents_)

    def commit(self, *, last: bool = False) -> None:
        self.told.append("commit")
        super().commit(last=last)


def load(
    letters: Iterable[Determination], folder: Path, embedder: Embedder | None = None
) -> tuple[pipeline.LoadReport, list[str]]:
    report = pipeline.LoadReport()
    with Noting(folder) as writer:
        pipeline.load(letters, writer, embedder or StandIn(SPEC), report)
    return report, writer.told


def decisions(folder: Path) -> int:
    return EmbeddedIndex(folder).current().count(Plan(), []).matches


def threads_left() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("embedding")]


# ------------------------------------------------------------------- order and commits


def test_letters_are_written_in_their_order_and_committed_where_they_were_due(
    letters: list[Determination], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "COMMIT_EVERY", 15)
    report, told = load(letters, tmp_path / "index")

    ids = [letter.id for letter in letters]
    due = [*ids[:15], "commit", *ids[15:30], "commit", *ids[30:], "commit"]
    assert told == due
    assert report.letters == len(letters)
    assert decisions(tmp_path / "index") == report.decisions


def test_letters_that_stay_count_towards_the_next_commit(
    letters: list[Determination], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(letters[:20], tmp_path / "index")
    monkeypatch.setattr(pipeline, "COMMIT_EVERY", 15)

    report, told = load(letters, tmp_path / "index")

    ids = [letter.id for letter in letters[20:]]
    assert report.unchanged == 20
    assert told == ["commit", *ids[:10], "commit", *ids[10:], "commit"]


def test_each_text_is_embedded_once_a_group(letters: list[Determination], tmp_path: Path) -> None:
    """The same decision twice in a letter, or a request that is all there is, costs one run."""
    model = StandIn(SPEC)
    first = letters[0].decisions[0]
    bare = first.model_copy(update={"rationale": "", "spans": {}, "number": 1, "id": "X.1"})
    twice = bare.model_copy(update={"number": 2, "id": "X.2"})
    letter = letters[0].model_copy(
        update={"id": "X", "clinical_summary": "", "decisions": (bare, twice)}
    )

    load([letter], tmp_path / "index", model)

    assert model.asked == [first.request]


@pytest.mark.parametrize("with_vectors", [True, False])
def test_the_same_letter_again_on_its_way_is_known(
    letters: list[Determination], tmp_path: Path, *, with_vectors: bool
) -> None:
    """Before the first is written, the index knows nothing of it."""
    dated = letters[0].dates.decision
    assert dated is not None
    later = letters[0].model_copy(
        update={
            "dates": letters[0].dates.model_copy(update={"decision": dated.replace(year=2030)}),
            "source": letters[0].source.model_copy(update={"sha256": "0" * 64}),
        }
    )
    several = [letters[0], letters[0], later, letters[0], letters[1]]
    report = pipeline.LoadReport()
    model = StandIn(SPEC) if with_vectors else None
    with EmbeddedWriter(tmp_path / "index", current(SPEC if model else None)) as writer:
        pipeline.load(several, writer, model, report)

    assert (report.letters, report.unchanged, report.older) == (3, 1, 1)
    stored = EmbeddedIndex(tmp_path / "index").current().determination(letters[0].id)
    assert stored is not None
    assert stored.dates.decision == later.dates.decision


def test_the_same_letter_again_is_known_once_it_is_written(
    letters: list[Determination], tmp_path: Path
) -> None:
    """The index was asked for both at once, before the first was written; no commit is forced."""
    several = [*letters[:30], letters[0]]
    assert len(several) < pipeline.LOOKED_UP_AT_ONCE

    report, told = load(several, tmp_path / "index")

    assert (report.letters, report.unchanged) == (30, 1)
    assert told == [*(letter.id for letter in letters[:30]), "commit"]


# ------------------------------------------------------------------- beside each other, bounded


def test_letters_are_read_while_others_are_embedded(
    letters: list[Determination], tmp_path: Path
) -> None:
    """The embedding of the first waits until later ones have been read."""
    read_on = threading.Event()

    class Waiting(StandIn):
        def embed(self, texts: Sequence[str]) -> Vectors:
            assert read_on.wait(PATIENCE)
            return super().embed(texts)

    def reading() -> Iterator[Determination]:
        for number, letter in enumerate(letters):
            if number == 3:
                read_on.set()
            yield letter

    report, _ = load(reading(), tmp_path / "index", Waiting(SPEC))

    assert report.letters == len(letters)


def test_letters_are_written_while_others_are_embedded(
    letters: list[Determination], tmp_path: Path
) -> None:
    """The embedding of the third group waits until a letter of the first has been written."""
    written = threading.Event()

    class Waiting(StandIn):
        groups = 0

        def embed(self, texts: Sequence[str]) -> Vectors:
            self.groups += 1
            assert self.groups < 3 or written.wait(PATIENCE)
            return super().embed(texts)

    report = pipeline.LoadReport()
    with EmbeddedWriter(tmp_path / "index", current(SPEC)) as writer:
        pipeline.load(letters, writer, Waiting(SPEC), report, written.set)

    assert report.letters == len(letters)


def test_reading_runs_a_bounded_way_ahead(letters: list[Determination]) -> None:
    model = StandIn(SPEC)
    most = 0
    held = 0

    def steps() -> Iterator[Cut]:
        nonlocal held, most
        for letter in letters * 5:
            held += 1
            most = max(most, held)
            yield cut(letter, model)

    for several, _ in overlap.embedded(steps(), model):
        held -= len(several)

    # a group ends with the letter that fills it
    assert most <= (overlap.GROUPS_AHEAD + 2) * model.at_once
    assert held == 0


# ------------------------------------------------------------------- errors and interruption


class OdditiesError(Exception):
    """Raised by a test."""


def test_an_error_of_the_model_ends_the_load(letters: list[Determination], tmp_path: Path) -> None:
    class Failing(StandIn):
        def embed(self, texts: Sequence[str]) -> Vectors:
            if len(self.asked) > 20:
                raise OdditiesError
            return super().embed(texts)

    with pytest.raises(OdditiesError):
        load(letters, tmp_path / "index", Failing(SPEC))

    assert threads_left() == []
    assert decisions(tmp_path / "index") == 0


@pytest.mark.parametrize("error", [OdditiesError, KeyboardInterrupt])
@pytest.mark.parametrize("where", ["reading", "writing"])
def test_an_error_or_an_interruption_ends_the_load_and_the_embedding(
    letters: list[Determination], tmp_path: Path, where: str, error: type[BaseException]
) -> None:
    model = StandIn(SPEC)
    done = 0

    def reading() -> Iterator[Determination]:
        for number, letter in enumerate(letters):
            if where == "reading" and number == 12:
                raise error
            yield letter

    def progress() -> None:
        nonlocal done
        done += 1
        if where == "writing" and done == 3:
            raise error

    def run() -> None:
        with EmbeddedWriter(tmp_path / "index", current(SPEC)) as writer:
            pipeline.load(reading(), writer, model, pipeline.LoadReport(), progress)

    with pytest.raises(error):
        run()

    asked = len(model.asked)
    assert threads_left() == []
    assert len(model.asked) == asked
    assert decisions(tmp_path / "index") == 0
    report, _ = load(letters, tmp_path / "index")
    assert report.letters == len(letters)


# ------------------------------------------------------------------- a load killed in the middle

EVERY, KILLED_AT = 8, 29


def _load_until_killed(folder: Path, count: int) -> None:
    """In a process of its own: load, and be killed while a letter is written."""
    pipeline.COMMIT_EVERY = EVERY
    done = 0

    def progress() -> None:
        nonlocal done
        done += 1
        if done == KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)

    with EmbeddedWriter(folder / "index", current(SPEC)) as writer:
        model = RememberingEmbedder(StandIn(SPEC), folder / "cache", 10**9)
        pipeline.load(some(count), writer, model, pipeline.LoadReport(), progress)


def test_a_killed_load_is_gone_on_with_where_it_was(
    letters: list[Determination], tmp_path: Path
) -> None:
    child = spawn.Process(target=_load_until_killed, args=(tmp_path, len(letters)))
    child.start()
    child.join(PATIENCE)
    assert child.exitcode == -signal.SIGKILL
    committed = KILLED_AT // EVERY * EVERY
    before = {text for letter in letters[:KILLED_AT] for text in cut(letter, StandIn(SPEC)).texts()}
    all_texts = {text for letter in letters for text in cut(letter, StandIn(SPEC)).texts()}
    model = StandIn(SPEC)

    report, _ = load(
        letters, tmp_path / "index", RememberingEmbedder(model, tmp_path / "cache", 10**9)
    )

    assert (report.unchanged, report.letters) == (committed, len(letters) - committed)
    assert set(model.asked) & before == set(), "what was embedded once is not embedded again"
    assert set(model.asked) < all_texts
    assert decisions(tmp_path / "index") == sum(len(letter.decisions) for letter in letters)
