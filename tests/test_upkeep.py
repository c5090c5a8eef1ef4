"""The embedded index under blows: killed, damaged, on a full disk; removed from, compacted."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from imr.engines.document import documents
from imr.engines.embedded import frequent, lists
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.embedded.verify import verify
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.signature import current
from imr.errors import ImrError, UnusableIndexError
from imr.model import Determination
from imr.search.plan import Clause, Plan
from imr.search.plan import make as plan_of
from tests.corpus import PLANE, read, towards

IMR = Path(sys.executable).parent / "imr"
KILLS = 30
LETTERS = 60
PER_COMMIT = 5
spawn = get_context("spawn")


@pytest.fixture(scope="module", autouse=True)
def soon() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for of in (lists, frequent):
            patch.setattr(of, "LEAST", 5)
            patch.setattr(of, "TAIL", 5)
        yield


def made_soon() -> None:
    """Let lists and frequent words be made of few letters, in a child, too."""
    lists.LEAST = lists.TAIL = frequent.LEAST = frequent.TAIL = 5


def letter(number: int, version: int = 1) -> Determination:
    """A letter of one or two decisions, which all say "lantern"."""
    text = f"""
        L{number:03}.1 upheld 2016-01-{1 + number % 28:02}
        request: Lantern {number} version{version}
        category: imaging
    """
    if number % 3 == 0:
        text += f"""
        L{number:03}.2 overturned 2016-01-{1 + number % 28:02}
        request: Second lantern {number}
        drugs: naproxen
        """
    blocks = text.replace("        L", "\nL")
    return read(blocks).letters[0]


def put(writer: EmbeddedWriter, made: Determination) -> None:
    spans = [[d.spans["rationale"]] for d in made.decisions]
    number = int(made.id[1:])
    vectors = [towards([0.5 + number / 200]) for _ in made.decisions]
    writer.replace(made.id, documents(made, spans, vectors, [v[0] for v in vectors]))


def load(folder: Path, first: int = 0, last: int = LETTERS) -> None:
    """Load letters, five a commit; those that are there already are left alone."""
    with EmbeddedWriter(folder, current(PLANE)) as writer:
        for number in range(first, last):
            if not writer.known([f"L{number:03}"]):
                put(writer, letter(number))
            if number % PER_COMMIT == PER_COMMIT - 1:
                writer.commit()


def found(folder: Path) -> set[str]:
    """What words, dates and vectors find, which must be the same decisions."""
    engine = EmbeddedIndex(folder).current()
    words = plan_of([Clause("word", "lantern")], [])
    by_words = {hit.id for hit in engine.keyword(words, 1000)}
    by_date = {hit.id for hit in engine.newest(Plan(), 1000)}
    by_meaning = {hit.id for hit in engine.nearest(Plan(vector=towards([1.0])[0]), 1000)}
    counts = engine.count(Plan(), ["category", "outcome"])
    assert by_words == by_date == by_meaning
    assert counts.matches == len(by_words) == sum(counts.facets["outcome"].values())
    assert counts.determinations == len({id_.partition(".")[0] for id_ in by_words})
    return by_words


def decisions(numbers: range) -> set[str]:
    return {d.id for number in numbers for d in letter(number).decisions}


# killed


def test_a_load_killed_anywhere_leaves_the_last_commit_whole(tmp_path: Path) -> None:
    """Thirty kills at random moments of one load, which each next run takes up again."""
    chance = random.Random(17)
    killed = 0
    had: set[str] = set()
    for _ in range(10 * KILLS):
        if killed == KILLS:
            break
        child = spawn.Process(target=_slow_load, args=(tmp_path,))
        child.start()
        time.sleep(0.5 + chance.random() * 1.5)
        if child.is_alive():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
        child.join(30)
        killed += child.exitcode == -signal.SIGKILL
        if not (tmp_path / "signature.json").exists():
            continue
        now = found(tmp_path)
        assert list(verify(tmp_path)) == []
        # whole commits only, and nothing that was committed is lost
        assert now >= had
        assert now in [decisions(range(n)) for n in range(0, LETTERS + 1, PER_COMMIT)]
        had = now
        if now == decisions(range(LETTERS)):
            _empty(tmp_path)
            had = set()
    assert killed == KILLS
    load(tmp_path)
    assert found(tmp_path) == decisions(range(LETTERS))
    assert list(verify(tmp_path)) == []


def _slow_load(folder: Path) -> None:
    """The same load, with time to be killed in."""
    made_soon()
    with EmbeddedWriter(folder, current(PLANE)) as writer:
        for number in range(LETTERS):
            if not writer.known([f"L{number:03}"]):
                put(writer, letter(number))
                time.sleep(0.01)
            if number % PER_COMMIT == PER_COMMIT - 1:
                writer.commit()


def _empty(folder: Path) -> None:
    with EmbeddedWriter(folder, current(PLANE)) as writer:
        for number in range(LETTERS):
            writer.remove(f"L{number:03}")
        writer.compact()


# damaged


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with replaced and removed letters."""
    folder = tmp_path_factory.mktemp("whole") / "index"
    load(folder, 0, 12)
    with EmbeddedWriter(folder, current(PLANE)) as writer:
        put(writer, letter(3, version=2))
        writer.remove("L004")
    return folder


