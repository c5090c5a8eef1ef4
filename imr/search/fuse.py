"""Joins the keyword and the semantic leg, and the reasons that are asked about, in one sum.

One rule in one place for both engines, so that they rank alike. Why it is this rule, and what else
was measured: docs/adr/0014-fusion.md, docs/relevance.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from imr.engines.protocol import Hit

KEYWORD_WEIGHT = 0.4
SEMANTIC_WEIGHT = 0.6
REASON_WEIGHT = 0.3
"""Beside the other two; it counts only where a candidate has a reason that is asked about."""

DIGITS = 6
"""Of a fused score."""
LEVEL = 1e-5
"""Scores so near, as a share of the score or of 1, are level: engines add up in another order."""


class Place(NamedTuple):
    """A decision in one leg.

    `share` is its score laid onto [0, 1]; `weight` is the leg's among those that took part.
    """

    score: float
    rank: int  # from 1
    share: float
    weight: float


class Reasoned(NamedTuple):
    """How near a decision's reason is to one that is asked about, and what that weighs."""

    share: float
    weight: float


class Candidate(NamedTuple):
    """A decision in the fused ranking; its hit's score is in [0, 1] when both legs took part.

    `keyword` and `semantic` are its places in the legs, None where the leg didn't find it;
    `reason` is None where no candidate has a reason that is asked about.
    """

    hit: Hit
    keyword: Place | None = None
    semantic: Place | None = None
    reason: Reasoned | None = None


def fuse(
    keyword: Sequence[Hit] | None,
    semantic: Sequence[Hit] | None,
    reasons: Mapping[str, float] | None = None,
) -> list[Candidate]:
    """Candidates, best first, ties by id. A leg that takes no part is None.

    With one leg alone its normalised score is the score. `reasons` are shares from 0 to 1 of the
    candidates whose reason is asked about.
    """
    parts = (
        (KEYWORD_WEIGHT, keyword is not None),
        (SEMANTIC_WEIGHT, semantic is not None),
        (REASON_WEIGHT, bool(reasons)),
    )
    whole = sum(weight for weight, takes_part in parts if takes_part) or 1.0
    words = _places(keyword or (), of_best, KEYWORD_WEIGHT / whole)
    meaning = _places(semantic or (), min_max, SEMANTIC_WEIGHT / whole)
    ranked = []
    # the semantic leg's hits come last: theirs have passages
    for id_, hit in {hit.id: hit for hits in (keyword, semantic) for hit in hits or ()}.items():
        reason = Reasoned(reasons.get(id_, 0.0), REASON_WEIGHT / whole) if reasons else None
        places = (words.get(id_), meaning.get(id_), reason)
        score = sum([place.share * place.weight for place in places if place])
        fused = Hit(id_, hit.determination, round(score, DIGITS), hit.passage, hit.key)
        ranked.append(Candidate(fused, *places))
    return in_order(ranked, lambda candidate: candidate.hit)


T = TypeVar("T")


def in_order(found: Iterable[T], hit: Callable[[T], Hit]) -> list[T]:
    """Best first; those whose scores are level with the one before them by id.

    Rounding would part two level scores wherever a step lies between them.
    """
    hits = [(hit(each), each) for each in found]
    hits.sort(key=lambda pair: -pair[0].score)
    level, last = 0, math.inf
    keyed = []
    for at, (of, _) in enumerate(hits):
        level += last - of.score > LEVEL * max(1.0, abs(of.score))
        keyed.append((level, of.id, at))
        last = of.score
    return [hits[at][1] for _, _, at in sorted(keyed)]


Normalise = Callable[[Sequence[float]], list[float]]


def _places(hits: Sequence[Hit], normalise: Normalise, weight: float) -> dict[str, Place]:
    hits = in_order(hits, lambda hit: hit)
    shares = normalise([hit.score for hit in hits])
    return {
        hit.id: Place(hit.score, rank, share, weight)
        for rank, (hit, share) in enumerate(zip(hits, shares, strict=True), start=1)
    }


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
