"""How sets of rows ended, by the values of columns, see `imr.engines.tally`.

Every row has one outcome. A pair of a row and a value of each column is an entry; entries are
counted by their values, letters and rationales once for all their entries of the same values.
Most rationales, and many letters, have one row only: their entries need no comparing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imr.engines.embedded.columns import Column, Mask, Rows
from imr.engines.embedded.groups import Groups
from imr.engines.embedded.letters import Letters
from imr.engines.tally import Ended, Tally

_DENSE = 1_000_000
"""Combinations of values that are counted by place; of more, those that occur are numbered."""


Counted = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""By key: units, those that have an upheld decision, those that have an overturned one."""


class Units(NamedTuple):
    """Which unit (letter, group) each row belongs to; -1 where it is the unit's only row.

    `number` is above every unit's.
    """

    of_rows: Rows
    number: int

    @classmethod
    def of(cls, ordinals: NDArray[np.integer]) -> Units:
        """The units of all rows."""
        sizes = np.bincount(ordinals)
        of_rows: Rows = np.where(sizes[ordinals] > 1, ordinals.astype(np.int64), -1)
        return cls(of_rows, len(sizes))


def _changes(values: Rows) -> Mask:
    """Which values, in order, are other than the one before."""
    changed = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


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
        plain = keys << 1 | overturned
        counted = (
            _ended(plain, plain >> 1, count),
            *(self._units(each, rows, plain, count) for each in (self._by_letter, self._by_group)),
        )
        found = np.flatnonzero(counted[0][0])
        totals = [np.stack(each)[:, found].T.tolist() for each in counted]
        values = self._values(found if numbers is None else numbers[found], by)
        return {
            value: Tally(*(Ended(*each) for each in of))
            for value, *of in zip(values, *totals, strict=True)
        }

    @cached_property
    def _by_letter(self) -> Units:
        return Units.of(self._letters.ordinals)

    @cached_property
    def _by_group(self) -> Units:
        return Units.of(self._groups.ordinals)

    def _units(self, units: Units, rows: Rows, entries: Rows, count: int) -> Counted:
        """By key: the units that have entries, those with an upheld and with an overturned one.

        An entry is its key and, in the lowest bit, whether it was overturned.
        """
        of = units.of_rows[rows]
        shared = of >= 0
        alone = entries[~shared]
        if count == 1:
            return _once(units, of[shared], entries[shared], alone)
        shift = int(2 * count - 1).bit_length()
        pairs = np.sort(of[shared] << shift | entries[shared])
        if not len(pairs):
            return _ended(alone, alone >> 1, count)
        pairs = pairs[_changes(pairs)]
        of_units = pairs[_changes(pairs >> 1)] >> 1 & (1 << shift - 1) - 1
        ended = np.concatenate([alone, pairs & (1 << shift) - 1])
        return _ended(ended, np.concatenate([alone >> 1, of_units]), count)

    def _values(self, keys: Rows, by: Sequence[str]) -> list[tuple[str, ...]]:
        """The values that keys stand for."""
        parts: list[list[str]] = []
        for name in reversed(by):
            values = self._columns[name].values
            parts.append([values[at] for at in (keys % len(values)).tolist()])
            keys = keys // len(values)
        return list(zip(*reversed(parts), strict=True)) if by else [()] * len(keys)


def _once(units: Units, of: Rows, entries: Rows, alone: Rows) -> Counted:
    """What `Tallier._units` gives where there is one key: flags of units, and nothing is sorted."""
    ended = np.zeros((units.number, 2), dtype=np.bool_)
    ended[of, entries] = True
    either = len(alone) + np.count_nonzero(ended[:, 0] | ended[:, 1])
    upheld, overturned = np.bincount(alone, minlength=2) + np.count_nonzero(ended, axis=0)
    return np.array([either]), np.array([upheld]), np.array([overturned])


def _ended(entries: Rows, keys: Rows, count: int) -> Counted:
    """By key: how many keys there are, and how many entries of either outcome."""
    both = np.bincount(entries, minlength=2 * count).reshape(-1, 2)
    return np.bincount(keys, minlength=count), both[:, 0], both[:, 1]
