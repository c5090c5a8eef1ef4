"""How sets of rows ended, by the values of columns, see `imr.engines.tally`.

Every row has one outcome. A pair of a row and a value of each column is an entry; entries are
counted by their values, letters and rationales once for all their entries of the same values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from imr.engines.embedded.columns import Column, Mask, Rows
from imr.engines.embedded.groups import Groups
from imr.engines.embedded.letters import Letters
from imr.engines.tally import Ended, Tally

_DENSE = 1_000_000
"""Combinations of values that are counted by place; of more, those that occur are numbered."""


class Tallier:
    """Counts over the columns of one commit."""

    def __init__(self, columns: Mapping[str, Column], letters: Letters, groups: Groups) -> None:
        self._columns, self._letters, self._groups = columns, letters, groups

    @cached_property
    def _overturned(self) -> Mask:
        return self._columns["outcome"].having("overturned")

    def tallies(self, chosen: Rows, by: Sequence[str]) -> dict[tuple[str, ...], Tally]:
        """The tally of each combination of values among the rows, which are given in order."""
        rows, keys, count = chosen, np.zeros(len(chosen), dtype=np.int64), 1
        for name in by:
            column = self._columns[name]
            places, ordinals = column.entries(rows)
            rows, keys = rows[places], keys[places] * len(column.values) + ordinals
            count *= len(column.values)
        numbers: Rows | None = None
        if count > _DENSE:
            numbers, keys = np.unique(keys, return_inverse=True)
            count = len(numbers)
        overturned = self._overturned[rows]
        counted = (
            _once(keys, np.arange(len(rows)), overturned, count),
            _once(keys, self._letters.ordinals[rows].astype(np.int64), overturned, count),
            _once(keys, self._groups.ordinals[rows], overturned, count),
        )
        found = np.flatnonzero(counted[0][0])
        totals = [np.stack(each)[:, found].T.tolist() for each in counted]
        values = self._values(found if numbers is None else numbers[found], by)
        return {
            value: Tally(*(Ended(*each) for each in of))
            for value, *of in zip(values, *totals, strict=True)
        }

    def _values(self, keys: Rows, by: Sequence[str]) -> list[tuple[str, ...]]:
        """The values that keys stand for."""
        parts: list[list[str]] = []
        for name in reversed(by):
            values = self._columns[name].values
            parts.append([values[at] for at in (keys % len(values)).tolist()])
            keys = keys // len(values)
        return list(zip(*reversed(parts), strict=True)) if by else [()] * len(keys)


def _once(
    keys: Rows, units: Rows, overturned: Mask, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """By key: the units that have entries, those with an upheld and with an overturned one."""
    # the unit first: rows of a letter stand together, so that little is out of order
    pairs = np.sort(((units * count + keys) << 1) | overturned)
    pairs = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
    whole, ended = pairs >> 1, pairs & 1
    key = whole % count
    first = np.diff(whole, prepend=-1) != 0
    return (
        np.bincount(key[first], minlength=count),
        np.bincount(key[ended == 0], minlength=count),
        np.bincount(key[ended == 1], minlength=count),
    )
