"""Measures of one ranked list against judgments: nDCG, recall and reciprocal rank.

A list is measured as it is ranked; our own lists break ties by id. Grades are those of a judge, 0
and what was not judged being no answer. The conventions are trec_eval's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log2

Gain = Callable[[int], float]
"""What a decision of a grade is worth."""


def exponential(grade: int) -> float:
    """2^grade - 1 (Burges et al. 2005): a good answer is worth three partial ones."""
    return 2.0**grade - 1


def linear(grade: int) -> float:
    """The grade itself (Järvelin & Kekäläinen 2002), as trec_eval and so BEIR have it."""
    return float(grade)


def ndcg(
    ranked: Sequence[str], grades: Mapping[str, int], depth: int = 10, gain: Gain = exponential
) -> float:
    """Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002), log2(rank + 1)."""
    ideal = _dcg(sorted(grades.values(), reverse=True)[:depth], gain)
    return _dcg([grades.get(id_, 0) for id_ in ranked[:depth]], gain) / ideal if ideal else 0.0


def _dcg(grades: Sequence[int], gain: Gain) -> float:
    return sum(gain(max(grade, 0)) / log2(rank + 2) for rank, grade in enumerate(grades))


def recall(ranked: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """The share of all answers that are among the first `depth`."""
    answers = {id_ for id_, grade in grades.items() if grade > 0}
    return len(answers.intersection(ranked[:depth])) / len(answers) if answers else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """One over the rank of the first answer; 0 where none is among the first `depth`."""
    for rank, id_ in enumerate(ranked[:depth], start=1):
        if grades.get(id_, 0) > 0:
            return 1 / rank
    return 0.0
