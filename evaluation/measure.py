"""Runs the judged topics and similar cases over letters: nDCG@10 and recall@20 of each.

The letters that are set aside are left out by their names, before any is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from evaluation.accuracy import half_of
from evaluation.metrics import ndcg, recall
from evaluation.topics import SimilarCase, Topic
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.protocol import Hit
from imr.letters.parse import parse
from imr.model import Determination
from imr.precedents.case import stored
from imr.precedents.similar import Asked
from imr.precedents.similar import similar as similar_cases
from imr.search import plan as plans
from imr.search.fuse import Candidate, fuse
from imr.search.plain import plain
from imr.search.plan import Mode, Scope
from imr.search.request import Request
from imr.search.run import CANDIDATES, candidates
from imr.text.embedding import Embedder, Vectors

DEPTH, FAR = 10, 20
FEATURE = "imr similar"
"""What is measured beside its baselines; what it folds is no answer of its."""
"""How far down nDCG and recall look."""

SIMILAR_BY = ("request by keyword", "passages", "facts", "all three", FEATURE)


@dataclass(frozen=True, slots=True)
class Score:
    """How well one list answers one topic."""

    ndcg: float
    recall: float

    @classmethod
    def of(cls, ranked: Sequence[str], grades: Mapping[str, int]) -> Score:
        """The score of a ranked list of decisions."""
        return cls(ndcg(ranked, grades, DEPTH), recall(ranked, grades, FAR))


Scores = dict[str, dict[str, Score]]
"""By mode, then by topic's id."""


def judged_letters(folder: Path) -> Iterator[Determination]:
    """The letters that judgments are about: those not set aside."""
    for path in sorted(folder.glob("CM*.pdf")):
        if half_of(path.stem) != "last":
            yield parse(path.read_bytes(), path.name)


def by_mode(engine: EmbeddedEngine, embedder: Embedder, topics: Sequence[Topic]) -> Scores:
    """Every topic in every mode."""
    modes: tuple[Mode, ...] = get_args(Mode)
    return {
        mode: {
            topic.id: Score.of(
                _ids(candidates(engine, Request(text=topic.text, mode=mode), embedder)),
                topic.grades,
            )
            for topic in topics
        }
        for mode in modes
    }


def similar(engine: EmbeddedEngine, cases: Sequence[SimilarCase]) -> Scores:
    """Every similar case by each of SIMILAR_BY: the feature, and baselines that it has to beat."""
    found: Scores = {name: {} for name in SIMILAR_BY}
    for case in cases:
        for name, ranked in _similar(engine, case.source).items():
            found[name][case.id] = Score.of(ranked, case.grades)
        answer = similar_cases(engine, stored(engine, case.source), Asked(size=FAR))
        found[FEATURE][case.id] = Score.of([row.id for row in answer.results], case.grades)
    return found


def _similar(engine: EmbeddedEngine, source: str) -> dict[str, list[str]]:
    """Decisions like that one, by each leg and joined; those of its own letter are left out."""
    record = engine.fetch([source])[source]
    letter = engine.determination(record.determination)
    if letter is None:
        raise LookupError(source)
    stored = engine.stored(letter)
    at = [decision.id for decision in letter.decisions].index(source)
    asked = Request(text=plain(record.decision.request), mode="keyword")
    keyword = [each.hit for each in candidates(engine, asked, None)]
    passages = _nearest(engine, stored.vectors[at] if stored.vectors else None, "decision")
    facts = _nearest(engine, stored.facts[at] if stored.facts else None, "facts")
    lists = {
        "request by keyword": fuse(keyword, None),
        "passages": fuse(None, passages),
        "facts": fuse(None, facts),
        "all three": fuse(keyword, _added(passages, facts)),
    }
    return {
        name: [id_ for id_ in _ids(found) if id_.rpartition(".")[0] != record.determination]
        for name, found in lists.items()
    }


def _nearest(engine: EmbeddedEngine, vectors: Vectors | None, scope: Scope) -> list[Hit]:
    """Decisions by the nearest of these vectors."""
    best: dict[str, Hit] = {}
    for vector in vectors if vectors is not None else ():
        for hit in engine.nearest(plans.make((), (), scope=scope, vector=vector), CANDIDATES):
            if hit.id not in best or hit.score > best[hit.id].score:
                best[hit.id] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.id))


def _added(one: Sequence[Hit], other: Sequence[Hit]) -> list[Hit]:
    """The decisions of both lists by the sum of both scores."""
    scores = {hit.id: hit.score for hit in other}
    added = [
        Hit(hit.id, hit.determination, hit.score + scores[hit.id], hit.passage, hit.key)
        for hit in one
        if hit.id in scores
    ]
    return sorted(added, key=lambda hit: (-hit.score, hit.id))


def _ids(found: Sequence[Candidate]) -> list[str]:
    return [each.hit.id for each in found]
