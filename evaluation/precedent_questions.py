"""Asks the questions of docs/precedent_questions.toml by their users' doors.

`python -m evaluation.questions` writes what comes of it into docs/questions.md, beside the facts
that were written down before: ids, numbers and codes only.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyarrow import parquet

from evaluation.doors import Doors

QUESTIONS = Path("docs/precedent_questions.toml")
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: who asks, by which door, the right answer in words and as facts.

    `judged` says how the answer reads, what was mended and what is weak; written after the runs.
    """

    key: str
    who: str
    door: str
    asks: str
    answer: str
    expected: Facts
    judged: str = ""


def read(path: Path = QUESTIONS) -> list[Asked]:
    """The questions of the file."""
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["question"]
    return [Asked(**each) for each in found]


def _alert(doors: Doors) -> Facts:
    filters = ("--filter", "category=physical-therapy", "--filter", "outcome=overturned")
    doors.imr("alerts", "add", "therapy approved", *filters, "--from-start")
    told = []
    for run in ("first run", "second run"):
        doors.imr("alerts", "run", "--output", str(doors.scratch / run))
        told.append(sorted(_delivered(doors.scratch / run)))
    doors.imr("alerts", "remove", "therapy approved")
    return {"first": told[0], "again": told[1]}


def _delivered(folder: Path) -> Iterator[str]:
    for file in folder.glob("*"):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["id"]


def _opposite(doors: Doors) -> Facts:
    found = doors.asked("conflicts", "CM17-0005589.1")["conflicts"]
    read_one = next(each for each in found if each["other"]["id"] == "CM16-0213037.1")
    return {
        "first_two": sorted(each["other"]["id"] for each in found[:2]),
        "ours": _codes(read_one["one"]),
        "theirs": _codes(read_one["other"]),
    }


def _codes(decision: Facts) -> list[str]:
    return sorted({reason["code"] for reason in decision["reasons"]})


def _set_aside(doors: Doors) -> Facts:
    found = doors.asked("guidelines", "mtus-low-back-complaints")
    cited, aside = found["administrator"]["ended"], found["set_aside"]["ended"]
    instead = {
        each["name"]: each["ended"]["decisions"] for each in found["set_aside"]["guidelines"]
    }
    return {
        "cited": cited["decisions"],
        "set_aside": aside["decisions"],
        "overturned_then": aside["overturned"],
        "for_chronic_pain": instead["MTUS: Chronic Pain Medical Treatment"],
        "overturned_where_kept": cited["overturned"] - aside["overturned"],
    }


def _letter_in_hand(doors: Doors) -> Facts:
    found = doors.asked("similar", str(doors.letters / "CM17-0002181.pdf"))
    first = found["results"][:3]
    return {
        "source": f"{found['source']['letter']}.{found['source'].get('number')}",
        "first_three": sorted(each["id"] for each in first),
        "overturned": sum(each["outcome"] == "overturned" for each in first),
        "shared_class": all(
            any(shared["field"] == "drug_class" for shared in each["why"]["shared"])
            for each in first
        ),
    }


def _therapy_guideline(doors: Doors) -> Facts:
    found = doors.asked(
        "outcomes", "--by", "category,guideline", "--size", "1000",
        "--filter", "guideline_document=MTUS: Chronic Pain Medical Treatment",
    )  # fmt: skip
    rows = {tuple(each["value"] for each in row["values"]): row for row in found["rows"]}
    name = "MTUS: Chronic Pain Medical Treatment"
    return {
        "therapy": _ended(rows["physical-therapy", name]),
        "chiropractic": _ended(rows["chiropractic", name]),
    }


def _ended(row: Facts, unit: str = "decisions") -> list[float]:
    return [row[unit]["overturned"], row[unit]["total"]]


def _balance(doors: Doors) -> Facts:
    found = doors.asked("outcomes", "--by", "category")
    rows = {row["values"][0]["value"]: row for row in found["rows"]}
    kinds = ("imaging", "physical-therapy", "surgical-adjunct", "diagnostic-test", "chiropractic")
    return {
        "all": _ended(found["all"]),
        "letters_all": found["all"]["letters"]["total"],
        **{kind: _ended(rows[kind]) for kind in kinds},
        "surgical-adjunct_letters": _ended(rows["surgical-adjunct"], "letters"),
        "surely_different": [kind for kind, row in rows.items() if row["distance"] > 0],
    }


