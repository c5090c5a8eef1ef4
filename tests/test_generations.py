"""An index built anew beside the live one: searched all the while, switched to in one step."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from opensearchpy import OpenSearch

from imr.engines.document import documents
from imr.engines.open import Place, open_index, open_writer
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.generations import Generations
from imr.engines.opensearch.rebuild import SEGMENTS
from imr.engines.signature import current
from imr.errors import ImrError, IndexClosedError, IndexDoubtfulError, IndexMismatchError
from imr.model import Determination
from imr.search.plan import Plan
from imr.search.request import Request
from imr.search.run import search
from imr.text.model_files import BGE_SMALL
from indexer.part import read as read_part
from samples import stream
from samples.render import letter_text
from tests.corpus import PLANE as MODEL
from tests.corpus import Plane, read, towards
from tests.test_cli import imr

LETTERS = 40


@pytest.fixture
def where(opensearch_url: str) -> Iterator[Place]:
    place = Place(Path(), opensearch_url, f"generations-{uuid.uuid4().hex[:8]}")
    yield place
    Generations(Cluster(opensearch_url, place.name)).delete()


def generations(where: Place) -> Generations:
    assert where.url is not None
    return Generations(Cluster(where.url, where.name))


def states(where: Place) -> list[tuple[str, str, int]]:
    return [(g.name[-6:], g.state, g.decisions) for g in generations(where).listed()]


def corpus(word: str, letters: int = LETTERS) -> list[Determination]:
    """Letters of one decision each; every one says the word, and how many there are."""
    return [
        read(f"{word}{n:03}.1 upheld 2016-01-01\nrequest: {word} of {letters}").letters[0]
        for n in range(letters)
    ]


def load(
    where: Place, letters: list[Determination], *, recreate: bool = False, commits: int = 10
) -> None:
    with open_writer(where, MODEL, "recreate" if recreate else "add") as writer:
        for number, letter in enumerate(letters, start=1):
            spans = [[d.spans["rationale"]] for d in letter.decisions]
            vectors = [towards([0.5]) for _ in letter.decisions]
            writer.replace(letter.id, documents(letter, spans, vectors, [v[0] for v in vectors]))
            if number % commits == 0:
                writer.commit()


def test_searches_in_a_loop_see_no_gap_and_no_mixed_answer(where: Place) -> None:
    """Each answer is wholly of one generation: its counts, its list and its records."""
    load(where, corpus("lantern"))
    index = open_index(where)
    stop = threading.Event()
    seen: list[set[str]] = []
    wrong: list[object] = []

    def look() -> None:
        while not stop.is_set():
            try:
                answer = search(
                    index.current(), Request(text="lantern anchor", match="any", size=100), Plane()
                )
            except ImrError as error:
                wrong.append(error)
                return
            words = {row.request.split()[0] for row in answer.results}
            expected = {"lantern": LETTERS, "anchor": 2 * LETTERS}[min(words)]
            if len(words) > 1 or (answer.total.matches, len(answer.results)) != (
                expected, min(expected, 100),
            ):  # fmt: skip
                wrong.append(answer.total)
            seen.append(words)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    load(where, corpus("anchor", 2 * LETTERS), recreate=True)
    until = len(seen) + 6
    while len(seen) < until and not wrong:
        threads[0].join(0.01)
    generations(where).rollback(None)
    until = len(seen) + 6
    while len(seen) < until and not wrong:
        threads[0].join(0.01)
    stop.set()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert seen[0] == {"lantern"} == seen[-1]
    assert {"anchor"} in seen


def test_a_rebuild_ends_in_few_segments(where: Place) -> None:
    """Each commit makes one, and each is a graph to walk."""
    letters = corpus("lantern", 12)
    load(where, letters, commits=2)
    assert segments(where) > SEGMENTS

    load(where, letters, recreate=True, commits=2)
    assert states(where)[0] == ("000002", "live", 12)
    assert 1 <= segments(where) <= SEGMENTS
    assert search(open_index(where).current(), Request(text="lantern"), Plane()).total.matches == 12


def segments(where: Place) -> int:
    """How many segments a search of the live generation looks into."""
    assert where.url is not None
    with OpenSearch(where.url) as client:
        return len(client.cat.segments(index=where.name, format="json"))


def test_the_former_generation_stays_until_it_is_pruned(where: Place) -> None:
    load(where, corpus("one", 3))
    load(where, corpus("two", 4), recreate=True)
    load(where, corpus("three", 5), recreate=True)
    assert states(where) == [
        ("000003", "live", 5), ("000002", "former", 4), ("000001", "former", 3),
    ]  # fmt: skip

    assert generations(where).rollback(None).name.endswith("-000002")
    load(where, corpus("more", 1))  # the live one takes loads, the former one doesn't
    assert states(where)[1] == ("000002", "live", 5)
    generations(where).rollback(f"{where.name}-000003")
    dropped = generations(where).prune(1, unfinished=False)
    assert [name[-6:] for name in dropped] == ["000001"]
    assert states(where) == [("000003", "live", 5), ("000002", "former", 5)]


def test_nothing_is_loaded_into_an_index_that_is_being_rebuilt(where: Place) -> None:
    load(where, corpus("one", 3))
    with open_writer(where, MODEL, "recreate") as writer:
        with pytest.raises(IndexClosedError, match="prune --unfinished"):
            load(where, corpus("lost", 1))
        letter = corpus("two", 2)[0]
        writer.replace(letter.id, documents(letter, [[(0, 1)]], [towards([1.0])]))
        other = corpus("three", 2)[1]
        writer.replace(other.id, documents(other, [[(0, 1)]], [towards([1.0])]))
    assert states(where)[0] == ("000002", "live", 2)


def test_a_rebuild_that_fails_changes_nothing(where: Place) -> None:
    load(where, corpus("one", 3))

    def broken() -> None:
        with open_writer(where, MODEL, "recreate") as writer:
            letter = corpus("two", 1)[0]
            writer.replace(letter.id, documents(letter, [[(0, 1)]], [towards([1.0])]))
            writer.commit()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert states(where) == [("000001", "live", 3)]
    load(where, corpus("more", 1))
    assert states(where) == [("000001", "live", 4)]


def test_what_was_built_is_looked_at_before_it_is_switched_to(where: Place) -> None:
    load(where, corpus("one", 3))
    assert where.url is not None

    def tampered(body: dict[str, object] | None) -> None:
        with open_writer(where, MODEL, "recreate") as writer, OpenSearch(where.url) as client:
            for letter in corpus("two", 3):
                writer.replace(letter.id, documents(letter, [[(0, 1)]], [towards([1.0])]))
            writer.commit()
            target = max(generations(where).listed(), key=lambda each: each.name).name
            if body is None:
                client.delete(index=target, id="two001.1", refresh=True)
            else:
                client.update(index=target, id="two001.1", body={"doc": body}, refresh=True)

    with pytest.raises(IndexDoubtfulError, match="holds 2 decisions, 3 were loaded"):
        tampered(None)
    assert [state for _, state, _ in states(where)] == ["loaded", "live"]
    with pytest.raises(IndexDoubtfulError, match=r"two001.1 is not stored as it was sent"):
        tampered({"request": "another"})
    with pytest.raises(IndexDoubtfulError, match="holds 1 decisions, the live one 3"):
        load(where, corpus("few", 1), recreate=True)
    assert open_index(where).current().count(Plan(), []).matches == 3

    generations(where).rollback(f"{where.name}-{states(where)[0][0]}")
    assert open_index(where).current().count(Plan(), []).matches == 1


def test_another_model_is_refused_before_anything_is_written(where: Place) -> None:
    load(where, corpus("one", 3))
    with pytest.raises(IndexMismatchError, match="holds vectors of plane"):
        open_writer(where, BGE_SMALL)
    assert states(where) == [("000001", "live", 3)]


def test_an_index_of_another_version_is_mended_by_a_rebuild(where: Place) -> None:
    signature = current(MODEL).model_copy(update={"analysis": "another"})
    generations(where).create(signature, 1)
    with pytest.raises(IndexMismatchError, match=r"analysis.*--recreate"):
        load(where, corpus("one", 3))
    with pytest.raises(IndexMismatchError):
        open_index(where).current()

    load(where, corpus("one", 3), recreate=True)
    assert open_index(where).current().count(Plan(), []).matches == 3


def test_a_first_rebuild_makes_the_index(where: Place) -> None:
    load(where, corpus("one", 3), recreate=True)
    assert states(where) == [("000001", "live", 3)]


def test_parts_of_a_corpus_are_together_what_one_load_is(
    opensearch_url: str, tmp_path: Path
) -> None:
    """Through the command; two files have one case number, and the later letter stays."""
    (tmp_path / "in").mkdir()
    for at, letter in enumerate(islice(stream(3), 12)):
        (tmp_path / "in" / f"{at:02}.txt").write_text(letter_text(letter))
        if at % 4 == 0:
            older = letter_text(letter).replace(str(letter.dates.decision), "2001-01-01")
            (tmp_path / "in" / f"x{at:02}.txt").write_text(older)
    (tmp_path / "in" / "bad.txt").write_text("no letter")
    names = [f"parts-{uuid.uuid4().hex[:8]}" for _ in range(2)]
    parts = {names[0]: ["1/1"], names[1]: ["1/3", "2/3", "3/3"]}
    try:
        aside = {}
        for name, several in parts.items():
            environ = {"IMR_OPENSEARCH_INDEX": name, "IMR_CACHE": str(tmp_path / "cache")}
            aside[name] = 0
            for part in several:
                ours = read_part(part).holds("bad.txt")
                done = imr(
                    "index", "in", "--keyword-only", "--part", part, "--url", opensearch_url,
                    cwd=tmp_path, environ=environ, code=int(ours),
                )  # fmt: skip
                aside[name] += done.stderr.count("set aside: in/")
        whole, union = (
            list(open_index(Place(Path(), opensearch_url, name)).current().letters())  # type: ignore[attr-defined]
            for name in names
        )
        assert len(whole) == 12
        assert whole == union
        assert set(aside.values()) == {1}
    finally:
        for name in names:
            Generations(Cluster(opensearch_url, name)).delete()


def test_the_commands(where: Place, tmp_path: Path) -> None:
    load(where, corpus("one", 3))
    load(where, corpus("two", 4), recreate=True)
    assert where.url is not None
    url = ("--url", where.url)
    environ = {"IMR_OPENSEARCH_INDEX": where.name}

    listed = imr("indices", "list", "--json", *url, cwd=tmp_path, environ=environ).stdout
    told = [json.loads(line) for line in listed.splitlines()]
    assert [(each["state"], each["decisions"]) for each in told] == [("live", 4), ("former", 3)]
    plain = imr("indices", "list", *url, cwd=tmp_path, environ=environ).stdout
    assert "live" in plain.splitlines()[0]
    back = imr("indices", "rollback", *url, cwd=tmp_path, environ=environ).stdout
    assert back == f"{where.name}-000001 is live, with 3 decisions\n"
    again = imr("indices", "rollback", *url, cwd=tmp_path, environ=environ, code=2)
    newer = f"{where.name}-000002"
    assert f"newer ones: {newer}. Switch to one with `imr indices rollback --to {newer}`" in (
        again.stderr
    )
    dropped = imr("indices", "prune", "--keep", "0", *url, cwd=tmp_path, environ=environ).stdout
    assert dropped == f"dropped {where.name}-000002\n"
    none = imr("indices", "rollback", *url, cwd=tmp_path, environ=environ, code=2)
    assert "there is no former generation" in none.stderr
