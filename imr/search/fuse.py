"""Joins the keyword and the semantic leg: min-max normalisation and an equal-weight sum.

One rule in one place for both engines, so that they rank alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imr.engines.protocol import Hit

KEYWORD_WEIGHT = 0.5
SEMANTIC_WEIGHT = 0.5


Place = tuple[float, int]
"""Score and rank, from 1, in one leg."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A decision in the fused ranking; its hit's score is in [0, 1] when both legs took part.

    `keyword` and `semantic` are its (score, rank) in each leg, None where the leg didn't find it.
    """

    hit: Hit
    keyword: Place | None = None
    semantic: Place | None = None


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
    # the semantic leg's hits come last: theirs have passages
    hit_of = {hit.id: hit for _, hits in legs for hit in hits}
    for weight, hits in legs:
        for hit, share in zip(hits, min_max([hit.score for hit in hits]), strict=True):
            scores[hit.id] = scores.get(hit.id, 0.0) + share * weight / whole
    places = [_places(keyword), _places(semantic)]
    ranked = []
    for id_, score in scores.items():
        hit = hit_of[id_]
        fused = Hit(id_, hit.determination, round(score, 6), hit.passage, hit.key)
        ranked.append(Candidate(fused, *(place.get(id_) for place in places)))
    return sorted(ranked, key=lambda candidate: (-candidate.hit.score, candidate.hit.id))


def _places(hits: Sequence[Hit] | None) -> dict[str, Place]:
    return {hit.id: (hit.score, rank) for rank, hit in enumerate(hits or (), start=1)}


def min_max(scores: Sequence[float]) -> list[float]:
    """Scores laid onto [0, 1]; all equal ones become 1."""
    if not scores:
        return []
    low, high = min(scores), max(scores)
    if high == low:
        return [1.0] * len(scores)
    return [(score - low) / (high - low) for score in scores]
