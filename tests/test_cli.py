"""The `imr` command as a person or a script calls it: a real process, its output piped."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
import typer
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from cli import show
from cli.app import app
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.open import Place
from imr.engines.signature import current
from imr.model import Determination
from imr.reading import Letter
from imr.text.embedding import Embedder
from tests.corpus import put, read

IMR = Path(sys.executable).parent / "imr"
ROOT = Path(__file__).parent.parent
SECONDS = 120


def imr(
    *arguments: str | Path, cwd: Path, code: int = 0, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command, which must leave with this code, without a trace or an escape code."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("IMR_OPEN")}
    done = subprocess.run(
        [IMR, *map(str, arguments)],
        cwd=cwd, env=env | dict(environ or {}), check=False,
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "\x1b" not in said
    assert "Traceback" not in said
    return done


@pytest.fixture(scope="module")
def few(sample_letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three letters, one of them in a folder of its own."""
    folder = tmp_path_factory.mktemp("few")
    (folder / "inner").mkdir()
    letters = sorted(sample_letters.rglob("*.pdf"))
    for place, letter in zip((folder, folder, folder / "inner"), letters, strict=False):
        copy(letter, place)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A keyword-only index of two decisions."""
    folder = tmp_path_factory.mktemp("plain") / "index"
    put(
        read("""
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
        """),
        Place(folder, None, ""),
    )  # fmt: skip
    return folder


@pytest.fixture
def no_model(tmp_path: Path) -> dict[str, str]:
    """An environment from which no model can be had."""
    (tmp_path / "bin").mkdir()
    cache = tmp_path / "cache"
    return {"IMR_CACHE": str(cache), "HF_HUB_OFFLINE": "1", "PATH": str(tmp_path / "bin")}


# the command itself


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and subcommand there is."""
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


COMMANDS = [" ".join(path) for path in commands(typer.main.get_command(app))]


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_help(path: str, tmp_path: Path) -> None:
    said = imr(*path.split(), "--help", cwd=tmp_path).stdout

    assert said.startswith(f"Usage: {f'imr {path}'.strip()} ")
    assert "--help" in said


def test_there_are_the_commands_of_the_readme() -> None:
    promised = {"parse", "index", "search", "show", "serve", "demo", "model fetch"}

    assert promised | {"mappings check", "mappings render"} <= set(COMMANDS)


def test_without_arguments_it_shows_its_help_and_fails(tmp_path: Path) -> None:
    done = imr(cwd=tmp_path, code=2)

    assert "Usage: imr" in done.stdout + done.stderr


def test_the_version_is_one_line(tmp_path: Path) -> None:
    assert imr("--version", cwd=tmp_path).stdout == "0.1.0\n"


@pytest.mark.parametrize("arguments", [("serach",), ("search", "--no-such-option")])
def test_what_does_not_exist_exits_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert "No such" in imr(*arguments, cwd=tmp_path, code=2).stderr


# parse


def test_parse_prints_one_record_a_line(few: Path, tmp_path: Path) -> None:
    lines = imr("parse", few, cwd=tmp_path).stdout.splitlines()

    records = [Determination.model_validate_json(line) for line in lines]
    assert len(records) == 3
    assert all(record.decisions and record.text == "" for record in records)
    assert not any("text" in json.loads(line) for line in lines)


def test_parse_prints_the_text_when_asked(few: Path, tmp_path: Path) -> None:
    (letter,) = (few / "inner").iterdir()

    record = Determination.model_validate_json(imr("parse", "--text", letter, cwd=tmp_path).stdout)

    start, end = record.decisions[0].spans["rationale"]
    assert record.text[start:end] == record.decisions[0].rationale


def test_parse_sets_aside_what_is_no_letter_and_goes_on(few: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A shopping list.")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 broken")
    copy(next((few / "inner").iterdir()), tmp_path / "c.pdf")

    done = imr("parse", tmp_path, cwd=tmp_path, code=1)

    assert len(done.stdout.splitlines()) == 1
    assert "a.txt" in done.stderr
    assert "b.pdf" in done.stderr
    assert "c.pdf" not in done.stderr


def test_a_path_that_is_not_there_exits_2(tmp_path: Path) -> None:
    assert "nowhere does not exist" in imr("parse", "nowhere", cwd=tmp_path, code=2).stderr


# index


def test_index_loads_letters_and_again_changes_nothing(few: Path, tmp_path: Path) -> None:
    first = imr("index", few, "--keyword-only", cwd=tmp_path).stdout
    again = imr("index", few, "--keyword-only", cwd=tmp_path).stdout

    assert first.startswith("3 letters, ")
    assert first.endswith("loaded into index\n")
    assert again == "0 letters, 0 decisions loaded into index, 3 unchanged\n"


