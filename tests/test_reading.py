"""Reading a letter: its sections, what is marked in it, and the file it came from."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from imr.engines.open import Place, open_index
from imr.engines.opensearch.cluster import Cluster
from imr.engines.originals import open_originals
from imr.errors import UnusableIndexError
from imr.letters.parse import parse
from imr.reading import Letter, reading
from samples.write import write_letters

IMR = Path(sys.executable).parent / "imr"


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("letters")
    write_letters(folder, 12, seed=21, formats=("pdf", "text"))
    return folder


def read_letters(folder: Path) -> list[Letter]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [reading(parse(path.read_bytes(), path.name)) for path in paths]


def test_sections_are_the_whole_text_in_order(letters: Path) -> None:
    for letter in read_letters(letters):
        ends = [0]
        for section in letter.sections:
            assert section.span[0] == ends[-1]
            assert letter.text[section.span[0] :].startswith(section.title[:12])
            ends.append(section.span[1])
        assert ends[-1] == len(letter.text)
        assert len(letter.sections) >= 4, letter.id


def test_marks_show_what_the_record_says(letters: Path) -> None:
    kinds = set()
    for letter in read_letters(letters):
        by_number = {decision.number: decision for decision in letter.decisions}
        for mark in letter.marks:
            kinds.add(mark.kind)
            wording = letter.text[slice(*mark.span)]
            assert wording
            if mark.kind == "outcome" and mark.decision is not None:
                assert by_number[mark.decision].outcome in wording.lower()
            if mark.kind == "drug" and mark.decision is not None:
                request = by_number[mark.decision].spans["request"]
                assert request[0] <= mark.span[0] < mark.span[1] <= request[1]
            if mark.kind == "condition":
                assert mark.label in letter.patient.conditions
        starts = [mark.span[0] for mark in letter.marks]
        assert starts == sorted(starts)
        marked = {(mark.kind, mark.decision) for mark in letter.marks}
        assert {("rationale", n) for n, d in by_number.items() if d.rationale} <= marked
    assert kinds >= {"summary", "request", "outcome", "rationale", "reason", "drug", "condition"}


def imr(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(IMR), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False, text=True)


@pytest.fixture(scope="module")
def kept(letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "index"
    done = imr("index", letters, "--keyword-only", "--keep-originals", "--index", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_http_gives_the_letter_as_it_is_read_and_the_file(kept: Path, letters: Path) -> None:
    engine = open_index(Place(kept, None, "")).current()
    files = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.read_bytes()
        for path in letters.rglob("*")
        if path.is_file()
    }
    with TestClient(create_app(Service(Place(kept, None, ""), None))) as http:
        for id_ in engine.letters_beginning("CM", 20):
            letter = Letter.model_validate_json(http.get(f"/v1/determinations/{id_}").content)
            assert letter == letter_of(kept, id_)
            bare = http.get(f"/v1/determinations/{id_}?text=false").json()
            assert (bare["text"], bare["sections"], bare["marks"]) == ("", [], [])
            answer = http.get(f"/v1/determinations/{id_}/source")
            assert answer.content == files[letter.source.sha256]
            kind = {"pdf": "application/pdf", "text": "text/plain; charset=utf-8"}
            assert answer.headers["content-type"] == kind[letter.source.format]
            assert answer.headers["content-disposition"].startswith("attachment;")
            assert answer.headers["x-content-type-options"] == "nosniff"


def letter_of(folder: Path, id_: str) -> Letter:
    found = open_index(Place(folder, None, "")).current().determination(id_)
    assert found is not None
    return reading(found)


def test_the_command_shows_the_letter_and_gives_the_file(kept: Path, tmp_path: Path) -> None:
    (id_,) = open_index(Place(kept, None, "")).current().letters_beginning("CM", 1)
    letter = letter_of(kept, id_)

    shown = imr("show", id_, "--letter", "--index", kept).stdout
    assert all(line in shown for line in letter.text.splitlines())
    assert all(section.title in shown for section in letter.sections)
    assert json.loads(imr("show", id_, "--json", "--index", kept).stdout) == letter.model_dump(
        mode="json"
    )
    one = imr("show", f"{id_}.1", "--letter", "--index", kept).stdout
    assert letter.decisions[0].request in one

    file = tmp_path / "letter"
    assert imr("source", id_, "-o", file, "--index", kept).returncode == 0
    assert hashlib.sha256(file.read_bytes()).hexdigest() == letter.source.sha256


def test_a_decision_with_its_letter_as_json_has_sections_and_its_marks(kept: Path) -> None:
    ids = open_index(Place(kept, None, "")).current().letters_beginning("CM", 12)
    letter = next(each for each in (letter_of(kept, id_) for id_ in ids) if len(each.decisions) > 1)
    first = letter.decisions[0]

    one = json.loads(imr("show", first.id, "--letter", "--json", "--index", kept).stdout)
    whole = letter.model_dump(mode="json")
    assert [each["id"] for each in one["decisions"]] == [first.id]
    assert (one["text"], one["sections"]) == (whole["text"], whole["sections"])
    wanted = {None, first.number}
    assert one["marks"] == [each for each in whole["marks"] if each["decision"] in wanted]
    assert len(one["marks"]) < len(whole["marks"])


def test_the_file_of_a_decision_is_its_letters_and_writes_over_nothing(
    kept: Path, tmp_path: Path
) -> None:
    (id_,) = open_index(Place(kept, None, "")).current().letters_beginning("CM", 1)
    digest = letter_of(kept, id_).source.sha256
    file = tmp_path / "mine"
    file.write_text("not to be lost")

    done = imr("source", f"{id_}.1", "-o", file, "--index", kept)
    assert (done.returncode, file.read_text()) == (2, "not to be lost")
    assert f"{file} is there already" in done.stderr
    assert imr("source", f"{id_}.1", "-o", file, "--force", "--index", kept).returncode == 0
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    assert "is a folder" in imr("source", id_, "-o", tmp_path, "--index", kept).stderr


def test_a_file_that_was_not_kept_is_told_and_may_be_kept_later(
    letters: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    imr("index", letters, "--keyword-only", "--index", folder)
    (id_,) = open_index(Place(folder, None, "")).current().letters_beginning("CM", 1)

    done = imr("source", id_, "--index", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "load it with --keep-originals" in done.stderr
    with TestClient(create_app(Service(Place(folder, None, ""), None))) as http:
        assert http.get(f"/v1/determinations/{id_}/source").status_code == 404
        imr("index", letters, "--keyword-only", "--keep-originals", "--index", folder)
        assert http.get(f"/v1/determinations/{id_}/source").status_code == 200


@pytest.fixture(params=["embedded", "opensearch"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "embedded":
        yield Place(tmp_path, None, "")
        return
    url = request.getfixturevalue("opensearch_url")
    place = Place(tmp_path, url, f"kept-{uuid.uuid4().hex[:8]}")
    yield place
    Cluster(url, place.name).connection.client.indices.delete(
        index=f"{place.name}-originals", ignore_unavailable=True
    )


def test_files_are_kept_by_their_digest_and_dropped(place: Place) -> None:
    originals = open_originals(place)
    data = b"%PDF- or not \x00\xff"
    name = hashlib.sha256(data).hexdigest()

    assert (originals.get(name), list(originals.names())) == (None, [])
    originals.put(name, data)
    originals.put(name, data)
    assert open_originals(place).get(name) == data
    assert list(originals.names()) == [name]
    originals.drop([name, "0" * 64])
    assert (originals.get(name), list(originals.names())) == (None, [])


def test_a_damaged_file_is_never_given_out(place: Place) -> None:
    originals = open_originals(place)
    name = hashlib.sha256(b"one").hexdigest()
    originals.put(name, b"another")

    with pytest.raises(UnusableIndexError, match="damaged"):
        originals.get(name)


def test_what_is_removed_or_replaced_goes_with_its_file(letters: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    where = Place(folder, None, "")
    imr("index", letters, "--keyword-only", "--keep-originals", "--index", folder)
    first, second = open_index(where).current().letters_beginning("CM", 2)
    gone, stays = (letter_of(folder, id_).source.sha256 for id_ in (first, second))
    stray = hashlib.sha256(b"no letter leads here").hexdigest()
    open_originals(where).put(stray, b"no letter leads here")

    assert imr("remove", first, "--index", folder).returncode == 0
    assert open_originals(where).get(gone) is None
    assert imr("compact", "--index", folder).returncode == 0
    assert open_originals(where).get(stray) is None
    assert open_originals(where).get(stays) is not None
