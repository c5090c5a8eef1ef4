"""Measures the cluster beside the embedded engine, and reckons what all decisions would need.

    python -m benchmarks.scale --url URL --decisions 100000 [--work DIR]

The same synthetic decisions (see `benchmarks.corpus`) go into both engines; each kind of search is
asked of both in turns. Writes docs/scaling.md between its marks. The machine should be idle. With
`--work` what was loaded stays, in that folder and on the cluster, for a later call; `--rounds 0`
only loads.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.corpus import fill, synthesised
from benchmarks.search import WORDS, kinds
from imr import settings
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.opensearch import dsl
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.engine import OpenSearchEngine
from imr.engines.opensearch.generations import Generations
from imr.engines.opensearch.index import OpenSearchIndex
from imr.engines.opensearch.writer import OpenSearchWriter
from imr.engines.protocol import Index
from imr.engines.signature import current
from imr.search.plan import Plan
from imr.search.run import search
from imr.settings import Access
from imr.text import model_files
from imr.text.embedding import Embedder
from imr.text.onnx_model import OnnxEmbedder

PAGE = Path("docs/scaling.md")
INDEX = "imr-scale"
ENGINES = ("embedded", "opensearch")
ROUNDS = 12
RECALLED = 20
"""Queries over which the nearest are compared with the exactly nearest."""
LEG = 200
SIZES = (5_000_000, 50_000_000)
"""Decisions of all of IMR since 2013, about, and ten times as many."""
SHARD_BYTES = 30e9
"""What a shard should hold at most, as OpenSearch's guides say (10 to 30 GB where searches are to
be quick)."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One engine's load."""

    decisions: int
    seconds: float
    bytes: int

    @property
    def each(self) -> float:
        """Bytes a decision."""
        return self.bytes / self.decisions


def load_embedded(folder: Path, decisions: int, embedder: Embedder) -> Loaded:
    """Into a folder, without the time to embed."""
    vectors = synthesised(embedder)
    began = time.perf_counter()
    with EmbeddedWriter(folder, current(embedder.spec)) as writer:
        count = fill(writer, decisions, *vectors).decisions
    seconds = time.perf_counter() - began
    return Loaded(count, seconds, sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()))


def load_cluster(cluster: Cluster, decisions: int, embedder: Embedder, shards: int) -> Loaded:
    """Into a new generation, merged into few segments and switched to at the end."""
    vectors = synthesised(embedder)
    began = time.perf_counter()
    with OpenSearchWriter(cluster, current(embedder.spec), "recreate", shards=shards) as writer:
        count = fill(writer, decisions, *vectors).decisions
    seconds = time.perf_counter() - began
    live = next(each for each in Generations(cluster).listed() if each.state == "live")
    return Loaded(count, seconds, live.bytes)


def timed(
    engines: dict[str, Index], embedders: dict[str, Embedder], rounds: int, seed: int = 5
) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of whole answers, by kind and engine; the engines in turns.

    Each engine has an embedder of its own, since those keep the last queries' vectors.
    """
    rng = random.Random(seed)  # noqa: S311 - no secret
    found: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for kind, request in kinds(rng).items():
            for name, index in engines.items():
                began = time.perf_counter()
                search(index.current(), request, embedders[name])
                took = 1000 * (time.perf_counter() - began)
                found.setdefault(kind, {}).setdefault(name, []).append(took)
    return found


def recall(engines: dict[str, Index], cluster: Cluster, embedder: Embedder) -> dict[str, float]:
    """Share of the 200 exactly nearest decisions that each engine's leg brings."""
    rng = random.Random(6)  # noqa: S311 - no secret
    shares: dict[str, list[float]] = {name: [] for name in engines}
    exact = OpenSearchEngine(cluster)
    for _ in range(RECALLED):
        plan = Plan(vector=embedder.embed_query(" ".join(rng.sample(WORDS, 4))))
        true = {hit.id for hit in exact._hits(dsl.nearest_exactly(plan, LEG, "passages"))}  # noqa: SLF001
        for name, index in engines.items():
            got = {hit.id for hit in index.current().nearest(plan, LEG)}
            shares[name].append(len(true & got) / len(true))
    return {name: float(np.mean(of)) for name, of in shares.items()}


def heap(cluster: Cluster) -> tuple[float, float]:
    """GB of heap in use and at most, over the nodes."""
    nodes = cluster.connection.client.nodes.stats(metric="jvm")["nodes"].values()
    memory = [each["jvm"]["mem"] for each in nodes]
    used, most = (
        sum(m[k] for m in memory) / 1e9 for k in ("heap_used_in_bytes", "heap_max_in_bytes")
    )
    return used, most


