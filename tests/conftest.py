"""What tests share: the real node, the real model, synthetic letters and an index of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from imr import settings
from imr.engines.open import Place, open_writer
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.generations import Generations
from imr.errors import ModelMissingError
from imr.letters.pool import Pool
from imr.text.embedding import Embedder
from imr.text.model_files import BGE_SMALL, ModelFiles, fetch
from imr.text.onnx_model import OnnxEmbedder
from indexer import pipeline
from indexer.quarantine import SetAside
from indexer.sources import letter_files
from samples.write import write_letters
from tests.corpus import Loader, Search, put, read
from tests.node.absence import give_up

# what needs the extra `torch` is run by `make test-torch`
collect_ignore = [] if find_spec("sentence_transformers") else ["torch"]
pytest_plugins = ["tests.node.fixture"]

LETTERS = 120
"""How many synthetic letters there are."""


@pytest.fixture(scope="session")
def model_files() -> ModelFiles:
    """The model, fetched once a machine."""
    try:
        return fetch(BGE_SMALL, settings.load())
    except ModelMissingError as error:
        give_up(str(error))


@pytest.fixture(scope="session")
def embedder(model_files: ModelFiles) -> Embedder:
    """The real model."""
    return OnnxEmbedder(model_files)


@pytest.fixture(scope="session")
def sample_letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of synthetic letters as PDF."""
    folder = tmp_path_factory.mktemp("letters")
    write_letters(folder, LETTERS, seed=5, formats=("pdf",))
    return folder


@pytest.fixture(scope="session")
def sample_index(
    sample_letters: Path, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An embedded index of the letters, with vectors; tests only read it."""
    folder = tmp_path_factory.mktemp("sample") / "index"
    report = pipeline.LoadReport()
    aside: list[SetAside] = []
    with open_writer(Place(folder, None, ""), embedder.spec) as writer, Pool(1) as pool:
        letters = pipeline.parsed(letter_files([sample_letters]), pool, aside.append)
        pipeline.load(letters, writer, embedder, report)
    assert (report.letters, aside) == (LETTERS, [])
    return folder


@pytest.fixture(params=["embedded", "opensearch"])
def load(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Loader]:
    """Every corpus goes into an index of its own; `-k embedded` needs no node."""
    url = request.getfixturevalue("opensearch_url") if request.param == "opensearch" else None
    places: list[Place] = []

    def loader(text: str) -> Search:
        name = f"corpus-{uuid.uuid4().hex[:8]}"
        places.append(Place(tmp_path / name, url, name))
        return put(read(text), places[-1])

    yield loader
    for place in places:
        if place.url is not None:
            Generations(Cluster(place.url, place.name)).delete()
