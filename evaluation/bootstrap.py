"""How sure a mean over queries is: percentile bootstrap over the queries (Sakai 2006), seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SAMPLES = 10_000
SEED = 20_170_101


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether a difference is on one side of 0 all along its interval."""
        return self.low > 0 or self.high < 0


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of one value a query."""
    if not values:
        return Estimate(0.0, 0.0, 0.0)
    given = np.asarray(values, dtype=np.float64)
    chosen = np.random.default_rng(SEED).integers(len(given), size=(SAMPLES, len(given)))
    low, high = np.percentile(given[chosen].mean(axis=1), [2.5, 97.5])
    return Estimate(float(given.mean()), float(low), float(high))


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """Ours less theirs, both over the same queries in the same order: a paired bootstrap."""
    return estimate([a - b for a, b in zip(ours, theirs, strict=True)])
