"""Case numbers as people paste them: in the search box, and wherever an id is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.service import Service
from cli.app import app
from imr.engines.open import Place
from tests.corpus import Loader, put, read

CORPUS = """
    CM16-0000042.1 upheld 2016-12-19
    request: Norco 10/325mg #90
    drugs: acetaminophen, hydrocodone
    rationale: Lantern.

    CM16-0000042.2 overturned
    request: Lumbar MRI
    rationale: Lantern.

    CM17-0000007.1 upheld 2017-01-05
    request: Acupuncture
    rationale: Harbor.

    sha-0123456789ab.1 upheld
    request: A letter without a number
    rationale: Harbor.
"""
BOTH = {"CM16-0000042.1", "CM16-0000042.2"}
WRITTEN = {
    "CM16-0000042": BOTH,
    "cm16-0000042": BOTH,
    "CM16\u20130000042": BOTH,
    "CM16 0000042": BOTH,
    "CM160000042": BOTH,
    '"CM16-0000042"': BOTH,
    "+CM16-0000042": BOTH,
    "CM16-0000042,": BOTH,
    "(CM16-0000042)": BOTH,
    "IMR Case Number: CM16-0000042": BOTH,
    "case no. cm16-0000042": BOTH,
    "IMR #CM16-0000042": BOTH,
    "case_number:CM16-0000042": BOTH,
    "CM16-0000042.2": {"CM16-0000042.2"},
    "CM16-0000042 norco": {"CM16-0000042.1"},
    "CM16-0000042 CM17-0000007": BOTH | {"CM17-0000007.1"},
    "CM16-0000042.1 OR CM17-0000007": {"CM16-0000042.1", "CM17-0000007.1"},
    "lantern NOT CM16-0000042.1": {"CM16-0000042.2"},
    "harbor -CM17-0000007": {"sha-0123456789ab.1"},
    "SHA-0123456789AB": {"sha-0123456789ab.1"},
    "CM16-0000042 AND CM17-0000007": set(),
}


def test_a_case_number_brings_the_decisions_of_its_letter(load: Loader) -> None:
    search = load(CORPUS)

    assert {text: search.matches(text) for text in WRITTEN} == WRITTEN


def test_it_is_a_hard_clause_and_says_why_a_decision_is_there(load: Loader) -> None:
    answer = load(CORPUS)("IMR Case Number: cm16-0000042.1", explain=True)

    assert [(c.kind, c.text, c.hard) for c in answer.query.clauses] == [
        ("case", "CM16-0000042.1", True)
    ]
    assert answer.results[0].why.clauses == ("CM16-0000042.1 in case number",)
    assert answer.query.warnings == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CM16-0000043", "there is no letter CM16-0000043 in this index"),
        ("CM16-0000042.3", "CM16-0000042 has no item 3"),
        ("lantern OR CM16-0000043", "there is no letter CM16-0000043 in this index"),
        ("CM16-000042", "CM16-000042 has 6 digits behind the hyphen where a case number has 7"),
    ],
)
def test_one_that_is_not_there_is_said(load: Loader, text: str, said: str) -> None:
    assert any(warning.startswith(said) for warning in load(CORPUS)(text).query.warnings)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    put(read(CORPUS), Place(tmp_path / "index", None, ""))
    return tmp_path / "index"


@pytest.mark.parametrize("id_", ["cm16-0000042.1", "CM16-0000042.1", "cm160000042.1"])
def test_a_decision_is_had_by_its_id_in_any_case(index: Path, id_: str) -> None:
    client = TestClient(create_app(Service(Place(index, None, ""), None)))
    shown = CliRunner().invoke(app, ["show", id_, "--index", str(index)])

    assert client.get(f"/v1/decisions/{id_}").json()["decision"]["id"] == "CM16-0000042.1"
    assert shown.exit_code == 0
    assert shown.output.startswith("CM16-0000042.1  decided 2016-12-19")


def test_so_are_a_letter_and_what_is_like_a_decision(index: Path) -> None:
    client = TestClient(create_app(Service(Place(index, None, ""), None)))

    assert client.get("/v1/determinations/cm16-0000042").json()["id"] == "CM16-0000042"
    assert client.get("/v1/decisions/cm16-0000042.2/similar").status_code == 200
    assert client.get("/v1/decisions/cm16-0000042.2/conflicts").status_code == 200
