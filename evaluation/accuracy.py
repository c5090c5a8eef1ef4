"""Scores the parser against facts labelled by reading, and writes docs/accuracy.md.

    python -m evaluation.accuracy --letters DIR

Labels were made before the rules. Letters whose case number's SHA-256 begins with 4 to 9 were at
hand while rules were written, those with a to f were not looked at, and those with 0 to 3 were set
aside by everyone until the rules were done.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imr.letters.parse import parse
from imr.model import Citation, Decision, Determination
from imr.taken import spelled

LABELS = Path("tests/labels")
REPORT = Path("docs/accuracy.md")
SEEN_BY_ACCIDENT = "CM16-0213037"
"""A letter of the held-back half that was read before the halves were made; it counts as seen."""

HALVES = {
    "seen": "the half rules were written with",
    "held": "the half held back",
    "last": "the letters set aside until the rules were done",
}
ITEMS = {
    "drugs",
    "body parts",
    "levels",
    "administrator's guidelines",
    "administrator's sections",
    "reviewer's guidelines",
    "reviewer's sections",
}
"""Facts of which a decision may have several: counted one by one, too."""

Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class Checked:
    """One fact of one letter or decision: where it stands, what was found, what is labelled."""

    half: str
    place: str
    fact: str
    found: object
    labelled: object

    @property
    def right(self) -> bool:
        """Whether both agree."""
        return self.found == self.labelled


def half_of(case_number: str) -> str:
    """Which of `HALVES` a letter is in."""
    first = hashlib.sha256(case_number.encode()).hexdigest()[0]
    if first in "0123":
        return "last"
    return "seen" if first in "456789" or case_number == SEEN_BY_ACCIDENT else "held"


def check(letters: Path, halves: Collection[str], labels: Path = LABELS) -> Iterator[Checked]:
    """Every labelled fact beside what the parser finds in the letter of that case number."""
    for path in sorted(labels.glob("CM*.json")):
        half = half_of(path.stem)
        letter = letters / f"{path.stem}.pdf"
        if half not in halves or not letter.exists():
            continue
        labelled = json.loads(path.read_text(encoding="utf-8"))
        found = parse(letter.read_bytes(), letter.name)
        yield from _letter(half, found, labelled)
        for number, wanted in enumerate(labelled["decisions"]):
            place = f"{path.stem}.{number + 1}"
            decision = found.decisions[number] if number < len(found.decisions) else None
            yield from _pairs(half, place, _of_decision(decision), _labelled(wanted))


def _letter(half: str, found: Determination, labelled: Mapping[str, Any]) -> Iterator[Checked]:
    dates = {k: str(v) if v else None for k, v in found.dates.model_dump().items()}
    ours: Facts = {f"date: {name.replace('_', ' ')}": value for name, value in dates.items()}
    theirs: Facts = {f"date: {k.replace('_', ' ')}": v for k, v in labelled["dates"].items()}
    ours |= {
        "priority": found.priority,
        "licensure states": list(found.reviewer.licensure_states),
        "specialties": list(found.reviewer.specialties),
        "age": found.patient.age,
        "sex": found.patient.sex,
        "summary": _digest(found.clinical_summary),
        "number of decisions": len(found.decisions),
    }
    theirs |= {
        "priority": labelled["priority"],
        "licensure states": labelled["reviewer"]["licensure_states"],
        "specialties": labelled["reviewer"]["specialties"],
        "age": labelled["patient"]["age"],
        "sex": labelled["patient"]["sex"],
        "summary": labelled["summary_sha256"],
        "number of decisions": len(labelled["decisions"]),
    }
    yield from _pairs(half, found.id, ours, theirs)


def _pairs(half: str, place: str, ours: Facts, theirs: Facts) -> Iterator[Checked]:
    for fact, labelled in theirs.items():
        yield Checked(half, place, fact, ours.get(fact), labelled)


def _of_decision(found: Decision | None) -> Facts:
    if found is None:
        return {}
    return {
        "request": _digest(found.request),
        "outcome": found.outcome,
        "category": found.category,
        "drugs": sorted(found.drugs),
        "body parts": sorted(found.body_parts),
        "side": found.side,
        "levels": sorted(found.levels),
        "quantity": found.quantity,
        "rationale": _digest(found.rationale),
        **_guidelines("administrator's", _as_labels(found.administrator_guidelines)),
        **_guidelines("reviewer's", _as_labels(found.reviewer_guidelines)),
    }


def _labelled(wanted: Mapping[str, Any]) -> Facts:
    return {
        "request": wanted["request_sha256"],
        "outcome": wanted["outcome"],
        "category": wanted["category"],
        "drugs": sorted(wanted["drugs"]),
        "body parts": sorted(wanted["body_parts"]),
        "side": wanted["side"],
        "levels": sorted(wanted["levels"]),
        "quantity": wanted["quantity"],
        "rationale": wanted["rationale_sha256"],
        **_guidelines("administrator's", wanted["administrator_guidelines"]),
        **_guidelines("reviewer's", wanted["reviewer_guidelines"]),
    }


def _as_labels(citations: Iterable[Citation]) -> list[Mapping[str, Any]]:
    return [citation.model_dump() for citation in citations]


def _guidelines(whose: str, citations: Iterable[Mapping[str, Any]]) -> Facts:
    """Source and document, and each section under them, whatever their capitals and "&"."""
    named = [(spelled(f"{c['source']}: {c['document'] or '-'}"), c) for c in citations]
    return {
        f"{whose} guidelines": sorted({name for name, _ in named}),
        f"{whose} sections": sorted(
            {f"{name} \u00b7 {spelled(section)}" for name, c in named for section in c["sections"]}
        ),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def main() -> None:
    """Write the report and say how many facts are right."""
    from evaluation.accuracy_report import report  # noqa: PLC0415 - it needs this module

    parser = argparse.ArgumentParser(description="Score the parser against the labels.")
    parser.add_argument("--letters", type=Path, default=Path("../shared/determinations/pdf"))
    parser.add_argument("--report", type=Path, default=REPORT)
    parser.add_argument("--half", action="append", choices=HALVES, help="default: all")
    given = parser.parse_args()
    checked = list(check(given.letters, given.half or HALVES))
    if not checked:
        sys.exit("no labelled letter is at hand: name their folder with --letters")
    given.report.write_text("\n".join(report(checked)).rstrip() + "\n", encoding="utf-8")
    wrong = sum(not each.right for each in checked)
    sys.stdout.write(
        f"{len(checked) - wrong} of {len(checked)} facts right; wrote {given.report}\n"
    )


if __name__ == "__main__":
    main()
