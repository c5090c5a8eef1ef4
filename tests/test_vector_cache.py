"""Vectors made once: kept, shared, bounded, and never a reason for a load to fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from shutil import copy

import numpy as np
import pytest

from imr.engines.embedded.index import EmbeddedIndex
from imr.text.embedding import Vectors
from imr.text.model_files import BGE_SMALL, ModelFiles
from imr.text.model_spec import ModelSpec
from imr.text.vector_cache import ROW_BYTES, RememberingEmbedder, VectorCache
from tests.stand_ins import StandIn
from tests.test_cli import imr

SPEC = replace(BGE_SMALL, name="told apart", dimension=8)
PLENTY = 10**9
TEXTS = ["one", "two", "three"]
spawn = get_context("spawn")


class Apart(StandIn):
    """Gives each text a vector of its own."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        return np.stack([vector_of(text) for text in texts])


def vector_of(text: str) -> Vectors:
    made = np.random.default_rng(list(text.encode())).normal(size=SPEC.dimension)
    unit: Vectors = (made / np.linalg.norm(made)).astype(np.float16).astype(np.float32)
    return unit


def remembering(
    folder: Path, model: StandIn, most: int = PLENTY, said: list[str] | None = None
) -> RememberingEmbedder:
    return RememberingEmbedder(model, folder, most, (said if said is not None else []).append)


def count(cache: VectorCache) -> int:
    with sqlite3.connect(cache.path) as file:
        return int(file.execute("SELECT count(*) FROM vectors").fetchone()[0])


def test_no_text_is_embedded_twice(tmp_path: Path) -> None:
    first, second = Apart(SPEC), Apart(SPEC)

    made = remembering(tmp_path, first).embed(["one", "two", "one"])
    again = remembering(tmp_path, second).embed(["two", "three", "one"])

    assert first.asked == ["one", "two"]
    assert second.asked == ["three"]
    assert (made == np.stack([vector_of(t) for t in ("one", "two", "one")])).all()
    assert (again == np.stack([vector_of(t) for t in ("two", "three", "one")])).all()


def test_queries_are_not_kept(tmp_path: Path) -> None:
    embedder = remembering(tmp_path, Apart(SPEC))
    embedder.embed_query("one")
    embedder.embed(["two"])

    assert count(embedder.cache) == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(SPEC, model_sha256="other bytes"),
        replace(SPEC, pooling="mean"),
        replace(SPEC, passage_prefix="passage: "),
        replace(SPEC, max_tokens=256),
    ],
)
def test_another_model_has_vectors_of_its_own(tmp_path: Path, other: ModelSpec) -> None:
    remembering(tmp_path, Apart(SPEC)).embed(TEXTS)
    model = Apart(other)
    remembering(tmp_path, model).embed(TEXTS)

    assert model.asked == TEXTS


def test_it_holds_the_newest_so_many(tmp_path: Path) -> None:
    most = 20 * (2 * SPEC.dimension + ROW_BYTES)
    embedder = remembering(tmp_path, Apart(SPEC), most)
    for start in range(0, 100, 10):
        embedder.embed([f"text {number}" for number in range(start, start + 10)])
    later = Apart(SPEC)

    remembering(tmp_path, later, most).embed([f"text {number}" for number in range(70, 100)])

    assert count(embedder.cache) == 20
    assert later.asked == [f"text {number}" for number in range(70, 80)]


def test_the_file_is_no_larger_than_it_may_be(tmp_path: Path) -> None:
    spec = replace(SPEC, dimension=384)
    cache = VectorCache(tmp_path, spec, 1_000_000)
    vector = np.zeros(384, dtype=np.float32)
    vector[0] = 1
    for start in range(0, 5000, 100):
        cache.put([f"text {number}" for number in range(start, start + 100)], [vector] * 100)

    assert 900_000 < cache.path.stat().st_size < 1_200_000


# ------------------------------------------------------------------- damage


def damaged(folder: Path, data: bytes, at: int = 0) -> None:
    embedder = remembering(folder, Apart(SPEC))
    embedder.embed([f"text {number}" for number in range(500)])
    with embedder.cache.path.open("r+b") as file:
        file.seek(at)
        file.write(data)


