"""Loading into a cluster that is busy, loses answers or refuses a document."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from opensearchpy import OpenSearch

from api.app import create_app
from api.service import Service
from imr.engines.document import documents
from imr.engines.open import Place, open_index
from imr.engines.opensearch import writer as writers
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.connection import Breaker
from imr.engines.opensearch.engine import OpenSearchEngine
from imr.engines.opensearch.generations import Generations
from imr.engines.opensearch.patience import Patience
from imr.engines.opensearch.seen import Seen
from imr.engines.opensearch.writer import OpenSearchWriter
from imr.engines.originals import ClusterOriginals
from imr.engines.signature import current
from imr.errors import EngineBusyError, EngineUnreachableError, IndexMissingError
from imr.model import Determination
from imr.search.plan import Plan
from samples import stream
from samples.render import letter_text
from tests.corpus import read
from tests.node.proxy import Fate, Proxy
from tests.test_cli import imr

PLAIN = current(None)
QUICK = Patience(whole=2, first=0.01, longest=0.1)
LETTERS = 30


@pytest.fixture
def name(opensearch_url: str) -> Iterator[str]:
    name = f"load-{uuid.uuid4().hex[:8]}"
    yield name
    Generations(Cluster(opensearch_url, name)).delete()


def put(writer: OpenSearchWriter, number: int) -> None:
    """A letter of two decisions."""
    text = f"L{number:03}.1 upheld\nrequest: lamp\n\nL{number:03}.2 upheld\nrequest: wick"
    letter = read(text).letters[0]
    writer.replace(letter.id, documents(letter, [[(0, 1)], [(0, 1)]], None))


def load(url: str, name: str, patience: Patience = QUICK) -> None:
    with OpenSearchWriter(Cluster(url, name), PLAIN, patience=patience) as writer:
        for number in range(LETTERS):
            put(writer, number)


def held(url: str, name: str) -> int:
    return open_index(Place(Path(), url, name)).current().count(Plan(), []).matches


@pytest.mark.parametrize("fate", [429, 503, "lose"])
def test_a_load_goes_on_through_a_storm(
    fate: Fate, opensearch_url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three requests are turned away, or done and their answer lost."""
    monkeypatch.setattr(writers, "HELD", 10)
    asked = count()

    def rule(_: str, path: str, __: Mapping[str, str]) -> Fate:
        return fate if "_bulk" in path and next(asked) % 3 else "pass"

    with Proxy(opensearch_url, rule) as proxy:
        load(proxy.url, name)
    assert held(opensearch_url, name) == 2 * LETTERS
    assert next(asked) > LETTERS * 2 / 10 * 2


@pytest.mark.parametrize("fate", [429, 503, "lose"])
def test_files_are_kept_through_a_storm(fate: Fate, opensearch_url: str, name: str) -> None:
    asked = count()

    def rule(*_: object) -> Fate:
        return fate if next(asked) % 3 else "pass"

    letters = {hashlib.sha256(data).hexdigest(): data for data in (b"one", b"two", b"three")}
    plain = ClusterOriginals(Cluster(opensearch_url, f"{name}-originals"))
    with Proxy(opensearch_url, rule) as proxy:
        kept = ClusterOriginals(Cluster(proxy.url, f"{name}-originals"), QUICK)
        for sha256, data in letters.items():
            kept.put(sha256, data)
    assert {sha256: plain.get(sha256) for sha256 in letters} == letters
    assert next(asked) > 2 * len(letters)
    with OpenSearch(opensearch_url) as client:
        client.indices.delete(index=f"{name}-originals")


def test_patience_ends(opensearch_url: str, name: str) -> None:
    def rule(_: str, path: str, __: Mapping[str, str]) -> Fate:
        return 429 if "_bulk" in path else "pass"

    with Proxy(opensearch_url, rule) as proxy, pytest.raises(EngineBusyError, match=proxy.url):
        load(proxy.url, name, Patience(whole=0.2, first=0.01, longest=0.1))


