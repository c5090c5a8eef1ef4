"""Rebuilds of an index on a cluster that meet each other, are broken off, dropped or refused."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imr.engines.document import documents
from imr.engines.open import Place, open_index, open_writer
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.indices import Indices
from imr.engines.opensearch.owner import Owner
from imr.engines.protocol import Writer
from imr.engines.signature import current
from imr.errors import (
    BadQueryError,
    IndexClosedError,
    IndexDoubtfulError,
    IndexLockedError,
    IndexMissingError,
    UnusableIndexError,
)
from imr.search.plan import Plan
from tests.corpus import PLANE as MODEL
from tests.corpus import towards
from tests.test_cli import imr
from tests.test_generations import corpus, generations, load, states, where

__all__ = ["where"]

BEGIN = """
import sys
from pathlib import Path
from imr.engines.open import Place, open_writer
from tests.corpus import PLANE
with open_writer(Place(Path(), sys.argv[1], sys.argv[2]), PLANE, "recreate"):
    print("begun", flush=True)
    sys.stdin.read()
"""
"""In a process of its own: a rebuild that goes on until its input ends."""


@pytest.fixture
def elsewhere(where: Place) -> Iterator[subprocess.Popen[str]]:
    """Another process that is at work on a rebuild."""
    load(where, corpus("one", 3))
    with begun(where) as child:
        yield child
        child.kill()


def begun(where: Place) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", BEGIN, str(where.url), where.name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    return child


def indices(where: Place) -> Indices:
    assert where.url is not None
    return Indices(Cluster(where.url, where.name))


def everything(where: Place) -> list[str]:
    """All indices whose names begin so, of ours or not."""
    return sorted(indices(where).client.indices.get(index=f"{where.name}*"))


def put(writer: Writer, word: str, letters: int) -> None:
    for letter in corpus(word, letters):
        writer.replace(letter.id, documents(letter, [[(0, 1)]], [towards([1.0])]))


def other_taxonomy(where: Place, generation: str) -> None:
    """Say that other vocabularies tagged it, so that a retag has something to do."""
    ours = indices(where)
    found = ours.client.indices.get_mapping(index=generation)
    signed = found[generation]["mappings"]["_meta"]["imr"]
    ours.write_down(generation, imr=signed | {"taxonomy": "another"})


def moved_away(where: Place, generation: str) -> None:
    """Say that a process of another machine builds it."""
    mark: dict[str, Any] = Owner.here().mark() | {"host": "another-machine"}
    indices(where).write_down(generation, owner=mark)


def test_a_second_rebuild_is_refused_and_the_first_ends_well(
    where: Place, elsewhere: subprocess.Popen[str]
) -> None:
    first = f"{where.name}-000002"
    said = rf"{first} is being built.*process {elsewhere.pid} on .* since 2.*prune --unfinished"
    with pytest.raises(IndexLockedError, match=said):
        open_writer(where, MODEL, "recreate")
    other_taxonomy(where, f"{where.name}-000001")
    with pytest.raises(IndexLockedError, match=said):
        open_writer(where, MODEL, "retag")

    with pytest.raises(IndexLockedError, match=f"not broken off, process {elsewhere.pid} on"):
        generations(where).prune(0, unfinished=True)
    assert [state for _, state, _ in states(where)] == ["unfinished", "live"]
    assert elsewhere.stdin is not None
    elsewhere.stdin.close()
    # nothing was loaded, so it is not switched to, and nobody is at work on it any longer
    elsewhere.wait(60)
    assert states(where)[0] == ("000002", "loaded", 0)


def test_a_killed_rebuild_is_taken_over(where: Place, elsewhere: subprocess.Popen[str]) -> None:
    elsewhere.kill()
    elsewhere.wait(60)
    load(where, corpus("two", 4), recreate=True)
    assert states(where) == [("000003", "live", 4), ("000001", "former", 3)]


def test_a_killed_rebuild_is_told_and_cleared(
    where: Place, elsewhere: subprocess.Popen[str]
) -> None:
    elsewhere.kill()
    elsewhere.wait(60)
    assert [state for _, state, _ in states(where)] == ["unfinished", "live"]
    with pytest.raises(IndexClosedError, match="prune --unfinished"):
        load(where, corpus("more", 1))

    assert generations(where).prune(1, unfinished=True) == [f"{where.name}-000002"]
    load(where, corpus("more", 1))
    assert states(where) == [("000001", "live", 4)]


def test_a_process_of_the_same_number_is_not_the_owner(where: Place) -> None:
    """A container that is started again has the numbers of before."""
    load(where, corpus("one", 3))
    open_writer(where, MODEL, "recreate")  # and never left
    earlier = Owner.here().mark() | {"start": "1"}
    indices(where).write_down(f"{where.name}-000002", owner=earlier)
    assert generations(where).prune(1, unfinished=True) == [f"{where.name}-000002"]


def test_a_rebuild_of_another_machine_is_refused_until_it_is_dropped(where: Place) -> None:
    load(where, corpus("one", 3))
    open_writer(where, MODEL, "recreate")  # and never left
    moved_away(where, f"{where.name}-000002")
    with pytest.raises(IndexLockedError, match=r"on another-machine.*prune --unfinished"):
        open_writer(where, MODEL, "recreate")
    assert generations(where).prune(1, unfinished=True) == [f"{where.name}-000002"]
    load(where, corpus("two", 4), recreate=True)
    assert states(where)[0] == ("000003", "live", 4)


@pytest.mark.parametrize("before", [3, 0], ids=["beside a live one", "the first"])
def test_what_is_loaded_into_a_dropped_generation_is_told_and_harms_no_other(
    where: Place, before: int
) -> None:
    """Another machine's user took the rebuild for broken off, and began one."""
    if before:
        load(where, corpus("one", before))
    first = open_writer(where, MODEL, "recreate")
    built = states(where)[0][0]
    moved_away(where, f"{where.name}-{built}")
    generations(where).prune(1, unfinished=True)
    with open_writer(where, MODEL, "recreate") as second:
        put(second, "two", 4)
        with pytest.raises(IndexMissingError, match=rf"{built}, which.*dropped.*build it again"):
            first.__exit__(None, None, None)
        put(second, "three", 5)
    assert states(where)[0][1:] == ("live", 9)
    assert open_index(where).current().count(Plan(), []).matches == 9


