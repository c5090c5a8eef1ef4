"""Scores the reasons found in rationales against those labelled by reading.

    python -m evaluation.reasons --letters DIR --half seen

Of the half that rules were written with it shows every code and every difference; of the half held
back only totals, so that nobody learns from it what to change.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.accuracy import half_of
from imr.letters.parse import parse
from imr.precedents.interval import wilson

LABELS = Path("tests/labels/reasons")


@dataclass(frozen=True, slots=True)
class Scored:
    """The codes found in one decision, and those labelled."""

    place: str
    found: frozenset[str]
    labelled: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many codes were found rightly, found wrongly, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of the codes found that are labelled; 1 where none is found."""
        return self.right / found if (found := self.right + self.wrong) else 1.0

    @property
    def recall(self) -> float:
        """The share of the codes labelled that are found; 1 where none is labelled."""
        return self.right / labelled if (labelled := self.right + self.missed) else 1.0

    def __str__(self) -> str:
        precise = _interval(self.right, self.right + self.wrong)
        recalled = _interval(self.right, self.right + self.missed)
        return (
            f"{self.right} right, {self.wrong} wrong, {self.missed} missed: "
            f"precision {self.precision:.3f}{precise}, recall {self.recall:.3f}{recalled}"
        )


def _interval(right: int, of: int) -> str:
    """The 95 % interval of a share, as it is printed."""
    ends = wilson(right, of)
    return "" if ends is None else f" ({ends[0]:.3f} to {ends[1]:.3f})"


def score(letters: Path, half: str, labels: Path = LABELS) -> Iterator[Scored]:
    """Every labelled decision of a half whose letter is in the folder, as CASE.pdf.

    Raises:
        ValueError: a labelled decision that the letter does not have, or of another outcome.
    """
    for path in sorted(labels.glob("CM*.json")):
        letter = letters / f"{path.stem}.pdf"
        if half_of(path.stem) != half or not letter.exists():
            continue
        found = {each.number: each for each in parse(letter.read_bytes(), letter.name).decisions}
        for wanted in json.loads(path.read_text(encoding="utf-8"))["decisions"]:
            place = f"{path.stem}.{wanted['number']}"
            decision = found.get(wanted["number"])
            if decision is None or decision.outcome != wanted["outcome"]:
                raise ValueError(f"{path}: {place} is not as the letter has it: mend the label")
            yield Scored(
                place,
                frozenset(reason.code for reason in decision.reasons),
                frozenset(reason["code"] for reason in wanted["reasons"]),
            )


def count(scored: Sequence[Scored], code: str | None = None) -> Counts:
    """Over all codes of all decisions (micro-averaged), or over one code."""

    def total(sets: Iterator[frozenset[str]]) -> int:
        return sum(len(each if code is None else each & {code}) for each in sets)

    return Counts(
        right=total(each.found & each.labelled for each in scored),
        wrong=total(each.found - each.labelled for each in scored),
        missed=total(each.labelled - each.found for each in scored),
    )


def report(scored: Sequence[Scored], half: str) -> Iterator[str]:
    """Totals, and for the half that may be read every code and difference."""
    yield f"{half}: {len(scored)} decisions, {count(scored)}"
    if half != "seen":
        return
    for code in sorted(frozenset[str]().union(*(each.found | each.labelled for each in scored))):
        yield f"  {code}: {count(scored, code)}"
    for each in scored:
        for word, codes in (
            ("wrong", each.found - each.labelled),
            ("missed", each.labelled - each.found),
        ):
            if codes:
                yield f"  {each.place}: {word} {', '.join(sorted(codes))}"


def main() -> None:
    """Print the scores of one half."""
    parser = argparse.ArgumentParser(description="Score the reasons found against the labels.")
    parser.add_argument("--letters", type=Path, default=Path("../shared/determinations/pdf"))
    parser.add_argument("--half", choices=("seen", "held"), default="seen")
    arguments = parser.parse_args()
    scored = list(score(arguments.letters, arguments.half))
    if not scored:
        sys.exit("no labelled letter of this half is at hand: name their folder with --letters")
    sys.stdout.write("\n".join(report(scored, arguments.half)) + "\n")


if __name__ == "__main__":
    main()
