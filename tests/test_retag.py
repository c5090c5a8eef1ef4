"""Retagging on both engines: an index tagged otherwise becomes what a fresh load would be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch

from imr.engines.document import documents
from imr.engines.embedded.generation import GenerationWriter
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.open import Place, open_index, open_writer
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.generations import Generations
from imr.engines.protocol import Writer
from imr.engines.signature import current
from imr.errors import IndexClosedError, IndexMismatchError, IndexMissingError
from imr.letters.parse import parse
from imr.model import Decision, Determination
from imr.search.plan import Plan
from imr.text.embedding import Vectors
from imr.text.model_files import BGE_SMALL
from imr.text.passages import passages
from indexer.retag import RetagReport, retag
from samples import stream
from samples.render import letter_text
from tests.stand_ins import StandIn
from tests.stand_ins import unit as units

FACETS = ("drug", "category", "treatment", "guideline")
SPEC = BGE_SMALL
IMR = Path(sys.executable).parent / "imr"
spawn = get_context("spawn")


class Counting(StandIn):
    """Stands in for the model: retagging's own question is only whether it is asked at all."""

    def __init__(self) -> None:
        super().__init__(SPEC)


def unit(count: int) -> Vectors:
    return units(count, SPEC.dimension)


def letters() -> list[Determination]:
    """Twenty letters as the parser reads them."""
    return [parse(letter_text(each).encode(), f"{each.id}.txt") for each in islice(stream(11), 20)]


def as_once_tagged(letter: Determination) -> Determination:
    """The letter as poorer vocabularies would have tagged it."""

    def poorer(decision: Decision) -> Decision:
        nothing: dict[str, Any] = {"drugs": (), "drug_classes": (), "treatments": ()}
        return decision.model_copy(update={**nothing, "category": "other", "body_parts": ()})

    return letter.model_copy(update={"decisions": tuple(poorer(d) for d in letter.decisions)})


