"""Times searches over an index made by `benchmarks.corpus`; see docs/performance.md.

    python -m benchmarks.search INDEX

Kinds of search are asked in turns, so that a busy machine slows all alike. Whole answers are
timed, in process: the query's text to the response, its embedding included.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.report import put
from imr import settings
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.protocol import Index
from imr.search.request import Request
from imr.search.run import search
from imr.text import model_files
from imr.text.embedding import Embedder
from imr.text.onnx_model import OnnxEmbedder

ROUNDS = 40
WORDS = (
    "functional improvement documented pain relief therapy sessions radiculopathy examination "
    "conservative care failed surgery imaging deficit strength range motion opioid weaning "
    "medication gastrointestinal risk muscle spasm acute chronic guideline frequency injection "
    "lumbar cervical shoulder knee home exercise program psychological evaluation trial"
).split()
DRUGS = "norco gabapentin tramadol cyclobenzaprine naproxen omeprazole oxycodone lidocaine".split()
PHRASES = (
    "not medically necessary",
    "functional improvement",
    "physical therapy",
    "range of motion",
)
FILTERS = {
    "40 %": (("category", "medication"),),
    "2 %": (("drug", "hydrocodone"), ("outcome", "overturned")),
    "0.1 %": (
        ("drug", "gabapentin"),
        ("year", "2016"),
        ("sex", "female"),
        ("outcome", "overturned"),
    ),
}
"""About what share of the decisions a filter leaves; the page says what it really is."""


def kinds(rng: random.Random) -> dict[str, Request]:
    """One request of each kind, with words of this round."""

    def some(count: int) -> str:
        return " ".join(rng.sample(WORDS, count))

    short, long = some(3), f"{rng.choice(DRUGS)} {some(9)}"
    hybrid = Request(text=short)
    return {
        "hybrid, 3 words": hybrid,
        "hybrid, 10 words": Request(text=long),
        "hybrid, a drug": Request(text=rng.choice(DRUGS)),
        "hybrid, a phrase": Request(text=f'"{rng.choice(PHRASES)}" {some(2)}'),
        **{f"hybrid, filter of {k}": replace(hybrid, filters=f) for k, f in FILTERS.items()},
        "keyword, 3 words": replace(hybrid, mode="keyword"),
        "keyword, 10 words": Request(text=long, mode="keyword"),
        "semantic, 3 words": replace(hybrid, mode="semantic"),
        "semantic, filter of 2 %": replace(hybrid, mode="semantic", filters=FILTERS["2 %"]),
        "browse": Request(),
        "browse, filter of 40 %": Request(filters=FILTERS["40 %"]),
    }


def timed(index: Index, embedder: Embedder, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each search, by kind."""
    rng = random.Random(5)  # noqa: S311 - no secret
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for kind, request in kinds(rng).items():
            began = time.perf_counter()
            search(index.current(), request, embedder)
            found.setdefault(kind, []).append(1000 * (time.perf_counter() - began))
    return found


def memory() -> dict[str, int]:
    """MB of this process that are its own and that are mapped files."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    pairs = (line.split(":", 1) for line in lines)
    return {k: int(v.split()[0]) // 1000 for k, v in pairs if k in {"RssAnon", "RssFile"}}


def report(folder: Path, embedder: Embedder, rounds: int) -> Iterator[str]:
    """The section's lines."""
    embedder.embed_query("warm")
    began = time.perf_counter()
    index = EmbeddedIndex(folder)
    first = search(index.current(), Request(text="norco"), embedder)
    opened = time.perf_counter() - began
    whole = search(index.current(), Request(), embedder)
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    count = whole.total.matches
    yield (
        f"{count:,} synthetic decisions, {size / count:,.0f} bytes each on disk; open to first "
        f"answer {opened:.2f} s ({first.total.matches:,} matches); {rounds} rounds in turns.\n"
    )
    timed(index, embedder, 3)
    yield "| search | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|"
    for kind, found in timed(index, embedder, rounds).items():
        p50, p95, p99 = np.percentile(found, [50, 95, 99])
        yield f"| {kind} | {p50:.1f} | {p95:.1f} | {p99:.1f} |"
    for kind, filters in FILTERS.items():
        left = search(index.current(), Request(filters=filters), embedder).total.matches
        yield f"\nThe filter called {kind} leaves {left / count:.2%}."
    held = memory()
    yield f"\nMemory after it: {held['RssAnon']} MB own, {held['RssFile']} MB of mapped files."


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description="Time searches.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    files = model_files.fetch(model_files.BGE_SMALL, settings.load())
    lines = []
    for line in report(given.folder, OnnxEmbedder(files), given.rounds):
        lines.append(line)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    put(f"Searching {lines[0].split(' ')[0]} decisions", lines)


if __name__ == "__main__":
    main()
