"""Whatever is typed has an answer: awkward queries through the real search and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.service import Service
from imr import fields
from imr.engines.open import Place
from imr.search.response import SearchResponse
from tests.corpus import Loader, Search, put, read

CORPUS = """
    A.1 upheld 2016-03-01
    request: Norco 10/325mg #90
    category: medication
    drugs: acetaminophen, hydrocodone
    age: 45
    reviewer: MTUS: Chronic Pain Medical Treatment > Opioids, criteria for use; ODG: Pain
    rationale: There is no functional improvement. Lantern and harbor.
    summary: Lumbar radiculopathy.
    conditions: radiculopathy
    meaning: 0.9, 0.5

    B.1 overturned 2017-01-31
    request: MRI of the lumbar spine
    category: imaging
    treatments: mri
    body: low back
    rationale: Red flags are documented.
    meaning: 0.3
"""

UNBALANCED = [
    '"', '""', '"""', "(", ")", "()", "(()", "())", ")(", "((((", "))))", '("', '(")', '"(',
    '")"(', "(lantern", "lantern)", '"lantern', 'lantern"', "(lantern OR", "lantern AND (",
    "NOT (", "-(", '+"', "(()())", "(lantern (harbor) OR", '"lantern (harbor" norco)', "[", "{}",
    "age:[", "age:[40", "age:[40 TO", "age:[40 TO 60", "age:[ TO ]", 'drug:"', 'drug:"norco',
    "drug:(", "drug:(norco", "drug:()", 'rationale:"', "\u201clantern", "lantern\u201d",
    "\u201c\u201d", "\u201d\u201c",
]  # fmt: skip
STRAY = [
    "AND", "OR", "NOT", "&&", "||", "!", "+", "-", "*", "~", "^", ":", "AND OR NOT", "AND AND",
    "lantern AND", "OR lantern", "NOT", "NOT NOT NOT", "lantern AND OR harbor", "-- -- --", "+-+-",
    "-+lantern", "!-lantern", "lantern NOT AND harbor", "(AND)", "(OR lantern)", "(lantern NOT)",
    "lantern OR NOT", "&& ||", "||||", "&&&&", "!(", "!!lantern", "~5", '"lantern harbor"~',
    '"lantern harbor"~-1', '"lantern harbor"~99999999999', '""~5', "lantern~2", "lantern^4",
    "drug:", ":norco", "drug::norco", "drug:drug:norco", "drug:AND", "drug:NOT lantern", "age:>",
    "age:>=", "age:>=lantern", "age:[lantern TO harbor]", "age:[60 TO 40]", "age:1e9", "age:nan",
    "age:-5", "age:<0", "age:99999999999", "quantity:0.0000001", "decided:0000", "decided:9999",
    "decided:>9999", "decided:<0001", "decided:2016-02-30", "decided:[9999-12-31 TO 0001-01-01]",
    "year:[* TO *]", "year:*", "drug:*", "request:*", "**", "a*", "ab*", "*lantern", "lan*tern",
    "lantern**", "(*)",
]  # fmt: skip
LONG = [
    "lantern " * 1250, "x" * 10_000, "(" * 500 + "lantern" + ")" * 500, "(" * 500, ")" * 500,
    "(lantern " * 500, "NOT " * 2_500 + "lantern", "-" * 10_000, '"' * 10_000, '"a" ' * 2_500,
    "lantern AND " * 800, "lantern OR " * 900, " ".join(f"word{n}" for n in range(1_500)),
    " ".join(f"-word{n}" for n in range(1_500)), " OR ".join(f"word{n}" for n in range(1_000)),
    "norco AND lumbar AND mri AND " * 120, "+norco -mri " * 300, "drug:norco " * 350,
    " ".join(f"drug:lantern{n}" for n in range(200)), "year:2016 OR " * 280, "abc* " * 800,
    " ".join(f"abc{n}*" for n in range(500)), "x" * 3_990 + "*", "age:>=1 " * 450,
    '"lantern harbor"~5 ' * 200, "(lantern OR (" * 250, "a&&" * 1_300, "\u00e9\u0301" * 5_000,
    "denied approved " * 600, "may 2016 from 2016 to " * 450, "norco or knee not " * 550,
    " ".join(f"CM16-{n:07}" for n in range(700)), "51 year old " * 800,
    "gabapentn" * 400, "gabapentn tramadl " * 200, "x:" * 2_000, "guideline:pain " * 260,
]  # fmt: skip
STRANGE = [
    "\x00", "lantern\x00harbor", "\x1b[31mlantern", "\r\n\t\v\f", "\ud800",
    "lantern \udfff harbor", "\ud83d norco", "\u200b", "nor\u200bco", "\u200fnorco\u200e",
    "\u202enorco\u202c", "\ufeffnorco", "\u2066norco\u2069", "\u0645\u0631\u062d\u0628\u0627",
    "\u05e9\u05dc\u05d5\u05dd AND norco", "\u6a2a\u80cc OR \u75db\u307f", "\U0001f600",
    "\U0001f469\u200d\u2695\ufe0f norco", "\u0130stanbul", "\ufb01xation",
    "\uff2e\uff2f\uff32\uff23\uff2f", "\u00bd", "\u2116 5", "e\u0301" * 20, "\u0301", "\U000e0041",
    "\ufffd", "\uffff", "\u2d63\u2d63none",
]  # fmt: skip
PASTED = [
    "<script>alert(1)</script>", "<b>norco</b>", "&lt;norco&gt;", "<!-- norco -->", "{{7*7}}",
    "${jndi:ldap://lantern}", "'; DROP TABLE decisions; --", "' OR '1'='1", "1; SELECT * FROM x",
    "/norco.*/", "^(nor|trama)do?co$", "[a-z]+", "(?i)norco", "(a+)+$", "\\", '\\"', "\\(norco\\)",
    "%00", "%22", "C:\\lantern\\harbor", "../../etc/passwd", "https://lantern.example/?a=b&&c=d#e",
    "mailto:lantern@harbor.example", "Retrospective: Norco 10/325mg, QTY: 2:", "10:30",
    "12/5/2016", "Norco (hydrocodone/APAP) 10/325mg #90 with (1) refill(s)",
    'TENS unit 5" pads (x2)', "L4-5/S1", "MTUS Chronic Pain, page(s) 98-99; ODG: Pain (Chronic)",
    "* lantern\n* harbor\n1) norco\n2) mri", "WAS NOT MEDICALLY NECESSARY AND/OR APPROPRIATE",
    "the of and", "which cases were", "not no", "denied", "denied AND approved", "NOT denied",
    "denied OR norco", "(denied)", '{"query": {"match_all": {}}}',
    "request:lantern AND _exists_:drug", "rationale:/x/", "*:*", "drug:norco^2", "[2016 TO 2017]",
    "lantern..harbor", "a.b.c/d-e'f", "''''", "norco;;;;", "#90",
]  # fmt: skip
QUERIES = [*UNBALANCED, *STRAY, *LONG, *STRANGE, *PASTED]