@pytest.fixture(params=["embedded", "opensearch"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "embedded":
        yield Place(tmp_path / "index", None, "")
        return
    url = request.getfixturevalue("opensearch_url")
    name = f"retag-{uuid.uuid4().hex[:8]}"
    yield Place(Path(), url, name)
    Generations(Cluster(url, name)).delete()


def put(where: Place, several: list[Determination], model: Counting | None) -> None:
    with open_writer(where, model.spec if model else None) as writer:
        fill(writer, several, model)


def fill(writer: Writer, several: list[Determination], model: Counting | None) -> None:
    for letter in several:
        cut = [passages(d, Counting().count_tokens) for d in letter.decisions]
        vectors = [unit(len(of)) for of in cut] if model else None
        spans = [[p.span for p in of] for of in cut]
        facts = [unit(1)[0] for _ in cut] if model else None
        writer.replace(letter.id, documents(letter, spans, vectors, facts))


def sign(where: Place, taxonomy: str) -> None:
    """Say that another taxonomy tagged the index."""
    if where.url is None:
        path = where.folder / "signature.json"
        path.write_text(
            json.dumps(json.loads(path.read_text().splitlines()[0]) | {"taxonomy": taxonomy})
        )
        return
    with OpenSearch(where.url) as client:
        meta = Cluster(where.url, where.name).meta()
        assert meta is not None
        meta["imr"]["taxonomy"] = taxonomy
        client.indices.put_mapping(index=where.name, body={"_meta": meta})


def run(where: Place, model: Counting | None) -> RetagReport:
    with open_writer(where, model.spec if model else None, way="retag") as writer:
        return retag(writer, model)


def told(where: Place) -> tuple[Any, ...]:
    """What a search over everything counts, and every letter."""
    engine = open_index(where).current()
    counts = engine.count(Plan(), FACETS)
    stored = [engine.determination(letter.id) for letter in letters()]
    return counts, stored


@pytest.mark.parametrize("model", [Counting(), None], ids=["with vectors", "without"])
def test_what_was_tagged_otherwise_becomes_what_a_fresh_load_is(
    where: Place, model: Counting | None, tmp_path: Path
) -> None:
    today = letters()
    put(where, [as_once_tagged(letter) for letter in today], model)
    sign(where, "a poorer one")
    fresh = Place(tmp_path / "fresh", None, "")
    put(fresh, today, model)
    assert told(where) != told(fresh)

    report = run(where, model)

    assert report.letters == report.changed == 20
    assert told(where) == told(fresh)
    assert open_index(where).current().signature == current(SPEC if model else None)


def test_no_passage_whose_words_are_the_same_is_embedded_again(where: Place) -> None:
    model = Counting()
    put(where, [as_once_tagged(letter) for letter in letters()], model)
    sign(where, "a poorer one")

    report = run(where, model)

    assert (report.embedded, model.asked) == (0, [])
    engine = open_index(where).current()
    nearest = engine.nearest(Plan(vector=unit(1)[0]), 5)
    assert nearest
    assert {hit.score for hit in nearest} == {1.0}


def test_what_is_tagged_as_today_is_left_alone(where: Place) -> None:
    model = Counting()
    put(where, letters(), model)
    sign(where, "another with the same result")
    before = told(where)

    report = run(where, model)

    assert (report.letters, report.changed) == (20, 0)
    assert told(where) == before
    put(where, letters(), model)  # and it can be added to again


def test_until_it_is_done_searches_see_the_former_tags_whole(where: Place) -> None:
    model = Counting()
    put(where, [as_once_tagged(letter) for letter in letters()], model)
    sign(where, "a poorer one")
    before = told(where)

    def broken() -> None:
        with open_writer(where, model.spec, way="retag") as writer:
            retag(writer, model)
            assert told(where) == before
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert told(where) == before
    assert open_index(where).current().signature.taxonomy == "a poorer one"
    assert run(where, model).changed == 20


def test_an_index_tagged_otherwise_says_to_retag(where: Place) -> None:
    put(where, letters()[:2], None)
    sign(where, "a poorer one")

    with pytest.raises(IndexMismatchError, match="run `imr retag` first"):
        open_writer(where, None)


def test_there_must_be_an_index_to_retag(where: Place) -> None:
    with pytest.raises(IndexMissingError):
        open_writer(where, None, way="retag")


def _retag_until(folder: Path, stop: str) -> None:
    """In a process of its own: retag, and be killed at a point."""

    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if stop == "before the commit":
        GenerationWriter._flush = die  # type: ignore[method-assign, assignment]
    else:
        EmbeddedWriter._sign = die  # type: ignore[method-assign, assignment]
    run(Place(folder, None, ""), Counting())


@pytest.mark.parametrize("stop", ["before the commit", "before the signature"])
def test_a_kill_leaves_the_former_or_the_new_tags_and_retagging_again_ends_it(
    stop: str, tmp_path: Path
) -> None:
    where = Place(tmp_path / "index", None, "")
    model = Counting()
    put(where, [as_once_tagged(letter) for letter in letters()], model)
    sign(where, "a poorer one")
    before = told(where)
    child = spawn.Process(target=_retag_until, args=(where.folder, stop))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL

    counts, stored = told(where)
    assert EmbeddedIndex(where.folder).signature.taxonomy == "a poorer one"
    assert ((counts, stored) == before) is (stop == "before the commit")
    assert run(where, model).changed == (20 if stop == "before the commit" else 0)
    assert EmbeddedIndex(where.folder).signature == current(SPEC)


def test_nothing_can_be_loaded_while_a_cluster_is_retagged(opensearch_url: str) -> None:
    """It would be lost when the copy takes the index's place."""
    where = Place(Path(), opensearch_url, f"retag-{uuid.uuid4().hex[:8]}")
    several = letters()
    put(where, several[:5], None)
    load = open_writer(where, None)  # begun before the vocabularies changed
    sign(where, "a poorer one")

    def lost() -> None:
        with load:
            fill(load, several[5:6], None)

    try:
        with open_writer(where, None, way="retag") as writer:
            with pytest.raises(IndexClosedError, match="closed to loads"):
                lost()
            retag(writer, None)
        put(where, several[5:6], None)
        assert open_index(where).current().count(Plan(), []).determinations == 6
    finally:
        Generations(Cluster(opensearch_url, where.name)).delete()


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    where = Place(tmp_path / "index", None, "")
    put(where, [as_once_tagged(letter) for letter in letters()], None)
    sign(where, "a poorer one")
    command = [str(IMR), "retag", "--index", str(where.folder)]

    first = subprocess.run(command, capture_output=True, text=True, check=True)
    second = subprocess.run(command, capture_output=True, text=True, check=True)

    assert first.stdout == "retagged 20 of 20 letters\n"
    assert second.stdout == "all 20 letters were tagged so already\n"
