"""The interval of an overturn rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr.precedents.interval import wilson


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_of_newcombe_1998(
    successes: int, total: int, low: float, high: float
) -> None:
    """Statistics in Medicine 17, 857, table I, method 3 (score without continuity correction)."""
    assert wilson(successes, total) == (low, high)


def test_there_is_no_interval_of_nothing() -> None:
    assert wilson(0, 0) is None


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_share_and_mirrors(counted: tuple[int, int]) -> None:
    successes, total = counted
    interval, mirrored = wilson(successes, total), wilson(total - successes, total)
    assert interval is not None
    assert mirrored is not None

    low, high = interval
    assert 0.0 <= low <= round(successes / total, 4) <= high <= 1.0
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_more_cases_make_the_interval_narrower() -> None:
    widths = [high - low for low, high in filter(None, (wilson(n // 4, n) for n in (8, 80, 800)))]

    assert widths == sorted(widths, reverse=True)
