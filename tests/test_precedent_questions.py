"""The questions of precedents: the page says what was asked, and an assistant answers three."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mcp import StdioServerParameters

from evaluation.accuracy import half_of
from evaluation.doors import IMR, called
from evaluation.precedent_questions import ASK, Asked, read
from tests.letters_at_hand import letters_at_hand
from tests.test_assistants import over_http

ROOT = Path(__file__).parents[1]
QUESTIONS = {question.key: question for question in read(ROOT / "docs/precedent_questions.toml")}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.key)
def test_every_question_is_on_the_page_with_its_judgement(question: Asked) -> None:
    page = (ROOT / "docs/questions.md").read_text(encoding="utf-8")
    _, found, told = page.partition(f"## {question.who}: {question.asks}\n")

    assert found
    doors = ", ".join(f"`{door}`" for door in question.door.split(", "))
    assert f"By {doors}. Right is: {question.answer}\n" in told
    assert question.judged
    assert f"\n{question.judged}\n" in told


def test_every_question_is_asked_and_each_by_another_user() -> None:
    assert QUESTIONS.keys() == ASK.keys()
    assert len({question.who for question in QUESTIONS.values()}) == len(QUESTIONS) == 10


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The letters that were judged, without vectors: nothing below asks by meaning."""
    if not letters_at_hand():
        pytest.skip("no real letter is at hand: they are not in the repository")
    made = tmp_path_factory.mktemp("questions") / "index"
    letters = [str(path) for path in letters_at_hand() if half_of(path.stem) != "last"]
    command = [str(IMR), "index", *letters, "--keyword-only", "--index", str(made)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    return made


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_an_assistant_answers_three_by_calls_of_tools_alone(transport: str, index: Path) -> None:
    filters = ["category=imaging", "body_part=neck", "outcome=upheld"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("search", {"filters": filters, "size": 25}),
        ("guidelines", {"guideline": "mtus-low-back-complaints"}),
        ("conflicts", {"id": "CM17-0005589.1", "size": 2}),
    ]
    if transport == "http":
        with over_http(index) as url:
            searched, chapter, opposite = called(url, *calls)
    else:
        arguments = ["mcp", "--index", str(index)]
        # the SDK hands on few variables by itself
        served = StdioServerParameters(command=str(IMR), args=arguments, env=dict(os.environ))
        searched, chapter, opposite = called(served, *calls)

    grounds = QUESTIONS["grounds"].expected
    reasons = {row["id"]: sorted(row["reasons"]) for row in searched["results"]}
    assert searched["matches"] == grounds["denials"]
    assert reasons.items() >= {k: v for k, v in grounds.items() if k.startswith("CM")}.items()

    aside = QUESTIONS["set-aside"].expected
    assert chapter["administrator"]["ended"]["decisions"] == aside["cited"]
    assert chapter["set_aside"]["ended"]["decisions"] == aside["set_aside"]
    assert chapter["set_aside"]["ended"]["overturned"] == aside["overturned_then"]

    wanted = QUESTIONS["opposite"].expected
    others = {pair["other"]["id"]: pair["other"] for pair in opposite["conflicts"]}
    assert sorted(others) == wanted["first_two"]
    assert others["CM16-0213037.1"]["citation"].startswith("IMR CM16-0213037, item 1")
