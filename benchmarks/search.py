"""Times searches over one index made by `benchmarks.corpus`; prints what it measured as JSON.

    python -m benchmarks.search INDEX [--rounds 40]

Kinds of search are asked in turns, so that a busy machine slows all alike, with other words each
time. Whole answers are timed, in process: the query's text to the response, its embedding and
twelve facets included. Beside the time that passed stands the processor's, which other programs on
the machine change less. `benchmarks.bench` makes pages of it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recall import recall
from imr import fields, settings
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.protocol import Engine, Index
from imr.search.request import Request
from imr.search.run import search
from imr.search.suggest import Suggester
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
TYPED = ("nor", "gabap", "physical the", "low b", "chronic pa", "gabpentin", "CM16-00", "ortho")
SHARES = {"40 %": 0.4, "2 %": 0.02, "0.1 %": 0.001}
Filters = Mapping[str, tuple[tuple[str, str], ...]]
FILTERS: Filters = {
    "40 %": (("category", "medication"),),
    "2 %": (("drug", "hydrocodone"), ("outcome", "overturned")),
    "0.1 %": (("drug", "hydrocodone"), ("outcome", "overturned"), ("year", "2016")),
}


def near(engine: Engine, decisions: int) -> Filters:
    """For each share the one value of any field that leaves the share nearest to it."""
    counts = engine.value_counts([f.name for f in fields.FILTERED if f.type == "keyword"])
    left = {(name, v): n / decisions for name, of in counts.items() for v, n in of.items()}
    return {
        kind: (min(left, key=lambda each: abs(np.log(left[each] / share))),)
        for kind, share in SHARES.items()
    }


def kinds(rng: random.Random, filters: Filters = FILTERS) -> dict[str, Request]:
    """One request of each kind, with words of this round."""

    def some(count: int) -> str:
        return " ".join(rng.sample(WORDS, count))

    short, long = some(3), f"{rng.choice(DRUGS)} {some(9)}"
    hybrid = Request(text=short)
    day = f"2013-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return {
        "hybrid, 3 words": hybrid,
        "hybrid, 10 words": Request(text=long),
        "hybrid, a drug": Request(text=rng.choice(DRUGS)),
        "hybrid, a phrase": Request(text=f'"{rng.choice(PHRASES)}" {some(2)}'),
        # other words each, as the vector of a query is kept for its next page or filter
        **{f"hybrid, filter of {k}": Request(some(3), filters=f) for k, f in filters.items()},
        "hybrid, the next page": replace(hybrid, page=2),
        "keyword, 3 words": Request(some(3), mode="keyword"),
        "keyword, 10 words": Request(f"{rng.choice(DRUGS)} {some(9)}", mode="keyword"),
        "semantic, 3 words": Request(some(3), mode="semantic"),
        "semantic, filter of 2 %": Request(some(3), mode="semantic", filters=filters["2 %"]),
        "browse": Request(),
        # and another day each, as counts are kept
        "browse, filter of 40 %": Request(filters=(*filters["40 %"], ("decided.min", day))),
    }


def timed(
    index: Index,
    embedder: Embedder,
    rounds: int,
    filters: Filters = FILTERS,
    took: Callable[[], float] = time.perf_counter,
    seed: int = 5,
) -> dict[str, list[float]]:
    """Milliseconds of each search, by kind; `seed` chooses the words."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    suggest = Suggester()
    found: dict[str, list[float]] = {}
    for number in range(rounds):
        for kind, request in kinds(rng, filters).items():
            began = took()
            search(index.current(), request, embedder)
            found.setdefault(kind, []).append(1000 * (took() - began))
        began = took()
        suggest(index.current(), TYPED[number % len(TYPED)])
        found.setdefault("suggest", []).append(1000 * (took() - began))
    return found


def yardstick(embedder: Embedder) -> float:
    """Milliseconds to embed one query, at the median: how quick the machine is just now."""
    took = []
    for number in range(20):
        began = time.perf_counter()
        embedder.embed_query(f"functional improvement {began} {number}")
        took.append(1000 * (time.perf_counter() - began))
    return float(np.median(took))


def memory() -> dict[str, int]:
    """MB of this process that are its own and that are mapped files."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    pairs = (line.split(":", 1) for line in lines)
    return {k: int(v.split()[0]) // 1000 for k, v in pairs if k in {"RssAnon", "RssFile"}}


def forget(folder: Path) -> None:
    """Ask the system to drop the index's files from memory."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def sizes(folder: Path) -> dict[str, int]:
    """Bytes on disk by what they hold."""
    kept: dict[str, int] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            kept[_holds(path)] = kept.get(_holds(path), 0) + path.stat().st_size
    return kept


def _holds(path: Path) -> str:
    if path.parent.name == "text":
        return "stored text" if path.suffix == ".store" else "words"
    if path.parent.name == "vectors":
        return "lists of vectors" if ".lists-" in path.name else "vectors"
    return path.parent.name if path.parent.name == "columns" else "other"


def measured(folder: Path, embedder: Embedder, rounds: int) -> Iterator[tuple[str, Any]]:
    """What there is to tell of an index."""
    embedder.embed_query("warm")
    search_one = Request(text="norco functional improvement")
    forget(folder)
    for name in ("cold", "warm"):
        began = time.perf_counter()
        index = EmbeddedIndex(folder)
        search(index.current(), search_one, embedder)
        yield f"{name} open", time.perf_counter() - began
    engine = index.current()
    count = search(engine, Request(), embedder).total.matches
    yield "decisions", count
    filters = near(engine, count)
    yield (
        "filters",
        {
            kind: [f, v, search(engine, Request(filters=((f, v),)), embedder).total.matches / count]
            for kind, ((f, v),) in filters.items()
        },
    )
    forget(folder)
    yield "first", timed(EmbeddedIndex(folder), embedder, 1, filters)
    timed(index, embedder, 3, filters, seed=6)
    clocks = []
    before = yardstick(embedder)

    def both() -> float:
        clocks.append(time.process_time())
        return time.perf_counter()

    wall = timed(index, embedder, rounds, filters, both)
    core = [1000 * (end - start) for start, end in zip(*[iter(clocks)] * 2, strict=True)]
    yield "yardstick", (before, yardstick(embedder))
    yield "wall", {k: np.percentile(of, [50, 95, 99]).tolist() for k, of in wall.items()}
    yield "core", {k: float(np.median(core[at :: len(wall)])) for at, k in enumerate(wall)}
    yield "memory", memory()
    yield "sizes", sizes(folder)
    yield "recall", recall(engine, embedder, filters)
    yield "load", os.getloadavg()[0]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time searches.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    files = model_files.fetch(model_files.BGE_SMALL, settings.load())
    found = dict(measured(given.folder, OnnxEmbedder(files), given.rounds))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
