"""What stands before a cluster's index: nodes that are gone, names of others, closed doors."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConnectionTimeout

from imr.engines.document import documents
from imr.engines.open import Place, open_cluster, open_index, open_writer
from imr.engines.opensearch.generations import Generations
from imr.errors import (
    EngineUnreachableError,
    IndexClosedError,
    IndexMissingError,
    UnusableIndexError,
)
from imr.search.plan import Plan
from imr.settings import Access
from tests.corpus import read
from tests.node.loopback import HOST
from tests.test_cli import imr

CLIENTS = 3
TRIES = 12
"""Clients ask nodes in an order of their own: with two tries each, some of so many would fail."""


@pytest.fixture
def place(opensearch_url: str) -> Iterator[Place]:
    place = Place(Path(), opensearch_url, f"doors-{uuid.uuid4().hex[:8]}")
    yield place
    Generations(open_cluster(place)).delete()


def put(place: Place) -> None:
    letter = read("A.1 upheld\nrequest: lamp").letters[0]
    with open_writer(place, None) as writer:
        writer.replace(letter.id, documents(letter, [[(0, 1)]], None))


def closed_port() -> str:
    with socket.create_server((HOST, 0)) as server:
        return f"http://{HOST}:{server.getsockname()[1]}"


# ---------------------------------------------------------------- several nodes


def test_one_node_that_lives_is_enough(place: Place) -> None:
    put(place)
    urls = ",".join([closed_port(), closed_port(), closed_port(), place.url or ""])
    for _ in range(TRIES):
        found = open_index(Place(Path(), urls, place.name)).current()
        assert found.count(Plan(), []).matches == 1


def test_a_call_waits_once_and_the_next_one_asks_another_node(opensearch_url: str) -> None:
    """A node that takes connections and never answers has all of a call's time, and once."""
    with socket.create_server((HOST, 0)) as silent:
        silent.settimeout(0)
        url = f"http://{HOST}:{silent.getsockname()[1]},{opensearch_url}"
        asked, failed = 0, 0
        for _ in range(CLIENTS):
            client = open_cluster(Place(Path(), url, "any", Access(seconds=1))).connection.client
            for _ in range(4):
                try:
                    client.info()
                except ConnectionTimeout:
                    failed += 1
        with suppress(BlockingIOError):
            while True:
                silent.accept()[0].close()
                asked += 1
    # each client met the silent node once, and then left it alone
    assert failed == asked == CLIENTS


def test_a_node_that_takes_no_connection_leaves_the_others_their_time(opensearch_url: str) -> None:
    """Its queue of connections is full, so that it lets them wait, as a machine that is gone."""
    with socket.create_server((HOST, 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(3):
            one = waiting.enter_context(socket.socket())
            one.settimeout(0)
            one.connect_ex(full.getsockname())
        url = f"http://{HOST}:{full.getsockname()[1]}"
        alone = open_cluster(Place(Path(), url, "any", Access(seconds=0.5)))
        with pytest.raises(EngineUnreachableError):
            alone.release()
        for _ in range(CLIENTS):
            place = Place(Path(), f"{url},{opensearch_url}", "any", Access(seconds=2))
            assert open_cluster(place).release()[0].startswith("3.")


def test_nodes_that_all_refuse_are_one_error_that_names_them() -> None:
    urls = f"{closed_port()},{closed_port()}"
    with pytest.raises(EngineUnreachableError, match=f"does not answer at {urls}"):
        open_index(Place(Path(), urls, "any")).current()


# ---------------------------------------------------------------- names of others


@pytest.fixture
def client(opensearch_url: str) -> Iterator[OpenSearch]:
    with OpenSearch(opensearch_url) as client:
        yield client


def test_an_index_of_somebody_else_is_told_by_all_doors(
    place: Place, client: OpenSearch, tmp_path: Path
) -> None:
    client.indices.create(index=place.name)
    try:
        with pytest.raises(UnusableIndexError, match="was not made by imr") as raised:
            open_index(place).current()
        assert not isinstance(raised.value, IndexMissingError)
        with pytest.raises(UnusableIndexError, match="was not made by imr"):
            put(place)
        environ = {"IMR_OPENSEARCH_URL": place.url or "", "IMR_OPENSEARCH_INDEX": place.name}
        assert "not made by imr" in imr("doctor", cwd=tmp_path, environ=environ, code=1).stdout
        assert "not made by imr" in imr("retag", cwd=tmp_path, environ=environ, code=1).stderr
        client.indices.put_alias(index=place.name, name=f"{place.name}-alias")
        with pytest.raises(UnusableIndexError, match="was not made by imr"):
            open_index(Place(Path(), place.url, f"{place.name}-alias")).current()
    finally:
        client.indices.delete(index=place.name)
    with pytest.raises(IndexMissingError):
        open_index(place).current()


def test_an_alias_of_two_indices_is_told(place: Place, client: OpenSearch) -> None:
    put(place)
    client.indices.create(index=f"{place.name}-000002")
    client.indices.put_alias(index=f"{place.name}-000002", name=place.name)
    said = rf"{place.name} at .* several indices \({place.name}-000001, {place.name}-000002\)"
    with pytest.raises(UnusableIndexError, match=said):
        open_index(place).current()
    with pytest.raises(UnusableIndexError, match=said):
        put(place)


# ---------------------------------------------------------------- closed doors


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("read_only", r"index.blocks.read_only is set: set it to null"),
        ("write", r"is closed to loads"),
    ],
)
def test_a_closed_index_names_the_remedy_and_the_doctor_tells_of_it(
    block: str, said: str, place: Place, client: OpenSearch, tmp_path: Path
) -> None:
    put(place)
    client.indices.put_settings(index=place.name, body={f"index.blocks.{block}": True})
    try:
        with pytest.raises(IndexClosedError, match=said) as raised:
            put(place)
        environ = {"IMR_OPENSEARCH_URL": place.url or "", "IMR_OPENSEARCH_INDEX": place.name}
        told = imr("doctor", cwd=tmp_path, environ=environ).stdout
    finally:
        client.indices.put_settings(index=place.name, body={f"index.blocks.{block}": None})
    assert open_index(place).current().count(Plan(), []).matches == 1
    assert f"warn     index    {raised.value}" in told
    put(place)
    open_told = imr("doctor", cwd=tmp_path, environ=environ).stdout
    assert "warn" not in open_told


def test_the_doctor_tells_of_lacking_copies_and_of_nodes_that_are_gone(
    place: Place, client: OpenSearch, tmp_path: Path
) -> None:
    put(place)
    client.indices.put_settings(
        index=place.name, body={"index": {"auto_expand_replicas": "false", "number_of_replicas": 1}}
    )
    gone = closed_port()
    environ = {
        "IMR_OPENSEARCH_URL": f"{gone},{place.url}", "IMR_OPENSEARCH_INDEX": place.name,
    }  # fmt: skip
    told = imr("doctor", cwd=tmp_path, environ=environ).stdout
    assert "ok       cluster  OpenSearch 3." in told
    assert f"does not answer at {gone}:" in told
    assert f"warn     cluster  {place.name} is yellow" in told
    assert told.count("warn ") == 2
