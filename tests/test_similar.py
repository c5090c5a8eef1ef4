"""Similar cases and conflicts: the same on both engines, and through both doors."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from imr.engines.open import Place, open_index, open_writer
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.generations import Generations
from imr.engines.protocol import Engine
from imr.errors import BadQueryError, NotFoundError
from imr.letters.parse import parse
from imr.model import Determination
from imr.precedents import case as cases
from imr.precedents import conflicts
from imr.precedents.sentences import pairs
from imr.precedents.similar import STRANGE, Asked, SimilarResponse, similar
from imr.search.plan import make
from imr.search.request import Request
from imr.text.embedding import Embedder
from imr.text.vector_cache import RememberingEmbedder
from indexer import pipeline
from samples import stream
from samples.render import letter_text
from tests.corpus import Loader
from tests.test_cli import IMR

LETTERS = 70

Engines = tuple[Engine, Engine]


@pytest.fixture(scope="module")
def letters() -> list[Determination]:
    return [
        parse(letter_text(record).encode(), f"{record.id}.txt")
        for record in islice(stream(23), LETTERS)
    ]


@pytest.fixture(scope="module")
def places(
    letters: list[Determination],
    embedder: Embedder,
    opensearch_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[Place]]:
    """The same letters in both engines."""
    found = [
        Place(tmp_path_factory.mktemp("similar") / "index", None, ""),
        Place(Path(), opensearch_url, f"similar-{uuid.uuid4().hex[:8]}"),
    ]
    once = RememberingEmbedder(embedder, tmp_path_factory.mktemp("vectors"), 10**9)
    for place in found:
        with open_writer(place, embedder.spec) as writer:
            pipeline.load(letters, writer, once, pipeline.LoadReport())
    yield found
    Generations(Cluster(opensearch_url, found[1].name)).delete()


@pytest.fixture(scope="module")
def engines(places: list[Place]) -> Engines:
    ours, theirs = (open_index(place).current() for place in places)
    return ours, theirs


def decisions(engine: Engine) -> list[str]:
    return [hit.id for hit in engine.newest(make((), ()), 200)]


def told(found: SimilarResponse) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = found.model_dump()["results"]
    for row in rows:
        row["score"] = round(row["score"], 2)
        row["why"]["parts"] = {name: round(x, 2) for name, x in row["why"]["parts"].items()}
    return rows


def test_both_engines_give_the_same_similar_cases(engines: Engines) -> None:
    for id_ in decisions(engines[0])[:12]:
        ours, theirs = (similar(each, cases.stored(each, id_), Asked()) for each in engines)
        assert ours.source == theirs.source
        assert [row.id for row in ours.results] == [row.id for row in theirs.results]
        for row, other in zip(told(ours), told(theirs), strict=True):
            assert row.pop("score") == pytest.approx(other.pop("score"), abs=0.011)
            parts = row["why"].pop("parts"), other["why"].pop("parts")
            assert parts[0] == pytest.approx(parts[1], abs=0.011)
            assert row == other


def test_both_engines_give_the_same_conflicts(engines: Engines) -> None:
    found = 0
    for id_ in decisions(engines[0])[:40]:
        ours, theirs = (
            conflicts.of_decision(each, cases.stored(each, id_), (), 5) for each in engines
        )
        assert [c.other.id for c in ours.conflicts] == [c.other.id for c in theirs.conflicts]
        found += len(ours.conflicts)
    assert found
    for text in ("", "medication", "physical therapy"):
        ours, theirs = (conflicts.over_query(each, Request(text=text), 10) for each in engines)
        assert ours.conflicts == theirs.conflicts
        assert ours.conflicts


def test_no_decision_of_the_same_letter_is_similar(engines: Engines) -> None:
    engine = engines[0]
    for id_ in decisions(engine)[:20]:
        found = similar(engine, cases.stored(engine, id_), Asked(size=100))
        assert id_.rpartition(".")[0] not in {row.id.rpartition(".")[0] for row in found.results}


def test_a_stored_letter_given_as_a_file_finds_what_its_id_finds(
    engines: Engines, letters: list[Determination], embedder: Embedder
) -> None:
    engine = engines[0]
    letter = next(each for each in letters if len(each.decisions) > 1)
    given, warnings = cases.of_letter(engine, letter, 2, embedder)
    first, told_ = cases.of_letter(engine, letter, None, embedder)

    by_file = similar(engine, given, Asked(fold=False))
    by_id = similar(engine, cases.stored(engine, letter.decisions[1].id), Asked(fold=False))

    assert [row.id for row in by_file.results] == [row.id for row in by_id.results]
    assert (warnings, len(told_)) == ((), 1)
    assert first.request == letter.decisions[0].request


def test_filters_narrow_what_is_similar(engines: Engines) -> None:
    engine = engines[0]
    case = cases.stored(engine, decisions(engine)[0])

    found = similar(engine, case, Asked((("outcome", "overturned"),), size=100))

    assert found.results
    assert {row.outcome for row in found.results} == {"overturned"}
    with pytest.raises(BadQueryError):
        similar(engine, case, Asked((("colour", "red"),)))


def test_words_alone_describe_a_case(engines: Engines, embedder: Embedder) -> None:
    engine = engines[0]
    case = cases.of_text(engine, "Norco #90 for low back pain", embedder)

    found = similar(engine, case, Asked(size=3))

    facts = {each.field: each.values for each in found.source.facts}
    assert facts["drug"] == ("acetaminophen", "hydrocodone")
    assert all("hydrocodone" in row.drugs for row in found.results)
    with pytest.raises(BadQueryError):
        cases.of_text(engine, "  ", embedder)


# stated corpora, on both engines, without vectors

CORPUS = """
A.1 upheld 2016-05-01
request: Norco 10/325mg #90
drugs: acetaminophen, hydrocodone
category: medication
reviewer: MTUS: Chronic Pain Medical Treatment > Opioids
rationale: Opioids need documented functional improvement. None is documented here.
conditions: low back pain
age: 51

