"""How sure an overturn rate is."""

from __future__ import annotations

from math import sqrt

_Z95 = 1.959963984540054


def wilson(successes: float, total: int) -> tuple[float, float] | None:
    """95 % interval of a share (Wilson 1927); None where there is nothing to count.

    Unlike the normal approximation it stays within [0, 1] and means something for small totals.
    """
    if not total:
        return None
    share, z2 = successes / total, _Z95 * _Z95
    middle = share + z2 / (2 * total)
    half = _Z95 * sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    low, high = (middle - half) / (1 + z2 / total), (middle + half) / (1 + z2 / total)
    return round(max(0.0, low), 4), round(min(1.0, high), 4)
