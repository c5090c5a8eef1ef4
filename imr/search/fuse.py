"""Joins the keyword and the semantic leg, and what else leans the ranking, in one sum.

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


class Lean(NamedTuple):
    """A further part of the sum: shares from 0 to 1 of candidates by id, 0 for all others.

    `told` says what they have, in the explanation of a result.
    """

    told: str
    shares: Mapping[str, float]
    weight: float


class Leaning(NamedTuple):
    """What a decision has of a lean, and what that weighs among the parts that took part."""

    told: str
    share: float
    weight: float


class Candidate(NamedTuple):
    """A decision in the fused ranking; its hit's score is in [0, 1] when both legs took part.

    `keyword` and `semantic` are its places in the legs, None where the leg didn't find it;
    `leanings` are what it has of each lean, in their order.
    """

    hit: Hit
    keyword: Place | None = None
    semantic: Place | None = None
    leanings: tuple[Leaning, ...] = ()


def fuse(
    keyword: Sequence[Hit] | None,
    semantic: Sequence[Hit] | None,
    leans: Sequence[Lean] = (),
) -> list[Candidate]:
    """Candidates, best first, ties by id. A leg that takes no part is None.

    With one leg alone its normalised score is the score. A lean takes part where any candidate has
    a share of it.
    """
    leans = [lean for lean in leans if any(lean.shares.values())]
    legs = ((KEYWORD_WEIGHT, keyword), (SEMANTIC_WEIGHT, semantic))
    whole = sum(weight for weight, hits in legs if hits is not None)
    whole = whole + sum(lean.weight for lean in leans) or 1.0
    words = _places(keyword or (), of_best, KEYWORD_WEIGHT / whole)
    meaning = _places(semantic or (), min_max, SEMANTIC_WEIGHT / whole)
    ranked = []
    # the semantic leg's hits come last: theirs have passages
    for id_, hit in {hit.id: hit for hits in (keyword, semantic) for hit in hits or ()}.items():
        leanings = tuple(
            [Leaning(told, shares.get(id_, 0.0), weight / whole) for told, shares, weight in leans]
        )
        places = (words.get(id_), meaning.get(id_))
        score = sum([place.share * place.weight for place in (*places, *leanings) if place])
        fused = Hit(id_, hit.determination, round(score, DIGITS), hit.passage, hit.key)
        ranked.append(Candidate(fused, *places, leanings))
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
