"""Builds an embedded index of synthetic decisions, with vectors like the real model's.

Letters are those of `samples.stream`. Embedding a million would take half a day, so vectors are
synthesised: a few hundred passages are really embedded; each decision's vector is one of them
moved towards another and by noise of the same covariance, so that vectors stand in clusters as
real ones do. That is said wherever figures from them are.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from imr import settings
from imr.engines.document import documents
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.protocol import Writer
from imr.engines.signature import current
from imr.model import Determination
from imr.text import model_files
from imr.text.embedding import Embedder, Vectors
from imr.text.onnx_model import OnnxEmbedder
from imr.text.passages import facts_text, passages
from samples import stream

EMBEDDED = 400
"""Decisions that are really embedded, to learn from."""
COMMIT_EVERY = 50_000


class Synthesised:
    """Unit vectors from the distribution of some real ones."""

    def __init__(self, real: Vectors, seed: int) -> None:
        self._real = real
        self._mean = real.mean(axis=0)
        spread = np.cov((real - self._mean).T) + 1e-6 * np.eye(real.shape[1])
        self._noise = np.linalg.cholesky(spread).astype(np.float32)
        self._random = np.random.default_rng(seed)
        self._held = np.empty((0, real.shape[1]), dtype=np.float32)
        self._at = 0

    def take(self, count: int) -> Vectors:
        """The next `count` vectors, at most 20,000, shape (count, dimension)."""
        if self._at + count > len(self._held):
            self._held, self._at = self._made(20_000), 0
        self._at += count
        return self._held[self._at - count : self._at]

    def _made(self, count: int) -> Vectors:
        first, second = self._random.integers(0, len(self._real), (2, count))
        noise = self._random.standard_normal((count, self._real.shape[1]), dtype=np.float32)
        made = (
            self._real[first]
            + 0.3 * (self._real[second] - self._mean)
            + 0.5 * (noise @ self._noise.T)
        )
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        vectors: Vectors = made.astype(np.float16).astype(np.float32)
        return vectors


def learn(embedder: Embedder) -> tuple[Vectors, Vectors]:
    """Real vectors of some passages and of as many cases' facts."""
    texts, facts = [], []
    for letter in islice(stream(77), EMBEDDED):
        decision = letter.decisions[0]
        texts.append(passages(decision, embedder.count_tokens)[0].text)
        facts.append(facts_text(decision.request, letter.clinical_summary))
    return embedder.embed(texts), embedder.embed(facts)


def build(folder: Path, decisions: int, embedder: Embedder) -> tuple[int, float]:
    """Load about so many decisions; the number loaded and the seconds it took, embedding apart."""
    vectors = synthesised(embedder)
    began = time.perf_counter()
    with EmbeddedWriter(folder, current(embedder.spec)) as writer:
        loaded = fill(writer, decisions, *vectors)
    return loaded, time.perf_counter() - began


def synthesised(embedder: Embedder) -> tuple[Synthesised, Synthesised]:
    """Sources of vectors of passages and of facts; the same ones each time."""
    real, real_facts = learn(embedder)
    return Synthesised(real, 1), Synthesised(real_facts, 2)


def fill(writer: Writer, decisions: int, made: Synthesised, made_facts: Synthesised) -> int:
    """Put about so many decisions into an index; how many it were."""
    loaded, due = 0, COMMIT_EVERY
    grouper = Grouper(writer.beginning)
    for letter in _letters(decisions):
        spans = [[d.spans.get("rationale", (0, 0))] for d in letter.decisions]
        vectors = [made.take(1) for _ in letter.decisions]
        facts = list(made_facts.take(len(letter.decisions)))
        groups = grouper.groups(letter)
        writer.replace(letter.id, documents(letter, spans, vectors, facts, groups))
        loaded += len(letter.decisions)
        if loaded >= due:
            writer.commit()
            grouper.committed()
            due += COMMIT_EVERY
    return loaded


def _letters(decisions: int) -> Iterator[Determination]:
    count = 0
    for letter in stream(9):
        if count >= decisions:
            return
        count += len(letter.decisions)
        yield letter


def main() -> None:
    """Build one index and say how long it took."""
    parser = argparse.ArgumentParser(description="Build an index of synthetic decisions.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--decisions", type=int, default=100_000)
    given = parser.parse_args()
    files = model_files.fetch(model_files.BGE_SMALL, settings.load())
    loaded, seconds = build(given.folder, given.decisions, OnnxEmbedder(files))
    size = sum(path.stat().st_size for path in given.folder.rglob("*") if path.is_file())
    sys.stdout.write(
        f"{loaded} decisions in {seconds:.0f} s, {loaded / seconds:.0f} a second, "
        f"{size / loaded:.0f} bytes each\n"
    )


if __name__ == "__main__":
    main()
