"""Guidelines as a graph: on both engines, through both doors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.examples import GUIDELINE_ID
from api.service import Service
from imr.engines.open import Place
from imr.errors import NotFoundError
from imr.precedents.guidelines import OUTCOME_LEFT_OUT, guideline, guidelines
from imr.search.request import Request
from imr.text.taxonomy.guideline_names import LONGEST, document_name, section_name, slug
from tests.corpus import Loader, put, read

IMR = Path(sys.executable).parent / "imr"
CORPUS = """
    A.1 upheld 2016-05-01
    request: Norco
    category: medication
    drugs: acetaminophen, hydrocodone
    administrator: ODG: Pain > Opioids
    reviewer: MTUS: Chronic Pain Medical Treatment > Opioids (chronic); ODG: Knee

    A.2 overturned
    request: Lumbar MRI
    treatments: mri
    administrator: MTUS: Low Back Complaints
    reviewer: MTUS: Chronic Pain Treatment > opioids; ODG: knee and leg

    B.1 overturned 2017-01-02
    request: Knee brace
    administrator: ODG: Leg
    reviewer: ODG

    C.1 upheld 2017-02-02
    request: Knee brace
    administrator: ODG: Knee
    reviewer: MTUS: Knee Complaints

    D.1 overturned 2018-02-02
    request: Shoulder surgery
    administrator: ACOEM: Shoulder Complaints; ODG: Knee
    reviewer: MTUS: Shoulder Complaints

    E.1 upheld
    request: Knee brace
    administrator: ODG: Knee
"""
KNEE = "odg-knee-and-leg"


def test_spellings_of_one_guideline_are_counted_together(load: Loader) -> None:
    found = guidelines(load(CORPUS).engine, Request())

    by_id = {each.id: each for each in found.guidelines}
    knee = by_id[KNEE]
    assert (knee.name, knee.source, knee.document) == ("ODG: Knee and Leg", "ODG", "Knee and Leg")
    assert (knee.reviewer.decisions, knee.reviewer.overturned) == (2, 1)
    assert (knee.administrator.decisions, knee.administrator.overturned) == (4, 2)
    assert by_id["odg"].document is None
    assert found.guidelines[0] == knee
    assert found.distinct == len(by_id)
    assert found.corpus_rate == 0.5


def test_the_graph_is_of_the_decisions_asked_for(load: Loader) -> None:
    engine = load(CORPUS).engine

    found = guidelines(engine, Request("norco"))
    assert {each.id for each in found.guidelines} == {"odg-pain", GUIDELINE_ID, KNEE}
    found = guidelines(engine, Request("norco"), find="odg pain")
    assert [each.id for each in found.guidelines] == ["odg-pain"]


def test_an_outcome_filter_is_left_out_and_told(load: Loader) -> None:
    engine = load(CORPUS).engine
    overturned = Request(filters=(("outcome", "overturned"),))

    assert guidelines(engine, overturned).guidelines == guidelines(engine, Request()).guidelines
    assert OUTCOME_LEFT_OUT in guidelines(engine, overturned).note
    assert OUTCOME_LEFT_OUT in guideline(engine, overturned, GUIDELINE_ID).note
    assert OUTCOME_LEFT_OUT not in guidelines(engine, Request()).note


def test_a_guideline_has_sections_links_and_years(load: Loader) -> None:
    found = guideline(load(CORPUS).engine, Request(), GUIDELINE_ID)

    side = found.reviewer
    assert (side.ended.decisions, side.ended.overturned, side.letters) == (2, 1, 1)
    assert side.ended.few
    # two spellings of the section are one, those of the document are kept
    assert [(each.value, each.ended.decisions) for each in side.sections] == [("Opioids", 2)]
    assert {each.value for each in side.spellings} == {
        "MTUS: Chronic Pain Medical Treatment",
        "MTUS: Chronic Pain Treatment",
    }
    assert [(each.id, each.ended.overturned) for each in side.together_with] == [(KNEE, 1)]
    assert [each.value for each in side.treatments if each.value == "mri"] == ["mri"]
    assert [(each.value, each.ended.decisions) for each in side.years] == [("2016", 2)]
    assert [(each.id, each.wording) for each in side.newest] == [
        ("A.1", ("MTUS: Chronic Pain Medical Treatment > Opioids (chronic)",)),
        ("A.2", ("MTUS: Chronic Pain Treatment > opioids",)),
    ]
    assert found.administrator.ended.decisions == 0


def test_the_filter_of_a_side_finds_its_decisions(load: Loader) -> None:
    corpus = load(CORPUS)
    side = guideline(corpus.engine, Request(), KNEE).administrator

    field, _, value = side.filter.partition("=")
    assert corpus.matches(filters={field: value}) == {"B.1", "C.1", "D.1", "E.1"}
    assert side.ended.decisions == 4


def test_set_aside_means_another_was_applied_and_not_this_one(load: Loader) -> None:
    """B's reviewer applied the ODG, which may be this chapter; E's applied nothing."""
    found = guideline(load(CORPUS).engine, Request(), KNEE)

    aside = found.set_aside
    assert (aside.ended.decisions, aside.ended.overturned, aside.letters) == (2, 1, 2)
    assert [(each.name, each.ended.overturned) for each in aside.guidelines] == [
        ("MTUS: Knee Complaints", 0),
        ("MTUS: Shoulder Complaints", 1),
    ]
    preferred = found.preferred
    assert (preferred.ended.decisions, preferred.ended.overturned) == (2, 1)
    assert {each.id for each in preferred.guidelines} == {"odg-pain", "mtus-low-back-complaints"}


def test_a_chapter_that_the_mtus_took_over_is_the_same(load: Loader) -> None:
    engine = load(CORPUS).engine

    assert guideline(engine, Request(), "acoem-shoulder-complaints").set_aside.ended.decisions == 0
    # but a decision that applies no chapter of the source at all sets the source aside
    assert guideline(engine, Request(), "odg").preferred.ended.decisions == 0


@pytest.mark.parametrize("given", [KNEE, "ODG: Knee and Leg", "odg knee AND leg"])
def test_a_guideline_is_had_by_id_or_name(given: str, tmp_path: Path) -> None:
    engine = put(read(CORPUS), Place(tmp_path / "index", None, "")).engine

    assert guideline(engine, Request(), given).guideline.id == KNEE


def test_an_unknown_guideline_names_the_nearest(tmp_path: Path) -> None:
    engine = put(read(CORPUS), Place(tmp_path / "index", None, "")).engine

    with pytest.raises(NotFoundError, match="did you mean odg-knee-and-leg"):
        guideline(engine, Request(), "odg-knee-and-legs")


@pytest.mark.parametrize(
    ("source", "spelled", "name"),
    [
        ("ODG", "Lower Back", "Low Back"),
        ("ODG", "low back", "Low Back"),
        ("ODG", "Wrist & Hand", "Forearm, Wrist, and Hand"),
        ("MTUS", "Post-Surgical Treatment", "Postsurgical Treatment"),
        ("MTUS", "Chronic Pain Disorders", "Chronic Pain Disorders"),
        ("other", "Low Back", "Low Back"),
    ],
)
def test_names_of_documents(source: str, spelled: str, name: str) -> None:
    assert document_name(source, spelled) == name


def test_names_of_sections() -> None:
    assert section_name("Weaning, opioids (specific guidelines)") == "Weaning, opioids"
    assert section_name("(for pain)") == "(for pain)"


def test_long_names_have_addresses_of_their_own() -> None:
    first, second = (slug(f"other: {'a journal of medicine ' * 9}{end}") for end in ("one", "two"))

    assert first != second
    assert max(len(first), len(second)) <= LONGEST + 9


LONG = (
    "A Review of Many Trials of Exercise and of Rest after Strains and Sprains of the Knee and Foot"
)
AWKWARD = f"""
    A.1 upheld
    request: Knee brace
    administrator: other: {LONG} in 2011; ODG: Knee/Leg Braces & Supports
    reviewer: other: {LONG} in 2012
