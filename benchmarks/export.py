"""Times exports over an index made by `benchmarks.corpus`; see docs/performance.md.

    python -m benchmarks.export INDEX

Each format is written whole and thrown away, in a process of its own, so that its memory is told.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import put
from benchmarks.search import memory
from imr.engines.embedded.index import EmbeddedIndex
from imr.export.formats import FORMATS
from imr.export.run import export
from imr.search.request import Request

WANTED = 10
"""Seconds that 100,000 decisions may take."""


def one(folder: Path, name: str) -> str:
    """A row of the table."""
    engine = EmbeddedIndex(folder).current()
    began = time.perf_counter()
    made = export(engine, Request(), name)
    size = sum(map(len, made.pieces))
    seconds = time.perf_counter() - began
    own = memory()["RssAnon"]
    rate = made.decisions / seconds
    return (
        f"| {name} | {made.decisions:,} | {size / 1e6:.0f} | {seconds:.1f} | {rate:,.0f} | "
        f"{WANTED * made.decisions / 100_000:.0f} | {own} |"
    )


def measure(folder: Path) -> None:
    """Every format in turn; writes the section."""
    lines = [
        "| format | decisions | MB | seconds | a second | seconds wanted | own MB after it |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in FORMATS:
        command = [sys.executable, "-m", "benchmarks.export", str(folder), "--only", name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        lines.append(done.stdout.strip())
        sys.stdout.write(lines[-1] + "\n")
    put("Exporting all decisions", lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description="Time exports.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=sorted(FORMATS), help="Print one row.")
    given = parser.parse_args(arguments)
    if given.only:
        sys.stdout.write(one(given.folder, given.only) + "\n")
        return
    measure(given.folder)


if __name__ == "__main__":
    main()
