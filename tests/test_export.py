"""Exports: the whole counted set, the same from both engines and through both doors."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from imr import fields
from imr.engines.open import Place
from imr.errors import BadQueryError
from imr.export.columns import NAMES
from imr.export.formats import FORMATS, harmless
from imr.export.run import Export, export
from imr.search.plan import Plan
from imr.search.request import Request
from tests.corpus import Loader, Search, put, read

IMR = Path(sys.executable).parent / "imr"
CORPUS = """
    CM16-0000002.1 upheld 2016-05-01
    request: Norco 10/325mg #90
    category: medication
    drugs: acetaminophen, hydrocodone
    age: 51
    reviewer: MTUS: Chronic Pain Medical Treatment > Opioids
    rationale: Functional improvement is not documented, "at all".

    CM16-0000002.2 overturned
    request: Lumbar MRI & more_than 100%
    category: imaging
    treatments: mri
    body: low back
    rationale: Red flags are present.

    CM16-0000001.1 overturned 2016-12-19
    request: =HYPERLINK("http://example.org", "Norco")
    category: medication
    drugs: acetaminophen, hydrocodone
    rationale: Improvement was shown.
"""


def whole(made: Export) -> bytes:
    return b"".join(made.pieces)


def rows(found: Search, request: Request, *columns: str) -> list[dict[str, Any]]:
    made = export(found.engine, request, "jsonl", columns or None)
    lines = [json.loads(line) for line in whole(made).splitlines()]
    assert made.decisions == len(lines)
    return lines


def test_a_browse_exports_every_decision_in_order(load: Loader) -> None:
    found = rows(load(CORPUS), Request())

    assert [row["id"] for row in found] == ["CM16-0000001.1", "CM16-0000002.1", "CM16-0000002.2"]
    assert list(found[0]) == list(NAMES)
    assert found[1] == found[1] | {
        "case_number": "CM16-0000002",
        "number": 1,
        "citation": "IMR CM16-0000002, item 1, decided 2016-05-01, upheld",
        "outcome": "upheld",
        "drug": ["acetaminophen", "hydrocodone"],
        "body_part": [],
        "side": None,
        "age": 51,
        "quantity": None,
        "year": "2016",
        "decided": "2016-05-01",
        "guideline": ["MTUS: Chronic Pain Medical Treatment"],
        "guideline_part": ["MTUS: Chronic Pain Medical Treatment > Opioids"],
        "request": "Norco 10/325mg #90",
        "rationale": 'Functional improvement is not documented, "at all".',
    }
    # the letter of both items has one date, that of its first
    assert found[2]["citation"].endswith("decided 2016-05-01, overturned")


@pytest.mark.parametrize(
    "request_",
    [
        Request("norco"),
        Request("norco", filters=(("outcome", "overturned"),)),
        Request(filters=(("drug", "norco"),)),
        Request("improvement norco mri", match="any"),
        Request("mri", subject="mentioned"),
        Request("zebra"),
    ],
    ids=repr,
)
def test_what_is_exported_is_what_a_search_counts(request_: Request, load: Loader) -> None:
    found = load(CORPUS)
    asked = {"filters": request_.filters, "match": request_.match, "subject": request_.subject}

    ids = [row["id"] for row in rows(found, request_, "id")]

    assert set(ids) == found.matches(request_.text, **asked)
    assert ids == sorted(ids)


def test_the_facts_are_searched_where_a_search_would(load: Loader) -> None:
    """As in a search, text that must hold and stands only in a summary widens the scope."""
    found = load(CORPUS.replace("    age: 51", "    age: 51\n    summary: A foot drop is seen."))

    answer = found('"foot drop"')
    assert answer.total.matches == len(rows(found, Request('"foot drop"'), "id")) == 2


def test_csv_is_a_table_that_no_spreadsheet_calculates(load: Loader) -> None:
    made = export(load(CORPUS).engine, Request(), "csv", ["request", "drug", "age", "decided"])

    text = whole(made).decode()

    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["request", "drug", "age", "decided"],
        [
            '\'=HYPERLINK("http://example.org", "Norco")',
            "acetaminophen; hydrocodone",
            "",
            "2016-12-19",
        ],
        ["Norco 10/325mg #90", "acetaminophen; hydrocodone", "51", "2016-05-01"],
        ["Lumbar MRI & more_than 100%", "", "51", "2016-05-01"],
    ]
    assert text.count("\r\n") == 4


def test_csv_for_excel_begins_with_a_byte_order_mark(load: Loader) -> None:
    engine = load(CORPUS).engine
    plain = whole(export(engine, Request(), "csv", ["request"]))
    marked = whole(export(engine, Request(), "csv", ["request"], excel=True))

    assert marked == b"\xef\xbb\xbf" + plain
    with pytest.raises(BadQueryError, match="excel is about CSV, and this is jsonl"):
        export(engine, Request(), "jsonl", excel=True)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\r=1", " =1", "\n-1"])
def test_what_a_spreadsheet_may_take_for_a_formula_is_marked(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "1-2", "a=b", "L4-L5", "'=1"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert harmless(text) == text


def test_parquet_keeps_types_and_values(load: Loader, tmp_path: Path) -> None:
    file = tmp_path / "all.parquet"
    file.write_bytes(whole(export(load(CORPUS).engine, Request(), "parquet")))

    table = pq.read_table(file)
    assert table.column_names == list(NAMES)
    first, second, _ = table.to_pylist()
    assert first["request"].startswith("=HYPERLINK")
    assert second["decided"] == date(2016, 5, 1)
    assert second["drug"] == ["acetaminophen", "hydrocodone"]
    assert (second["age"], second["number"], second["side"]) == (51.0, 1, None)


def test_an_empty_set_is_a_whole_file_too(load: Loader, tmp_path: Path) -> None:
    engine = load(CORPUS).engine
    nothing = Request("zebra")

    assert whole(export(engine, nothing, "csv", ["id"])) == b"id\r\n"
    assert whole(export(engine, nothing, "jsonl")) == b""
    file = tmp_path / "none.parquet"
    file.write_bytes(whole(export(engine, nothing, "parquet", ["id"])))
    assert pq.read_table(file).num_rows == 0


def test_references_in_ris(load: Loader) -> None:
    made = export(load(CORPUS).engine, Request("norco", filters=(("outcome", "upheld"),)), "ris")

    assert whole(made).decode().split("\r\n") == [
        "TY  - CASE",
        "ID  - CM16-0000002.1",
        "TI  - IMR CM16-0000002, item 1, decided 2016-05-01, upheld: Norco 10/325mg #90",
        "PB  - California Division of Workers' Compensation, Independent Medical Review",
        "PY  - 2016",
        "DA  - 2016/05/01/",
        "M1  - CM16-0000002",
        "N1  - Outcome: upheld",
        "KW  - medication",
        "KW  - acetaminophen",
        "KW  - hydrocodone",
        "ER  - ",
        "",
        "",
    ]


def test_references_in_bibtex_mean_what_they_say(load: Loader) -> None:
    made = export(load(CORPUS).engine, Request("mri"), "bibtex")

    entry = whole(made).decode()
    assert entry.startswith("@misc{CM16-0000002.2,\n  title = {{IMR CM16-0000002, item 2, ")
    assert r"Lumbar MRI \& more\_than 100\%}}" in entry
    unescaped = re.sub(r"\\[&%_#$]", "", entry)
    assert unescaped.count("{") == unescaped.count("}")


@pytest.mark.parametrize(
    ("format_", "columns", "request_", "said"),
    [
        ("xls", None, Request(), "there is no format 'xls': choose csv, jsonl, parquet"),
        ("csv", ["outcom"], Request(), "there is no column 'outcom': did you mean outcome?"),
        ("csv", [], Request(), "no column is named"),
        ("ris", ["id"], Request(), "ris has no columns"),
        ("csv", None, Request("norco", mode="semantic"), "mode=semantic has no matches"),
        ("csv", None, Request(filters=(("drg", "norco"),)), "there is no filter 'drg'"),
    ],
)
def test_what_can_not_be_exported_is_said_at_once(
    format_: str, columns: list[str] | None, request_: Request, said: str, tmp_path: Path
) -> None:
    found = put(read(CORPUS), Place(tmp_path / "index", None, ""))

    with pytest.raises(BadQueryError, match=re.escape(said)):
        export(found.engine, request_, format_, columns)


def test_every_exported_field_is_a_column() -> None:
    assert set(NAMES) >= {field.name for field in fields.FIELDS if field.exported}


def test_single_fields_have_one_value_at_most(sample_index: Path) -> None:
    """What the registry promises of them, over letters of every layout."""
    with client(sample_index) as http:
        answer = http.get("/v1/export", params={"format": "jsonl"})
    lines = [json.loads(line) for line in answer.text.splitlines()]

    assert len(lines) == int(answer.headers["x-total-count"]) > 200
    for field in fields.FIELDS:
        if field.exported and field.type == "keyword":
            held = {type(line[field.name]) for line in lines}
            assert held <= ({str, type(None)} if field.single else {list}), field.name
    single = [field.name for field in fields.FIELDS if field.single]
    engine = Service(Place(sample_index, None, ""), None).engine()
    for batch in engine.every(Plan(), single, records=False):
        for name in single:
            assert max(map(len, batch.keywords[name])) <= 1, name


# ---------------------------------------------------------------- the doors


def client(folder: Path) -> TestClient:
    return TestClient(create_app(Service(Place(folder, None, ""), None)))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain") / "index"
    put(read(CORPUS), Place(folder, None, ""))
    return folder


@pytest.fixture(scope="module")
def http(plain: Path) -> Iterator[TestClient]:
    with client(plain) as made:
        yield made


@pytest.mark.parametrize("name", FORMATS)
def test_http_gives_the_file(name: str, http: TestClient) -> None:
    answer = http.get("/v1/export", params={"q": "norco", "format": name})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == FORMATS[name].media_type
    assert answer.headers["x-total-count"] == "2"
    assert answer.headers["content-disposition"].endswith(f'decisions{FORMATS[name].suffix}"')
    assert b"CM16-0000002.1" in answer.content


def test_http_refuses_before_the_first_byte(http: TestClient) -> None:
    for asked in ({"format": "xls"}, {"columns": "outcom"}, {"drg": "norco"}, {"mode": "keyword"}):
        answer = http.get("/v1/export", params=asked)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


def imr(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([IMR, *arguments], capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("name", FORMATS)
def test_the_command_writes_what_http_gives(
    name: str, plain: Path, http: TestClient, tmp_path: Path
) -> None:
    file = tmp_path / f"out{FORMATS[name].suffix}"

    done = imr("export", "norco", "-f", "outcome=upheld", "-o", str(file), "--index", str(plain))

    assert (done.returncode, done.stdout) == (0, b"")
    assert b"1 decision written" in done.stderr
    asked = {"q": "norco", "outcome": "upheld", "format": name}
    assert file.read_bytes() == http.get("/v1/export", params=asked).content
    assert list(tmp_path.iterdir()) == [file]


def test_the_command_prints_where_no_file_is_named(plain: Path) -> None:
    done = imr("export", "--columns", "citation", "--index", str(plain))

    assert (
        done.stdout.splitlines()[1] == b'"IMR CM16-0000001, item 1, decided 2016-12-19, overturned"'
    )


def test_the_command_says_what_is_wrong(plain: Path, tmp_path: Path) -> None:
    done = imr("export", "--columns", "outcom", "-o", str(tmp_path / "x"), "--index", str(plain))

    assert done.returncode == 2
    assert b"did you mean outcome?" in done.stderr
    assert list(tmp_path.iterdir()) == []