def files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        ours = not path.name.endswith((".lock", ".managed.json"))
        if ours and path.is_file() and path.stat().st_size:
            yield path


def test_a_whole_index_has_no_faults(whole: Path) -> None:
    made = {path.name.partition("-")[0] for path in files(whole) if "-" in path.name}
    assert made == {"commit", "words", "passages.lists", "facts.lists"}
    assert list(verify(whole)) == []


def test_a_flipped_byte_in_any_file_is_told_with_its_name(whole: Path) -> None:
    chance = random.Random(5)
    unnoticed = []
    for path in files(whole):
        data = path.read_bytes()
        at = chance.randrange(len(data))
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        try:
            faults = list(verify(whole))
        except ImrError as error:
            faults = [str(error)]
        finally:
            path.write_bytes(data)
        if not any(path.name in fault or str(whole) in fault for fault in faults):
            unnoticed.append((path.name, at, faults))
    assert unnoticed == []
    assert list(verify(whole)) == []


def test_what_a_killed_load_left_half_written_is_no_fault(tmp_path: Path) -> None:
    """A list of deletions that no commit names, as the next load would write it."""
    load(tmp_path, 0, 12)
    text = tmp_path / "000001" / "text"
    segment = next(text.glob("*.store")).stem
    left = text / f"{segment}.999.del"
    left.write_bytes(b"half")
    managed = text / ".managed.json"
    managed.write_text(json.dumps([*json.loads(managed.read_text()), left.name]))

    assert list(verify(tmp_path)) == []
    load(tmp_path)
    assert not left.exists()
    assert found(tmp_path) == decisions(range(LETTERS))


def test_a_state_that_was_never_committed_counts_for_nothing(tmp_path: Path) -> None:
    """A load that was killed between writing it and the commit left it."""
    load(tmp_path, 0, 10)
    (state,) = (tmp_path / "000001").glob("commit-*.json")
    left = state.with_name(f"commit-{int(state.stem.removeprefix('commit-')) + 1_000}.json")
    left.write_text("half")
    scratch = state.with_name(f"{left.name}.new")
    scratch.write_text("half")

    assert list(verify(tmp_path)) == []
    assert found(tmp_path) == decisions(range(10))
    load(tmp_path)
    assert not left.exists()
    assert not scratch.exists()
    assert found(tmp_path) == decisions(range(LETTERS))


@pytest.mark.parametrize("name", ["commit-*.json", "text/meta.json"])
def test_a_lost_state_is_told_to_readers_and_writers(name: str, tmp_path: Path) -> None:
    """Neither takes the index for an empty one."""
    load(tmp_path, 0, 5)
    (lost,) = (tmp_path / "000001").glob(name)
    data = lost.read_bytes()
    lost.unlink()

    for use in (EmbeddedIndex(tmp_path).current, lambda: EmbeddedWriter(tmp_path, current(PLANE))):
        with pytest.raises(UnusableIndexError, match="is damaged"):
            use()
    assert list(verify(tmp_path)) != []
    lost.write_bytes(data)
    assert found(tmp_path) == decisions(range(5))


def test_a_reader_beside_a_load_sees_whole_commits_only(tmp_path: Path) -> None:
    """States come and go as fast as commits do."""
    load(tmp_path, 0, PER_COMMIT)
    child = spawn.Process(target=load, args=(tmp_path,))
    child.start()
    seen = set()
    while child.is_alive():
        seen.add(frozenset(found(tmp_path)))
    child.join()

    whole = [frozenset(decisions(range(n))) for n in range(PER_COMMIT, LETTERS + 1, PER_COMMIT)]
    assert child.exitcode == 0
    assert seen <= set(whole)
    assert found(tmp_path) == whole[-1]


def test_scores_are_the_same_however_many_commits_there_were(tmp_path: Path) -> None:
    """What a commit says of itself is no decision among those that words are counted over."""
    for name, per_commit in (("one", 1_000), ("several", 7)):
        with EmbeddedWriter(tmp_path / name, current(PLANE)) as writer:
            for number in range(30):
                put(writer, letter(number))
                if number % per_commit == per_commit - 1:
                    writer.commit()
    plan = plan_of([Clause("word", "lantern"), Clause("word", "7")], [])
    one, several = (
        [(hit.id, hit.score) for hit in EmbeddedIndex(tmp_path / n).current().keyword(plan, 50)]
        for n in ("one", "several")
    )
    assert len(one) == len(decisions(range(30)))
    assert one == several