def report(
    loads: dict[str, Loaded],
    times: dict[str, dict[str, list[float]]],
    recalls: dict[str, float],
    heaps: tuple[float, float],
) -> Iterator[str]:
    """The measured part of the page."""
    count = loads["opensearch"].decisions
    yield f"### {count:,} decisions\n"
    yield "| | embedded | opensearch |\n|---|---|---|"
    rows: dict[str, Callable[[Loaded], str]] = {
        "decisions loaded a second": lambda of: f"{of.decisions / of.seconds:,.0f}",
        "bytes a decision": lambda of: f"{of.each:,.0f}",
        "on disk": lambda of: f"{of.bytes / 1e9:.2f} GB",
    }
    for label, told in rows.items():
        yield f"| {label} | {told(loads['embedded'])} | {told(loads['opensearch'])} |"
    yield (
        f"| of the {LEG} nearest, found | {recalls['embedded']:.3f} | {recalls['opensearch']:.3f} |"
    )
    yield f"\nHeap of the node: {heaps[0]:.1f} of {heaps[1]:.1f} GB in use after it.\n"
    yield "| search, milliseconds p50 / p95 | embedded | opensearch |\n|---|---|---|"
    for kind, of in times.items():
        told_ms = ["{:.0f} / {:.0f}".format(*np.percentile(of[name], [50, 95])) for name in ENGINES]
        yield f"| {kind} | {' | '.join(told_ms)} |"


def reckoned(each: float, rate: float) -> Iterator[str]:
    """What more decisions need, from bytes a decision and decisions a second of one node."""
    yield "| | " + " | ".join(f"{size / 1e6:g} M decisions" for size in SIZES) + " |"
    yield "|---|" + "---|" * len(SIZES)
    passages, dimension = 1.1, 384
    rows: dict[str, Callable[[int], str]] = {
        "primary shards on disk": lambda n: f"{n * each / 1e9:,.0f} GB",
        "with one copy, and room for a rebuild beside": lambda n: f"{4 * n * each / 1e9:,.0f} GB",
        "shards of at most 30 GB": lambda n: f"{-(-n * each // SHARD_BYTES):,.0f}",
        "vectors (float32)": lambda n: f"{n * (passages + 1) * dimension * 4 / 1e9:,.0f} GB",
        "hours to load, by one node at this rate": lambda n: f"{n / rate / 3600:,.1f}",
    }
    for label, told in rows.items():
        yield f"| {label} | " + " | ".join(told(size) for size in SIZES) + " |"


def put(mark: str, lines: Sequence[str]) -> None:
    """Replace what stands between a mark and its end in the page."""
    text = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- end -->)", re.DOTALL)
    body = "\n".join(lines)
    PAGE.write_text(pattern.sub(lambda m: f"{m[1]}\n{body}\n\n{m[2]}", text), encoding="utf-8")


def main() -> None:
    """Load both, search both, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--work", type=Path)
    given = parser.parse_args()
    embedder = OnnxEmbedder(model_files.fetch(model_files.BGE_SMALL, settings.load()))
    cluster = Cluster(given.url, f"{INDEX}-{given.decisions}", Access(seconds=60))
    with tempfile.TemporaryDirectory() as scratch:
        work = given.work or Path(scratch)
        loads = loaded(work, cluster, given.decisions, embedder, given.shards)
        if given.rounds:
            lines = list(measured(work, cluster, embedder, loads, given.rounds))
            say("\n".join(lines))
            put(f"measured: {given.decisions}", lines)
            of = loads["opensearch"]
            put("reckoned", list(reckoned(of.each, of.decisions / of.seconds)))
    if given.work is None:
        Generations(cluster).delete()


def loaded(
    work: Path, cluster: Cluster, decisions: int, embedder: Embedder, shards: int
) -> dict[str, Loaded]:
    """Both engines' loads; those of a former call where `work` has them."""
    told = work / "loads.json"
    if told.exists():
        return {name: Loaded(**of) for name, of in json.loads(told.read_text("ascii")).items()}
    work.mkdir(parents=True, exist_ok=True)
    loads = {"opensearch": load_cluster(cluster, decisions, embedder, shards)}
    say(f"opensearch: {loads['opensearch']}")
    loads["embedded"] = load_embedded(work / "index", decisions, embedder)
    say(f"embedded: {loads['embedded']}")
    told.write_text(json.dumps({name: asdict(of) for name, of in loads.items()}), "ascii")
    return loads


def measured(
    work: Path, cluster: Cluster, embedder: Embedder, loads: dict[str, Loaded], rounds: int
) -> Iterator[str]:
    """The page's lines of one size."""
    engines: dict[str, Index] = {
        "embedded": EmbeddedIndex(work / "index"),
        "opensearch": OpenSearchIndex(cluster),
    }
    files = model_files.fetch(model_files.BGE_SMALL, settings.load())
    embedders: dict[str, Embedder] = {name: OnnxEmbedder(files) for name in engines}
    timed(engines, embedders, 2, seed=6)
    times = timed(engines, embedders, rounds)
    recalls = recall(engines, cluster, embedder)
    yield from report(loads, times, recalls, heap(cluster))


def say(text: str) -> None:
    """At once, with the machine's load beside it."""
    sys.stdout.write(f"[load {os.getloadavg()[0]:.1f}] {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
