"""Test collections in BEIR's format, through the command and beside a BM25 of its own."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from math import log
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app
from evaluation import beir
from evaluation.metrics import linear, ndcg
from evaluation.throwaway import index_of
from imr.engines.protocol import Engine
from imr.errors import ImrError
from imr.text.analysis import tokens

COLLECTION = Path(__file__).parent / "data" / "beir"
"""Written for this test: 66 abstracts of medicine and biology, 30 queries of 1 to 12 words."""
K1, B = 1.2, 0.75


@pytest.fixture(scope="module")
def collection() -> beir.Collection:
    return beir.read(COLLECTION)


@pytest.fixture(scope="module")
def engine(collection: beir.Collection) -> Iterator[Engine]:
    with index_of(beir.letters(collection.documents), None) as engine:
        yield engine


class PlainBm25:
    """Any word of the query, over title and text as one (Robertson & Zaragoza 2009)."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self.counts = {id_: Counter(tokens(text)) for id_, text in documents.items()}
        self.lengths = {id_: counts.total() for id_, counts in self.counts.items()}
        self.usual = mean(self.lengths.values())
        self.found_in = Counter(token for counts in self.counts.values() for token in counts)

    def score(self, query: str, id_: str) -> float:
        counts = self.counts[id_]
        norm = K1 * (1 - B + B * self.lengths[id_] / self.usual)
        return sum(
            self._idf(token) * counts[token] / (counts[token] + norm)
            for token in tokens(query)
            if counts[token]
        )

    def _idf(self, token: str) -> float:
        found = self.found_in[token]
        return log(1 + (len(self.counts) - found + 0.5) / (found + 0.5))

    def ranking(self, query: str) -> list[str]:
        scores = {id_: self.score(query, id_) for id_ in self.counts}
        return sorted((i for i, s in scores.items() if s), key=lambda i: (-scores[i], i))


def test_the_collection_is_of_the_size_that_a_test_needs(collection: beir.Collection) -> None:
    assert len(collection.documents) >= 60
    assert len(collection.grades) >= 25


def test_the_keyword_leg_is_no_worse_than_plain_bm25(
    collection: beir.Collection, engine: Engine
) -> None:
    plain = PlainBm25(collection.documents)
    ids = sorted(collection.documents)
    ours, theirs = [], []
    for query, grades in collection.grades.items():
        text = collection.queries[query]
        ours.append(ndcg(beir.ranking(engine, text, "keyword", None, ids), grades, 10, linear))
        theirs.append(ndcg(plain.ranking(text), grades, 10, linear))

    assert mean(theirs) > 0.9
    assert mean(ours) >= mean(theirs) - 0.005


@pytest.mark.parametrize("text", ["hyaluronic knees", "rested concussion helmets", "vaping gum"])
def test_words_without_a_concept_score_as_in_plain_bm25(
    text: str, collection: beir.Collection, engine: Engine
) -> None:
    ids = sorted(collection.documents)

    assert beir.ranking(engine, text, "keyword", None, ids) == PlainBm25(
        collection.documents
    ).ranking(text)


def evaluated(*options: str) -> dict[str, Any]:
    answer = CliRunner().invoke(app, ["evaluate", "beir", *options, "--json"])
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


@pytest.mark.usefixtures("model_files")
def test_all_modes_are_measured_with_intervals() -> None:
    found = evaluated(str(COLLECTION))

    assert set(found) == {"hybrid", "keyword", "semantic"}
    for measured in found.values():
        assert measured["queries"] == 30
        for name in ("ndcg@10", "recall@100", "mrr@10"):
            low, high = measured["intervals"][name]
            assert 0 <= low <= measured[name] <= high <= 1
    assert found["hybrid"]["ndcg@10"] >= max(found["keyword"]["ndcg@10"], 0.95)


def test_one_mode_alone_needs_no_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMR_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("PATH", "")

    assert set(evaluated(str(COLLECTION), "--mode", "keyword")) == {"keyword"}


def test_a_perfect_and_a_missing_answer_are_what_they_are(tmp_path: Path) -> None:
    write(
        tmp_path,
        corpus=[("2", "Copper", "Lantern."), ("1", "", "Harbor lights"), ("q1", "Lantern", "")],
        queries=[("q1", "lantern"), ("q2", "meadow"), ("unjudged", "harbor")],
        qrels="q1\t2\t1\nq2\t1\t1\n",
    )

    (measured,) = evaluated(str(tmp_path), "--mode", "keyword").values()

    # q1 itself is a document, which BEIR leaves out; q2 finds nothing; the third is not judged
    assert measured["queries"] == 2
    assert [measured[name] for name in ("ndcg@10", "recall@100", "mrr@10")] == [0.5, 0.5, 0.5]


def write(
    folder: Path, corpus: list[tuple[str, str, str]], queries: list[tuple[str, str]], qrels: str
) -> None:
    rows = [{"_id": id_, "title": title, "text": text} for id_, title, text in corpus]
    asked = [{"_id": id_, "text": text} for id_, text in queries]
    for name, records in (("corpus", rows), ("queries", asked)):
        lines = "".join(f"{json.dumps(record)}\n" for record in records)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text(
        f"query-id\tcorpus-id\tscore\n{qrels}", encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("corpus.jsonl", None, "has no corpus.jsonl"),
        ("corpus.jsonl", '{"title": "no id"}\n', "corpus.jsonl, line 1"),
        ("queries.jsonl", "no json\n", "queries.jsonl, line 1"),
        ("queries.jsonl", "", "'Q01' is missing"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\n", "judges nothing"),
        ("qrels/test.tsv", "Q01 D01 1\nQ02 D02 1\n", "separated by tabs"),
    ],
)
def test_what_is_no_collection_is_told_by_file_and_line(
    file: str, text: str | None, told: str, tmp_path: Path
) -> None:
    folder = tmp_path / "collection"
    shutil.copytree(COLLECTION, folder)
    if text is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(text, encoding="utf-8")

    with pytest.raises(ImrError, match=told):
        beir.read(folder)


def test_an_unknown_mode_is_refused() -> None:
    answer = CliRunner().invoke(app, ["evaluate", "beir", str(COLLECTION), "--mode", "fast"])

    assert "choose hybrid, keyword, semantic" in str(answer.exception)
