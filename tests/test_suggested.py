"""What a query's wording suggests and never applies: filters and operators."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.service import Service
from cli.app import app
from imr.engines.open import Place
from imr.search.query import read
from imr.text.taxonomy.tagger import default_tagger
from tests.corpus import Loader, put
from tests.corpus import read as corpus

SUGGESTED = {
    # how it ended: a denial is what a ruling is about
    "cases where IMR overturned an MRI denial": [("outcome=overturned", "overturned", "MRI")],
    "denial upheld for lumbar fusion": [("outcome=upheld", "upheld", "lumbar fusion")],
    "norco denied because no relief": [("outcome=upheld", "denied", "norco no relief")],
    "knee surgery not approved": [("outcome=upheld", "not approved", "knee surgery")],
    "knee MRI approved or not?": [],
    # what the FDA did with a drug is no ruling
    "compound topical cream not FDA approved": [],
    "FDA approved indication norco": [],
    "off label use not approved by the FDA": [],
    "not yet approved by the Food and Drug Administration": [],
    "FDA has not approved it": [],
    "MRI approved, norco FDA": [("outcome=overturned", "approved", "MRI norco FDA")],
    "is acupuncture approved for knee pain?": [],
    "whether the MRI was denied": [],
    "mri upheld or overturned": [],
    "overturned": [("outcome=overturned", "overturned", "")],
    # when
    "norco in 2016": [("decided=2016", "in 2016", "norco")],
    "norco from 2016": [("decided=2016", "from 2016", "norco")],
    "norco from 2015 on": [("decided=2015..*", "from 2015 on", "norco")],
    "norco since 2015": [("decided=2015..*", "since 2015", "norco")],
    "norco after 2015": [("decided=2016..*", "after 2015", "norco")],
    "since May 2015 norco": [("decided=2015-05..*", "since May 2015", "norco")],
    "norco before 1/1/2016": [("decided=*..2015-12-31", "before 1/1/2016", "norco")],
    "norco before January 2016": [("decided=*..2015-12", "before January 2016", "norco")],
    "norco until 2015-03": [("decided=*..2015-03", "until 2015-03", "norco")],
    "norco between 2014 and 2016": [("decided=2014..2016", "between 2014 and 2016", "norco")],
    "norco 2014-2016": [("decided=2014..2016", "2014-2016", "norco")],
    "norco injured in 2012": [("injured=2012", "injured in 2012", "norco")],
    "DOI: 03/02/2014 norco": [("injured=2014-03-02", "DOI: 03/02/2014", "norco")],
    "norco 2016": [("decided=2016", "2016", "norco")],
    "norco 2009": [],
    "request dated 10/12/2016 for norco": [],
    "norco in 13/45/2016": [],
    "norco between 2016 and 2014": [],
    "MTUS guidelines from 2009 norco": [],
    "norco 10/325 2 times in 6 weeks": [],
    "since norco": [],
    # whom
    "51 year old female norco": [
        ("age_band=50-59", "51 year old female", "norco"),
        ("sex=female", "51 year old female", "norco"),
    ],
    "55 y/o M norco": [("age_band=50-59", "55 y/o M", "norco"), ("sex=male", "55 y/o M", "norco")],
    "norco over 60 years old": [("age=60..*", "over 60 years old", "norco")],
    "norco for 6 years": [],
    "MRI R knee w/o contrast": [("side=right", "R", "MRI knee w/o contrast")],
    "lumbar MRI, L spine": [],
    # operators
    "norco or tramadol": [("None=OR", "or", "norco OR tramadol")],
    "lantern or harbor": [("None=OR", "or", "lantern OR harbor")],
    "knee mri but not lumbar": [("None=NOT", "not", "knee mri NOT lumbar")],
    "red flags or neurological deficit": [],
    "was not tramadol": [],
    "norco OR tramadol": [],
    "(norco or tramadol) AND knee": [],
    "norco and tramadol": [],
    '"in 2016" norco': [],
    "rationale:(lantern in 2016)": [],
}


@pytest.mark.parametrize("text", SUGGESTED)
def test_a_wording_suggests(text: str) -> None:
    found = read(text, default_tagger(), lambda _: ()).suggested

    assert [(f"{s.field}={s.value}", s.text, s.query) for s in found] == SUGGESTED[text]


@pytest.mark.parametrize(
    "text", [t for t, s in SUGGESTED.items() if s and "None=" not in s[0][0] and t != "norco 2016"]
)
def test_what_is_suggested_is_understood_the_same_without_its_words(text: str) -> None:
    """The words of a suggestion are no clauses, so the query without them asks for the same."""
    query = read(text, default_tagger(), lambda _: ())
    (first, *_) = query.suggested

    rest = read(first.query, default_tagger(), lambda _: ())
    assert [c.text for c in rest.clauses] == [c.text for c in query.clauses]


CORPUS = """
    A.1 upheld 2016-12-19
    request: Norco 10/325mg #90
    drugs: acetaminophen, hydrocodone

    B.1 overturned 2014-01-05
    request: Norco 10/325mg #60
    drugs: acetaminophen, hydrocodone

    C.1 overturned 2016-01-05
    request: Tramadol
    drugs: tramadol
"""


def test_a_suggestion_narrows_only_when_it_is_taken(load: Loader) -> None:
    search = load(CORPUS)
    answer = search("norco overturned since 2015")
    (when, outcome) = sorted(answer.query.suggestions, key=lambda s: str(s.field))

    assert search.matches("norco overturned since 2015") == {"A.1", "B.1"}
    assert (when.field, when.value, when.label) == ("decided", "2015..*", "from 2015")
    assert search.matches(when.query, filters={"decided": when.value}) == {"A.1"}
    assert search.matches(outcome.query, filters={"outcome": outcome.value}) == {"B.1"}


def test_what_is_filtered_by_already_is_not_suggested(load: Loader) -> None:
    search = load(CORPUS)

    assert search("norco in 2016", filters={"decided": "2014"}).query.suggestions == ()
    assert search("norco in 2016 decided:2014").query.suggestions == ()


def test_doors_tell_suggestions(tmp_path: Path) -> None:
    place = Place(tmp_path / "index", None, "")
    put(corpus(CORPUS), place)
    client = TestClient(create_app(Service(place, None)))
    answer = client.get("/v1/search", params={"q": "norco since 2015"}).json()
    told = CliRunner().invoke(app, ["search", "norco since 2015", "--index", str(place.folder)])
    either = CliRunner().invoke(app, ["search", "norco or tramadol", "--index", str(place.folder)])

    assert answer["query"]["suggestions"] == [
        {
            "field": "decided", "value": "2015..*", "label": "from 2015", "text": "since 2015",
            "query": "norco",
        }
    ]  # fmt: skip
    assert "try: --filter 'decided=2015..*' norco   for \u201csince 2015\u201d" in told.output
    assert "try: 'norco OR tramadol'   for \u201cor\u201d" in either.output