PIECES = [
    "lantern", "norco", "lumbar mri", "the", "denied", "AND", "OR", "NOT", "and", "&&", "||", "(",
    ")", '"', "\u201c", "+", "-", "!", "*", "~5", "acupunct*", "ab*", '"lantern harbor"~5',
    "drug:", "drug:norco", "drug:(", "guideline:pain", "age:[40 TO 60]", "age:>", "decided:2016",
    "request:", 'rationale:"red flags"', "[", "]", "TO", ":", "/", "\\", "\x00", "\ud800",
    "\u200f", "gabapentn", "\U0001f600", "10/325mg", ",", ".", "'",
]  # fmt: skip
AWKWARD = st.one_of(
    st.text(max_size=80),
    st.text(st.characters(categories=None), max_size=80),
    st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
)


@pytest.fixture(scope="module")
def searching(tmp_path_factory: pytest.TempPathFactory) -> tuple[Search, Path]:
    folder = tmp_path_factory.mktemp("awkward")
    return put(read(CORPUS), Place(folder, None, "")), folder


@pytest.fixture(scope="module")
def http(searching: tuple[Search, Path]) -> Iterator[TestClient]:
    search, folder = searching
    service = Service(Place(folder, None, ""), search.embedder)
    with TestClient(create_app(service), raise_server_exceptions=False) as made:
        yield made


def stands(answer: SearchResponse) -> None:
    """What holds of every answer."""
    total = answer.total
    assert 0 <= total.determinations <= total.matches <= 2
    assert sum(row.matched for row in answer.results) <= total.matches
    assert len(answer.query.clauses) <= 61
    assert all(clause.text.strip() for clause in answer.query.clauses)
    assert len(set(answer.query.warnings)) == len(answer.query.warnings) <= 12
    assert all(0 < len(warning) < 300 for warning in answer.query.warnings)
    json.loads(answer.model_dump_json())


@pytest.mark.parametrize("scope", ["decision", "all"])
@pytest.mark.parametrize("mode", ["hybrid", "semantic"])
def test_every_awkward_query_is_answered(
    searching: tuple[Search, Path], mode: str, scope: str
) -> None:
    search, _ = searching
    for text in QUERIES:
        stands(search(text, mode=mode, scope=scope, group="none"))


def test_every_awkward_query_is_answered_over_http(http: TestClient) -> None:
    for text in QUERIES:
        sent = text.encode("utf-8", "replace").decode()
        answer = http.get("/v1/search", params={"q": sent, "group": "none"})
        assert answer.status_code == 200, sent
        stands(SearchResponse.model_validate_json(answer.content))


def test_raw_bytes_over_http_are_answered(http: TestClient) -> None:
    for raw in ("%ff%fe", "%ed%a0%80", "%00%22%28", "%F0%9F%98", "q%26q=%22"):
        assert http.get(f"/v1/search?q={raw}").status_code == 200


def test_the_longest_queries_are_answered_by_a_cluster_too(load: Loader) -> None:
    search = load(CORPUS)
    for text in (*LONG, *STRAY[-28:]):
        stands(search(text, scope="all", group="none"))


def test_every_field_takes_any_value(searching: tuple[Search, Path]) -> None:
    search, _ = searching
    for field in fields.FIELDS:
        for value in ("lantern", '"no such thing"', "[1 TO 2]", ">=1", "*", "(a OR b)", "0", "-1"):
            stands(search(f"{field.name}:{value} OR NOT {field.name}:{value}", group="none"))


@given(AWKWARD)
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_is_answered(searching: tuple[Search, Path], text: str) -> None:
    search, _ = searching

    stands(search(text, group="none"))


@given(AWKWARD)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_is_answered_over_http(http: TestClient, text: str) -> None:
    sent = text.encode("utf-8", "replace").decode()

    assert http.get("/v1/search", params={"q": sent}).status_code == 200


def test_what_excludes_and_what_requires_part_all_decisions(searching: tuple[Search, Path]) -> None:
    """A hard clause and its negation share no decision and leave none out."""
    search, _ = searching
    everything = search.matches()
    for text in ("lantern", "norco OR mri", 'NOT "red flags"', "drug:norco OR harbor", "lant*"):
        held, barred = search.matches(f"+({text})"), search.matches(f"NOT ({text})")
        assert (held | barred, held & barred) == (everything, set()), text
