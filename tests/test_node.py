"""The tests' own OpenSearch is the real thing, and its tool keeps what it promises."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from opensearchpy import OpenSearch

from tests.node import assemble, jdk, recipe
from tests.node.absence import give_up
from tests.node.errors import MissingToolError, StartError
from tests.node.loopback import free_ports
from tests.node.process import Node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest_plugins = ["tests.node.fixture"]

INDEX = "test-node"

BODY: dict[str, Any] = {
    "settings": {
        "number_of_shards": 3,
        "number_of_replicas": 0,
        "index.knn": True,
        "analysis": {
            "tokenizer": {
                "token": {"type": "pattern", "pattern": r"[\p{L}\p{N}]+(?:/\d+)?", "group": 0}
            },
            "filter": {
                "stem": {"type": "stemmer", "language": "porter2"},
                "mend": {"type": "stemmer_override", "rules": ["lateral => later"]},
            },
            "analyzer": {
                "text": {
                    "type": "custom",
                    "tokenizer": "token",
                    "filter": ["lowercase", "asciifolding", "mend", "stem"],
                }
            },
        },
    },
    "mappings": {
        "dynamic": "strict",
        "properties": {
            "outcome": {"type": "keyword"},
            "rationale": {"type": "text", "analyzer": "text"},
            "passages": {
                "type": "nested",
                "properties": {
                    "start": {"type": "integer"},
                    "vector": {
                        "type": "knn_vector",
                        "dimension": 3,
                        "space_type": "cosinesimil",
                        "method": {"name": "hnsw", "engine": "lucene"},
                    },
                },
            },
        },
    },
}


def decision(outcome: str, rationale: str, *degrees: float) -> dict[str, Any]:
    """A decision whose passages lie so many degrees from the query's direction."""
    vectors = [[math.cos(math.radians(d)), math.sin(math.radians(d)), 0.0] for d in degrees]
    passages = [{"start": 100 * n, "vector": vector} for n, vector in enumerate(vectors)]
    return {"outcome": outcome, "rationale": rationale, "passages": passages}


DECISIONS = {
    "near": decision("upheld", "Conservative care had failed", 80, 5),
    "far": decision("upheld", "No conservative care was tried", 60),
    "other": decision("overturned", "A lateral release", 1),
}

QUERY = [1.0, 0.0, 0.0]

#: Only by what it is not: the form that would let every passage through if a filter on the
#: decision were applied to the passages.
UPHELD = {"bool": {"must_not": [{"term": {"outcome": "overturned"}}]}}


def nested(query: dict[str, Any]) -> dict[str, Any]:
    """The best of a decision's passages by a query, and which one that is."""
    best = {"size": 1, "_source": ["passages.start"]}
    return {"nested": {"path": "passages", "score_mode": "max", "query": query, "inner_hits": best}}


def nearest() -> dict[str, Any]:
    return nested({"knn": {"passages.vector": {"vector": QUERY, "k": 5, "filter": UPHELD}}})


def exact() -> dict[str, Any]:
    parameters = {"field": "passages.vector", "query_value": QUERY, "space_type": "cosinesimil"}
    script = {"lang": "knn", "source": "knn_score", "params": parameters}
    every = {"exists": {"field": "passages.vector"}}
    scored = nested({"script_score": {"query": every, "script": script}})
    return {"bool": {"filter": [UPHELD], "must": [scored]}}


def painless() -> dict[str, Any]:
    source = "(1.0 + cosineSimilarity(params.query, doc['passages.vector'])) / 2.0"
    script = {"source": source, "params": {"query": QUERY}}
    every = {"exists": {"field": "passages.vector"}}
    scored = nested({"script_score": {"query": every, "script": script}})
    return {"bool": {"filter": [UPHELD], "must": [scored]}}


@pytest.fixture(scope="module")
def client(opensearch_url: str) -> Iterator[OpenSearch]:
    with OpenSearch(opensearch_url) as client:
        client.indices.delete(index=INDEX, ignore_unavailable=True)
        client.indices.create(index=INDEX, body=BODY)
        for name, one in DECISIONS.items():
            client.index(index=INDEX, id=name, body=one, refresh=True)
        yield client
        client.indices.delete(index=INDEX)


