"""Scores the parser against facts labelled by reading, and writes docs/accuracy.md.

    python -m evaluation.accuracy --letters DIR

Labels were made before the rules. The half whose case number's SHA-256 begins with 4 to 9 was at
hand while rules were written, the half with a to f was not looked at.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imr.letters.parse import parse
from imr.model import Citation, Decision, Determination
from imr.precedents.outcomes import wilson

LABELS = Path("tests/labels")
REPORT = Path("docs/accuracy.md")
SEEN_BY_ACCIDENT = "CM16-0213037"
"""A letter of the held-back half that was read before the halves were made; it counts as seen."""

HALVES = {"seen": "the half rules were written with", "held": "the half held back"}

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


def half_of(case_number: str) -> str | None:
    """Which half a letter is in; None for those set aside."""
    first = hashlib.sha256(case_number.encode()).hexdigest()[0]
    if first in "0123":
        return None
    return "seen" if first in "456789" or case_number == SEEN_BY_ACCIDENT else "held"


def check(letters: Path, labels: Path = LABELS) -> Iterator[Checked]:
    """Every labelled fact beside what the parser finds in the letter of that case number."""
    for path in sorted(labels.glob("CM*.json")):
        half = half_of(path.stem)
        letter = letters / f"{path.stem}.pdf"
        if half is None or not letter.exists():
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
        "administrator's citations": _cited(found.administrator_guidelines),
        "reviewer's citations": _cited(found.reviewer_guidelines),
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
        "administrator's citations": _cited_labels(wanted["administrator_guidelines"]),
        "reviewer's citations": _cited_labels(wanted["reviewer_guidelines"]),
    }


def _cited(citations: Iterable[Citation]) -> list[str]:
    return sorted(_one(c.source, c.document, c.sections) for c in citations)


def _cited_labels(citations: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(_one(c["source"], c["document"], c["sections"]) for c in citations)


def _one(source: str, document: str | None, sections: Sequence[str]) -> str:
    return f"{source} \u00b7 {document} \u00b7 [{'; '.join(sections)}]"


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def report(checked: Sequence[Checked]) -> Iterator[str]:
    """The report's lines."""
    yield "# Accuracy\n"
    yield (
        "Facts that the parser finds against facts labelled by reading the letters before any "
        "rule was written, by language-model annotators and checked by no person "
        "(`tests/labels/README.md`), over the letters at hand that are not set aside. Written "
        "by `make accuracy`. A list (drugs, citations) is right when all of it is; intervals are "
        "95 % (Wilson).\n"
    )
    for half, title in HALVES.items():
        yield from _half(title, [each for each in checked if each.half == half])
    yield "## Every error\n"
    wrong = [each for each in checked if not each.right]
    yield "| place | half | fact | found | labelled |"
    yield "|---|---|---|---|---|"
    for each in wrong:
        # what stands in the half held back is not told: it would be held back no longer
        told = each.half == "seen"
        found, labelled = (_shown(each.found), _shown(each.labelled)) if told else ("", "")
        yield f"| {each.place} | {each.half} | {each.fact} | {found} | {labelled} |"
    if not wrong:
        yield "| none | | | | |"


def _half(title: str, checked: Sequence[Checked]) -> Iterator[str]:
    letters = len({each.place for each in checked if each.fact == "priority"})
    decisions = len({each.place for each in checked if each.fact == "outcome"})
    yield f"## On {title}: {letters} letters, {decisions} decisions\n"
    yield "| fact | right | of | share, 95 % interval |"
    yield "|---|---|---|---|"
    for fact in dict.fromkeys(each.fact for each in checked):
        of_fact = [each for each in checked if each.fact == fact]
        right = sum(each.right for each in of_fact)
        interval = wilson(right, len(of_fact)) or (0.0, 0.0)
        share = f"{right / len(of_fact):.1%} ({interval[0]:.1%} to {interval[1]:.1%})"
        yield f"| {fact} | {right} | {len(of_fact)} | {share} |"
    yield ""


def _shown(value: object) -> str:
    """A fact in a table; a digest stands for text that is not committed."""
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "(text)" if len(text) == 64 and " " not in text else text.replace("|", "/") or "none"


def main() -> None:
    """Write the report and say how many facts are right."""
    parser = argparse.ArgumentParser(description="Score the parser against the labels.")
    parser.add_argument("--letters", type=Path, default=Path("../shared/determinations/pdf"))
    checked = list(check(parser.parse_args().letters))
    if not checked:
        sys.exit("no labelled letter is at hand: name their folder with --letters")
    REPORT.write_text("\n".join(report(checked)).rstrip() + "\n", encoding="utf-8")
    wrong = sum(not each.right for each in checked)
    sys.stdout.write(f"{len(checked) - wrong} of {len(checked)} facts right; wrote {REPORT}\n")


if __name__ == "__main__":
    main()
