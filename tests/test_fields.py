"""The registry of fields: every row is sound, and every door shows it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from imr import fields
from imr.engines.open import Place
from imr.letters.parse import parse
from imr.model import Decision, Determination
from indexer.sources import letter_files
from tests.corpus import put, read

NAMES = [field.name for field in fields.FIELDS]
FACETS = [field.name for field in fields.FACETS]


@pytest.fixture(scope="module")
def decisions(sample_letters: Path) -> list[tuple[Determination, Decision]]:
    letters = [parse(file.read(), file.name) for file in letter_files([sample_letters])]
    return [(letter, decision) for letter in letters for decision in letter.decisions]


@pytest.fixture(scope="module")
def sample(sample_letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The service over a keyword-only index of the synthetic letters."""
    from cli.loading import load  # noqa: PLC0415 - what `imr index` runs

    place = Place(tmp_path_factory.mktemp("fields"), None, "")
    load(list(letter_files([sample_letters])), place, None)
    with TestClient(create_app(Service(place, None))) as client:
        yield client


def search(client: TestClient, **parameters: Any) -> Any:
    answer = client.get("/v1/search", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


# rows


def test_names_and_labels_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len({field.label for field in fields.FIELDS}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_parameter_and_a_file_name(name: str) -> None:
    assert name.isidentifier()
    assert name == name.lower()
    taken = {"q", "mode", "scope", "match", "subject", "related", "facets", "sort", "group",
             "page", "size", "highlight", "explain", "id", "determination", "row", "vectors",
             "record", "letter", "number"}  # fmt: skip
    assert name not in taken


@pytest.mark.parametrize("field", fields.FIELDS, ids=NAMES)
def test_a_row_promises_only_what_its_type_can_do(field: fields.Field) -> None:
    assert (field.weight is not None) == (field.type == "text")
    assert not field.facet or field.type == "keyword"
    assert not field.filtered or field.type != "text"
    assert not field.shown or field.facet
    assert not field.sorted or field.type == "date"
    assert (field.scopes != ()) == (field.type == "text")
    assert field.concept is None or field.filtered


@pytest.mark.parametrize(
    "field", [f for f in fields.FIELDS if f not in fields.RANGED], ids=lambda field: field.name
)
def test_values_are_strings_each_once(
    field: fields.Field, decisions: list[tuple[Determination, Decision]]
) -> None:
    found = [fields.values(field, *each) for each in decisions]

    assert any(found), "no decision has any"
    for values in found:
        assert all(isinstance(value, str) and value for value in values)
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("field", fields.TEXTS, ids=lambda field: field.name)
def test_an_indexed_text_is_never_empty(field: fields.Field) -> None:
    (letter,) = read("A.1 upheld").letters

    assert fields.text_of(field, letter, letter.decisions[0]) == fields.ABSENT


@pytest.mark.parametrize("field", fields.FACETS, ids=FACETS)
def test_every_value_has_a_label(
    field: fields.Field, decisions: list[tuple[Determination, Decision]]
) -> None:
    values = {value for each in decisions for value in fields.values(field, *each)}

    assert all(fields.label(field, value).strip() for value in values)


@pytest.mark.parametrize(
    ("request_", "drugs", "brands"),
    [
        ("NORCO 10/325mg #90", ("acetaminophen", "hydrocodone"), ["Norco"]),
        ("Hydrocodone/APAP 10/325mg", ("acetaminophen", "hydrocodone"), []),
        ("Neurontin 300mg, Prilosec", ("gabapentin", "omeprazole"), ["Neurontin", "Prilosec"]),
        ("Flexeril in place of Soma", ("cyclobenzaprine",), ["Flexeril"]),
        ("Ultra sound of the knee", (), []),
    ],
)
def test_a_brand_is_one_of_the_request_and_of_a_drug_in_dispute(
    request_: str, drugs: tuple[str, ...], brands: list[str]
) -> None:
    letter = read(f"A.1 upheld\nrequest: {request_}").letters[0]
    decision = letter.decisions[0].model_copy(update={"drugs": drugs})

    assert fields.values(fields.BY_NAME["brand"], letter, decision) == tuple(brands)


def test_broader_treatments_are_among_the_values_of_a_tree() -> None:
    (letter,) = read("A.1 upheld\ntreatments: mri, ct").letters

    taken = fields.values(fields.BY_NAME["treatment"], letter, letter.decisions[0])
    assert sorted(taken) == ["ct", "imaging", "mri"]


def test_all_that_is_cited_is_one_text() -> None:
    (letter,) = read("""
        A.1 upheld
        reviewer: MTUS: Chronic Pain Medical Treatment > Opioids; ODG
        administrator: ODG: Low Back > MRI; other: A journal
    """).letters  # fmt: skip

    text = fields.text_of(fields.BY_NAME["cited"], letter, letter.decisions[0])
    cited = ["MTUS", "Chronic Pain Medical Treatment", "Opioids", "ODG", "Low Back", "MRI"]
    assert text.split(" \u00b7 ") == [*cited, "A journal"]


# doors


@pytest.mark.parametrize("name", [field.name for field in fields.FILTERED])
def test_every_filter_is_in_the_description(name: str, sample: TestClient) -> None:
    operation = sample.get("/openapi.json").json()["paths"]["/v1/search"]["get"]
    described = {parameter["name"]: parameter for parameter in operation["parameters"]}

    for each in (name, f"not.{name}"):
        assert fields.BY_NAME[name].label in described[each]["description"]


def test_every_facet_is_counted_in_the_order_of_the_registry(sample: TestClient) -> None:
    assert list(search(sample)["facets"]) == [field.name for field in fields.SHOWN]
    assert list(search(sample, facets=",".join(FACETS))["facets"]) == FACETS


@pytest.mark.parametrize("name", FACETS)
def test_a_facet_s_count_is_what_its_filter_finds(name: str, sample: TestClient) -> None:
    whole = search(sample, facets=name)
    values = whole["facets"][name]

    assert values
    for value in islice(values, 6):
        found = search(sample, facets=name, **{name: value["value"]})
        others = search(sample, **{f"not.{name}": value["value"]})
        assert found["total"]["matches"] == value["count"]
        assert others["total"]["matches"] == whole["total"]["matches"] - value["count"]
        assert [v["value"] for v in found["facets"][name] if v["selected"]] == [value["value"]]
        assert {v["value"]: v["count"] for v in found["facets"][name]} == {
            v["value"]: v["count"] for v in values
        }


@pytest.mark.parametrize("name", FACETS)
def test_a_filter_takes_the_labels_that_a_facet_shows(name: str, sample: TestClient) -> None:
    for value in islice(search(sample, facets=name)["facets"][name], 6):
        by_label = search(sample, **{name: value["label"]})
        assert by_label["total"]["matches"] == value["count"]


@pytest.mark.parametrize("field", fields.TEXTS, ids=lambda field: field.name)
def test_every_text_is_searched(field: fields.Field, tmp_path: Path) -> None:
    key = "reviewer" if field.name == "cited" else field.name
    text = f"A.1 upheld\n{key}: {'ODG: ' * (field.name == 'cited')}Lantern"
    search = put(read(text), Place(tmp_path, None, ""))

    for scope in ("decision", "facts", "all"):
        found = {"A.1"} if scope in field.scopes else set()
        assert search.matches("lantern", scope=scope) == found


# numbers and days


@pytest.mark.parametrize("field", fields.RANGED, ids=lambda field: field.name)
def test_a_number_or_day_is_one_and_filtered_by_its_ends(
    field: fields.Field, decisions: list[tuple[Determination, Decision]], sample: TestClient
) -> None:
    taken = [fields.value(field, *each) for each in decisions]
    known = sorted(value for value in taken if value is not None)
    kind = str if field.type == "date" else float | int
    assert known
    assert all(isinstance(value, kind) for value in known)

    low, high = known[len(known) // 4], known[-len(known) // 4]
    within = sum(low <= value <= high for value in known)  # type: ignore[operator]
    ends = {f"{field.name}.min": low, f"{field.name}.max": high}
    assert search(sample, **ends)["total"]["matches"] == within
    assert search(sample, **{field.name: f"{low}..{high}"})["total"]["matches"] == within
    barred = search(sample, **{f"not.{field.name}": f"{low}..{high}"})
    assert barred["total"]["matches"] == len(taken) - within
    assert search(sample, **{field.name: low})["total"]["matches"] == known.count(low)
