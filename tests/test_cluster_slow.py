"""What a node finds in time is answered, and said to be a part; a real node is made slow."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from imr.engines.document import documents
from imr.engines.opensearch import dsl
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.engine import OpenSearchEngine
from imr.engines.opensearch.generations import Generations
from imr.engines.opensearch.writer import OpenSearchWriter
from imr.engines.signature import current
from imr.errors import EngineUnreachableError
from imr.search.plan import Plan
from imr.search.request import Request
from imr.search.run import search
from imr.settings import Access
from tests.corpus import read

LETTERS = 80
SECONDS = 2
APART = {
    "index": {"merge.policy.segments_per_tier": 2 * LETTERS, "merge.policy.floor_segment": "1b"}
}
"""Each commit stays a segment of its own: a node looks at the clock between them."""
LOOP = "for (int i = 0; i < 400000; i++) { x = Math.sin(x + i) }"
SLOW = {"script": {"script": f"double x = 1; {LOOP} {LOOP} return x < 2"}}
"""Holds in every decision, after some hundredths of a second."""


@pytest.fixture(scope="module")
def cluster(opensearch_url: str) -> Iterator[Cluster]:
    cluster = Cluster(opensearch_url, f"slow-{uuid.uuid4().hex[:8]}", Access(seconds=SECONDS))
    with OpenSearchWriter(cluster, current(None)) as writer:
        cluster.connection.client.indices.put_settings(index=cluster.name, body=APART)
        for number in range(LETTERS):
            letter = read(f"L{number:03}.1 upheld\nrequest: lantern").letters[0]
            writer.replace(letter.id, documents(letter, [[(0, 1)]], None))
            writer.commit()
    yield cluster
    Generations(cluster).delete()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    hard = dsl.hard
    monkeypatch.setattr(
        dsl, "hard", lambda plan, filters: {"bool": {"filter": [hard(plan, filters), SLOW]}}
    )


def test_in_time_all_is_found(cluster: Cluster) -> None:
    engine = OpenSearchEngine(cluster)
    assert engine.count(Plan(), []).matches == LETTERS
    assert engine.notes() == ()


@pytest.mark.usefixtures("slow")
def test_what_was_found_in_time_is_said_to_be_a_part(cluster: Cluster) -> None:
    engine = OpenSearchEngine(cluster)
    counts = engine.count(Plan(), ["outcome"])
    assert 0 < counts.matches < LETTERS
    assert counts.determinations <= counts.matches
    assert counts.facets["outcome"] == {"upheld": counts.matches}
    (note,) = engine.notes()
    assert "only what could be searched in time of the index answered" in note


@pytest.mark.usefixtures("slow")
def test_a_search_warns_of_it(cluster: Cluster) -> None:
    answer = search(OpenSearchEngine(cluster), Request(text="", related=False), None)
    assert 0 < answer.total.matches < LETTERS
    assert any("searched in time" in warning for warning in answer.query.warnings)


@pytest.mark.usefixtures("slow")
def test_what_has_to_be_whole_is_an_error_then(cluster: Cluster) -> None:
    with pytest.raises(EngineUnreachableError, match="where all of it is needed"):
        OpenSearchEngine(cluster).tallies(Plan(), ["outcome"])
