"""Feeds the parser letters that went wrong, for as long as asked: `python -m tests.fuzz`.

A letter may give a record that holds together or be set aside with a reason. Whatever else comes of
one is printed with the seed that makes it again, and kept in a folder.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from imr.errors import (
    LetterCrashError,
    LetterError,
    LetterMemoryError,
    LetterTooSlowError,
    ParserFailedError,
)
from imr.letters.parse import parse
from imr.letters.pool import Pool
from imr.letters.pool_process import Limits, Result
from imr.model import Determination
from tests.mutations import MAKERS

SECONDS = 5.0
"""No letter of a megabyte may take longer, counted in the time its process is given."""
RARE = 50
WRONG = LetterCrashError | LetterMemoryError | LetterTooSlowError | ParserFailedError


@dataclass(frozen=True)
class Made:
    """A letter by the seed that makes it."""

    maker: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.maker}:{self.seed}"

    def read(self) -> bytes:
        return MAKERS[self.maker](Random(self.name))


def fault(result: Result) -> str | None:
    """What is wrong with what came of a letter; None if all is well."""
    if isinstance(result, WRONG):
        return str(result)
    if isinstance(result, Determination):
        return incoherence(result)
    return None


def incoherence(record: Determination) -> str | None:
    """Where a record contradicts itself."""
    if Determination.model_validate_json(record.model_dump_json()) != record:
        return "it does not come back from JSON"
    for decision in record.decisions:
        for name, (start, end) in decision.spans.items():
            if not 0 <= start < end <= len(record.text):
                return f"{decision.id}: {name} lies outside of the text"
        rationale = decision.spans.get("rationale")
        if decision.rationale != (record.text[slice(*rationale)] if rationale else ""):
            return f"{decision.id}: the rationale is not where it says"
    if not record.decisions:
        return "it has no decision"
    return None


def parsed(data: bytes) -> Determination | LetterError:
    """The record or the reason; any other exception is the parser's mistake and goes through."""
    try:
        return parse(data, "letter")
    except LetterError as error:
        return error


def timed(data: bytes, name: str) -> Determination:
    """The parser, which has failed if it took too long; for the pool."""
    began = time.process_time()
    try:
        return parse(data, name)
    finally:
        took = time.process_time() - began
        if took > SECONDS:
            raise LetterTooSlowError(f"{name}: {took:.1f} seconds")


def letters(makers: list[str], first: int, until: float) -> Iterator[Made]:
    """One of every kind in turn; of the long ones, which take as long as a thousand others, few."""
    seed = first
    while time.monotonic() < until:
        for maker in makers:
            if maker != "stretched" or seed % RARE == 0 or makers == [maker]:
                yield Made(maker, seed)
        seed += 1


def main() -> None:
    """Read the options, run, and leave with 1 if anything was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--first", type=int, default=0, help="the first seed")
    options.add_argument("--jobs", type=int)
    options.add_argument("--makers", nargs="*", choices=MAKERS, default=list(MAKERS))
    options.add_argument("--kept", type=Path, default=Path(".fuzz"), help="folder for findings")
    given = options.parse_args()
    counts: Counter[str] = Counter()
    found = 0
    until = time.monotonic() + 60 * given.minutes
    with Pool(given.jobs, Limits(seconds=20 * SECONDS), "tests.fuzz:timed") as pool:
        made = letters(given.makers, given.first, until)
        for letter, data, result in pool.parse_all(made):
            kind = "record" if isinstance(result, Determination) else result.code
            counts[f"{letter.maker} {kind}"] += 1
            if (wrong := fault(result)) is not None:
                found += 1
                given.kept.mkdir(exist_ok=True)
                (given.kept / letter.name.replace(":", "-")).write_bytes(data or b"")
                print(f"{letter.name}: {wrong}", flush=True)  # noqa: T201
    for kind, count in sorted(counts.items()):
        print(f"{count:>8,} {kind}")  # noqa: T201
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
