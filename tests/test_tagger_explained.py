"""`imr explain-tags` as a person or a script calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app

IMR = Path(sys.executable).parent / "imr"
SECONDS = 120


def imr(*arguments: str, stdin: bytes = b"", code: int = 0) -> str:
    """What the command prints; it must leave with this code, without a trace or an escape code."""
    done = subprocess.run(
        [IMR, "explain-tags", *arguments],
        input=stdin, check=False, capture_output=True, timeout=SECONDS,
    )  # fmt: skip
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == code, said
    assert "\x1b" not in said
    assert "Traceback" not in said
    return said


def explained(text: str, as_: str = "text") -> dict[str, Any]:
    """The command's answer, asked in this process: a new one takes half a second each."""
    done = CliRunner().invoke(app, ["explain-tags", text, "--as", as_, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    for each in [*found["counted"], *found["rejected"]]:
        assert each["text"] == text[each["start"] : each["end"]]
    return found


def reasons(found: dict[str, Any]) -> dict[str, str]:
    """What each tagged wording was admitted by."""
    return {each["text"]: each["because"] for each in found["counted"]}


def refusals(found: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["because"] for each in found["rejected"]}


def test_a_tag_comes_with_span_code_name_and_rule() -> None:
    (tag,) = explained("was given Norco10/325, daily")["counted"]
    assert tag == {
        "start": 10,
        "end": 15,
        "text": "Norco",
        "kind": "drug",
        "code": "acetaminophen+hydrocodone",
        "label": "acetaminophen/hydrocodone",
        "names": ["Norco"],
        "because": "whole word, a dose follows; guard met: none of its other meanings beside it",
        "left_out": None,
    }


@pytest.mark.parametrize(
    ("text", "wording", "says"),
    [
        ("Lidoderm patches", "Lidoderm patches", "plural"),
        ("tramodol", "tramodol", "a known misspelling"),
        ("cyclobenza-prine", "cyclobenza-prine", "cut by a hyphen"),
        ("ibuprofen-famotidine", "ibuprofen-famotidine", "sold together"),
        ("APAP/codeine #3", "APAP/codeine #3", "with its number"),
        ("Keto 10%", "Keto", "a strength or mixture beside it"),
        ("a GAD of years", "GAD", "letter case"),
        ("a Propel implant", "Propel", "letter case"),
    ],
)
def test_the_rule_that_admitted_a_name_is_said(text: str, wording: str, says: str) -> None:
    assert says in reasons(explained(text))[wording]


def test_what_a_heading_does_not_ask_is_said() -> None:
    assert "a heading asks no more" in reasons(explained("ibu 800mg", "heading"))["ibu"]
    assert "a query asks no more" in reasons(explained("ibu 800mg", "query"))["ibu"]


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ("seen in Norco, CA", "Norco", "means something else before 'CA'"),
        ("her Hyundai Sonata", "Sonata", "means something else after 'Hyundai'"),
        ("MS since 2010", "MS", "counts only beside a strength"),
        ("the lido", "lido", "or joined to others by / or +"),
        ("dok", "DOK", "counts in running text only as 'DOK'"),
        ("Propel the limb", "Propel", "only beside 'implant', 'implants', 'sinus'"),
        ("the visit", "visit", "too general but in a request heading"),
        ("Tylenol #3", "Tylenol", "overlapped by 'Tylenol #3' (acetaminophen+codeine)"),
        ("epidural steroid injection", "injection", "overlapped by 'epidural steroid injection'"),
    ],
)
def test_what_was_passed_over_comes_with_its_reason(text: str, name: str, says: str) -> None:
    assert says in refusals(explained(text))[name]


@pytest.mark.parametrize(
    ("text", "as_", "wording", "says"),
    [
        ("Lyrica (failed gabapentin)", "heading", "gabapentin", "not requested: 'failed'"),
        ("denies depression", "text", "depression", "not the patient's: 'denies'"),
        ("denies depression", "query", "depression", None),
        ("failed gabapentin", "text", "gabapentin", None),
    ],
)
def test_what_the_record_leaves_out_is_told(
    text: str, as_: str, wording: str, says: str | None
) -> None:
    (left_out,) = [
        tag["left_out"] for tag in explained(text, as_)["counted"] if tag["text"] == wording
    ]
    assert (left_out is None) if says is None else says in left_out


def test_people_are_shown_the_same() -> None:
    shown = imr("Lyrica (failed gabapentin), seen in Norco, CA", "--as", "heading")
    lines = [line.strip() for line in shown.splitlines()]
    assert lines == [
        "read as a heading: tags 2, names passed over 1",
        "0-6      Lyrica  drug pregabalin",
        "Lyrica: whole word",
        "15-25    gabapentin  drug gabapentin",
        "gabapentin: whole word",
        "left out of the record: told of, not requested: 'failed'",
        "passed over:",
        "36-41    Norco  drug acetaminophen+hydrocodone",
        "Norco: means something else before 'CA'",
    ]


def test_standard_input_is_read_whatever_its_bytes() -> None:
    found = json.loads(imr("-", "--json", stdin=b"Norco \xff\xfe\nand\tSoma"))
    assert [tag["text"] for tag in found["counted"]] == ["Norco", "Soma"]
    assert found["text"][found["counted"][1]["start"] :] == "Soma"


def test_nothing_found_is_said() -> None:
    assert imr("").strip() == "read as a text: tags 0, names passed over 0"


def test_an_unknown_reading_is_refused() -> None:
    assert "--as 'letter': choose text, query, heading" in imr("x", "--as", "letter", code=2)
