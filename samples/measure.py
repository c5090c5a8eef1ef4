"""How like real letters synthetic ones are: counts of both, as the table of docs/samples.md.

`python -m samples.measure LETTERS docs/samples.md` reads a folder of real letters (PDF), measures
them and as many synthetic ones, and writes the table anew. Of a letter nothing but counts is kept.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from imr.letters.parse import parse
from imr.text.passages import sentences
from samples.records import stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imr.model import Determination

WORD = re.compile(r"[a-z0-9]+(?:[./'-][a-z0-9]+)*")
MARK = "<!-- measured -->"
SEED = 17
DRAWS = 10
"""Synthetic samples that a figure is the mean of, each with as many letters as are real."""
TYPES_AT = (10_000, 20_000, 40_000)
RANKS = (10, 1000)
"""Between which ranks the slope of word frequencies is taken (log over log, least squares)."""
PLURAL = {"rationale": "rationales", "summary": "summaries"}
PLACES = (10, 25, 50, 75, 90)


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table; `shown` is how its values are written."""

    name: str
    value: float
    shown: str = ".0f"


def measure(letters: Sequence[Determination]) -> list[Figure]:
    """All figures of a set of letters."""
    decisions = [decision for letter in letters for decision in letter.decisions]
    sizes = [len(letter.decisions) for letter in letters]
    overturned = fmean(decision.outcome == "overturned" for decision in decisions)
    return [
        Figure("decisions a letter, mean", fmean(sizes), ".2f"),
        Figure("letters with one decision, %", 100 * fmean(size == 1 for size in sizes)),
        Figure("letters with five or more, %", 100 * fmean(size > 4 for size in sizes), ".1f"),
        Figure("overturned, %", 100 * overturned, ".1f"),
        *_lengths("rationale", [decision.rationale for decision in decisions]),
        *_lengths("summary", [letter.clinical_summary for letter in letters]),
        *_repeated(letters),
        *_vocabulary(letters),
    ]


def _lengths(name: str, texts: Sequence[str]) -> Iterator[Figure]:
    words = sorted(len(text.split()) for text in texts)
    cut = [text[start:end] for text in texts for start, end in sentences(text)]
    yield Figure(f"words of a {name}, mean", fmean(words))
    for place in PLACES:
        yield Figure(
            f"— {place} % of {PLURAL[name]} have at most", words[len(words) * place // 100]
        )
    yield Figure(f"sentences of a {name}, mean", len(cut) / len(texts), ".1f")
    yield Figure(f"words of a sentence ({name}), mean", fmean(len(s.split()) for s in cut), ".1f")


def _repeated(letters: Sequence[Determination]) -> Iterator[Figure]:
    """How many of all sentences of rationales stand elsewhere again, word for word."""
    seen = Counter[str]()
    inside: dict[str, set[str]] = {}
    for letter in letters:
        for decision in letter.decisions:
            for start, end in sentences(decision.rationale):
                words = " ".join(WORD.findall(decision.rationale[start:end].lower()))
                seen[words] += 1
                inside.setdefault(words, set()).add(letter.id)
    again = sum(n for n in seen.values() if n > 1)
    elsewhere = sum(n for words, n in seen.items() if len(inside[words]) > 1)
    yield Figure("sentences of rationales found twice or more, %", 100 * again / seen.total())
    yield Figure("— in two letters or more, %", 100 * elsewhere / seen.total())


def _words(letter: Determination) -> Iterator[str]:
    yield from WORD.findall(letter.clinical_summary.lower())
    for decision in letter.decisions:
        cited = (*decision.administrator_guidelines, *decision.reviewer_guidelines)
        for text in (decision.request, *(citation.cited for citation in cited), decision.rationale):
            yield from WORD.findall(text.lower())


def _vocabulary(letters: Sequence[Determination]) -> Iterator[Figure]:
    """Heaps' law as types at so many words, Zipf's as the slope of frequency over rank."""
    words = [word for letter in letters for word in _words(letter)]
    for at in TYPES_AT:
        if len(words) >= at:
            yield Figure(f"different words among {at:,}", len(set(words[:at])))
    counts = Counter(words)
    yield Figure("slope of word frequencies (Zipf)", _slope(list(counts.values())), ".2f")
    most = sum(n for _, n in counts.most_common(100))
    yield Figure("the 100 most frequent words' share, %", 100 * most / len(words))
    yield Figure("numbers among words, %", 100 * fmean(not w.isalpha() for w in words), ".1f")


def _slope(counts: list[int]) -> float:
    """Least squares through log frequency over log rank, between two ranks."""
    ranked = sorted(counts, reverse=True)[: RANKS[1]]
    points = [(log(rank), log(n)) for rank, n in enumerate(ranked, 1) if rank >= RANKS[0]]
    mean_x, mean_y = fmean(x for x, _ in points), fmean(y for _, y in points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)


def synthetic(size: int) -> list[Figure]:
    """The figures of samples of this many letters, averaged."""
    letters = stream(SEED)
    draws = [measure([next(letters) for _ in range(size)]) for _ in range(DRAWS)]
    values: dict[str, list[Figure]] = {}
    for draw in draws:
        for figure in draw:
            values.setdefault(figure.name, []).append(figure)
    return [
        Figure(name, fmean(figure.value for figure in row), row[0].shown)
        for name, row in values.items()
    ]


def table(real: Sequence[Figure], made: Sequence[Figure]) -> str:
    """Both side by side, in Markdown."""
    lines = ["| | real | synthetic | ratio |", "|---|---:|---:|---:|"]
    found = {figure.name: figure for figure in made}
    for theirs in real:
        ours = found.get(theirs.name)
        if ours is None:
            continue
        cells = (f"{figure.value:{figure.shown}}" for figure in (theirs, ours))
        lines.append(f"| {ours.name} | {' | '.join(cells)} | {ours.value / theirs.value:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and write the table between the marks of a document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("letters", type=Path, help="a folder of real letters (PDF)")
    parser.add_argument("document", type=Path, help="holds the table between two marks")
    asked = parser.parse_args()
    letters = [parse(path.read_bytes(), path.name) for path in sorted(asked.letters.glob("*.pdf"))]
    shown = table(measure(letters), synthetic(len(letters)))
    before, _, rest = asked.document.read_text("utf-8").partition(MARK)
    after = rest.rpartition(MARK)[2]
    asked.document.write_text(f"{before}{MARK}\n{shown}\n{MARK}{after}", "utf-8")


if __name__ == "__main__":
    main()
