"""The HTTP service: its routes, its problems, its description, and one real server."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from fastapi.testclient import TestClient

from api.app import FILTERED, create_app
from api.service import Service
from imr import fields
from imr.engines.document import StoredDecision
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.open import Place
from imr.engines.protocol import Counts
from imr.reading import Letter, reading
from imr.search.response import SearchResponse
from imr.text.embedding import Embedder
from tests.corpus import put, read

IMR = Path(sys.executable).parent / "imr"
CORPUS = """
    CM16-0000001.1 upheld 2016-05-01
    request: Norco 10/325mg #90
    category: medication
    drugs: acetaminophen, hydrocodone
    rationale: Functional improvement is not documented.

    CM16-0000001.2 overturned
    request: Lumbar MRI
    category: imaging
    treatments: mri
    body: low back
"""


@contextmanager
def client(folder: Path, embedder: Embedder | None = None) -> Iterator[TestClient]:
    service = Service(Place(folder, None, ""), embedder)
    with TestClient(create_app(service), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Over a keyword-only index of two decisions."""
    folder = tmp_path_factory.mktemp("plain")
    put(read(CORPUS), Place(folder, None, ""))
    with client(folder) as made:
        yield made


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Before there is any index."""
    with client(tmp_path_factory.mktemp("nothing") / "index") as made:
        yield made


@pytest.fixture(scope="module")
def description(plain: TestClient) -> dict[str, Any]:
    described: dict[str, Any] = plain.get("/openapi.json").json()
    return described


# routes


def test_a_search_is_answered_with_matches_facets_and_balance(plain: TestClient) -> None:
    body = plain.get("/v1/search", params={"q": "norco", "outcome": "upheld"})

    answer = SearchResponse.model_validate_json(body.content)
    assert body.headers["content-type"] == "application/json"
    assert [row.id for row in answer.results] == ["CM16-0000001.1"]
    assert answer.facets["drug"][0].count == 1
    assert answer.outcomes.corpus_rate == 0.5


def test_a_search_by_meaning_and_words_shows_a_passage(
    sample_index: Path, embedder: Embedder
) -> None:
    with client(sample_index, embedder) as sample:
        asked = {"q": "no documentation of functional improvement", "group": "none"}
        body = sample.get("/v1/search", params=asked)
        answer = SearchResponse.model_validate_json(body.content)
        row = next(row for row in answer.results if row.passage)
        letter = sample.get(f"/v1/determinations/{row.id.rpartition('.')[0]}")

    assert answer.query.warnings == ()
    assert row.passage is not None
    text = Letter.model_validate_json(letter.content).text
    assert text[row.passage.start : row.passage.end] == row.passage.text


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({}, ["CM16-0000001.1"]),
        ({"group": "none"}, ["CM16-0000001.1", "CM16-0000001.2"]),
        ({"outcome": ["upheld", "overturned"], "group": "none", "size": 1, "page": 2},
         ["CM16-0000001.2"]),
        ({"drug": "norco"}, ["CM16-0000001.1"]),
        ({"not.drug": "norco"}, ["CM16-0000001.2"]),
        ({"q": "norco functional zebra", "match": "any"}, ["CM16-0000001.1"]),
        ({"q": "norco functional zebra", "related": "false"}, []),
        ({"q": "norco", "subject": "mentioned"}, ["CM16-0000001.1"]),
        ({"sort": "oldest"}, ["CM16-0000001.1"]),
        ({"q": "\x00\ud83d' OR 1=1 --\"".encode("utf-8", "replace").decode()}, []),
    ],
)  # fmt: skip
def test_parameters_do_what_they_say(
    parameters: dict[str, Any], found: list[str], plain: TestClient
) -> None:
    body = plain.get("/v1/search", params=parameters)

    assert body.status_code == 200
    assert [row["id"] for row in body.json()["results"]] == found


@pytest.mark.parametrize(
    ("asked", "counted"),
    [("drug,year", ["drug", "year"]), (" drug , ", ["drug"]), ("", [])],
)
def test_only_the_facets_asked_for_are_counted(
    asked: str, counted: list[str], plain: TestClient
) -> None:
    facets = plain.get("/v1/search", params={"facets": asked}).json()["facets"]

    assert list(facets) == counted


def test_highlights_are_html_and_can_be_left_out(plain: TestClient) -> None:
    def row(**asked: str) -> Any:
        return plain.get("/v1/search", params={"q": "norco", **asked}).json()["results"][0]

    assert row()["highlights"] == {"request": ["<em>Norco</em> 10/325mg #90"]}
    assert row(highlight="false")["highlights"] == {}
    assert row()["explanation"] is None
    assert row(explain="true")["explanation"]["clauses"][0]["where"] == ["request", "tag"]


def test_what_is_typed_is_completed_to_a_filter(plain: TestClient) -> None:
    (norco, *_) = plain.get("/v1/suggest", params={"q": "nocro"}).json()["suggestions"]
    found = plain.get("/v1/search", params={norco["field"]: norco["value"]}).json()

    assert norco == {
        "kind": "drug", "value": "acetaminophen/hydrocodone",
        "label": "Norco (acetaminophen/hydrocodone)", "field": "drug",
    }  # fmt: skip
    assert [row["id"] for row in found["results"]] == ["CM16-0000001.1"]


@pytest.mark.parametrize(
    "typed", ["", "\x00", ".*", "%", "\u202e\u05d1", 200 * "a", "CM16-" + 60 * "9", "\U0001f600"]
)
def test_whatever_is_typed_has_an_answer(typed: str, plain: TestClient) -> None:
    body = plain.get("/v1/suggest", params={"q": typed})

    assert (body.status_code, body.json()["suggestions"]) == (200, [])


def test_a_decision_and_its_letter_are_had_by_id(plain: TestClient) -> None:
    stored = StoredDecision.model_validate_json(plain.get("/v1/decisions/CM16-0000001.2").content)
    letter = Letter.model_validate_json(plain.get("/v1/determinations/CM16-0000001").content)

    assert (stored.determination, stored.decision.request) == ("CM16-0000001", "Lumbar MRI")
    assert letter == reading(read(CORPUS).letters[0])


def test_a_letter_is_had_without_its_text(plain: TestClient) -> None:
    body = plain.get("/v1/determinations/CM16-0000001", params={"text": "false"}).json()

    assert body["text"] == ""


def test_the_registry_is_told(plain: TestClient) -> None:
    told = {row["name"]: row for row in plain.get("/v1/fields").json()}

    assert list(told) == [field.name for field in fields.FIELDS]
    assert told["treatment"] == {
        "name": "treatment", "label": "Treatment", "type": "keyword", "filtered": True,
        "facet": "tree", "sorted": False, "searched": False,
    }  # fmt: skip


def test_it_is_healthy_with_or_without_an_index(plain: TestClient, nothing: TestClient) -> None:
    for each in (plain, nothing):
        assert each.get("/health").json() == {"status": "ok", "version": "0.1.0"}


def test_it_is_ready_when_there_is_an_index(plain: TestClient) -> None:
    assert plain.get("/ready").json() == {
        "status": "ready", "engine": "embedded", "semantic": False, "decisions": 2,
    }  # fmt: skip


def test_it_is_ready_as_soon_as_an_index_is_made(tmp_path: Path) -> None:
    with client(tmp_path / "index") as made:
        before = made.get("/ready")
        put(read(CORPUS), Place(tmp_path / "index", None, ""))
        after = made.get("/ready")

    assert (before.status_code, after.status_code) == (503, 200)


def test_later_commits_are_seen(tmp_path: Path) -> None:
    put(read(CORPUS), Place(tmp_path, None, ""))
    with client(tmp_path) as made:
        before = made.get("/v1/search", params={"q": "zebra"}).json()
        put(read("CM16-0000002.1 upheld\nrequest: Zebra"), Place(tmp_path, None, ""))
        after = made.get("/v1/search", params={"q": "zebra"}).json()

    assert (before["total"]["matches"], after["total"]["matches"]) == (0, 1)


def test_people_can_try_it_in_a_browser(plain: TestClient) -> None:
    assert plain.get("/docs").headers["content-type"].startswith("text/html")


# problems


@pytest.mark.parametrize(
    ("path", "status", "code", "detail"),
    [
        ("/v1/search?drgu=norco", 422, "bad-query", "there is no parameter 'drgu': did you mean"),
        ("/v1/search?drug=norcoo", 422, "bad-query", "drug has no value 'norcoo': did you mean"),
        ("/v1/search?category=imagin", 422, "bad-query", "did you mean imaging"),
        ("/v1/search?outcome=denied", 422, "bad-query", "did you mean upheld?"),
        ("/v1/search?not.colour=red", 422, "bad-query", "there is no parameter 'not.colour'"),
        ("/v1/search?facets=drugs", 422, "bad-query", "there is no facet 'drugs': did you mean"),
        ("/v1/search?mode=fuzzy", 422, "bad-query", "mode: "),
        ("/v1/search?page=0", 422, "bad-query", "page: "),
        ("/v1/search?page=x", 422, "bad-query", "page: "),
        ("/v1/search?size=101", 422, "bad-query", "size: "),
        ("/v1/search?related=perhaps", 422, "bad-query", "related: "),
        ("/v1/search?highlight=perhaps", 422, "bad-query", "highlight: "),
        ("/v1/suggest", 422, "bad-query", "q: "),
        ("/v1/suggest?q=" + 201 * "a", 422, "bad-query", "q: "),
        ("/v1/suggest?q=norc&size=51", 422, "bad-query", "size: "),
        ("/v1/suggest?q=norc&kinds=drugs", 422, "bad-query", "no kind 'drugs': there is drug"),
        ("/v1/search?q=" + 20_001 * "a", 422, "bad-query", "q: "),
        ("/v1/decisions/CM16-0000001.9", 404, "not-found", "an id is a case number, a dot"),
        ("/v1/determinations/CM99-1", 404, "not-found", "there is no determination 'CM99-1'"),
        ("/v1/decisions/" + 101 * "1", 422, "bad-query", "decision_id: "),
        ("/v2/search", 404, "http-error", "GET /v2/search: Not Found"),
    ],
)
def test_what_goes_wrong_is_a_problem_that_says_what_to_do(
    path: str, status: int, code: str, detail: str, plain: TestClient
) -> None:
    answer = plain.get(path)

    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert problem["type"] == f"urn:imr-precedents:problem:{code}"
    assert problem["instance"] == path.partition("?")[0]
    assert detail in problem["detail"]


def test_another_method_is_a_problem_that_names_the_allowed_ones(plain: TestClient) -> None:
    answer = plain.post("/v1/search")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/ready", "/v1/search", "/v1/decisions/CM16-0000001.1"])
def test_without_an_index_it_is_unavailable_and_says_why(path: str, nothing: TestClient) -> None:
    answer = nothing.get(path)

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["type"].endswith(":index-missing")
    assert "make one with `imr index" in answer.json()["detail"]


def test_an_index_of_another_version_is_a_conflict(tmp_path: Path) -> None:
    put(read(CORPUS), Place(tmp_path, None, ""))
    signature = tmp_path / "signature.json"
    signature.write_text(
        json.dumps(json.loads(signature.read_text().splitlines()[0]) | {"analysis": "other"})
    )

    with client(tmp_path) as made:
        answer = made.get("/v1/search")

    assert (answer.status_code, answer.json()["type"]) == (
        409, "urn:imr-precedents:problem:index-mismatch",
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/health", "/v1/search?q=lantern", "/v1/nothing", "/docs"])
def test_head_is_get_without_a_body(plain: TestClient, path: str) -> None:
    head, get = plain.head(path), plain.get(path)

    assert head.status_code == get.status_code
    assert head.headers["content-type"] == get.headers["content-type"]
    assert (head.content, bool(get.content)) == (b"", True)


def test_a_damaged_index_is_told_with_the_remedy(tmp_path: Path) -> None:
    put(read(CORPUS), Place(tmp_path, None, ""))
    (tmp_path / "000001" / "text" / "meta.json").write_text("{")

    with client(tmp_path) as made:
        answer = made.get("/v1/search")

    assert (answer.status_code, answer.json()["type"]) == (
        503, "urn:imr-precedents:problem:index-unusable",
    )  # fmt: skip
    assert "meta.json is damaged" in answer.json()["detail"]
    assert "restore the index from a copy" in answer.json()["detail"]


def test_the_unforeseen_is_a_problem_that_tells_nothing_of_the_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(read(CORPUS), Place(tmp_path, None, ""))

    def fault(*_: object) -> Counts:
        raise ZeroDivisionError(f"in {tmp_path}")

    monkeypatch.setattr(EmbeddedEngine, "count", fault)
    with client(tmp_path) as made:
        answer = made.get("/v1/search")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(tmp_path) not in answer.text


# the description


def test_every_route_is_described_and_tried_here(description: dict[str, Any]) -> None:
    assert set(description["paths"]) == {
        "/v1/search",
        "/v1/suggest",
        "/v1/alerts",
        "/v1/alerts/{name}/new",
        "/v1/export",
        "/v1/guidelines",
        "/v1/guidelines/{guideline_id}",
        "/v1/decisions/{decision_id}",
        "/v1/determinations/{determination_id}",
        "/v1/determinations/{determination_id}/source",
        "/v1/outcomes",
        "/v1/decisions/{decision_id}/similar",
        "/v1/similar",
        "/v1/decisions/{decision_id}/conflicts",
        "/v1/conflicts",
        "/v1/fields",
        "/health",
        "/ready",
    }


@pytest.mark.parametrize(("path", "method"), FILTERED)
def test_every_filter_of_the_registry_is_described(
    path: str, method: str, description: dict[str, Any]
) -> None:
    parameters = description["paths"][path][method]["parameters"]
    names = [parameter["name"] for parameter in parameters]

    wanted = {name for f in fields.FILTERED for name in (f.name, f"not.{f.name}")}
    assert wanted <= set(names)
    assert len(names) == len(set(names))
    assert all(parameter["description"] for parameter in parameters)


def test_asking_twice_for_the_description_adds_nothing(
    plain: TestClient, description: dict[str, Any]
) -> None:
    assert plain.get("/openapi.json").json() == description


def test_the_description_has_examples_that_work(
    plain: TestClient, description: dict[str, Any]
) -> None:
    operation = description["paths"]["/v1/search"]["get"]
    (query,) = (p for p in operation["parameters"] if p["name"] == "q")
    for example in query["examples"].values():
        assert plain.get("/v1/search", params={"q": example["value"]}).status_code == 200
    (typed,) = (
        p for p in description["paths"]["/v1/suggest"]["get"]["parameters"] if p["name"] == "q"
    )
    for example in typed["schema"]["examples"]:
        assert plain.get("/v1/suggest", params={"q": example}).json()["suggestions"], example
    (columns,) = (
        p for p in description["paths"]["/v1/export"]["get"]["parameters"] if p["name"] == "columns"
    )
    for example in columns["schema"]["anyOf"][0].get("examples") or columns["schema"]["examples"]:
        answer = plain.get("/v1/export", params={"columns": example})
        assert answer.text.startswith(f"{example}\r\n")
    for path in ("/v1/decisions/{decision_id}", "/v1/determinations/{determination_id}"):
        identifier = description["paths"][path]["get"]["parameters"][0]
        assert identifier["schema"].get("examples") or identifier.get("examples")


def test_every_route_describes_its_problems(description: dict[str, Any]) -> None:
    for methods in description["paths"].values():
        (operation,) = methods.values()
        responses = operation["responses"]
        for status in ("404", "422", "503"):
            assert "application/problem+json" in responses[status]["content"]


# a real server


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """`imr serve` with its own defaults but for the port; gives the URL that it says."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if not name.startswith("IMR_OPEN")}
    with subprocess.Popen(
        [IMR, "serve", "--port", str(port), "--index", folder],
        env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            said = ""
            for line in process.stderr:
                said += line
                if running := re.search(r"running on (http://\S+)", line):
                    yield running[1]
                    break
            else:
                pytest.fail(said)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def test_a_real_server_answers_many_at_once_on_loopback_only(
    sample_index: Path,
    embedder: Embedder,  # noqa: ARG001 - the server loads the same model
) -> None:
    queries = ["norco", "lumbar mri", "physical therapy", '"functional improvement"'] * 4

    def get(path: str, **parameters: str) -> tuple[int, str | None, Any]:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        connection.request("GET", f"{path}?{urlencode(parameters)}")
        with connection.getresponse() as answer:
            read_ = answer.status, answer.headers["content-type"], json.loads(answer.read())
        connection.close()
        return read_

    def results(query: str) -> Any:
        return get("/v1/search", q=query)[2]["results"]

    with served(sample_index) as url:
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(results, queries))
        alone = [results(query) for query in queries[:4]]
        _, _, ready = get("/ready")
        status, media_type, _ = get("/v1/search", drug="norcoo")

    assert url.startswith("http://127.0.0.1:")
    assert together == alone * 4
    assert all(alone)
    assert ready["semantic"] is True
    assert (status, media_type) == (422, "application/problem+json")
