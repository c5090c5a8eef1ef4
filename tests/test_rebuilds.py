"""Rebuilds of an index on a cluster that meet each other, are broken off, dropped or refused."""

from __future__ import annotations

import os
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
from imr.engines.opensearch.generations import Generations
from imr.engines.opensearch.indices import Indices
from imr.engines.opensearch.owner import Owner
from imr.engines.protocol import Writer
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
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    return child


def indices(where: Place) -> Indices:
    assert where.url is not None
    return Indices(Cluster(where.url, where.name))


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


def test_a_process_of_the_same_number_is_not_the_owner(where: Place) -> None:
    """A container that is started again has the numbers of before."""
    load(where, corpus("one", 3))
    with open_writer(where, MODEL, "recreate"):
        earlier = Owner.here().mark() | {"start": "1"}
        indices(where).write_down(f"{where.name}-000002", owner=earlier)
        assert generations(where).prune(1, unfinished=True) == [f"{where.name}-000002"]
        put_nothing = pytest.raises(IndexMissingError)
        put_nothing.__enter__()
