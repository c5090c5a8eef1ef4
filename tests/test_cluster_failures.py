"""A cluster of three real processes under blows: killed nodes, lost shards, full disks.

Three nodes and the tests share few cores, so one cluster serves all tests of this file; each
leaves it whole.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opensearchpy import OpenSearch

from api.app import create_app
from api.service import Service
from imr.engines.document import documents
from imr.engines.open import Place, open_index
from imr.engines.opensearch import writer as writers
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.generations import Generations
from imr.engines.opensearch.patience import Patience
from imr.engines.opensearch.writer import OpenSearchWriter
from imr.engines.signature import current
from imr.errors import EngineFullError, EngineUnreachableError
from imr.search.plan import Plan
from imr.search.request import Request
from imr.search.run import search
from imr.settings import Access
from tests.corpus import PLANE, Plane, read, towards
from tests.node.process import Node, cluster

LETTERS = 160
DECISIONS = 2 * LETTERS
SHARDS = 3
HEAP = "512m"
PATIENT = Patience(whole=60, first=0.1, longest=1)
PATIENT_SECONDS = 60


@dataclass
class Nodes:
    """Three nodes; `url` names them all."""

    nodes: list[Node]
    names: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return ",".join(node.url for node in self.nodes)

    def place(self) -> Place:
        """A new index's."""
        self.names.append(f"failures-{uuid.uuid4().hex[:8]}")
        return Place(Path(), self.url, self.names[-1], Access(seconds=5))

    def client(self) -> OpenSearch:
        return OpenSearch(self.url.split(","), max_retries=3, timeout=PATIENT_SECONDS)

    def holding(self, name: str) -> Node:
        """The node that holds the first shard's primary."""
        with self.client() as client:
            shards = client.cat.shards(index=f"{name}-*", format="json")
        (named,) = (s["node"] for s in shards if s["shard"] == "0" and s["prirep"] == "p")
        return next(node for node in self.nodes if node.name == named)

    def mend(self) -> None:
        """Start what does not run, and wait until every shard has its copies."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait(nodes=len(self.nodes))
        with self.client() as client:
            found = client.cluster.health(
                wait_for_status="green", wait_for_no_relocating_shards=True, timeout="50s",
                request_timeout=PATIENT_SECONDS,
            )  # fmt: skip
        assert found["status"] == "green"


@pytest.fixture(scope="module")
def three(opensearch_home: Path) -> Iterator[Nodes]:
    with cluster(3, opensearch_home, heap=HEAP) as nodes:
        yield Nodes(nodes)


@pytest.fixture
def where(three: Nodes) -> Iterator[Place]:
    place = three.place()
    yield place
    three.mend()
    Generations(Cluster(three.url, place.name)).delete()


def writer(where: Place) -> OpenSearchWriter:
    assert where.url is not None
    cluster_ = Cluster(where.url, where.name, where.access)
    return OpenSearchWriter(cluster_, current(PLANE), shards=SHARDS, patience=PATIENT)


def put(into: OpenSearchWriter, number: int) -> None:
    """A letter of two decisions, both of which say "lantern"."""
    head = f"L{number:04}"
    letter = read(
        f"{head}.1 upheld 2016-01-01\nrequest: Lantern {number}\n\n"
        f"{head}.2 overturned\nrequest: Second lantern {number}"
    ).letters[0]
    spans = [[d.spans["rationale"]] for d in letter.decisions]
    vectors = [towards([number / LETTERS]) for _ in letter.decisions]
    into.replace(letter.id, documents(letter, spans, vectors, [v[0] for v in vectors]))


def load(where: Place, letters: int = LETTERS) -> None:
    with writer(where) as into:
        for number in range(letters):
            put(into, number)


def whole(where: Place) -> None:
    """Every decision of the load is found by its place in time, by words and as a record."""
    engine = open_index(where).current()
    hits = engine.newest(Plan(), 2 * DECISIONS)
    assert len({hit.id for hit in hits}) == len(hits) == DECISIONS
    assert len(engine.fetch([hit.id for hit in hits])) == DECISIONS
    assert found(where)["matches"] == DECISIONS
    assert engine.notes() == ()


def found(where: Place) -> dict[str, Any]:
    answer = search(open_index(where).current(), Request(text="lantern"), Plane())
    counted = sum(value.count for value in answer.facets["outcome"])
    assert answer.total.matches == counted
    return {"matches": answer.total.matches, "warnings": answer.query.warnings}


def test_a_node_killed_during_a_load_loses_no_decision(
    three: Nodes, where: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "HELD", 40)
    with writer(where) as into:
        for number in range(LETTERS):
            if number == LETTERS // 4:
                into.commit()
                three.holding(where.name).kill()
            put(into, number)
    whole(where)
    three.mend()
    whole(where)


def test_searches_go_on_when_a_node_is_killed_and_no_total_is_wrong(
    three: Nodes, where: Place
) -> None:
    load(where)
    killed, stop = threading.Event(), threading.Event()
    after: list[int] = []
    wrong: list[object] = []
    failed: list[EngineUnreachableError] = []

    def look() -> None:
        while not stop.is_set():
            try:
                answer = found(where)
            except EngineUnreachableError as error:
                failed.append(error)
                continue
            if answer["matches"] != DECISIONS and not answer["warnings"]:
                wrong.append(answer)
            elif killed.is_set():
                after.append(answer["matches"])

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    three.holding(where.name).kill()
    killed.set()
    while len(after) < 20 and not wrong:
        threads[0].join(0.05)
    stop.set()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert after[-1] == DECISIONS
    assert len(failed) < len(after)
    three.mend()
    whole(where)


def test_lost_shards_are_told_and_never_passed_off_as_whole(three: Nodes, where: Place) -> None:
    """Without copies a node takes its shards along: the cluster is red."""
    load(where)
    with three.client() as client:
        client.indices.put_settings(
            index=f"{where.name}-000001",
            body={"index": {"auto_expand_replicas": "false", "number_of_replicas": 0}},
        )
    http = TestClient(create_app(Service(where, Plane())))
    assert http.get("/ready").status_code == 200
    three.holding(where.name).kill()
    with three.client() as client:
        client.cluster.health(wait_for_nodes="2", timeout="30s", request_timeout=PATIENT_SECONDS)

    answer = found(where)
    assert 0 < answer["matches"] < DECISIONS
    (warning,) = answer["warnings"]
    assert f"of {SHARDS} shards of the index answered" in warning
    ready = http.get("/ready")
    assert (ready.status_code, ready.headers["retry-after"]) == (503, "5")
    assert "is red" in ready.json()["detail"]
    # of what is away nobody says that it does not exist
    codes = {
        http.get(f"/v1/determinations/L{number:04}").json().get("type", "").rpartition(":")[2]
        for number in range(12)
    }
    assert codes == {"engine-unreachable"}

    three.mend()
    assert http.get("/ready").status_code == 200
    whole(where)


def test_a_full_disk_refuses_loads_and_not_searches(three: Nodes, where: Place) -> None:
    """The flood-stage watermark, at a level that every disk has passed."""
    load(where)
    watermark = "cluster.routing.allocation.disk"
    flooded = {
        f"{watermark}.threshold_enabled": True,
        f"{watermark}.watermark.low": "0.001%",
        f"{watermark}.watermark.high": "0.001%",
        f"{watermark}.watermark.flood_stage": "0.001%",
        "cluster.info.update.interval": "10s",
    }
    with three.client() as client:
        client.cluster.put_settings(body={"persistent": flooded})
        try:
            with pytest.raises(EngineFullError, match="disk of the cluster is full"):
                load_until_refused(where)
            assert found(where)["matches"] >= DECISIONS
            assert TestClient(create_app(Service(where, None))).get("/ready").status_code == 200
        finally:
            settings = dict.fromkeys(flooded)
            client.cluster.put_settings(body={"persistent": settings})
            client.indices.put_settings(
                index=f"{where.name}-*", body={"index.blocks.read_only_allow_delete": None}
            )
    load(where)
    whole(where)


def load_until_refused(where: Place) -> None:
    """The same letters again and again, until the cluster has looked at its disks."""
    with writer(where) as into:
        for _ in range(60):
            for number in range(LETTERS):
                put(into, number)
            into.commit()
