"""What a person gives at any door is heard, or said not to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from api.app import create_app
from api.assistants import server
from api.service import Service
from cli.main import app
from imr.engines.open import Place
from tests.corpus import Loader, put, read
from tests.test_assistants import ask

CORPUS = """
    CM16-0000042.1 upheld 2016-12-19
    request: Norco 10/325mg #90
    category: medication
    drugs: acetaminophen, hydrocodone
    reviewer: MTUS: Chronic Pain Medical Treatment
    rationale: Lantern.

    CM17-0000007.1 overturned 2017-01-05
    request: Acupuncture
    category: acupuncture
    treatments: acupuncture
    rationale: Harbor.
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("heard") / "index"
    put(read(CORPUS), Place(folder, None, ""))
    return folder


@pytest.fixture(scope="module")
def client(index: Path) -> TestClient:
    return TestClient(create_app(Service(Place(index, None, ""), None)))


def imr(index: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--index", str(index)])


REFUSED = {
    "/v1/search?q=norco&q=lantern": "the parameter 'q' is given 2 times: give it once",
    "/v1/search?size=1&size=2": "the parameter 'size' is given 2 times: give it once",
    "/v1/export?columns=id,id": "the column 'id' is named twice: a file has it once",
    "/v1/suggest?q=no&siz=3": "there is no parameter 'siz' here: it takes size",
    "/v1/decisions/CM16-0000042.1?text=false": "there is no parameter 'text' here: it takes none",
    "/v1/outcomes?by=drug&by=category": "the parameter 'by' is given 2 times: give it once",
}


@pytest.mark.parametrize("path", REFUSED)
def test_what_a_route_would_not_hear_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.json()["detail"]) == (422, REFUSED[path])


def test_filters_may_be_given_again(client: TestClient) -> None:
    path = "/v1/search?category=medication&category=acupuncture&not.drug=tramadol&not.drug=advil"

    assert client.get(path).json()["total"]["matches"] == 2


@pytest.mark.parametrize("text", ["norco~2", "norco~", "norco^2.5"])
def test_marks_of_other_query_languages_are_told(load: Loader, text: str) -> None:
    answer = load(CORPUS)(text, mode="keyword")
    mark = text.removeprefix("norco")

    assert [c.text for c in answer.query.clauses] == ["norco"]
    assert answer.query.warnings == (
        f"{mark} behind a word means nothing here, so norco is read without it",
    )


def test_an_item_of_a_text_is_a_problem(client: TestClient, index: Path) -> None:
    said = "item chooses a disputed item of a letter, and a text has none: leave it out"
    answer = client.post("/v1/similar?item=2", json={"text": "norco"})
    told = imr(index, "similar", "--text", "norco", "--item", "2")

    assert (answer.status_code, answer.json()["detail"]) == (422, said)
    assert str(told.exception) == said


def test_columns_named_twice_and_a_folder_that_is_not_there(index: Path, tmp_path: Path) -> None:
    twice = imr(index, "export", "--columns", "id,id")
    nowhere = imr(index, "export", "--output", str(tmp_path / "no" / "file.csv"))

    assert str(twice.exception) == "the column 'id' is named twice: a file has it once"
    assert f"there is no folder {tmp_path / 'no'}: make it first" in str(nowhere.exception)


def test_nothing_found_is_said(client: TestClient, index: Path) -> None:
    suggested = imr(index, "suggest", "qqqqqq")
    beyond = imr(index, "search", "--page", "9")

    assert (suggested.exit_code, suggested.stdout) == (0, "")
    assert "begins with 'qqqqqq'" in suggested.stderr
    assert "page 9 is past the last, which is 1" in beyond.output
    assert client.get("/v1/search?page=9").json()["query"]["warnings"] == [
        "page 9 is past the last, which is 1"
    ]


def test_one_letter_is_one_letter(index: Path) -> None:
    told = imr(index, "guidelines", "mtus-chronic-pain-medical-treatment").output

    assert "1 letter" in told
    assert "1 letters" not in told


def test_tools_take_one_value_for_a_list_and_tell_wrong_types(index: Path) -> None:
    tools = server(Service(Place(index, None, ""), None))
    one, listed, filtered, wrong, several = ask(
        tools,
        ("outcomes", {"by": "category"}),
        ("outcomes", {"by": "category,drug"}),
        ("search", {"filters": "category=medication"}),
        ("search", {"size": "many"}),
        ("search", {"filters": [3], "page": 0}),
    )

    assert one["by"] == ["category"]
    assert listed["by"] == ["category", "drug"]
    assert filtered["matches"] == 1
    assert "bad-query: search: size: Input should be a valid integer" in wrong
    assert "filters.0: Input should be a valid string" in several
    assert "page: Input should be greater than or equal to 1" in several
    assert "pydantic" not in wrong + several


def test_the_description_needs_no_other_host(client: TestClient) -> None:
    page = client.get("/docs")
    described = client.get("/openapi.json").json()

    assert "http" not in page.text.replace("http-error", "")
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for path in described["paths"]:
        assert path in page.text
    assert '<form action="v1/search"><input name=q' in page.text
    assert "<code>not.guideline</code>" in page.text