def _table(doors: Doors) -> Facts:
    file = doors.scratch / "all.parquet"
    doors.imr("export", "--output", str(file))
    rows = parquet.read_table(file).to_pylist()
    (cited_as,) = (row["citation"] for row in rows if row["id"] == "CM17-0015348.1")
    return {
        "rows": len(rows),
        "letters": len({row["case_number"] for row in rows}),
        "overturned": sum(row["outcome"] == "overturned" for row in rows),
        "nothing_by_administrator": sum(not row["administrator_guideline"] for row in rows),
        "nothing_by_reviewer": sum(not row["guideline"] for row in rows),
        "cited_as": cited_as,
    }


def _claims_system(doors: Doors) -> Facts:
    letter = (doors.letters / "CM17-0014449.pdf").read_bytes()
    found = doors.posted("/v1/similar?outcome=overturned", letter, "application/pdf")
    facts = found["source"]["facts"]
    return {
        "source": f"{found['source']['letter']}.{found['source'].get('number')}",
        "category": _values(facts, "category")[0].lower(),
        "body_parts": [part.lower() for part in _values(facts, "body_part")],
        "first": found["results"][0]["id"],
        "upheld": sum(each["outcome"] == "upheld" for each in found["results"]),
    }


def _grounds(doors: Doors) -> Facts:
    filters = ["category=imaging", "body_part=neck", "outcome=upheld"]
    searched, counted = doors.tools(
        ("search", {"filters": filters, "size": 25}),
        ("outcomes", {"filters": filters, "by": ["reason"]}),
    )
    read_ones = ("CM16-0213037.2", "CM17-0003623.1", "CM17-0009441.3", "CM17-0016204.1",
                 "CM17-0020237.1")  # fmt: skip
    got = doors.tools(*(("get", {"id": id_}) for id_ in read_ones))
    upheld = {row["values"][0]["value"]: row["decisions"]["upheld"] for row in counted["rows"]}
    return {
        "denials": searched["matches"],
        "leading": max(upheld, key=lambda code: upheld[code]),
        **{id_: _codes(each["decision"]) for id_, each in zip(read_ones, got, strict=True)},
    }


def _at_home(doors: Doors) -> Facts:
    letter = doors.asked("show", "CM16-0236906")
    (decision,) = letter["decisions"]
    (guideline,) = decision["reviewer_guidelines"]
    alike = doors.asked("similar", "CM16-0236906.1")
    about = set(_values(alike["source"]["facts"], "treatment"))
    return {
        "outcome": decision["outcome"],
        "reasons": _codes(decision),
        "guideline": [guideline["source"], guideline["document"], *guideline["sections"]],
        "conflicts": [
            each["other"]["id"] for each in doors.asked("conflicts", "CM16-0236906.1")["conflicts"]
        ],
        "others_about_it": [
            each["id"]
            for each in alike["results"]
            if about.intersection(_values(each["why"]["shared"], "treatment"))
        ],
    }


def _values(facts: Sequence[Facts], field: str) -> list[str]:
    return [value for fact in facts if fact["field"] == field for value in fact["values"]]


ASK: Mapping[str, Callable[[Doors], Facts]] = {
    "alert": _alert,
    "opposite": _opposite,
    "set-aside": _set_aside,
    "letter-in-hand": _letter_in_hand,
    "therapy-guideline": _therapy_guideline,
    "balance": _balance,
    "table": _table,
    "claims-system": _claims_system,
    "grounds": _grounds,
    "at-home": _at_home,
}


def report(questions: Sequence[Asked], doors: Doors) -> Iterator[str]:
    """The lines of the report's second part."""
    answered = [(question, ASK[question.key](doors)) for question in questions]
    right = sum(_right(question, found) for question, found in answered)
    whole = sum(len(question.expected) for question in questions)
    yield "# Ten questions of precedents\n"
    yield (
        "What ten users ask beyond a search, each by the door that the user comes by. The right "
        "answers were written before the first run (`docs/precedent_questions.toml`): counts from "
        "the facts labelled by reading, what rationales say from the letters of the half that "
        "rules may be written with, by a language-model annotator and checked by no person. "
        f"{right} of {whole} facts are as written.\n"
    )
    for question, found in answered:
        yield f"## {question.who}: {question.asks}\n"
        by = ", ".join(f"`{door}`" for door in question.door.split(", "))
        yield f"By {by}. Right is: {question.answer}\n"
        yield "| fact | right | answered | |\n|---|---|---|---|"
        for name, wanted in question.expected.items():
            same = "as written" if found[name] == wanted else "**not**"
            yield f"| {name.replace('_', ' ')} | {_cell(wanted)} | {_cell(found[name])} | {same} |"
        yield f"\n{question.judged}\n"


def _right(question: Asked, found: Facts) -> int:
    return sum(found[name] == wanted for name, wanted in question.expected.items())


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
