"""`make bench`: synthetic indexes of growing size, and how fast, how small and how right they are.

    python -m benchmarks.bench [--folder bench] [--sizes 10000,100000,1000000] [--rounds 40]

Builds the indexes that the folder does not hold yet, measures each in a process of its own, and
writes its sections of docs/performance.md. A million takes some 6 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.corpus import told
from benchmarks.report import put

SIZES = (10_000, 100_000, 1_000_000)
PLOT = 40
TRIED = Path(__file__).with_name("tried.md")
TARGETS = {
    (100_000, "hybrid"): 12, (1_000_000, "hybrid"): 50, (1_000_000, "keyword"): 20,
    (1_000_000, "semantic"): 30, (1_000_000, "browse"): 15, (1_000_000, "suggest"): 5,
}  # fmt: skip
"""Milliseconds that 95 of 100 searches of a size and mode should take at most."""
Measured = dict[str, Any]


def index(folder: Path, decisions: int) -> Path:
    """The index of that size, built if need be."""
    where = folder / str(decisions)
    if not told(where).exists():
        folder.mkdir(parents=True, exist_ok=True)
        _run("benchmarks.corpus", str(where), "--decisions", str(decisions))
    return where


def _run(module: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def measured(where: Path, rounds: int) -> Measured:
    """What `benchmarks.search` and the build tell of an index."""
    found: Measured = json.loads(_run("benchmarks.search", str(where), "--rounds", str(rounds)))
    return found | {"built": json.loads(told(where).read_text("ascii")), "http": http(where)}


def http(where: Path) -> float:
    """Milliseconds that the HTTP door adds to an answer, at the median."""
    imr = Path(sys.executable).with_name("imr")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"http://127.0.0.1:{port}/v1/search?q=functional+improvement"
    serve = [str(imr), "serve", "--index", str(where), "--port", port]
    added = []
    with subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(60):
                began = time.perf_counter()
                answer = _asked(address)
                if answer is None:
                    time.sleep(0.5)
                    continue
                added.append(1000 * (time.perf_counter() - began) - answer["took_ms"])
        finally:
            server.terminate()
    return statistics.median(added[3:]) if len(added) > 10 else float("nan")


def _asked(address: str) -> Measured | None:
    try:
        with urlopen(address, timeout=30) as answer:  # noqa: S310 - loopback
            found: Measured = json.load(answer)
            return found
    except URLError:
        return None


def cold_command(where: Path) -> tuple[float, float]:
    """Seconds, and of the processor, of one `imr search`; the least of several."""
    imr = Path(sys.executable).with_name("imr")
    runs = []
    for _ in range(5):
        before, began = os.times(), time.perf_counter()
        subprocess.run(
            [imr, "search", "norco functional improvement", "--index", where],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        after = os.times()
        used = after.children_user + after.children_system
        used -= before.children_user + before.children_system
        runs.append((time.perf_counter() - began, used))
    return min(runs)


def page(found: Measured) -> Iterator[str]:
    """The section of one size."""
    count, sizes = found["decisions"], found["sizes"]
    beyond = sum(sizes.values()) - sizes["stored text"]
    yield (
        f"{count:,} synthetic decisions. Open to first answer {found['warm open']:.2f} s, with "
        f"nothing of it in memory {found['cold open']:.2f} s. "
        f"The machine's load was {found['load']:.1f} just then; to embed one query took "
        f"{found['yardstick'][0]:.0f} ms before the warm searches and "
        f"{found['yardstick'][1]:.0f} behind them.\n"
    )
    yield "| search | p50 ms | p95 ms | p99 ms | processor ms, p50 | first, cold ms |"
    yield "|---|---|---|---|---|---|"
    for kind, (p50, p95, p99) in found["wall"].items():
        first = found["first"][kind][0]
        core = found["core"][kind]
        missed = " (missed)" if p95 > _target(count, kind) else ""
        yield f"| {kind} | {p50:.1f} | {p95:.1f}{missed} | {p99:.1f} | {core:.1f} | {first:.0f} |"
    yield "\n| filter | is | leaves | recall of the 200 nearest, mean | least |"
    yield "|---|---|---|---|---|"
    shares = {kind: (f"{f}={v}", left) for kind, (f, v, left) in found["filters"].items()}
    for kind, (mean, least) in found["recall"].items():
        named, left = shares.get(kind, ("", 1.0))
        yield f"| {kind} | {named} | {left:.2%} | {mean:.4f} | {least:.3f} |"
    yield "\n| on disk | bytes a decision |\n|---|---|"
    for kind, size in sorted(sizes.items(), key=lambda each: -each[1]):
        yield f"| {kind} | {size / count:,.0f} |"
    yield f"| all but stored text | {beyond / count:,.0f} |"
    memory = found["memory"]
    yield (
        f"\nMemory after it: {memory['RssAnon']} MB own, {memory['RssFile']} MB of mapped files. "
        f"HTTP adds {found['http']:.1f} ms at the median."
    )


def _target(count: int, kind: str) -> float:
    size = min(SIZES, key=lambda each: abs(each - count))
    return TARGETS.get((size, kind.split(",", maxsplit=1)[0]), float("inf"))


def growth(pages: Sequence[Measured], where: Path) -> Iterator[str]:
    """Sizes side by side."""
    yield (
        "Synthetic letters (`samples/`), 1.1 passages and one vector of facts a decision; vectors "
        f"are synthesised, see benchmarks/corpus.py. {os.cpu_count()} cores, shared with other "
        "programs: beside the time that passed stands the processor's.\n"
    )
    yield "| decisions | built a second | processor ms each | of it lists, s | bytes each |"
    yield "|---|---|---|---|---|"
    for each in pages:
        built, count = each["built"], each["decisions"]
        yield (
            f"| {count:,} | {count / built['seconds']:,.0f} "
            f"| {1000 * built['core_seconds'] / count:.2f} | {built['lists_seconds']:.0f} "
            f"| {sum(each['sizes'].values()) / count:,.0f} |"
        )
    for measure, told_as in (("core", "processor's time"), ("wall", "time that passed")):
        yield f"\nGrowth, {told_as} at the median, ms:\n\n```"
        for kind in ("hybrid, 3 words", "keyword, 3 words", "semantic, 3 words", "browse"):
            yield from _bars(kind, [(e["decisions"], _p50(e[measure][kind])) for e in pages])
        yield "```"
    wall, core = cold_command(where)
    yield (
        f"\n`imr search` from a cold start on 1,000 letters: {wall:.2f} s ({core:.2f} s of "
        "processors), the least of five."
    )


def _p50(found: float | list[float]) -> float:
    return found[0] if isinstance(found, list) else found


def _bars(kind: str, rows: Sequence[tuple[int, float]]) -> Iterator[str]:
    most = max(value for _, value in rows)
    for count, value in rows:
        yield f"{kind:18} {count:>9,} {value:7.1f} {'#' * round(PLOT * value / most)}"


def main() -> None:
    """Build what is missing, measure, write."""
    parser = argparse.ArgumentParser(description="Measure growing indexes.")
    parser.add_argument("--folder", type=Path, default=Path("bench"))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    pages = []
    for size in map(int, given.sizes.split(",")):
        pages.append(measured(index(given.folder, size), given.rounds))
        lines = list(page(pages[-1]))
        put(f"Searching {size:,} decisions", lines)
        sys.stdout.write("\n".join(lines) + "\n")
    put("Growth", list(growth(pages, index(given.folder, 2_100))))
    put("What profiles showed, and what was tried", [TRIED.read_text("utf-8").rstrip()])


if __name__ == "__main__":
    main()