def test_index_sets_aside_and_exits_1(few: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("A shopping list.")

    done = imr("index", few, "list.txt", "--keyword-only", cwd=tmp_path, code=1)

    assert done.stdout.startswith("3 letters")
    assert done.stdout.endswith(", 1 set aside\n")
    assert "set aside: list.txt" in done.stderr


def test_index_without_any_letter_exits_2_and_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert "no letter" in imr("index", "empty", cwd=tmp_path, code=2).stderr
    assert not (tmp_path / "index").exists()


def test_index_while_another_loads_exits_1(few: Path, tmp_path: Path) -> None:
    with EmbeddedWriter(tmp_path / "index", current(None)):
        done = imr("index", few, "--keyword-only", cwd=tmp_path, code=1)

    assert done.stderr.startswith("imr: another process is loading into index")


def test_index_of_another_kind_exits_1(few: Path, sample_index: Path, tmp_path: Path) -> None:
    done = imr("index", few, "--keyword-only", "--index", sample_index, cwd=tmp_path, code=1)

    assert "holds vectors of bge-small-en-v1.5-q8, this load would add no model" in done.stderr


def test_without_a_model_letters_are_loaded_for_keyword_search(
    few: Path, no_model: dict[str, str], tmp_path: Path
) -> None:
    done = imr("index", few, cwd=tmp_path, environ=no_model)
    found = imr("search", "therapy", cwd=tmp_path, environ=no_model)

    assert "Keyword search works without it" in done.stderr
    assert done.stdout.startswith("3 letters")
    assert "note: semantic search is off" in found.stdout


# search


@pytest.fixture(scope="module")
def http(sample_index: Path, embedder: Embedder) -> Iterator[TestClient]:
    service = Service(Place(sample_index, None, ""), embedder)
    with TestClient(create_app(service)) as client:
        yield client


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        (["norco functional improvement"], {"q": "norco functional improvement"}),
        (
            ["therapy", "--filter", "outcome=upheld", "-f", "body_part=knee",
             "-f", "body_part=neck"],
            {"q": "therapy", "outcome": "upheld", "body_part": ["knee", "neck"]},
        ),
        (
            ["mri", "--mode", "keyword", "--size", "3", "--page", "2", "--group", "none"],
            {"q": "mri", "mode": "keyword", "size": 3, "page": 2, "group": "none"},
        ),
        (["--sort", "oldest", "--filter", "not.category=medication"],
         {"sort": "oldest", "not.category": "medication"}),
        (["pain -knee", "--mode", "semantic"], {"q": "pain -knee", "mode": "semantic"}),
        (["norco", "--explain"], {"q": "norco", "explain": True}),
        (["norco", "--no-highlight"], {"q": "norco", "highlight": False}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_json_is_the_body_of_http(
    arguments: list[str],
    parameters: dict[str, Any],
    sample_index: Path,
    http: TestClient,
    tmp_path: Path,
) -> None:
    printed = imr("search", *arguments, "--json", "--index", sample_index, cwd=tmp_path).stdout
    body = http.get("/v1/search", params=parameters)

    ours, theirs = json.loads(printed), body.json()
    assert body.status_code == 200
    assert ours.pop("took_ms") > 0
    assert theirs.pop("took_ms") > 0
    assert ours == theirs
    assert ours["total"]["listed"] > 0


def test_search_prints_what_was_understood_counted_and_found(plain: Path, tmp_path: Path) -> None:
    said = imr("search", "denied norco", cwd=tmp_path, environ={"IMR_INDEX": str(plain)}).stdout

    for words in (
        "1 matching decision in 1 letter  (",
        "understood: Acetaminophen/hydrocodone (drug)",
        "try: --filter outcome=upheld",
        "0 overturned, 1 upheld = 0% overturned (95 %: 0% to 79%; all decisions 50%)",
        "Category: Medication 1",
        "  1. UPHELD     Norco 10/325mg #90",
        "CM16-0000001.1  2016-05-01",
    ):
        assert words.lower() in said.lower()


def test_search_shows_siblings_and_the_next_page(plain: Path, tmp_path: Path) -> None:
    grouped = imr("search", "--index", plain, cwd=tmp_path).stdout
    single = imr("search", "--group", "none", "--size", "1", "--index", plain, cwd=tmp_path).stdout

    assert "also CM16-0000001.2: overturned Lumbar MRI" in grouped
    assert "more: --page 2" in single


def test_what_was_asked_for_is_shown_in_its_sentence(plain: Path, tmp_path: Path) -> None:
    said = imr("search", "norco functional", "--index", plain, cwd=tmp_path).stdout

    assert "     Functional improvement is not documented." in said.splitlines()
    assert "<em>" not in said


def test_marks_are_bold_on_a_terminal() -> None:
    text = show.marked("no <em>red flags</em> &lt;5 days")

    assert text.plain == "no red flags <5 days"
    assert [(span.start, span.end, str(span.style)) for span in text.spans] == [(3, 12, "bold")]


def test_highlights_can_be_left_out(plain: Path, tmp_path: Path) -> None:
    said = imr(
        "search", "norco functional", "--no-highlight", "--index", plain, cwd=tmp_path
    ).stdout

    assert "Norco 10/325mg" in said
    assert "Functional improvement" not in said


def test_search_explains_when_asked(plain: Path, tmp_path: Path) -> None:
    plainly = imr("search", "norco zebra -mri", "--index", plain, cwd=tmp_path).stdout
    said = imr("search", "norco zebra -mri", "--explain", "--index", plain, cwd=tmp_path).stdout

    for line in (
        "Related, no match: 1 of 1 concepts (1 needed), 0 of 1 words (1 needed).",
        "Rank 1 by words with ",
        "norco: request, tag",
        "zebra: nowhere",
        "not mri: nowhere",
    ):
        assert f"\n     {line}" in said
        assert line not in plainly


def test_where_nothing_matches_nothing_is_counted(plain: Path, tmp_path: Path) -> None:
    said = imr("search", "norco zebra", "--index", plain, cwd=tmp_path).stdout

    assert said.startswith("0 matching decisions, 1 related  (")
    assert "Nothing matches: what follows is only related" in said
    assert "  1. UPHELD     Norco" in said
    assert "outcomes:" not in said
    assert "Category:" not in said


def test_nothing_found_is_no_error(plain: Path, tmp_path: Path) -> None:
    said = imr("search", "zebra", "--index", plain, cwd=tmp_path).stdout

    assert "0 matching decisions" in said
    assert "No decision found" in said


# suggest


def test_suggest_prints_names_with_their_filters(plain: Path, tmp_path: Path) -> None:
    said = imr("suggest", "norc", "--index", plain, cwd=tmp_path).stdout
    number = imr("suggest", "cm16", "--index", plain, cwd=tmp_path).stdout
    nothing = imr("suggest", "quagga", "--index", plain, cwd=tmp_path).stdout

    assert said.splitlines()[0] == (
        "drug        Norco (acetaminophen/hydrocodone)  --filter drug=acetaminophen/hydrocodone"
    )
    assert number == "case-number CM16-0000001  imr show CM16-0000001\n"
    assert nothing == ""


def test_suggest_json_is_the_body_of_http(
    sample_index: Path, http: TestClient, tmp_path: Path
) -> None:
    printed = imr(
        "suggest", "pain", "--kinds", "guideline,condition", "--size", "3", "--json",
        "--index", sample_index, cwd=tmp_path,
    ).stdout  # fmt: skip
    body = http.get("/v1/suggest", params={"q": "pain", "kinds": "guideline,condition", "size": 3})

    ours, theirs = json.loads(printed), body.json()
    assert ours.pop("took_ms") >= 0
    assert theirs.pop("took_ms") >= 0
    assert ours == theirs
    assert len(ours["suggestions"]) == 3


def test_a_wrong_kind_exits_2_with_a_hint(plain: Path, tmp_path: Path) -> None:
    done = imr("suggest", "norc", "--kinds", "drugs", "--index", plain, cwd=tmp_path, code=2)

    assert "there is no kind 'drugs': there is drug" in done.stderr


# calls that are wrong


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--filter", "drgu=norco"], "there is no filter 'drgu': did you mean drug"),
        (["--filter", "drug=norcoo"], "did you mean"),
        (["--filter", "outcome=denied"], "did you mean upheld?"),
        (["--filter", "outcome"], "write FIELD=VALUE"),
        (["--mode", "fuzzy"], "choose hybrid, keyword, semantic"),
        (["--group", "pages"], "choose letter, none"),
        (["--sort", "date"], "choose relevance, newest, oldest"),
        (["--engine", "lucene"], "choose embedded or opensearch"),
        (["--engine", "opensearch"], "needs --url"),
        (["--size", "0"], "--size"),
        (["--page", "0"], "--page"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_call_exits_2_with_a_hint(
    arguments: list[str], hint: str, plain: Path, tmp_path: Path
) -> None:
    done = imr(
        "search", "norco", *arguments, cwd=tmp_path, code=2, environ={"IMR_INDEX": str(plain)}
    )

    assert hint in done.stderr
    assert done.stdout == ""


def test_without_an_index_it_exits_1_and_says_how_to_make_one(tmp_path: Path) -> None:
    done = imr("search", "norco", cwd=tmp_path, code=1)

    assert done.stderr.startswith("imr: there is no index in index: make one with `imr index")


def test_a_file_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("lantern")
    done = imr("search", "norco", "--index", "letters.txt", cwd=tmp_path, code=1)

    assert done.stderr.startswith("imr: letters.txt is a file: an index is a folder, made with")


def test_words_of_a_query_need_no_quotes(plain: Path, tmp_path: Path) -> None:
    apart = imr("search", "hydrocodone", "knee", "--json", "--index", plain, cwd=tmp_path)
    quoted = imr("search", "hydrocodone knee", "--json", "--index", plain, cwd=tmp_path)

    assert json.loads(apart.stdout)["results"] == json.loads(quoted.stdout)["results"] != []


def test_a_reader_that_leaves_early_hears_no_complaint(plain: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [IMR, "search", "--json", "--index", plain],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


# show


def test_show_prints_a_decision_or_a_letter(plain: Path, tmp_path: Path) -> None:
    one = imr("show", "CM16-0000001.2", "--index", plain, cwd=tmp_path).stdout
    whole = imr("show", "CM16-0000001", "--index", plain, cwd=tmp_path).stdout

    assert "2. OVERTURNED Lumbar MRI" in one
    assert "Norco" not in one
    assert "1. UPHELD Norco 10/325mg #90" in whole
    assert "Functional improvement is not documented." in whole
    assert "2. OVERTURNED Lumbar MRI" in whole


def test_show_prints_the_stored_record_as_json(sample_index: Path, tmp_path: Path) -> None:
    listed = imr("search", "--size", "1", "--json", "--index", sample_index, cwd=tmp_path).stdout
    id_ = json.loads(listed)["results"][0]["id"]

    one = imr("show", id_, "--json", "--index", sample_index, cwd=tmp_path).stdout
    whole = imr("show", id_.split(".")[0], "--json", "--index", sample_index, cwd=tmp_path).stdout

    letter = Letter.model_validate_json(whole)
    assert json.loads(one)["decision"]["id"] == id_
    assert id_ in [decision.id for decision in letter.decisions]
    assert letter.text


def test_show_of_what_is_not_there_exits_2(plain: Path, tmp_path: Path) -> None:
    done = imr("show", "CM99-1", "--index", plain, cwd=tmp_path, code=2)

    assert "there is no decision or determination 'CM99-1'" in done.stderr


# demo, mappings


@pytest.mark.usefixtures("model_files")
def test_demo_goes_from_letters_to_answers_and_can_be_run_again(tmp_path: Path) -> None:
    for _ in range(2):
        said = imr("demo", "--letters", "20", cwd=tmp_path).stdout
        assert "20 synthetic letters written to demo/letters" in said
        assert "20 letters, " in said
        assert said.count("$ imr search") == 3
        assert len(re.findall(r"^[1-9]\d* matching decisions? in", said, re.MULTILINE)) == 1
        assert "imr serve --index demo/index" in said

    found = imr("search", "norco", "--index", "demo/index", cwd=tmp_path).stdout
    assert "1 matching decision in 1 letter" in found


def test_demo_leaves_a_folder_of_someone_else_alone(tmp_path: Path, plain: Path) -> None:
    before = sorted(plain.rglob("*"))

    done = imr("demo", "--letters", "20", "--folder", plain, cwd=tmp_path, code=1)

    assert "was not made by the demo" in done.stderr
    assert sorted(plain.rglob("*")) == before


def test_mappings_are_what_the_registry_renders() -> None:
    assert "is what imr/fields.py renders" in imr("mappings", "check", cwd=ROOT).stdout


def test_mappings_elsewhere_than_in_a_checkout_exit_2(tmp_path: Path) -> None:
    for command in ("check", "render"):
        assert "checkout" in imr("mappings", command, cwd=tmp_path, code=2).stderr


def test_changed_mappings_exit_1(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "imr-decisions.json").write_text("{}")

    assert "imr mappings render" in imr("mappings", "check", cwd=tmp_path, code=1).stderr
    imr("mappings", "render", cwd=tmp_path)
    imr("mappings", "check", cwd=tmp_path)