"""


def test_every_listed_guideline_opens_by_its_id_and_its_name(tmp_path: Path) -> None:
    place = Place(tmp_path / "index", None, "")
    engine = put(read(AWKWARD), place).engine
    listed = guidelines(engine, Request()).guidelines

    assert max(len(each.id) for each in listed) > LONGEST
    with TestClient(create_app(Service(place, None))) as http:
        for each in listed:
            assert guideline(engine, Request(), each.id).guideline.name == each.name
            for name in (each.name, each.name.upper()):
                assert guideline(engine, Request(), name).guideline.id == each.id
            answer = http.get(f"/v1/guidelines/{each.id}")
            assert (answer.status_code, answer.json()["guideline"]["name"]) == (200, each.name)


def test_a_list_says_where_letters_are_counted(load: Loader) -> None:
    engine = load(CORPUS).engine

    assert "letters` says" not in guidelines(engine, Request()).note
    assert "`letters` says" in guideline(engine, Request(), KNEE).note


# ---------------------------------------------------------------- the doors


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain") / "index"
    put(read(CORPUS), Place(folder, None, ""))
    return folder


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["--query", "norco"], "/v1/guidelines?q=norco"),
        (["--find", "knee", "-f", "outcome=upheld"], "/v1/guidelines?find=knee&outcome=upheld"),
        ([KNEE, "--size", "3"], f"/v1/guidelines/{KNEE}?size=3"),
    ],
)
def test_json_is_the_body_of_http(arguments: list[str], path: str, plain: Path) -> None:
    command = [str(IMR), "guidelines", *arguments, "--json", "--index", str(plain)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)

    with TestClient(create_app(Service(Place(plain, None, ""), None))) as http:
        answer = http.get(path)
    assert answer.status_code == 200
    ours, theirs = json.loads(done.stdout), answer.json()
    assert ours | {"took_ms": 0} == theirs | {"took_ms": 0}


def test_it_is_shown_to_people(plain: Path) -> None:
    command = [str(IMR), "guidelines", KNEE, "--index", str(plain)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True, text=True)

    assert (
        "Set aside by the reviewer, who applied instead: 1 of 2, 50 % (9 to 91), few" in done.stdout
    )


def test_wrong_names_are_problems(plain: Path) -> None:
    with TestClient(create_app(Service(Place(plain, None, ""), None))) as http:
        assert http.get("/v1/guidelines/nothing-such").status_code == 404
        assert http.get("/v1/guidelines?drg=norco").status_code == 422
