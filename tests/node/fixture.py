"""Fixtures for a conftest that says `pytest_plugins = ["tests.node.fixture"]`.

A module of its own, not a conftest, so that tests which start no server import none of it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.node.absence import give_up
from tests.node.assemble import assemble
from tests.node.errors import MissingToolError
from tests.node.jdk import find_jdk
from tests.node.process import Node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def opensearch_home() -> Path:
    """An assembled OpenSearch, for a test that starts nodes of its own."""
    try:
        find_jdk()
        return assemble()
    except MissingToolError as missing:
        give_up(str(missing))


@pytest.fixture(scope="session")
def opensearch_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a real OpenSearch 3.6 with k-NN, one for the whole test run.

    IMR_TEST_OPENSEARCH names a running one to use instead. Tests share it: each takes index
    names of its own and deletes what it made.
    """
    if running := os.environ.get("IMR_TEST_OPENSEARCH"):
        yield running.rstrip("/")
        return
    with Node(request.getfixturevalue("opensearch_home")) as node:
        yield node.url
