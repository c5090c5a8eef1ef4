"""Asks two sets of ten questions over an index of real letters and writes docs/questions.md.

The first (docs/questions.toml) are of search, the second (docs/precedent_questions.toml) of
precedents.

    python -m evaluation.questions --index DIR --letters DIR

The letters themselves are not in the repository: the report holds ids and facts only.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any, get_args

from evaluation import precedent_questions
from evaluation.doors import Doors
from evaluation.metrics import ndcg
from imr import settings
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.protocol import Engine
from imr.search.plan import Mode
from imr.search.request import Request
from imr.search.response import SearchResponse
from imr.search.run import search
from imr.text import model_files
from imr.text.embedding import Embedder
from imr.text.onnx_model import OnnxEmbedder

QUESTIONS = Path("docs/questions.toml")
REPORT = Path("docs/questions.md")
DEPTH = 10
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its judged decisions: 2 what was asked, 1 partly so."""

    text: str
    kind: str
    asks: str
    grades: Mapping[str, int]


def read(path: Path) -> list[Question]:
    """The questions of a file."""
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["question"]
    return [
        Question(
            each["text"],
            each["kind"],
            each["asks"],
            dict.fromkeys(each.get("partly", []), 1) | dict.fromkeys(each["relevant"], 2),
        )
        for each in found
    ]


def report(questions: Sequence[Question], engine: Engine, embedder: Embedder) -> Iterator[str]:
    """The report's lines."""
    decisions = sum(engine.corpus_outcomes())
    yield "# Ten questions of search\n"
    yield (
        "Written as users type them, with the decisions each should bring up, by a language-model "
        "annotator that read the letters, checked by no person, and "
        f"before the first run (`docs/questions.toml`). Run over the {decisions} decisions of the "
        "letters at hand by `python -m evaluation.questions --index DIR --letters DIR`, which "
        "writes this page. A grade is 2 for what was asked, 1 for partly so.\n"
    )
    answers = {
        mode: [_ask(engine, question, mode, embedder) for question in questions]
        for mode in get_args(Mode)
    }
    yield from _summary(questions, answers)
    for question, answer in zip(questions, answers["hybrid"], strict=True):
        yield from _detail(question, answer)


def _ask(engine: Engine, question: Question, mode: Mode, embedder: Embedder) -> SearchResponse:
    return search(
        engine, Request(text=question.text, mode=mode, group="none", size=DEPTH), embedder
    )


def _score(question: Question, answer: SearchResponse) -> float:
    return ndcg([row.id for row in answer.results], question.grades, DEPTH)


def _summary(
    questions: Sequence[Question], answers: Mapping[str, Sequence[SearchResponse]]
) -> Iterator[str]:
    yield "| question | " + " | ".join(answers) + " | found in the first ten |"
    yield "|---|" + "---|" * (len(answers) + 1)
    for at, question in enumerate(questions):
        scores = (f"{_score(question, of_mode[at]):.2f}" for of_mode in answers.values())
        ids = {row.id for row in answers["hybrid"][at].results}
        asked = {id_ for id_, grade in question.grades.items() if grade == 2}
        hits = f"{len(asked & ids)} of {min(DEPTH, len(asked))}"
        yield f"| {question.text} | {' | '.join(scores)} | {hits} |"
    means = (
        mean(_score(q, a) for q, a in zip(questions, of_mode, strict=True))
        for of_mode in answers.values()
    )
    yield "| **mean nDCG@10** | " + " | ".join(f"**{value:.3f}**" for value in means) + " | |\n"


def _detail(question: Question, answer: SearchResponse) -> Iterator[str]:
    yield f"## {question.text}\n"
    yield f"{question.asks} {answer.total.matches} decisions match.\n"
    yield "| rank | decision | grade | outcome | category | |"
    yield "|---|---|---|---|---|---|"
    for rank, row in enumerate(answer.results[:SHOWN], start=1):
        grade = question.grades.get(row.id, 0)
        how = "match" if row.matched else "related"
        yield f"| {rank} | {row.id} | {grade} | {row.outcome} | {row.category} | {how} |"
    ranked = {row.id for row in answer.results}
    missed = sorted(id_ for id_, g in question.grades.items() if g == 2 and id_ not in ranked)
    if missed:
        yield f"\nNot in the first ten: {', '.join(missed)}."
    yield ""


def main() -> None:
    """Write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--letters", type=Path, required=True, help="The letters, as CASE.pdf.")
    given = parser.parse_args()
    index = EmbeddedIndex(given.index).current()
    embedder = OnnxEmbedder(model_files.fetch(model_files.BGE_SMALL, settings.load()))
    lines = list(report(read(QUESTIONS), index, embedder))
    with TemporaryDirectory() as scratch:
        doors = Doors(given.index, given.letters, Path(scratch))
        lines += precedent_questions.report(precedent_questions.read(), doors)
    REPORT.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    sys.stdout.write(f"wrote {REPORT}\n")


if __name__ == "__main__":
    main()
