"""The fixture `opensearch_url`, for a conftest that says `pytest_plugins = ["tests.node.fixture"]`.

A module of its own, not a conftest, so that tests which start no server import none of it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.node.errors import MissingToolError
from tests.node.process import Node

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def opensearch_url() -> Iterator[str]:
    """The URL of a real OpenSearch 3.6 with k-NN, one for the whole test run.

    IMR_TEST_OPENSEARCH names a running one to use instead. Tests share it: each takes index
    names of its own and deletes what it made.
    """
    if running := os.environ.get("IMR_TEST_OPENSEARCH"):
        yield running.rstrip("/")
        return
    try:
        node = Node()
    except MissingToolError as missing:
        _give_up(str(missing))
    with node:
        yield node.url


def _give_up(reason: str) -> NoReturn:
    """Skip on a contributor's machine; on CI a missing tool must not pass for a green run."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