def test_searches_in_a_storm_are_told_to_come_back(opensearch_url: str, name: str) -> None:
    load(opensearch_url, name)

    def rule(_: str, path: str, __: Mapping[str, str]) -> Fate:
        return 429 if "_msearch" in path else "pass"

    with Proxy(opensearch_url, rule) as proxy:
        client = TestClient(create_app(Service(Place(Path(), proxy.url, name), None)))
        answer = client.get("/v1/search", params={"q": "lamp"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"].endswith(":engine-busy")


NODE_GONE = {
    "root_cause": [],
    "type": "search_phase_execution_exception",
    "reason": "",
    "phase": "dfs_query",
    "failed_shards": [],
    "caused_by": {"type": "node_not_connected_exception", "reason": "[node-1] Node not connected"},
}
"""What a part of a search answers, with status 500, where its node has just been killed."""


@pytest.mark.parametrize(
    ("error", "times", "ends"),
    [
        (NODE_GONE, 1, ""),
        (NODE_GONE, 2, "engine-unreachable"),
        ({"type": "script_exception", "reason": "wrong"}, 1, "index-unusable"),
    ],
)
def test_a_search_that_met_a_dying_node_is_asked_once_more(
    error: Mapping[str, object], times: int, ends: str, opensearch_url: str, name: str
) -> None:
    load(opensearch_url, name)
    part = json.dumps({"responses": [{"error": error, "status": 500}]}).encode()
    asked = count()

    def rule(_: str, path: str, __: Mapping[str, str]) -> Fate:
        return part if "_msearch" in path and next(asked) < times else "pass"

    with Proxy(opensearch_url, rule) as proxy:
        client = TestClient(create_app(Service(Place(Path(), proxy.url, name), None)))
        answer = client.get("/v1/search", params={"q": "lantern"})
    assert answer.json().get("type", "").rpartition(":")[2] == ends
    assert answer.status_code == (503 if ends else 200)
    assert answer.headers.get("retry-after") == ("5" if ends == "engine-unreachable" else None)


def test_an_index_deleted_while_it_is_loaded_is_not_made_anew_without_its_mapping(
    opensearch_url: str, name: str
) -> None:
    def deleted() -> None:
        with OpenSearchWriter(Cluster(opensearch_url, name), PLAIN, patience=QUICK) as writer:
            put(writer, 1)
            writer.commit()
            Generations(Cluster(opensearch_url, name)).delete()
            put(writer, 2)

    with pytest.raises(IndexMissingError, match=name):
        deleted()
    with OpenSearch(opensearch_url) as client:
        assert not client.indices.exists(index=name)


def test_a_letter_that_is_refused_is_set_aside_whole_and_the_rest_loads(
    opensearch_url: str, name: str, tmp_path: Path
) -> None:
    """Lucene takes no word above 32,766 bytes. The letter loads when it is mended."""
    letters = [letter for _, letter in zip(range(40), stream(5), strict=False)]
    bad = next(letter for letter in letters if len(letter.decisions) > 1)
    several = [bad, *(letter for letter in letters[:4] if letter.id != bad.id)]
    (tmp_path / "in").mkdir()
    for letter in several:
        (tmp_path / "in" / f"{letter.id}.txt").write_text(letter_text(letter))
    path = tmp_path / "in" / f"{bad.id}.txt"
    whole = path.read_text()
    start = bad.decisions[0].rationale[:30]
    assert start in whole
    path.write_text(whole.replace(start, f"{start} {'q' * 40_000}", 1))
    environ = {"IMR_OPENSEARCH_INDEX": name, "IMR_CACHE": str(tmp_path / "cache")}
    url = ("--url", opensearch_url)

    done = imr("index", "in", "--keyword-only", *url, cwd=tmp_path, environ=environ, code=1)
    assert f"set aside: in/{bad.id}.txt: " in done.stderr
    assert f"{len(several) - 1} letters" in done.stdout
    ids = {letter.id for letter in open_letters(opensearch_url, name)}
    assert ids == {letter.id for letter in several} - {bad.id}
    listed = imr("quarantine", "--json", *url, cwd=tmp_path, environ=environ).stdout
    told = json.loads(listed)
    assert (told["code"], told["path"]) == ("document-refused", str(path))
    assert "immense" in told["reason"]

    path.write_text(whole)
    imr("index", "in", "--keyword-only", *url, cwd=tmp_path, environ=environ)
    assert bad.id in {letter.id for letter in open_letters(opensearch_url, name)}
    assert imr("quarantine", "--json", *url, cwd=tmp_path, environ=environ).stdout == ""


def open_letters(url: str, name: str) -> list[Determination]:
    return list(OpenSearchEngine(Cluster(url, name)).letters())


def test_a_breaker_stops_asking_and_tries_again() -> None:
    now = [0.0]
    breaker = Breaker(after=3, seconds=5, clock=lambda: now[0])
    for _ in range(3):
        assert breaker.may_ask()
        breaker.failed()
    assert not breaker.may_ask()
    now[0] = 6
    assert breaker.may_ask(), "one trial"
    assert not breaker.may_ask(), "the others wait for it"
    breaker.answered()
    assert breaker.may_ask()


def test_a_cluster_out_of_reach_is_a_problem_that_may_pass() -> None:
    client = TestClient(create_app(Service(Place(Path(), "http://127.0.0.1:9", "any"), None)))
    for path in ("/ready", "/v1/search"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["type"].endswith(":engine-unreachable")


def test_after_some_failures_nothing_is_asked_for_a_while() -> None:
    cluster = Cluster("http://127.0.0.1:9", "any")
    said = []
    for _ in range(6):
        with pytest.raises(EngineUnreachableError) as raised:
            cluster.generation()
        said.append(str(raised.value))
    assert "start it or name another" in said[4]
    assert "has not been answering" in said[5]
    with pytest.raises(EngineUnreachableError, match="start it"):
        cluster.health()  # looks all the same


def test_letters_met_are_remembered_and_few_others_seem_so() -> None:
    seen = Seen()
    for number in range(50_000):
        seen.add(f"CM16-{number:07}")
    assert all(f"CM16-{number:07}" in seen for number in range(0, 50_000, 7))
    assert sum(f"CM17-{number:07}" in seen for number in range(20_000)) == 0