def test_the_node_is_opensearch_with_the_knn_plugin(client: OpenSearch) -> None:
    assert client.info()["version"]["number"] == recipe.VERSION
    plugins = client.cat.plugins(format="json")
    assert "opensearch-knn" in {plugin["component"] for plugin in plugins}


def test_the_analyzer_folds_and_stems_with_its_exceptions(client: OpenSearch) -> None:
    body = {"analyzer": "text", "text": "Lateral décompressions, Norco 10/325"}
    tokens = client.indices.analyze(index=INDEX, body=body)["tokens"]
    assert [token["token"] for token in tokens] == ["later", "decompress", "norco", "10/325"]


@pytest.mark.parametrize("query", [nearest(), exact(), painless()], ids=["knn", "exact", "script"])
def test_nested_vectors_under_a_filter_give_the_best_passage(
    client: OpenSearch, query: dict[str, Any]
) -> None:
    hits = client.search(index=INDEX, body={"query": query})["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == ["near", "far"]
    expected = [(1 + math.cos(math.radians(degrees))) / 2 for degrees in (5, 60)]
    assert [hit["_score"] for hit in hits] == pytest.approx(expected, abs=1e-6)
    passages = [hit["inner_hits"]["passages"]["hits"]["hits"][0]["_source"] for hit in hits]
    assert passages == [{"start": 100}, {"start": 0}]


def test_one_msearch_carries_both_legs_with_scores_of_the_whole_index(client: OpenSearch) -> None:
    header = {"index": INDEX, "search_type": "dfs_query_then_fetch"}
    words = {"query": {"match": {"rationale": "conservative care"}}}
    answer = client.msearch(body=[header, words, header, {"query": nearest()}])
    keyword, semantic = (leg["hits"]["hits"] for leg in answer["responses"])
    assert {hit["_id"] for hit in keyword} == {"near", "far"}
    # Two words that 2 of 3 decisions hold, in a text of mean length: BM25 with k1 = 1.2.
    (near,) = (hit["_score"] for hit in keyword if hit["_id"] == "near")
    assert near == pytest.approx(2 * math.log(1 + 1.5 / 2.5) / 2.2, abs=1e-6)
    assert [hit["_id"] for hit in semantic] == ["near", "far"]


def test_a_killed_node_keeps_what_it_acknowledged(opensearch_home: Path) -> None:
    with Node(opensearch_home) as node, OpenSearch(node.url) as client:
        client.index(index=INDEX, id="kept", body={"outcome": "upheld"})
        first = node.pid
        node.kill()
        node.restart()
        assert node.pid != first
        assert client.get(index=INDEX, id="kept")["_source"] == {"outcome": "upheld"}
    assert not node.folder.exists()


def test_a_node_that_can_not_start_shows_its_log(opensearch_home: Path) -> None:
    node = Node(opensearch_home, heap="1k")
    with pytest.raises(StartError, match=r"(?s)ended before it answered.*heap"), node:
        pass
    assert not node.folder.exists()


def test_a_whole_home_is_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (tmp_path / "recipe.sha256").write_text(recipe.fingerprint())
    assert assemble.assemble(tmp_path) == tmp_path


def test_another_recipe_is_built_again_which_needs_mvn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "recipe.sha256").write_text("another")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingToolError, match="no mvn on the PATH"):
        assemble.assemble(home)
    assert home.exists()


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ('IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="25.0.3"\n', 25),
        ('JAVA_VERSION="21"\n', 21),
        ('JAVA_VERSION="1.8.0_402"\n', 8),
    ],
)
def test_a_jdk_tells_its_release(tmp_path: Path, text: str, release: int) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch(mode=0o755)
    (tmp_path / "release").write_text(text)
    assert jdk.read_jdk(tmp_path) == jdk.Jdk(tmp_path, release)


def test_no_fitting_jdk_says_how_to_get_one() -> None:
    with pytest.raises(MissingToolError, match=r"release 999 or newer.*Install one"):
        jdk.find_jdk(minimum=999)


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)]
)
def test_a_missing_tool_fails_on_ci_and_skips_elsewhere(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no mvn"):
        give_up("no mvn")


def test_chosen_ports_differ() -> None:
    ports = [port for pair in free_ports(5) for port in pair]
    assert len(set(ports)) == 10