@pytest.mark.parametrize(
    ("data", "at"),
    [(b"no database at all" * 10, 0), (b"\0" * 20000, 4096), (b"\xff" * 4096, 8192)],
    ids=["its head", "all its pages", "a page"],
)
def test_a_damaged_file_is_set_aside_and_told(tmp_path: Path, data: bytes, at: int) -> None:
    damaged(tmp_path, data, at)
    model, said = Apart(SPEC), list[str]()
    embedder = remembering(tmp_path, model, said=said)

    made = embedder.embed([f"text {number}" for number in range(500)])

    assert (made == np.stack([vector_of(f"text {n}") for n in range(500)])).all()
    assert len(said) == 1
    assert "are damaged" in said[0]
    assert embedder.cache.path.with_name(f"{embedder.cache.path.name}.damaged").exists()
    assert count(embedder.cache) > 0, "and a new file is kept"


def test_a_vector_that_is_none_is_made_again(tmp_path: Path) -> None:
    """Bytes may turn within a page, where the database does not look."""
    embedder = remembering(tmp_path, Apart(SPEC))
    embedder.embed(TEXTS)
    with sqlite3.connect(embedder.cache.path) as file:
        file.execute("UPDATE vectors SET vector = zeroblob(16) WHERE made = 1")
        file.execute("UPDATE vectors SET vector = x'00' WHERE made = 2")
    model = Apart(SPEC)

    made = remembering(tmp_path, model).embed(TEXTS)

    assert model.asked == ["one", "two"]
    assert (made == np.stack([vector_of(text) for text in TEXTS])).all()
    last = Apart(SPEC)
    remembering(tmp_path, last).embed(TEXTS)
    assert last.asked == []


def test_where_nothing_can_be_written_nothing_is_kept_and_that_is_told_once(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("no folder")
    model, said = Apart(SPEC), list[str]()
    embedder = remembering(tmp_path / "file" / "cache", model, said=said)

    for _ in range(2):
        assert (embedder.embed(TEXTS) == np.stack([vector_of(text) for text in TEXTS])).all()

    assert model.asked == TEXTS * 2
    assert len(said) == 1
    assert said[0].startswith("vectors are not kept: ")


# ------------------------------------------------------------------- several processes


def _embed(folder: Path, start: int) -> None:
    said: list[str] = []
    embedder = remembering(folder, Apart(SPEC), said=said)
    for several in range(start, start + 200, 10):
        texts = [f"text {number}" for number in range(several, several + 10)]
        assert (embedder.embed(texts) == np.stack([vector_of(text) for text in texts])).all()
    assert said == []


def test_processes_use_it_at_once(tmp_path: Path) -> None:
    starts = (0, 100, 100, 200)
    children = [spawn.Process(target=_embed, args=(tmp_path, start)) for start in starts]
    for child in children:
        child.start()
    for child in children:
        child.join(120)

    assert [child.exitcode for child in children] == [0] * len(starts)
    model = Apart(SPEC)
    remembering(tmp_path, model).embed([f"text {number}" for number in range(400)])
    assert model.asked == []


# ------------------------------------------------------------------- through the command


@pytest.fixture
def cache(model_files: ModelFiles, tmp_path: Path) -> Path:
    """A cache folder that holds the model and nothing else."""
    models = tmp_path / "cache" / "models"
    models.mkdir(parents=True)
    (models / BGE_SMALL.name).symlink_to(model_files.model.parent)
    return tmp_path / "cache"


@pytest.fixture
def few(sample_letters: Path, tmp_path: Path) -> Path:
    (tmp_path / "few").mkdir()
    for letter in sorted(sample_letters.rglob("*.pdf"))[:4]:
        copy(letter, tmp_path / "few")
    return tmp_path / "few"


def test_a_rebuild_embeds_nothing(few: Path, cache: Path, tmp_path: Path) -> None:
    env = {"IMR_CACHE": str(cache)}
    imr("index", few, "--index", "one", cwd=tmp_path, environ=env)
    (kept,) = (cache / "vectors").iterdir()
    before = kept.read_bytes()

    imr("index", few, "--index", "two", cwd=tmp_path, environ=env)

    assert kept.read_bytes() == before
    one, two = (EmbeddedIndex(tmp_path / name).current() for name in ("one", "two"))
    letter = one.determination(next(few.iterdir()).stem)
    assert letter is not None
    for part in ("vectors", "facts"):
        ours, theirs = (getattr(each.stored(letter), part) for each in (one, two))
        assert all((a == b).all() for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("off", ["option", "setting"])
def test_it_can_be_left_out(few: Path, cache: Path, tmp_path: Path, off: str) -> None:
    env = {"IMR_CACHE": str(cache)} | ({"IMR_VECTOR_CACHE_GB": "0"} if off == "setting" else {})
    option = ("--no-vector-cache",) if off == "option" else ()
    imr("index", few, "--index", "one", *option, cwd=tmp_path, environ=env)
    imr("retag", "--index", "one", *option, cwd=tmp_path, environ=env)

    assert not (cache / "vectors").exists()
