"""Filters at their edges: any value, values that no decision has, ranges that run backwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.service import Service
from cli.app import app
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


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("brand", "vicodin", "Vicodin"),
        ("drug", "Gabapentin", "gabapentin"),
        ("specialty", "family practice", "Family Practice"),
        ("year", "2019", "2019"),
        ("sex", "female", "female"),
        ("level", "L4-5", "L4-L5"),
        ("licensure_state", "ohio", "Ohio"),
        ("licensure_state", "oh", "Ohio"),
        ("age_band", "80 and over", "80 and over"),
        ("body_region", "head", "head"),
    ],
)
def test_a_known_value_that_no_decision_has_is_an_empty_answer(
    load: Loader, name: str, value: str, told: str
) -> None:
    search = load(CORPUS)
    answers = (search(filters={name: value}), search(f'{name}:"{value}"'))

    for answer in answers:
        assert answer.total.matches == answer.total.listed == 0
        said = [w.casefold() for w in answer.query.warnings]
        assert f"no decision in this index has {name} {told}".casefold() in said


def test_a_source_asked_for_as_a_guideline_is_told_its_field(load: Loader) -> None:
    found = load(CORPUS)(filters={"guideline": "MTUS"})

    (said,) = found.query.warnings
    assert said.endswith("has guideline MTUS; guideline_source=MTUS finds all that is cited of it")


@pytest.mark.parametrize(
    ("name", "value", "instead"),
    [
        ("brand", "vicodn", "did you mean Vicodin"),
        ("sex", "femal", "did you mean female"),
        ("year", "20166", "did you mean 2016"),
        ("specialty", "family practise", "did you mean Family Practice"),
        ("specialty", "ortho", "did you mean Orthopedic Surgery"),
        ("drug", "norcoo", "did you mean norco (acetaminophen/hydrocodone)"),
        ("drug", "gabapentn", "did you mean gabapentin?"),
        ("drug", "nor*", "a star is read in a query only, as drug:nor*"),
        ("reason", "weaning", "did you mean weaning advised"),
    ],
)
def test_an_unknown_value_is_a_problem_that_names_the_nearest(
    index: Path, name: str, value: str, instead: str
) -> None:
    client = TestClient(create_app(Service(Place(index, None, ""), None)))
    answer = client.get("/v1/search", params={name: value})

    assert (answer.status_code, instead in answer.json()["detail"]) == (422, True)


def test_an_outcome_that_no_match_has_shows_the_balance_of_the_matches(load: Loader) -> None:
    """Never that of the related decisions, which the filter makes all of one outcome."""
    search = load(
        """
        A.1 upheld
        request: Norco
        drugs: acetaminophen, hydrocodone
        rationale: Copper lantern.
        meaning: 0.9

        B.1 overturned
        request: Acupuncture
        rationale: Copper.
        meaning: 0.8
        """
    )
    filtered = search("norco", filters={"outcome": "overturned"})
    nothing = search("violet copper", filters={"outcome": "overturned"})
    semantic = search("copper", mode="semantic", filters={"outcome": "overturned"})

    assert [(r.id, r.matched) for r in filtered.results] == [("B.1", False)]
    assert (filtered.counted, filtered.total.matches) == ("matches", 0)
    assert (filtered.outcomes.upheld, filtered.outcomes.overturned) == (1, 0)
    for answer in (nothing, semantic):
        assert [(r.id, r.matched) for r in answer.results] == [("B.1", False)]
        assert (answer.counted, answer.outcomes.overturned) == ("related", 0)
        assert [v.count for v in answer.facets["outcome"]] == [0]
