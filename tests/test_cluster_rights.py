"""Which rights each door needs on a cluster: those of the table in docs/opensearch.md, no others.

A real node tells in its log of every action that it carries out, by the names that rights are
given for. The plugin that checks them is not to be had from Maven Central, so how it judges a name
(which groups hold which names, which are rights on the cluster) is written down here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from imr.engines.open import Place
from imr.engines.opensearch.cluster import Cluster
from imr.text.embedding import Embedder
from tests.node.process import Node
from tests.test_cli import few, imr

__all__ = ["few"]

PAGE = (Path(__file__).parent.parent / "docs" / "opensearch.md").read_text(encoding="utf-8")
GROUPS: dict[str, tuple[str, ...]] = {
    "cluster_composite_ops_ro": (
        "indices:data/read/mget", "indices:data/read/msearch", "indices:data/read/mtv",
        "indices:admin/aliases/exists*", "indices:admin/aliases/get*", "indices:data/read/scroll",
        "indices:admin/resolve/index",
    ),
    "cluster_composite_ops": (
        "indices:data/write/bulk", "indices:admin/aliases*", "indices:data/write/reindex",
    ),
    "read": (
        "indices:data/read*", "indices:admin/mappings/fields/get*", "indices:admin/resolve/index",
    ),
    "crud": ("indices:data/read*", "indices:data/write*", "indices:admin/mapping/put"),
    "create_index": ("indices:admin/create", "indices:admin/mapping/put"),
    "manage": ("indices:monitor/*", "indices:admin/*"),
}  # fmt: skip
"""What the plugin's own groups of actions hold."""
ON_THE_CLUSTER = (
    "cluster:*", "indices:data/read/scroll*", "indices:data/write/bulk", "indices:data/read/mget",
    "indices:data/read/msearch*", "indices:data/write/reindex",
)  # fmt: skip
"""Actions that a right on the cluster is needed for, of those that we may ask for."""
NEEDS_TOO = {"indices:admin/create": "indices:admin/aliases"}
"""What is checked beside an action: an index is made with its alias."""
THE_CLUSTERS_OWN = ("internal:*", "indices:admin/seq_no/*", "*_background_sync")
"""What nodes do among themselves, whoever asks for what."""
TRACED = {
    "logger.org.opensearch.tasks.TaskManager": "TRACE",
    "cluster.info.update.interval": "24h",  # nodes look at disks, too
}
REGISTERED = re.compile(r"register \d+ \[transport\] \[(\S+)\] \[")


def rights(*, inherited: bool = True) -> dict[str, tuple[set[str], set[str]]]:
    """Each door's rights, on the cluster and on the indices; "those of" names another door."""
    table = PAGE.split("| door |")[1].split("\n\n")[0].splitlines()[2:]
    rows = [line.strip("| ").split(" | ") for line in table]
    doors: dict[str, tuple[set[str], set[str]]] = {}
    for door, *cells in rows:
        given = [set(re.findall(r"`([^`]+)`", cell)) for cell in cells]
        for at, cell in enumerate(cells):
            if inherited and (also := re.match(r"those of (\w+)", cell)):
                given[at] |= doors[also[1]][at]
        doors[door.split(" ")[0].strip("`")] = given[0], given[1]
    return doors


def allowed(action: str, given: set[str]) -> bool:
    names = [name for right in given for name in GROUPS.get(right, (right,))]
    return any(fnmatchcase(action, name) for name in names)


