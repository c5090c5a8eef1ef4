"""How many of the 200 nearest decisions a search finds, against comparing all vectors.

python -m benchmarks.recall --passages 20000      over passages that are really embedded
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.report import put
from imr import settings
from imr.engines.embedded import lists
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.embedded.files import Extents
from imr.engines.embedded.lists import Lists
from imr.engines.embedded.masks import Masks
from imr.engines.embedded.vectors import StoredVectors, VectorWriter
from imr.search import filters as filter_reader
from imr.text import model_files
from imr.text.embedding import Embedder, Vectors
from imr.text.onnx_model import OnnxEmbedder
from imr.text.passages import passages, sentences
from imr.text.vector_cache import RememberingEmbedder
from samples import stream

WANTED = 200
QUERIES = 30


def queries() -> Iterator[str]:
    """Sentences of other letters' rationales, and a few words of them."""
    rng = random.Random(3)  # noqa: S311 - no secret
    for letter in islice(stream(123), QUERIES):
        rationale = letter.decisions[0].rationale
        start, end = rng.choice(list(sentences(rationale)) or [(0, 0)])
        words = rationale[start:end].split()
        yield " ".join(words if rng.random() < 0.5 else rng.sample(words, min(4, len(words))))


def found_of(
    stored: StoredVectors, vectors: Sequence[Vectors], allowed: np.ndarray | None
) -> tuple[float, float]:
    """The mean share of the nearest that is found, and the least."""
    every = copy(stored)
    every._lists = None  # noqa: SLF001 - then all are compared
    shares = []
    for vector in vectors:
        exact = every.nearest(vector, allowed, WANTED)
        least = exact[-1][1] if exact else 0.0
        near = stored.nearest(vector, allowed, WANTED)
        shares.append(sum(score >= least for _, score, _ in near) / max(1, len(exact)))
    return float(np.mean(shares)), float(min(shares))


def sixteenth(
    stored: StoredVectors, vectors: Sequence[Vectors], allowed: np.ndarray | None
) -> tuple[float, float]:
    """The same without the floor, under which so few vectors would all be compared."""
    floors = lists.LOOKED_AT, lists.LOOKED_AT_UNDER_FILTERS
    lists.LOOKED_AT = lists.LOOKED_AT_UNDER_FILTERS = 0
    try:
        return found_of(stored, vectors, allowed)
    finally:
        lists.LOOKED_AT, lists.LOOKED_AT_UNDER_FILTERS = floors


def recall(
    engine: EmbeddedEngine, embedder: Embedder, filters: Mapping[str, tuple[tuple[str, str], ...]]
) -> dict[str, tuple[float, float]]:
    """Mean and least recall by filter, the passages of an index's decisions."""
    vectors = [embedder.embed_query(text) for text in queries()]
    masks: Masks = engine._masks  # noqa: SLF001 - what is compared
    stored: StoredVectors = engine._passages  # noqa: SLF001
    shares = {"none": found_of(stored, vectors, None)}
    for kind, given in filters.items():
        allowed = masks.filtered(filter_reader.read(given, engine.values)) & engine.alive
        shares[kind] = found_of(stored, vectors, allowed)
    return shares


def embedded(count: int, embedder: Embedder, folder: Path) -> StoredVectors:
    """So many passages of synthetic letters, really embedded, with lists."""
    texts = islice(
        (
            passage.text
            for letter in stream(55)
            for decision in letter.decisions
            for passage in passages(decision, embedder.count_tokens)
        ),
        count,
    )
    nothing: Extents = {}
    writer = VectorWriter(folder, "passages", 0, embedder.spec.dimension, nothing)
    row = 0
    while several := list(islice(texts, embedder.at_once)):
        for vector in embedder.embed(several):
            writer.append(row, vector[np.newaxis], ((0, 0),))
            row += 1
    writer.flush()
    files = {name: file.extent for name, file in writer.files.items()}
    plain = StoredVectors(folder, "passages", row, files)
    Lists.build(folder, "passages", plain._index)  # noqa: SLF001 - however few there are
    return StoredVectors(folder, "passages", row, files)


def main() -> None:
    """Measure over passages that are really embedded, and write the section."""
    parser = argparse.ArgumentParser(description="Recall over really embedded passages.")
    parser.add_argument("--passages", type=int, default=20_000)
    given = parser.parse_args()
    env = settings.load()
    model = OnnxEmbedder(model_files.fetch(model_files.BGE_SMALL, env))
    kept = RememberingEmbedder(model, env.cache / "vectors", env.vector_cache_bytes)
    asked = [model.embed_query(text) for text in queries()]
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        stored = embedded(given.passages, kept, Path(folder))
        head = (
            f"{stored.count:,} passages of synthetic letters, embedded by the real model, in "
            f"lists; {QUERIES} queries out of other letters; the {WANTED} nearest against "
            "comparing all. A filter here leaves decisions by chance. So few are all looked at "
            "(see LOOKED_AT), which the last columns leave out: it is what holds recall up where "
            "200 are a large share of all.\n"
        )
        lines = [
            head,
            "| a filter leaves | mean recall | least | one list in 16 alone, mean | least |",
            "|---|---|---|---|---|",
        ]
        for share in (1.0, 0.4, 0.02):
            allowed = None if share == 1 else rng.random(stored.count) < share
            cells = [*found_of(stored, asked, allowed), *sixteenth(stored, asked, allowed)]
            lines.append(f"| {share:.0%} | " + " | ".join(f"{cell:.4f}" for cell in cells) + " |")
    put("Recall over embedded passages", lines)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
