"""How many letters a second one core reads, and where the time goes; see docs/performance.md.

    python -m benchmarks.letters [--letters DIR]

Each kind of letter is read in several rounds, taken in turns, so that a busy machine slows all of
them alike; the middle round is told. Letters are held in memory: the disk is not measured.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.report import put
from imr.letters import annotate, clean, decisions, facts, header, parse, read, sections
from samples.write import write_letters

ROUNDS = 5
SYNTHETIC = 300
Letter = tuple[str, bytes]

STAGES: tuple[tuple[str, object, str], ...] = (
    ("reading the PDF or text", read, "read"),
    ("page furniture and wraps", clean, "clean"),
    ("sections", sections, "find"),
    ("decisions", decisions, "find"),
    ("header", header, "fields"),
    ("tags of the request", annotate, "request"),
    ("conditions in the summary", annotate, "patient"),
    ("citations", facts, "_cited"),
    ("reasons", facts, "_reasons"),
)
"""What is timed by itself: (label, the module that calls it by this name, the name)."""


def kinds(folder: Path | None) -> Iterator[tuple[str, list[Letter]]]:
    """The letters of each kind that is at hand."""
    with tempfile.TemporaryDirectory() as scratch:
        write_letters(Path(scratch), SYNTHETIC)
        for kind, ending in (("synthetic, text", "txt"), ("synthetic, PDF", "pdf")):
            yield kind, _read(Path(scratch).rglob(f"*.{ending}"))
    if folder is not None:
        real = _read(folder.glob("*.pdf"))
        yield "real, PDF", real
        texts = [(name, parse.parse(data, name).text.encode()) for name, data in real]
        yield "real, as cleaned text", texts


def _read(paths: Iterable[Path]) -> list[Letter]:
    return [(path.name, path.read_bytes()) for path in sorted(paths)]


def rate(letters: Sequence[Letter]) -> float:
    """Letters a second of a core through parse and tags, whatever else the machine does."""
    began = time.process_time()
    for name, data in letters:
        parse.parse(data, name)
    return len(letters) / (time.process_time() - began)


class Clock:
    """Adds up the time a function takes, wherever it is called from."""

    def __init__(self, module: object, name: str) -> None:
        self.seconds = 0.0
        self._place = module, name
        self._timed: Callable[..., object] = getattr(module, name)
        setattr(module, name, self)

    def __call__(self, *given: object, **named: object) -> object:
        """The function itself, timed."""
        began = time.process_time()
        try:
            return self._timed(*given, **named)
        finally:
            self.seconds += time.process_time() - began

    def stop(self) -> None:
        """Give the function its own name back."""
        setattr(*self._place, self._timed)


def shares(letters: Sequence[Letter]) -> Iterator[tuple[str, float]]:
    """Milliseconds a letter by stage; what no stage claims is the rest."""
    clocks = [(label, Clock(module, name)) for label, module, name in STAGES]
    began = time.process_time()
    for name, data in letters:
        parse.parse(data, name)
    whole = time.process_time() - began
    for label, clock in clocks:
        clock.stop()
        yield label, 1000 * clock.seconds / len(letters)
    rest = whole - sum(clock.seconds for _, clock in clocks)
    yield "the rest (record, digests)", 1000 * rest / len(letters)


def report(folder: Path | None) -> Iterator[str]:
    """The section's lines."""
    at_hand = dict(kinds(folder))
    for letters in at_hand.values():
        rate(letters[:20])  # vocabularies are loaded before anything is timed
    rounds = [{kind: rate(letters) for kind, letters in at_hand.items()} for _ in range(ROUNDS)]
    yield (
        f"One process on one core ({os.cpu_count()} cores, {ROUNDS} rounds in turns, the middle "
        "one), through parse and tags, letters in memory; seconds are the core's:\n"
    )
    yield "| letters | number | mean size | letters a second | slowest and fastest round |"
    yield "|---|---|---|---|---|"
    for kind, letters in at_hand.items():
        rates = [each[kind] for each in rounds]
        size = sum(len(data) for _, data in letters) / len(letters) / 1000
        yield (
            f"| {kind} | {len(letters)} | {size:.0f} kB | {median(rates):,.0f} "
            f"| {min(rates):,.0f} to {max(rates):,.0f} |"
        )
    yield "\nWhere the time goes, milliseconds a letter:\n"
    profiles = {kind: dict(shares(letters)) for kind, letters in at_hand.items()}
    yield "| stage | " + " | ".join(profiles) + " |"
    yield "|---" * (len(profiles) + 1) + "|"
    for label in next(iter(profiles.values())):
        cells = (f"{profile[label]:.2f}" for profile in profiles.values())
        yield f"| {label} | " + " | ".join(cells) + " |"


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description="Time the reading of letters.")
    parser.add_argument("--letters", type=Path, help="folder of real letters, PDF")
    folder = parser.parse_args().letters
    lines = list(report(folder))
    put("Reading letters", lines)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