class Recorder:
    """A node that tells of its actions; `during` gathers those of a door."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.of_door: dict[str, set[str]] = {}

    @contextmanager
    def during(self, door: str) -> Iterator[None]:
        start = self.node.log.stat().st_size
        yield
        with self.node.log.open("rb") as log:
            log.seek(start)
            found = set(REGISTERED.findall(log.read().decode("utf-8", "replace")))
        found |= {NEEDS_TOO[action] for action in found if action in NEEDS_TOO}
        self.of_door.setdefault(door, set()).update(
            action
            for action in found
            if not any(fnmatchcase(action, own) for own in THE_CLUSTERS_OWN)
        )


@pytest.fixture(scope="module")
def recorded(
    opensearch_home: Path,
    few: Path,
    embedder: Embedder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, set[str]]]:
    """The actions of each door, of a whole life of an index."""
    with Node(opensearch_home, heap="512m") as node:
        client = Cluster(node.url, "imr-decisions").connection.client
        client.cluster.put_settings(body={"persistent": TRACED})
        recorder = Recorder(node)
        run = partial(
            imr, cwd=tmp_path_factory.mktemp("here"), environ={"IMR_OPENSEARCH_URL": node.url}
        )
        with recorder.during("loading"):
            run("index", few, "--keep-originals")
        http = TestClient(create_app(Service(Place(Path(), node.url, "imr-decisions"), embedder)))
        with recorder.during("searching"):
            search(http, run)
        with recorder.during("doctor"):
            run("doctor")
        tagged_otherwise(Cluster(node.url, "imr-decisions"))
        with recorder.during("rebuilding"):
            run("retag")
            run("index", few, "--recreate")
            for what in ("list", "rollback", "prune"):
                run("indices", what)
        letter = next(iter(http.get("/v1/search").json()["results"]))["id"].partition(".")[0]
        with recorder.during("loading"):
            run("remove", letter)
        yield recorder.of_door


def tagged_otherwise(cluster: Cluster) -> None:
    """Say so of the index: a retag has nothing to do otherwise."""
    meta = cluster.meta()
    assert meta is not None
    meta["imr"]["taxonomy"] = "another"
    cluster.connection.client.indices.put_mapping(index=cluster.name, body={"_meta": meta})


def search(http: TestClient, run: Callable[..., object]) -> None:
    """All that is asked of an index without changing it."""
    found = http.get("/v1/search", params={"q": "pain", "match": "any"}).json()["results"]
    decision = found[0]["id"]
    for path in (
        "/health", "/ready", f"/v1/decisions/{decision}", f"/v1/decisions/{decision}/similar",
        f"/v1/determinations/{decision.partition('.')[0]}", "/v1/outcomes", "/v1/guidelines",
        "/v1/conflicts", "/v1/suggest?q=nor", "/v1/search?mode=semantic&q=pain",
        "/v1/search?sort=oldest&page=2",
    ):  # fmt: skip
        assert http.get(path).status_code == 200, path
    run("search", "pain")
    run("show", decision)
    run("suggest", "nor")
    run("export", "--format", "jsonl")
    run("outcomes", "--by", "category")


@pytest.mark.parametrize("door", ["searching", "loading", "rebuilding", "doctor"])
def test_a_door_does_nothing_that_its_rights_do_not_allow(
    door: str, recorded: dict[str, set[str]]
) -> None:
    on_cluster, on_indices = rights()[door]
    refused = [
        action
        for action in sorted(recorded[door])
        if not allowed(
            action,
            on_cluster if any(fnmatchcase(action, name) for name in ON_THE_CLUSTER) else on_indices,
        )
    ]
    assert recorded[door]
    assert refused == [], refused


def test_no_door_is_given_a_right_that_it_has_no_use_for(recorded: dict[str, set[str]]) -> None:
    """Beyond those of another door; of a group of the plugin's one action has to be of use."""
    for door, both in rights(inherited=False).items():
        idle = [
            right
            for given in both
            for right in given
            if not any(allowed(action, {right}) for action in recorded[door])
        ]
        assert idle == [], door


def test_the_file_of_roles_is_the_table() -> None:
    file = Path(__file__).parent.parent / "docs" / "opensearch-roles.json"
    made = [
        {
            "op": "add",
            "path": f"/imr_{door}",
            "value": {
                "cluster_permissions": sorted(on_cluster),
                "index_permissions": [
                    {"index_patterns": ["imr-decisions*"], "allowed_actions": sorted(on_indices)}
                ],
            },
        }
        for door, (on_cluster, on_indices) in rights().items()
    ]
    assert json.loads(file.read_text(encoding="utf-8")) == made


def test_searching_changes_nothing(recorded: dict[str, set[str]]) -> None:
    changing = ("indices:data/write*", "indices:admin/create", "indices:admin/delete")
    assert not [a for a in recorded["searching"] if any(fnmatchcase(a, c) for c in changing)]
