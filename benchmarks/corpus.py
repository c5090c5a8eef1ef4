"""Builds an embedded index of synthetic decisions, with vectors like the real model's.

Letters are those of `samples.stream`. Embedding a million would take half a day, so vectors are
synthesised: a few hundred passages are really embedded; each vector is one of them moved towards
another and by noise of the same covariance, so that vectors stand in clusters as real ones do.
A decision has 2.1 of them, as real letters do: 1.1 of passages and one of the case's facts. All
that is said wherever figures from them are.

Letters are made before the clock starts, and each commit is inside it: what is timed is what a
load does once letters are read and embedded.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.letters import Clock
from imr import settings
from imr.engines.document import documents
from imr.engines.embedded.lists import Lists
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.protocol import Writer
from imr.engines.signature import current
from imr.model import Decision, Determination, Span
from imr.precedents.duplicates import Grouper
from imr.text import model_files
from imr.text.embedding import Embedder, Vectors
from imr.text.onnx_model import OnnxEmbedder
from imr.text.passages import facts_text, passages
from imr.text.vector_cache import RememberingEmbedder
from samples import stream

EMBEDDED = 400
"""Decisions that are really embedded, to learn from."""
COMMIT_EVERY = 25_000
AT_ONCE = 50
"""Letters that are looked up and grouped together, as a load does."""


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


@dataclass(slots=True)
class Built:
    """What a build took, embedding and the making of letters apart.

    `core_seconds` are of all threads, those that merge segments while letters are made included;
    `lists_seconds` are the part of `seconds` that went into lists of near vectors.
    """

    decisions: int = 0
    passages: int = 0
    seconds: float = 0.0
    core_seconds: float = 0.0
    lists_seconds: float = 0.0


def build(folder: Path, decisions: int, embedder: Embedder) -> Built:
    """Load about so many decisions into a folder."""
    vectors = synthesised(embedder)
    lists = Clock(Lists, "build")
    spent = time.process_time()
    with EmbeddedWriter(folder, current(embedder.spec)) as writer:
        built = fill(writer, decisions, *vectors)
        began = time.perf_counter()  # the last commit makes lists and waits for segments to merge
    built.seconds += time.perf_counter() - began
    lists.stop()
    built.lists_seconds = lists.seconds
    built.core_seconds += time.process_time() - spent
    return built


def synthesised(embedder: Embedder) -> tuple[Synthesised, Synthesised]:
    """Sources of vectors of passages and of facts; the same ones each time."""
    real, real_facts = learn(embedder)
    return Synthesised(real, 1), Synthesised(real_facts, 2)


def fill(writer: Writer, decisions: int, made: Synthesised, made_facts: Synthesised) -> Built:
    """Put so many decisions, or a few more, into an index, and commit them."""
    built = Built()
    grouper = Grouper(writer.beginning)
    for block in _blocks(decisions, built, made, made_facts):
        gc.freeze()  # letters waiting in memory are the benchmark's, not a load's
        began = time.perf_counter()
        for several in (block[at : at + AT_ONCE] for at in range(0, len(block), AT_ONCE)):
            letters = [letter for letter, *_ in several]
            writer.known([letter.id for letter in letters])
            for parts, groups in zip(several, grouper.groups(letters), strict=True):
                writer.replace(parts[0].id, documents(*parts, groups))
        writer.commit()
        grouper.committed()
        built.seconds += time.perf_counter() - began
        gc.unfreeze()
    return built


Ready = tuple[Determination, list[list[Span]], list[Vectors], list[Vectors]]


def _ready(letter: Determination, made: Synthesised, made_facts: Synthesised) -> Ready:
    spans = [_passages(letter, decision) for decision in letter.decisions]
    vectors = [made.take(len(of)) for of in spans]
    return letter, spans, vectors, list(made_facts.take(len(spans)))


def _passages(letter: Determination, decision: Decision) -> list[Span]:
    """Where passages stand: one in ten decisions has two."""
    start, end = decision.spans.get("rationale", (0, 0))
    if (zlib.crc32(decision.id.encode()) % 10) or end - start < 2:
        return [(start, end)]
    middle = letter.text.rfind(" ", start, (start + end) // 2)
    middle = middle if middle > start else (start + end) // 2
    return [(start, middle), (middle + 1, end)]


def _blocks(
    decisions: int, built: Built, made: Synthesised, made_facts: Synthesised
) -> Iterator[list[Ready]]:
    """Letters of some thousand decisions at a time; making them costs the build nothing."""
    letters = stream(9)
    while built.decisions < decisions:
        spent = time.thread_time()
        block: list[Ready] = []
        end = min(decisions, built.decisions + COMMIT_EVERY)
        while built.decisions < end:
            block.append(_ready(next(letters), made, made_facts))
            spans = block[-1][1]
            built.decisions += len(spans)
            built.passages += sum(map(len, spans))
        built.core_seconds -= time.thread_time() - spent
        yield block


def main() -> None:
    """Build one index; what it took is printed and kept beside it."""
    parser = argparse.ArgumentParser(description="Build an index of synthetic decisions.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--decisions", type=int, default=100_000)
    given = parser.parse_args()
    env = settings.load()
    model = OnnxEmbedder(model_files.fetch(model_files.BGE_SMALL, env))
    remembering = RememberingEmbedder(model, env.cache / "vectors", env.vector_cache_bytes)
    built = build(given.folder, given.decisions, remembering)
    told(given.folder).write_text(json.dumps(asdict(built)) + "\n", encoding="ascii")
    sys.stdout.write(
        f"{built.decisions} decisions in {built.seconds:.0f} s "
        f"({built.lists_seconds:.0f} s of it lists), "
        f"{built.decisions / built.seconds:.0f} a second, "
        f"{1000 * built.core_seconds / built.decisions:.2f} ms of a core each\n"
    )


def told(folder: Path) -> Path:
    """Where it is kept what an index took to build."""
    return folder.with_name(f"{folder.name}.json")


if __name__ == "__main__":
    main()
