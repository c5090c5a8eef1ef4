"""Columns: what a decision is filtered and counted by, row by row.

Files only grow. Of a keyword field a row has one number, that of the set of values it has, since
few sets are had by many rows: to count is to count the sets of some rows and then what is in them
(docs/adr/0023-sets-of-values.md). `FIELD.rows` (uint32) has each row's set; `FIELD.members`
(uint32) the values of all sets, one set behind the other, and `FIELD.ends` (uint32) where each set
ends there; `FIELD.values` the values themselves, one JSON string a line, line number = ordinal.
A number or day is one float32 a row, NaN where unknown; days count from 1970-01-01.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imr.engines.embedded.files import EMPTY, Appended, Extent, Extents, damaged, mapped

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
Days = NDArray[np.float32]

_EPOCH = date(1970, 1, 1).toordinal()


class Column:
    """One keyword field over the first rows, read-only."""

    def __init__(self, folder: Path, name: str, files: Extents) -> None:
        self._path, self._extent = folder / f"{name}.values", files.get(f"{name}.values", EMPTY)
        self._set_of, self._members, self._ends = (
            mapped(folder / file, np.uint32, files.get(file, EMPTY))
            for file in (f"{name}.rows", f"{name}.members", f"{name}.ends")
        )

    @cached_property
    def values(self) -> list[str]:
        """The dictionary, by ordinal; rows that are gone may be the only ones with a value."""
        return read_values(self._path, self._extent)

    @cached_property
    def _ordinal_of(self) -> dict[str, int]:
        return {value: ordinal for ordinal, value in enumerate(self.values)}

    def having(self, value: str) -> Mask:
        """The rows that have the value."""
        ordinal = self._ordinal_of.get(value)
        holding = np.zeros(len(self._ends), dtype=np.bool_)
        if ordinal is not None:
            places = np.flatnonzero(self._members == ordinal).astype(np.uint32)
            holding[np.searchsorted(self._ends, places, side="right")] = True
        held: Mask = holding[self._set_of]
        return held

    def having_any(self) -> Mask:
        """The rows that have a value at all."""
        held: Mask = (np.diff(self._ends, prepend=np.uint32(0)) > 0)[self._set_of]
        return held

    def counts(self, chosen: Rows) -> dict[str, int]:
        """How many of these rows have each value; values of none are left out."""
        sets = self._set_of if len(chosen) == len(self._set_of) else self._set_of[chosen]
        of_sets = np.bincount(sets, minlength=len(self._ends))
        sizes = np.diff(self._ends, prepend=np.uint32(0))
        # as floats, which hold whole numbers to 2 ** 53
        counted = np.bincount(self._members, weights=np.repeat(of_sets, sizes))
        return {self.values[ordinal]: int(counted[ordinal]) for ordinal in np.flatnonzero(counted)}

    def entries(self, rows: Rows) -> tuple[Rows, Rows]:
        """(place in `rows`, ordinal) of every entry of these rows, any row any number of times."""
        sets = self._set_of[rows].astype(np.int64)
        first = self._begins[sets]
        sizes = self._begins[sets + 1] - first
        places = np.repeat(np.arange(len(rows)), sizes)
        before = np.cumsum(sizes) - sizes
        held = np.arange(len(places)) + (first - before)[places]
        return places, self._members[held].astype(np.int64)

    @cached_property
    def _begins(self) -> Rows:
        """Where each set begins, and behind them where the last one ends."""
        begins: Rows = np.concatenate([[0], self._ends]).astype(np.int64)
        return begins

    def of_rows(self, rows: Rows) -> list[tuple[str, ...]]:
        """Each row's values in the order they were given."""
        sets, of = np.unique(self._set_of[rows], return_inverse=True)
        held = [self._of_set(each) for each in sets.tolist()]
        return [held[each] for each in of.tolist()]

    def of_row(self, row: int) -> tuple[str, ...]:
        """The row's values in the order they were given."""
        return self._of_set(int(self._set_of[row]))

    def _of_set(self, number: int) -> tuple[str, ...]:
        first = int(self._ends[number - 1]) if number else 0
        return tuple(self.values[each] for each in self._members[first : int(self._ends[number])])

    @property
    def rows(self) -> int:
        """How many rows have a set."""
        return len(self._set_of)


