"""Joins the keyword and the semantic leg: min-max normalisation and an equal-weight sum.

One rule in one place for both engines, so that they rank alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imr.engines.protocol import Hit
from imr.model import Span

KEYWORD_WEIGHT = 0.5
SEMANTIC_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A decision in the fused ranking; `score` is in [0, 1] when both legs took part."""

    id: str
    determination: str
    score: float
    passage: Span | None


def fuse(keyword: Sequence[Hit] | None, semantic: Sequence[Hit] | None) -> list[Candidate]:
    """Candidates, best first, ties by id. A leg that takes no part is None.

    With one leg alone its normalised score is the score.
    """
    legs = [
        (weight, hits)
        for weight, hits in ((KEYWORD_WEIGHT, keyword), (SEMANTIC_WEIGHT, semantic))
        if hits is not None
    ]
    whole = sum(weight for weight, _ in legs)
    scores: dict[str, float] = {}
    letters: dict[str, str] = {}
    passages = {hit.id: hit.passage for hit in semantic or ()}
    for weight, hits in legs:
        for hit, share in zip(hits, min_max([hit.score for hit in hits]), strict=True):
            scores[hit.id] = scores.get(hit.id, 0.0) + share * weight / whole
            letters[hit.id] = hit.determination
    ranked = [
        Candidate(id_, letters[id_], round(score, 6), passages.get(id_))
        for id_, score in scores.items()
    ]
    return sorted(ranked, key=lambda candidate: (-candidate.score, candidate.id))


def min_max(scores: Sequence[float]) -> list[float]:
    """Scores laid onto [0, 1]; all equal ones become 1."""
    if not scores:
        return []
    low, high = min(scores), max(scores)
    if high == low:
        return [1.0] * len(scores)
    return [(score - low) / (high - low) for score in scores]
