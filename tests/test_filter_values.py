"""Filters at their edges: any value, values that no decision has, ranges that run backwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.service import Service
from cli.main import app
from imr.engines.open import Place
from imr.errors import BadQueryError
from tests.corpus import Loader, put, read

CORPUS = """
    A.1 upheld 2016-12-19
    request: Norco 10/325mg #90
    drugs: acetaminophen, hydrocodone
    age: 51
    rationale: Lantern.

    B.1 overturned 2017-01-05
    request: Lumbar MRI
    body: low back
    treatments: mri
    rationale: Lantern.

    C.1 upheld
    request: Acupuncture
    rationale: Harbor.
"""
ANY = {
    "drug:*": "A",
    "NOT drug:*": "BC",
    "-drug:* lantern": "B",
    "body_part:* OR harbor": "BC",
    "lantern drug:*": "A",
    "drug:* AND body_part:*": "",
    "NOT (drug:* OR body_part:*)": "C",
    "outcome:*": "ABC",
    "decided:*": "AB",
}


def test_a_star_asks_for_any_value_of_a_field(load: Loader) -> None:
    search = load(CORPUS)
    found = {text: "".join(sorted(id_[0] for id_ in search.matches(text))) for text in ANY}

    assert found == ANY
    assert search("NOT drug:* lantern", mode="keyword").query.warnings == ()
    assert [c.text for c in search("drug:*").query.clauses] == ["drug: any"]


def test_a_filter_takes_it_too(load: Loader) -> None:
    search = load(CORPUS)

    assert search.matches(filters={"drug": "*"}) == {"A.1"}
    assert search.matches(filters={"not.drug": "*"}) == {"B.1", "C.1"}
    assert search.matches("lantern", filters={"not.decided": "*"}) == set()
    assert search("norco", filters={"drug": "*"}, explain=True).results[0].matched


@pytest.fixture
def index(tmp_path: Path) -> Path:
    put(read(CORPUS), Place(tmp_path / "index", None, ""))
    return tmp_path / "index"


BACKWARDS = {
    "age.min=60&age.max=40": "the range of age runs backwards, from 60 to 40: change its ends "
    "about, as in age=40..60",
    "age=60..40": "the range of age runs backwards, from 60 to 40: change its ends about, as in "
    "age=40..60",
    "decided=2017..2016": "the range of decided runs backwards, from 2017 to 2016: change its "
    "ends about, as in decided=2016..2017",
}


@pytest.mark.parametrize("asked", BACKWARDS)
def test_a_filter_whose_range_runs_backwards_is_a_problem(index: Path, asked: str) -> None:
    client = TestClient(create_app(Service(Place(index, None, ""), None)))
    answer = client.get(f"/v1/search?{asked}")
    filters = [part for each in asked.split("&") for part in ("--filter", each)]
    told = CliRunner().invoke(app, ["search", *filters, "--index", str(index)])

    assert answer.status_code == 422
    assert answer.json()["detail"] == BACKWARDS[asked]
    assert isinstance(told.exception, BadQueryError)


@pytest.mark.parametrize(
    ("text", "said", "found"),
    [
        (
            "decided:[2017 TO 2016]",
            "decided:[2017 TO 2016] runs backwards, so it is read as decided:[2016 TO 2017]",
            {"A.1", "B.1"},
        ),
        (
            "year:[2016 TO 2015]",
            "year:[2016 TO 2015] runs backwards, so it is read as year:[2015 TO 2016]",
            {"A.1"},
        ),
    ],
)
def test_a_field_term_that_runs_backwards_is_turned_and_said(
    load: Loader, text: str, said: str, found: set[str]
) -> None:
    search = load(CORPUS)

    assert search.matches(text) == found
    assert said in search(text).query.warnings
