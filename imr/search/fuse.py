"""Joins the keyword and the semantic leg, and the reasons that are asked about, in one sum.

One rule in one place for both engines, so that they rank alike. Why it is this rule, and what else
was measured: docs/adr/0012-fusion.md, docs/relevance.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from imr.engines.protocol import Hit

KEYWORD_WEIGHT = 0.4
SEMANTIC_WEIGHT = 0.6
REASON_WEIGHT = 0.3
"""Beside the other two; it counts only where a candidate has a reason that is asked about."""

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


def fuse(
    keyword: Sequence[Hit] | None,
    semantic: Sequence[Hit] | None,
    reasons: Mapping[str, float] | None = None,
) -> list[Candidate]:
    """Candidates, best first, ties by id. A leg that takes no part is None.

    With one leg alone its normalised score is the score. `reasons` are shares from 0 to 1 of the
    candidates whose reason is asked about.
    """
    # the semantic leg's hits come last: theirs have passages
    hit_of = {hit.id: hit for hits in (keyword, semantic) for hit in hits or ()}
    legs = [
        (weight, shares)
        for weight, shares in (
            (KEYWORD_WEIGHT, None if keyword is None else _shares(keyword, of_best)),
            (SEMANTIC_WEIGHT, None if semantic is None else _shares(semantic, min_max)),
            (REASON_WEIGHT, reasons or None),
        )
        if shares is not None
    ]
    whole = sum(weight for weight, _ in legs)
    places = [_places(keyword), _places(semantic)]
    ranked = []
    for id_, hit in hit_of.items():
        score = sum(weight * shares.get(id_, 0.0) for weight, shares in legs) / whole
        fused = Hit(id_, hit.determination, round(score, 6), hit.passage, hit.key)
        ranked.append(Candidate(fused, *(place.get(id_) for place in places)))
    return sorted(ranked, key=lambda candidate: (-candidate.hit.score, candidate.hit.id))


Normalise = Callable[[Sequence[float]], list[float]]


def _shares(hits: Sequence[Hit], normalise: Normalise) -> dict[str, float]:
    normalised = normalise([hit.score for hit in hits])
    return {hit.id: share for hit, share in zip(hits, normalised, strict=True)}


def _places(hits: Sequence[Hit] | None) -> dict[str, Place]:
    return {hit.id: (hit.score, rank) for rank, hit in enumerate(hits or (), start=1)}


def of_best(scores: Sequence[float]) -> list[float]:
    """Scores as shares of the best one: BM25 has a zero of its own, where no word is found.

    Laid onto [0, 1] instead, the weaker of two hits would count as much as none.
    """
    best = max(scores, default=0.0)
    return [score / best for score in scores] if best > 0 else [1.0] * len(scores)


def min_max(scores: Sequence[float]) -> list[float]:
    """Scores laid onto [0, 1]; all equal ones become 1."""
    if not scores:
        return []
    low, high = min(scores), max(scores)
    if high == low:
        return [1.0] * len(scores)
    return [(score - low) / (high - low) for score in scores]