def test_a_lost_file_is_told(tmp_path: Path) -> None:
    load(tmp_path, 0, 12)
    lost = next((tmp_path / "000001" / "text").glob("*.store"))
    lost.unlink()

    assert [fault for fault in verify(tmp_path) if lost.name in fault]


def test_a_file_cut_short_is_told_to_readers_and_writers(tmp_path: Path) -> None:
    load(tmp_path, 0, 5)
    for name in ("columns/outcome.rows", "columns/decided.numbers", "vectors/passages.faiss"):
        path = tmp_path / "000001" / name
        data = path.read_bytes()
        path.write_bytes(data[:-3])
        with pytest.raises(UnusableIndexError, match=f"{path.name} is damaged"):
            EmbeddedIndex(tmp_path).current()
        with pytest.raises(UnusableIndexError, match=f"{path.name} is damaged"):
            EmbeddedWriter(tmp_path, current(PLANE))
        path.write_bytes(data)
    assert found(tmp_path) == decisions(range(5))


# a full disk


def _load_within(folder: Path, size: int) -> None:
    """Load with a limit on every file's size, as a full disk would set one."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        load(folder)
    except (ImrError, OSError, ValueError):
        os._exit(7)
    os._exit(0)


def test_a_full_disk_ends_the_load_and_loses_nothing(tmp_path: Path) -> None:
    load(tmp_path, 0, 10)
    child = spawn.Process(target=_load_within, args=(tmp_path, 1_000))
    child.start()
    child.join(60)

    assert child.exitcode == 7
    assert list(verify(tmp_path)) == []
    assert decisions(range(10)) <= found(tmp_path)
    load(tmp_path)
    assert found(tmp_path) == decisions(range(LETTERS))


# removed, compacted


def test_a_removed_letter_is_gone_and_can_come_back(tmp_path: Path) -> None:
    load(tmp_path, 0, 6)
    with EmbeddedWriter(tmp_path, current(PLANE)) as writer:
        assert writer.remove("L003")
        assert not writer.remove("L999")
    assert found(tmp_path) == decisions(range(6)) - decisions(range(3, 4))
    assert EmbeddedIndex(tmp_path).current().determination("L003") is None

    load(tmp_path, 0, 6)
    assert found(tmp_path) == decisions(range(6))


def test_compacting_reclaims_room_and_changes_no_answer(tmp_path: Path) -> None:
    load(tmp_path, 0, 30)
    with EmbeddedWriter(tmp_path, current(PLANE)) as writer:
        for _ in range(3):
            for number in range(30):
                put(writer, letter(number, version=2))
            writer.commit()
    before = found(tmp_path)
    letters = list(EmbeddedIndex(tmp_path).current().letters())
    reader = EmbeddedIndex(tmp_path)
    old = reader.current()
    size = sum(path.stat().st_size for path in (tmp_path / "000001" / "columns").iterdir())

    with EmbeddedWriter(tmp_path, current(PLANE)) as writer:
        writer.compact()

    assert not (tmp_path / "000001").exists()
    assert sum(p.stat().st_size for p in (tmp_path / "000002" / "columns").iterdir()) < size / 2
    assert found(tmp_path) == before
    assert list(EmbeddedIndex(tmp_path).current().letters()) == letters
    assert list(verify(tmp_path)) == []
    # a reader that was open goes on, and sees the new generation when it looks again
    assert len(old.newest(Plan(), 1000)) == len(before)
    assert reader.current() is not old
    load(tmp_path, 30, 32)
    assert found(tmp_path) == decisions(range(32))


def test_vectors_and_spans_survive_compaction(tmp_path: Path) -> None:
    load(tmp_path, 0, 9)

    def parts() -> list[object]:
        engine = EmbeddedIndex(tmp_path).current()
        return [engine.stored(each) for each in engine.letters()]

    before = parts()
    with EmbeddedWriter(tmp_path, current(PLANE)) as writer:
        writer.compact()
    for old, new in zip(before, parts(), strict=True):
        assert np.array_equal(old.vectors, new.vectors)  # type: ignore[attr-defined]
        assert (old.passages, old.keywords) == (new.passages, new.keywords)  # type: ignore[attr-defined]


# through the door


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([IMR, *map(str, words)], capture_output=True, text=True, check=False)


def test_the_commands(tmp_path: Path) -> None:
    load(tmp_path, 0, 6)
    index = ("--index", tmp_path)

    assert command("verify", *index).stdout == f"{tmp_path} is whole\n"
    assert command("remove", "L001", "L002", *index).stdout == "removed 2 letters\n"
    unknown = command("remove", "L003", "L999", *index)
    assert (unknown.returncode, "L999" in unknown.stderr) == (2, True)
    assert command("compact", *index).stdout == f"compacted {tmp_path}\n"
    assert found(tmp_path) == decisions(range(6)) - decisions(range(1, 3))

    path = tmp_path / "000002" / "columns" / "outcome.rows"
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    damaged = command("verify", *index)
    assert damaged.returncode == 1
    assert str(path) in damaged.stderr
