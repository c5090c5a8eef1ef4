"""What a person gives at any door is heard, or said not to be."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from api.app import create_app
from api.assistants import server
from api.service import Service
from cli.app import app
from imr.engines.open import Place
from tests.corpus import Loader, put, read
from tests.test_assistants import ask

MTUS = "mtus-chronic-pain-medical-treatment"
CORPUS = """
    CM16-0000042.1 upheld 2016-12-19
    request: Norco 10/325mg #90
    category: medication
    drugs: acetaminophen, hydrocodone
    reviewer: MTUS: Chronic Pain Medical Treatment
    rationale: Lantern.

    CM16-0000042.2 upheld
    request: Lumbar brace
    category: dme
    rationale: Anchor.

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


MISREAD = "drug has no value 'norcoo', so it is searched as text"


@pytest.mark.parametrize("path", ["outcomes", "conflicts", "guidelines", f"guidelines/{MTUS}"])
@pytest.mark.parametrize(("typed", "meant"), [("norcoo", "norco"), ("drug:norcoo", "drug:norco")])
def test_a_misspelt_name_is_told_by_every_route(
    client: TestClient, path: str, typed: str, meant: str
) -> None:
    body = client.get(f"/v1/{path}", params={"q": typed}).json()
    searched = client.get("/v1/search", params={"q": typed, "mode": "keyword"}).json()["query"]

    told = body["query"] if path == "outcomes" else body
    said = [each for each in told["warnings"] if "without vectors" not in each]
    assert (told["did_you_mean"], said) == (meant, searched["warnings"])
    assert searched["did_you_mean"] == meant
    assert (MISREAD in told["warnings"]) == (typed != "norcoo")


def test_a_misspelt_name_is_told_beside_an_export(client: TestClient) -> None:
    headers = client.get("/v1/export", params={"q": "drug:norcoo \u00e9"}).headers

    assert headers["x-total-count"] == "0"
    assert unquote(headers["x-did-you-mean"]) == "drug:norco \u00e9"
    assert MISREAD in unquote(headers["x-warnings"])
    assert "x-did-you-mean" not in client.get("/v1/export", params={"q": "norco"}).headers
    long = client.get("/v1/export", params={"q": "norcoo " + "\u4e2d" * 3_000}).headers
    assert "x-did-you-mean" not in long
    assert len(long.get("x-warnings", "")) < 5_000


def test_excel_is_heard_at_both_doors(client: TestClient, index: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    imr(index, "export", "--excel", "--columns", "id", "--output", str(file))

    assert file.read_bytes().startswith(b"\xef\xbb\xbfid\r\n")
    assert client.get("/v1/export?excel=true&columns=id").content == file.read_bytes()
    assert client.get("/v1/export?columns=id").content.startswith(b"id\r\n")
    assert client.get("/v1/export?excel=true&format=ris").status_code == 422


@pytest.mark.parametrize(
    "words",
    [
        ["outcomes"],
        ["conflicts"],
        ["guidelines", "--query"],
        ["guidelines", MTUS, "-q"],
        ["export"],
    ],
    ids=" ".join,
)
def test_a_misspelt_name_is_told_by_every_command(index: Path, words: list[str]) -> None:
    told = imr(index, *words, "drug:norcoo")

    assert (told.exit_code, "did you mean: drug:norco\n" in told.output) == (0, True)
    assert f"note: {MISREAD}\n" in told.output
    assert "did you mean" not in imr(index, *words, "norco").output


def test_conflicts_of_what_matches_nothing_say_so(index: Path) -> None:
    same = "no decision about the same drug or treatment ended otherwise"

    assert "no decision matches" in imr(index, "conflicts", "norcoo").output
    assert same in imr(index, "conflicts", "norco").output
    assert same in imr(index, "conflicts", "CM16-0000042.1").output


def test_a_query_without_a_word_is_told(client: TestClient) -> None:
    for path in ("conflicts", "guidelines"):
        warnings = client.get(f"/v1/{path}", params={"q": "()"}).json()["warnings"]
        assert "the query holds no word to search by, so all decisions are listed" in warnings


def test_what_is_found_in_the_facts_only_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path / "index", None, "")
    put(read(f"{CORPUS.rstrip()}\n    summary: A foot drop is seen."), place)
    with TestClient(create_app(Service(place, None))) as http:
        for path in ("conflicts", "guidelines"):
            told = http.get(f"/v1/{path}", params={"q": '"foot drop"'}).json()["warnings"]
            assert [each for each in told if "scope=all" in each], path


def test_find_goes_with_the_list_of_guidelines_only(client: TestClient, index: Path) -> None:
    said = "find chooses from the list of guidelines, and this is about one: leave it out"
    (tool,) = ask(
        server(Service(Place(index, None, ""), None)),
        ("guidelines", {"guideline": MTUS, "find": "x"}),
    )

    assert str(imr(index, "guidelines", MTUS, "--find", "x").exception) == said
    assert said in tool
    assert client.get(f"/v1/guidelines/{MTUS}?find=x").status_code == 422


def test_an_item_is_heard_for_a_letter_of_the_index(client: TestClient, index: Path) -> None:
    of = "/v1/decisions/CM16-0000042"
    second = client.get(f"{of}/similar?item=2").json()["source"]

    assert (second["id"], second["request"]) == ("CM16-0000042.2", "Lumbar brace")
    none = client.get(f"{of}/similar?item=3")
    assert (none.status_code, none.json()["detail"]) == (
        422, "the letter CM16-0000042 has no item 3: it has 1, 2"
    )  # fmt: skip
    decision = client.get(f"{of}.1/similar?item=2")
    assert (decision.status_code, "is one item already" in decision.json()["detail"]) == (422, True)
    told = imr(index, "similar", "CM16-0000042.1", "--item", "2")
    assert "is one item already" in str(told.exception)


@pytest.mark.parametrize("text", ["\0\0", " \0 ", "\u200b", "  "])
def test_a_case_without_text_is_a_problem(client: TestClient, index: Path, text: str) -> None:
    answer = client.post("/v1/similar", json={"text": text})

    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "bad-query")
    assert "a case is described in 1 to" in str(imr(index, "similar", "--text", text).exception)


def test_an_export_into_a_folder_says_that_it_is_one(index: Path, tmp_path: Path) -> None:
    told = imr(index, "export", "--format", "csv", "--output", str(tmp_path))

    assert str(told.exception) == f"{tmp_path} is a folder: name the file in it"
    assert [path.name for path in tmp_path.parent.glob("*.part")] == []


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