B.1 overturned 2016-06-01
request: Norco 5/325mg #60
drugs: acetaminophen, hydrocodone
category: medication
reviewer: ODG: Pain
rationale: The worker went back to work. Functional improvement is documented with opioids.
conditions: low back pain
age: 55

C.1 overturned 2016-07-01
request: Percocet 10/325mg #60
drugs: acetaminophen, oxycodone
category: medication
rationale: Pain fell by half with it.

D.1 overturned 2016-08-01
request: MRI of the lumbar spine
category: imaging
rationale: Progressive weakness was found.

E.1 upheld 2016-08-01
request: Norco 10/325mg #30
drugs: acetaminophen, hydrocodone
category: medication
rationale: Urine drug screens are missing.
"""


FAR = """
A.1 upheld
request: Norco 10/325mg #90
drugs: acetaminophen, hydrocodone
rationale: One.
meaning: 0.62

B.1 overturned
request: Lumbar MRI
rationale: Two.
meaning: 0.5

C.1 upheld
request: Acupuncture
rationale: Three.
meaning: 0.58
"""


def test_a_text_of_which_nothing_is_known_is_no_confident_answer(load: Loader) -> None:
    found = load(FAR)
    case = cases.of_text(found.engine, "zzz qqq", found.embedder)

    answer = similar(found.engine, case, Asked())
    assert STRANGE in answer.warnings
    assert [row.id for row in answer.results] == ["A.1", "C.1", "B.1"]
    # cosines of .6 are those of unrelated cases
    assert [row.score for row in answer.results] == pytest.approx([0.04, 0, 0], abs=0.02)


def test_a_text_that_shares_a_word_or_a_fact_is_not_warned_of(load: Loader) -> None:
    found = load(FAR)
    for text in ("zzz acupuncture", "zzz norco"):
        answer = similar(found.engine, cases.of_text(found.engine, text, found.embedder), Asked())
        assert STRANGE not in answer.warnings
        assert max(row.why.parts["rationale"] for row in answer.results) == 1


def test_what_is_shared_is_said_and_ranks(load: Loader) -> None:
    engine = load(CORPUS).engine
    found = similar(engine, cases.stored(engine, "A.1"), Asked())

    first = found.results[0]
    assert first.id == "B.1"
    assert [(each.field, each.values) for each in first.why.shared] == [
        ("drug", ("acetaminophen", "hydrocodone")),
        ("drug_class", ("Analgesics (other)", "Opioids")),
        ("category", ("Medication",)),
        ("condition", ("Low back pain",)),
        ("age_band", ("50-59",)),
    ]
    assert first.why.sentences is not None
    assert first.why.sentences.ours == "Opioids need documented functional improvement."
    assert first.why.sentences.theirs == "Functional improvement is documented with opioids."
    assert [row.id for row in found.results].index("E.1") < 3
    assert [each for each in found.warnings if "without vectors" in each]


def test_a_conflict_shares_the_treatment_and_ended_otherwise(load: Loader) -> None:
    engine = load(CORPUS).engine
    found = conflicts.of_decision(engine, cases.stored(engine, "A.1"), (), 10).conflicts

    assert [(pair.one.id, pair.other.id) for pair in found] == [("A.1", "B.1"), ("A.1", "C.1")]
    assert found[0].closeness > found[1].closeness
    assert [(g.guideline, g.sections) for g in found[0].one.guidelines] == [
        ("MTUS: Chronic Pain Medical Treatment", ("Opioids",))
    ]
    assert [g.guideline for g in found[0].other.guidelines] == ["ODG: Pain"]


def test_conflicts_of_a_query_are_pairs_of_its_matches(load: Loader) -> None:
    engine = load(CORPUS).engine

    norco = conflicts.over_query(engine, Request(text="norco"), 10)
    filtered = conflicts.over_query(
        engine, Request(filters=(("year", "2016"), ("outcome", "upheld"))), 10
    )

    assert {(p.one.id, p.other.id) for p in norco.conflicts} == {("B.1", "A.1"), ("B.1", "E.1")}
    assert norco.conflicts[0].other.id == "A.1"
    assert {(p.one.id, p.other.id) for p in filtered.conflicts} >= {("C.1", "A.1"), ("B.1", "A.1")}
    assert [each for each in filtered.warnings if "outcome filter" in each]
    assert conflicts.over_query(engine, Request(text="quagga"), 10).conflicts == ()


def test_a_decision_that_is_not_there_is_named(load: Loader) -> None:
    engine = load(CORPUS).engine

    with pytest.raises(NotFoundError, match=r"Z\.9"):
        cases.stored(engine, "Z.9")
    assert cases.stored(engine, "A").id == "A.1"


def test_sentences_are_near_by_rare_words_first() -> None:
    ours = "The request is for the MRI. Progressive motor weakness of the left foot was found."
    theirs = "The request is for surgery. There is motor weakness of the foot that is progressive."

    (pair,) = pairs(ours, [theirs])
    (none,) = pairs(ours, ["Nothing alike."])

    assert pair is not None
    assert pair.ours.startswith("Progressive")
    assert pair.theirs.startswith("There is motor")
    assert none is None


# through HTTP


@pytest.fixture(scope="module")
def http(places: list[Place], embedder: Embedder) -> Iterator[TestClient]:
    with TestClient(create_app(Service(places[0], embedder))) as client:
        yield client


@pytest.fixture(scope="module")
def sample() -> bytes:
    return letter_text(next(iter(stream(23)))).encode()


def test_a_letter_is_taken_as_a_body_or_in_a_form(http: TestClient, sample: bytes) -> None:
    letter = parse(sample, "letter.txt")
    by_id = http.get(f"/v1/decisions/{letter.decisions[0].id}/similar").json()

    plain = http.post("/v1/similar", content=sample, headers={"content-type": "text/plain"}).json()
    form = http.post("/v1/similar", files={"file": ("letter.txt", sample)}).json()
    record = {"record": json.loads(letter.model_dump_json(exclude={"text"}))}
    as_record = http.post("/v1/similar", json=record).json()

    ids = [row["id"] for row in by_id["results"]]
    assert len(ids) == 10
    for answer in (plain, form, as_record):
        assert [row["id"] for row in answer["results"]] == ids


def test_a_pdf_is_taken(http: TestClient, sample_letters: Path) -> None:
    pdf = next(sample_letters.rglob("*.pdf")).read_bytes()

    answer = http.post("/v1/similar", content=pdf, headers={"content-type": "application/pdf"})

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 10


@pytest.mark.parametrize(
    ("status", "code", "sent"),
    [
        (422, "not-a-determination", {"content": b"Dear sir or madam, good day."}),
        (422, "bad-query", {"content": b""}),
        (422, "bad-query", {"json": {"text": "a", "record": None, "more": 1}}),
        (422, "bad-query", {"json": {}}),
        (422, "bad-query", {"content": b"{", "headers": {"content-type": "application/json"}}),
        (422, "bad-query", {"content": b"x", "headers": {"content-type": "image/png"}}),
        (422, "bad-query", {"files": {"other": ("a.txt", b"x")}}),
        (413, "letter-too-large", {"content": b"x" * 20_000_001}),
        (413, "letter-too-large", {"json": {"text": "x" * 2_000_001}}),
        (422, "bad-query", {"json": {"text": "x" * 20_001}}),
    ],
)
def test_what_can_not_be_compared_is_one_problem(
    http: TestClient, status: int, code: str, sent: dict[str, Any]
) -> None:
    plain = {"content-type": "text/plain"} if "content" in sent else {}
    answer = http.post("/v1/similar", **{"headers": plain, **sent})

    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, code)


def test_conflicts_through_http(http: TestClient) -> None:
    over_all = http.get("/v1/conflicts", params={"size": 3}).json()["conflicts"]
    first = over_all[0]
    of_one = http.get(f"/v1/decisions/{first['one']['id']}/conflicts").json()["conflicts"]

    assert {first["one"]["outcome"], first["other"]["outcome"]} == {"upheld", "overturned"}
    assert first["other"]["id"] in {pair["other"]["id"] for pair in of_one}
    assert http.get("/v1/decisions/none.1/conflicts").status_code == 404
    assert http.get("/v1/conflicts", params={"colour": "red"}).status_code == 422


# through the command line


def test_the_command_prints_what_http_returns(
    places: list[Place], http: TestClient, sample: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes(sample)
    id_ = parse(sample, "letter.txt").decisions[0].id

    printed = [
        subprocess.run(
            [IMR, "similar", given, "--json", "--index", places[0].folder],
            capture_output=True, check=True, text=True, timeout=120,
        ).stdout
        for given in (id_, str(file))
    ]  # fmt: skip

    wanted = [row["id"] for row in http.get(f"/v1/decisions/{id_}/similar").json()["results"]]
    for each in printed:
        assert [row["id"] for row in json.loads(each)["results"]] == wanted
