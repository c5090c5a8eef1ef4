"""Joins the keyword and the semantic leg: min-max normalisation and an equal-weight sum.

One rule in one place for both engines, so that they rank alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from imr.engines.protocol import Hit

KEYWORD_WEIGHT = 0.5
SEMANTIC_WEIGHT = 0.5


class Place(NamedTuple):
    """A decision in one leg.

    `share` is its score laid onto [0, 1]; `weight` is the leg's among those that took part.
    """

    score: float
    rank: int  # from 1
    share: float
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A decision in the fused ranking; its hit's score is in [0, 1] when both legs took part.

    `keyword` and `semantic` are its places in the legs, None where the leg didn't find it.
    """

    hit: Hit
    keyword: Place | None = None
    semantic: Place | None = None


def fuse(keyword: Sequence[Hit] | None, semantic: Sequence[Hit] | None) -> list[Candidate]:
    """Candidates, best first, ties by id. A leg that takes no part is None.

    With one leg alone its normalised score is the score.
    """
    whole = sum(
        weight
        for weight, hits in ((KEYWORD_WEIGHT, keyword), (SEMANTIC_WEIGHT, semantic))
        if hits is not None
    )
    legs = (
        _places(keyword or (), KEYWORD_WEIGHT / (whole or 1)),
        _places(semantic or (), SEMANTIC_WEIGHT / (whole or 1)),
    )
    # the semantic leg's hits come last: theirs have passages
    ranked = []
    for id_, hit in {hit.id: hit for hits in (keyword, semantic) for hit in hits or ()}.items():
        places = [leg.get(id_) for leg in legs]
        score = sum(place.share * place.weight for place in places if place)
        fused = Hit(id_, hit.determination, round(score, 6), hit.passage, hit.key)
        ranked.append(Candidate(fused, *places))
    return sorted(ranked, key=lambda candidate: (-candidate.hit.score, candidate.hit.id))


def _places(hits: Sequence[Hit], weight: float) -> dict[str, Place]:
    shares = min_max([hit.score for hit in hits])
    return {
        hit.id: Place(hit.score, rank, share, weight)
        for rank, (hit, share) in enumerate(zip(hits, shares, strict=True), start=1)
    }


def min_max(scores: Sequence[float]) -> list[float]:
    """Scores laid onto [0, 1]; all equal ones become 1."""
    if not scores:
        return []
    low, high = min(scores), max(scores)
    if high == low:
        return [1.0] * len(scores)
    return [(score - low) / (high - low) for score in scores]
