"""What tests share: the real node, the real model."""

from __future__ import annotations

import os

import pytest

from imr import settings
from imr.errors import ModelMissingError
from imr.text.embedding import Embedder
from imr.text.model_files import BGE_SMALL, ModelFiles, fetch

pytest_plugins = ["tests.node.fixture"]


@pytest.fixture(scope="session")
def model_files() -> ModelFiles:
    """The model, fetched once a machine."""
    try:
        return fetch(BGE_SMALL, settings.load())
    except ModelMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def embedder(model_files: ModelFiles) -> Embedder:
    """The real model."""
    return Embedder(model_files)
