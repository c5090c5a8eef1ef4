"""Times what is asked of precedents over an index made by `benchmarks.corpus`.

    python -m benchmarks.precedents INDEX

Then exports all of it, see `benchmarks.export`. Kinds of questions are asked in turns, so that a
busy machine slows all alike. Whole answers are timed, in process; of similar cases that are sent as
text, the embedding is included.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks import export
from benchmarks.report import put
from benchmarks.search import DRUGS, WORDS
from imr import settings
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.embedded.index import EmbeddedIndex
from imr.precedents import case as cases
from imr.precedents import conflicts, guidelines, outcomes, similar
from imr.search.plan import make
from imr.search.request import Request
from imr.text import model_files
from imr.text.embedding import Embedder
from imr.text.onnx_model import OnnxEmbedder

ROUNDS = 60
WARM = 5
FIELDS = ("drug", "category", "guideline", "specialty", "reason", "year", "condition")
GOALS = {
    "outcomes of all by one field": 30,
    "outcomes of a filter by one field": 30,
    "outcomes of a query by one field": 30,
    "similar to a decision": 100,
    "conflicts of a decision": 120,
    "guidelines": 50,
    "one guideline": 50,
}
"""Milliseconds that 95 of 100 answers should stay below, at 100,000 decisions on two cores."""

Question = Callable[[], object]


CATEGORIES = ("medication", "imaging", "physical-therapy", "surgery", "injection", "dme")
CITED = 40
"""The most cited guidelines, of which one is asked about each round."""


def kinds(
    engine: EmbeddedEngine,
    embedder: Embedder,
    ids: Sequence[str],
    cited: Sequence[str],
    rng: random.Random,
) -> dict[str, Question]:
    """One question of each kind, about other decisions and words each round."""
    guideline, category = rng.choice(cited), rng.choice(CATEGORIES)
    id_, field, words = rng.choice(ids), rng.choice(FIELDS), " ".join(rng.sample(WORDS, 3))
    drug = Request(text=rng.choice(DRUGS))

    def balance(request: Request, *by: str) -> Question:
        return lambda: outcomes.outcomes(engine, outcomes.Asked(request, by))

    return {
        "outcomes of all by one field": balance(Request(), field),
        "outcomes of a filter by one field": balance(
            Request(filters=(("category", category),)), field
        ),
        "outcomes of a query by one field": balance(Request(text=words), field),
        "outcomes of all by two fields": balance(Request(), "drug", "guideline"),
        "outcomes of a query by two fields": balance(drug, "drug", "guideline"),
        "similar to a decision": lambda: similar.similar(
            engine, cases.stored(engine, id_), similar.Asked()
        ),
        "similar to a text": lambda: similar.similar(
            engine, cases.of_text(engine, f"{drug.text} {words}", embedder), similar.Asked()
        ),
        "conflicts of a decision": lambda: conflicts.of_decision(
            engine, cases.stored(engine, id_), (), 10
        ),
        "conflicts of a query": lambda: conflicts.over_query(engine, drug, 10),
        "guidelines": lambda: guidelines.guidelines(engine, Request()),
        "guidelines of a query": lambda: guidelines.guidelines(engine, drug),
        "one guideline": lambda: guidelines.guideline(engine, Request(), guideline),
    }


def timed(
    engine: EmbeddedEngine, embedder: Embedder, rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of each answer, and of them those of the processor, by kind.

    The first rounds, which fill caches, are left out.
    """
    rng = random.Random(5)  # noqa: S311 - no secret
    ids = [hit.id for hit in engine.newest(make((), ()), 5_000)]
    listed = guidelines.guidelines(engine, Request(), size=CITED).guidelines
    cited = [each.id for each in listed]
    found: dict[str, list[tuple[float, float]]] = {}
    for turn in range(rounds + WARM):
        for kind, question in kinds(engine, embedder, ids, cited, rng).items():
            began, worked = time.perf_counter(), time.process_time()
            question()
            took = time.perf_counter() - began, time.process_time() - worked
            if turn >= WARM:
                found.setdefault(kind, []).append((1000 * took[0], 1000 * took[1]))
    return found


def report(folder: Path, embedder: Embedder, rounds: int) -> Iterator[str]:
    """The section's lines."""
    engine = EmbeddedIndex(folder).current()
    embedder.embed_query("warm")
    whole = outcomes.outcomes(engine, outcomes.Asked(Request())).all
    before = os.getloadavg()[0]
    found = timed(engine, embedder, rounds)
    yield (
        f"{whole.decisions.total:,} synthetic decisions in {whole.letters.total:,} letters with "
        f"{whole.rationales.total:,} distinct rationales; {rounds} rounds in turns, {WARM} before "
        f"them not counted. The machine has {os.cpu_count()} cores and was shared: its load was "
        f"{before:.1f} before and {os.getloadavg()[0]:.1f} after.\n"
    )
    yield (
        "Processor time is that of all threads of the answer, whatever else runs. Outcomes of all "
        "decisions by a field are counted once a commit and held: the first time is in the rounds "
        "where its field comes up first.\n"
    )
    yield (
        "| question | p50 ms | p95 ms | p99 ms | p95 wanted | processor p50 ms | processor p95 ms |"
        "\n|---|---|---|---|---|---|---|"
    )
    for kind, took in found.items():
        walls, works = zip(*took, strict=True)
        p50, p95, p99 = np.percentile(walls, [50, 95, 99])
        half, most = np.percentile(works, [50, 95])
        yield (
            f"| {kind} | {p50:.1f} | {p95:.1f} | {p99:.1f} | {GOALS.get(kind, '')} | {half:.1f} | "
            f"{most:.1f} |"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description="Time what is asked of precedents.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    files = model_files.fetch(model_files.BGE_SMALL, settings.load())
    lines = list(report(given.folder, OnnxEmbedder(files), given.rounds))
    sys.stdout.write("\n".join(lines) + "\n")
    put(f"Asking of precedents, {lines[0].partition(' ')[0]} decisions", lines)
    export.measure(given.folder)


if __name__ == "__main__":
    main()