class NumberColumn:
    """One number or day a row, read-only."""

    def __init__(self, folder: Path, name: str, files: Extents) -> None:
        file = f"{name}.numbers"
        self.of_rows: NDArray[np.float32] = mapped(
            folder / file, np.float32, files.get(file, EMPTY)
        )

    def within(self, low: str | float | None, high: str | float | None) -> Mask:
        """The rows that lie between both ends, which belong to the range; unknown ones don't."""
        mask: Mask = ~np.isnan(self.of_rows)
        if low is not None:
            mask &= self.of_rows >= number(low)
        if high is not None:
            mask &= self.of_rows <= number(high)
        return mask


def number(value: str | float | None) -> np.float32:
    """A number, or a day in ISO 8601 as days since 1970-01-01; NaN for None."""
    if isinstance(value, str):
        return np.float32(date.fromisoformat(value).toordinal() - _EPOCH)
    return np.float32(np.nan if value is None else value)


def read_values(path: Path, extent: Extent) -> list[str]:
    """A dictionary's values."""
    if not extent.size:
        return []
    try:
        lines = path.read_bytes()[: extent.size].splitlines()
        return [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise damaged(path, str(error)) from error


class ColumnWriter:
    """Appends rows to a keyword field. Call `flush` before the commit that makes them count."""

    def __init__(self, folder: Path, name: str, files: Extents) -> None:
        self.files = {
            file: Appended(folder / file, files.get(file, EMPTY))
            for file in (f"{name}.values", f"{name}.members", f"{name}.ends", f"{name}.rows")
        }
        values = read_values(folder / f"{name}.values", files.get(f"{name}.values", EMPTY))
        self._ordinal_of = {value: ordinal for ordinal, value in enumerate(values)}
        members, ends = (
            mapped(folder / file, np.uint32, files.get(file, EMPTY)).tolist()
            for file in (f"{name}.members", f"{name}.ends")
        )
        self._set_of = {
            tuple(values[each] for each in members[first:last]): number
            for number, (first, last) in enumerate(pairwise([0, *ends]))
        }
        self._end = len(members)
        self._empty()

    def _empty(self) -> None:
        self._lines: list[bytes] = []
        self._members: list[int] = []
        self._ends: list[int] = []
        self._rows: list[int] = []

    def append(self, values: tuple[str, ...]) -> None:
        """The values of the next row."""
        number = self._set_of.get(values)
        if number is None:
            number = self._set_of[values] = len(self._set_of)
            self._members += map(self._ordinal, values)
            self._end += len(values)
            self._ends.append(self._end)
        self._rows.append(number)

    def _ordinal(self, value: str) -> int:
        ordinal = self._ordinal_of.get(value)
        if ordinal is None:
            ordinal = self._ordinal_of[value] = len(self._ordinal_of)
            self._lines.append(_line(value))
        return ordinal

    def flush(self) -> None:
        """Write and fsync what was appended."""
        numbers = (self._members, self._ends, self._rows)
        data = (b"".join(self._lines), *(np.array(n, dtype=np.uint32).tobytes() for n in numbers))
        for file, added in zip(self.files.values(), data, strict=True):
            file.append(added)
        self._empty()


class NumberWriter:
    """Appends one number or day a row."""

    def __init__(self, folder: Path, name: str, files: Extents) -> None:
        file = f"{name}.numbers"
        self._file = Appended(folder / file, files.get(file, EMPTY))
        self.files = {file: self._file}
        self._pending: list[np.float32] = []

    def append(self, value: str | float | None) -> None:
        """The next row's number or day."""
        self._pending.append(number(value))

    def flush(self) -> None:
        """Write and fsync what was appended."""
        self._file.append(np.array(self._pending, dtype=np.float32).tobytes())
        self._pending = []


def _line(value: str) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode() + b"\n"
