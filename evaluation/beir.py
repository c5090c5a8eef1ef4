"""Runs a test collection in BEIR's format (Thakur et al. 2021) through this project's own search.

A folder holds `corpus.jsonl` (_id, title, text), `queries.jsonl` (_id, text) and `qrels/test.tsv`
(query-id, corpus-id, score, with a heading). The measures are BEIR's: nDCG@10 with the grade as
gain, recall@100, and reciprocal rank of the first ten; means over the queries that are judged.

A document of such a collection is no decision: nobody asked for anything in it, so it has no
request and no tags, and its title and text are what a rationale is. Everything else is as with
letters: analysis, clauses and concepts of the query, passages, vectors, legs, fusion.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.bootstrap import estimate
from evaluation.metrics import linear, ndcg, recall, reciprocal_rank
from evaluation.throwaway import index_of
from imr.engines.protocol import Engine
from imr.errors import NotFoundError
from imr.model import Decision, Determination, Source
from imr.search.plain import plain
from imr.search.plan import Mode
from imr.search.request import Request
from imr.search.run import candidates
from imr.text.embedding import Embedder

FILES = ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")
DIGITS = 4

MEASURES: Mapping[str, Callable[[Sequence[str], Mapping[str, int]], float]] = {
    "ndcg@10": lambda ranked, grades: ndcg(ranked, grades, 10, linear),
    "recall@100": lambda ranked, grades: recall(ranked, grades, 100),
    "mrr@10": lambda ranked, grades: reciprocal_rank(ranked, grades, 10),
}

Report = dict[str, dict[str, Any]]
"""By mode: each measure's mean, `intervals` with both ends of each, and the number of `queries`."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents and queries by id, and each judged query's grades by document."""

    documents: Mapping[str, str]
    queries: Mapping[str, str]
    grades: Mapping[str, Mapping[str, int]]


def read(folder: Path) -> Collection:
    """A collection from its folder.

    Raises:
        NotFoundError: a file is missing, a line is no record, or a judged query has no text.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise NotFoundError(
                f"{folder} has no {name}: a collection in BEIR's format is a folder with "
                f"{', '.join(FILES)}"
            )
    corpus, queries, judged = (folder / name for name in FILES)
    texts = {id_: _joined(row) for id_, row in _rows(corpus)}
    asked = {id_: str(row.get("text") or "") for id_, row in _rows(queries)}
    grades = _grades(judged)
    missing = next((id_ for id_ in grades if not asked.get(id_, "").strip()), None)
    if missing is not None:
        raise NotFoundError(f"{queries}: the judged query {missing!r} is missing or has no text")
    return Collection(texts, asked, grades)


def _joined(row: Mapping[str, Any]) -> str:
    parts = (str(row.get(name) or "").strip() for name in ("title", "text"))
    return "\n".join(part for part in parts if part)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                yield str(row["_id"]), row
            except (ValueError, TypeError, KeyError) as error:
                raise NotFoundError(
                    f"{path}, line {number}: no JSON object with an _id: {error}"
                ) from error


def _grades(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        cells = line.split("\t")
        if not line.strip() or (number == 1 and not cells[-1].strip().lstrip("-").isdigit()):
            continue
        if len(cells) != 3 or not cells[2].strip().lstrip("-").isdigit():
            raise NotFoundError(
                f"{path}, line {number}: write query-id, corpus-id and a whole number, "
                "separated by tabs"
            )
        found.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    if not found:
        raise NotFoundError(f"{path} judges nothing: it needs lines of query-id, corpus-id, score")
    return found


def letters(documents: Mapping[str, str]) -> Iterator[Determination]:
    """Each document as a letter of one decision, numbered by its id's place: ties go by id."""
    for at, id_ in enumerate(sorted(documents)):
        text = documents[id_]
        letter = _letter(at)
        yield Determination(
            id=letter,
            text=text,
            source=Source(name=id_, sha256=letter, format="text", pages=1),
            decisions=(
                Decision(
                    id=f"{letter}.1",
                    number=1,
                    request="",
                    outcome="upheld",
                    category="other",
                    rationale=text,
                    spans={"rationale": (0, len(text))},
                ),
            ),
        )


def _letter(at: int) -> str:
    return f"document-{at:08}"


def ranking(
    engine: Engine, text: str, mode: Mode, embedder: Embedder | None, ids: Sequence[str]
) -> list[str]:
    """The documents found, best first; `ids` are all documents', sorted."""
    request = Request(text=plain(text), mode=mode)
    places = {_letter(at): id_ for at, id_ in enumerate(ids)}
    return [places[each.hit.determination] for each in candidates(engine, request, embedder)]


def evaluate(
    collection: Collection,
    modes: Sequence[Mode],
    embedder: Embedder | None,
    indexed: Callable[[], None] = lambda: None,
) -> Report:
    """Every measure in every mode; `indexed` is called once a document."""
    with index_of(letters(collection.documents), embedder, indexed) as engine:
        return {mode: _measured(collection, engine, mode, embedder) for mode in modes}


def _measured(
    collection: Collection, engine: Engine, mode: Mode, embedder: Embedder | None
) -> dict[str, Any]:
    ids = sorted(collection.documents)
    values: dict[str, list[float]] = {name: [] for name in MEASURES}
    for query, grades in collection.grades.items():
        ranked = ranking(engine, collection.queries[query], mode, embedder, ids)
        # as BEIR: a query may be one of the documents, which is no answer to itself
        ranked = [id_ for id_ in ranked if id_ != query]
        for name, measure in MEASURES.items():
            values[name].append(measure(ranked, grades))
    found = {name: estimate(of) for name, of in values.items()}
    return {
        **{name: round(each.mean, DIGITS) for name, each in found.items()},
        "intervals": {
            name: [round(each.low, DIGITS), round(each.high, DIGITS)]
            for name, each in found.items()
        },
        "queries": len(collection.grades),
    }