def test_documents_sent_into_a_dropped_generation_make_no_index(where: Place) -> None:
    load(where, corpus("one", 3))

    def dropped() -> None:
        with open_writer(where, MODEL, "recreate") as writer:
            moved_away(where, f"{where.name}-000002")
            generations(where).prune(1, unfinished=True)
            put(writer, "two", 4)

    with pytest.raises(IndexMissingError, match=rf"{where.name}-000002.*(dropped|deleted)"):
        dropped()
    load(where, corpus("more", 1))
    assert states(where) == [("000001", "live", 4)]
    assert everything(where) == [f"{where.name}-000001"]


def test_a_copy_into_a_dropped_generation_is_told(
    where: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(where, corpus("one", 3))
    other_taxonomy(where, f"{where.name}-000001")
    ended = Indices.close

    def closed_and_dropped(self: Indices, name: str, *, closed: bool) -> None:
        ended(self, name, closed=closed)
        self.drop(f"{where.name}-000002")  # as another machine would at this moment

    monkeypatch.setattr(Indices, "close", closed_and_dropped)
    with pytest.raises(IndexMissingError, match="000002, which was being built, was dropped"):
        open_writer(where, MODEL, "retag")
    monkeypatch.undo()
    assert everything(where) == [f"{where.name}-000001"]


def test_a_generation_that_was_not_loaded_to_its_end_is_not_switched_to(where: Place) -> None:
    load(where, corpus("one", 3))
    writer = open_writer(where, MODEL, "recreate")
    unfinished = f"{where.name}-000002"
    for _ in ("at work", "away"):
        with pytest.raises(BadQueryError, match="was not built to its end"):
            generations(where).rollback(unfinished)
        moved_away(where, unfinished)
    assert open_index(where).current().count(Plan(), []).matches == 3
    del writer


def test_a_rollback_during_a_rebuild_stays_closed_to_loads(where: Place) -> None:
    """The switch would lose them."""
    load(where, corpus("one", 3))
    load(where, corpus("two", 4), recreate=True)
    with open_writer(where, MODEL, "recreate") as writer:
        generations(where).rollback(None)
        with pytest.raises(IndexClosedError):
            load(where, corpus("lost", 1))
        put(writer, "three", 5)
    assert states(where) == [
        ("000003", "live", 5), ("000002", "former", 4), ("000001", "former", 3),
    ]  # fmt: skip
    load(where, corpus("more", 1))


def test_an_index_of_another_maker_is_refused_before_anything_is_loaded(where: Place) -> None:
    client = indices(where).client
    client.indices.create(index=where.name)
    try:
        for way in ("add", "recreate", "retag"):
            with pytest.raises(UnusableIndexError, match="was not made by imr: name another"):
                open_writer(where, MODEL, way)
        assert states(where) == []
        # with our mapping, but no generation: say, brought back from a copy under this name
        meta = {"imr": current(MODEL).model_dump()}
        client.indices.put_mapping(index=where.name, body={"_meta": meta})
        with pytest.raises(UnusableIndexError, match="was not made by imr: name another"):
            open_writer(where, MODEL, "recreate")
        assert states(where) == []
    finally:
        client.indices.delete(index=where.name)


def test_a_doubtful_rebuild_says_that_loads_wait(where: Place) -> None:
    load(where, corpus("one", 3))
    with pytest.raises(IndexDoubtfulError, match=rf"until one of the two {where.name} is closed"):
        load(where, corpus("few", 1), recreate=True)
    assert states(where) == [("000002", "loaded", 1), ("000001", "live", 3)]
    with pytest.raises(IndexClosedError):
        load(where, corpus("more", 1))

    generations(where).rollback(f"{where.name}-000002")
    load(where, corpus("more", 1))
    assert states(where) == [("000002", "live", 2), ("000001", "former", 3)]


def test_a_retag_with_nothing_to_do_copies_nothing(where: Place, tmp_path: Path) -> None:
    name = f"nothing-{uuid.uuid4().hex[:8]}"
    assert where.url is not None
    place = Place(Path(), where.url, name)
    with open_writer(place, None) as writer:
        for letter in corpus("one", 3):
            writer.replace(letter.id, documents(letter, [[(0, 1)]], None))
    environ = {"IMR_OPENSEARCH_INDEX": name}
    command = ("retag", "--url", where.url)
    try:
        other_taxonomy(place, f"{name}-000001")
        imr(*command, cwd=tmp_path, environ=environ)
        assert [each[:2] for each in states(place)] == [("000002", "live"), ("000001", "former")]
        again = imr(*command, cwd=tmp_path, environ=environ)
        assert again.stdout == "all 3 letters were tagged so already\n"
        assert [each[:2] for each in states(place)] == [("000002", "live"), ("000001", "former")]
    finally:
        generations(place).delete()


def test_an_index_that_was_set_read_only_is_left_as_it_is(where: Place) -> None:
    load(where, corpus("one", 3))
    client = indices(where).client
    read_only = "index.blocks.read_only"
    client.indices.put_settings(index=where.name, body={read_only: True})
    try:
        other = f"{where.name}-000001"
        with pytest.raises(IndexClosedError, match=rf"{other} can't be rebuilt.*{read_only}"):
            open_writer(where, MODEL, "recreate")
        assert states(where) == [("000001", "live", 3)]
    finally:
        client.indices.put_settings(index=where.name, body={read_only: False})
    load(where, corpus("more", 1))


def test_a_rebuild_whose_last_commit_is_refused_leaves_nothing(where: Place) -> None:
    load(where, corpus("one", 3))

    def refused() -> None:
        with open_writer(where, MODEL, "recreate") as writer:
            indices(where).close(f"{where.name}-000002", closed=True)
            put(writer, "two", 4)

    with pytest.raises(IndexClosedError):
        refused()
    load(where, corpus("more", 1))
    assert states(where) == [("000001", "live", 4)]
