"""Columns: what a decision is filtered and counted by, row by row.

Files only grow. A keyword field has a dictionary, `FIELD.values` (one JSON string a line, line
number = ordinal), and one entry a value: `FIELD.ordinals` (uint32) and `FIELD.rows` (uint32, whose
it is, ascending). A number or day is one float32 a row, NaN where unknown; days count from
1970-01-01.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imr.engines.embedded.files import EMPTY, Appended, Extent, Extents, damaged, mapped

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]

_EPOCH = date(1970, 1, 1).toordinal()


class Column:
    """One keyword field over the first `rows` rows, read-only."""

    def __init__(self, folder: Path, name: str, rows: int, files: Extents) -> None:
        self._path, self._extent = folder / f"{name}.values", files.get(f"{name}.values", EMPTY)
        self.rows = rows
        rows_name, ordinals_name = f"{name}.rows", f"{name}.ordinals"
        self._row_of = mapped(folder / rows_name, np.uint32, files.get(rows_name, EMPTY))
        self._ordinals = mapped(folder / ordinals_name, np.uint32, files.get(ordinals_name, EMPTY))

    @cached_property
    def values(self) -> list[str]:
        """The dictionary, by ordinal; rows that are gone may be the only ones with a value."""
        return read_values(self._path, self._extent)

    @cached_property
    def _ordinal_of(self) -> dict[str, int]:
        return {value: ordinal for ordinal, value in enumerate(self.values)}

    @cached_property
    def _aligned(self) -> bool:
        """Whether every row has exactly one value: entry number = row."""
        count = len(self._row_of)
        return count == self.rows and bool((self._row_of == np.arange(count)).all())

    def having(self, value: str) -> Mask:
        """The rows that have the value."""
        ordinal = self._ordinal_of.get(value)
        if ordinal is None:
            return np.zeros(self.rows, dtype=np.bool_)
        held: Mask = self._ordinals == ordinal
        if self._aligned:
            return held
        mask = np.zeros(self.rows, dtype=np.bool_)
        mask[self._row_of[held]] = True
        return mask

    def counts(self, mask: Mask, chosen: Rows) -> dict[str, int]:
        """How many of the mask's rows have each value; values of none are left out.

        `chosen` are the mask's rows once more, as numbers: the quicker way where they are few.
        """
        if self._aligned:
            held = self._ordinals[chosen]
        elif len(chosen) * 20 < self.rows:
            held = self._ordinals[self._entries(chosen)[0]]
        else:
            held = self._ordinals[mask[self._row_of]]
        counted = np.bincount(held)
        return {self.values[ordinal]: int(counted[ordinal]) for ordinal in np.flatnonzero(counted)}

    def _entries(self, rows: Rows) -> tuple[Rows, Rows]:
        """The entries of some rows, row by row, and how many each row has."""
        # of the column's own type, or numpy would convert the whole column
        wanted = rows.astype(self._row_of.dtype)
        first = np.searchsorted(self._row_of, wanted)
        sizes = np.searchsorted(self._row_of, wanted, side="right") - first
        ends = np.cumsum(sizes)
        steps = np.arange(int(ends[-1]) if len(ends) else 0)
        return steps + np.repeat(first - (ends - sizes), sizes), sizes

    def of_rows(self, rows: Rows) -> list[tuple[str, ...]]:
        """Each row's values in the order they were given."""
        values = self.values
        if self._aligned:
            return [(values[ordinal],) for ordinal in self._ordinals[rows].tolist()]
        entries, sizes = self._entries(rows)
        held = [values[ordinal] for ordinal in self._ordinals[entries].tolist()]
        ends = np.cumsum(sizes).tolist()
        return [
            tuple(held[end - size : end]) for size, end in zip(sizes.tolist(), ends, strict=True)
        ]

    @cached_property
    def _begin(self) -> Rows:
        """The first entry of each row, and behind them the number of entries."""
        begin: Rows = np.searchsorted(self._row_of, np.arange(self.rows + 1)).astype(np.int64)
        return begin

    def entries(self, rows: Rows) -> tuple[Rows, Rows]:
        """(place in `rows`, ordinal) of every entry of these rows, any row any number of times."""
        if self._aligned:
            return np.arange(len(rows)), self._ordinals[rows].astype(np.int64)
        first = self._begin[rows]
        sizes = self._begin[rows + 1] - first
        places = np.repeat(np.arange(len(rows)), sizes)
        ends = np.cumsum(sizes)
        held = np.arange(len(places)) + (first - (ends - sizes))[places]
        return places, self._ordinals[held].astype(np.int64)

    def of_row(self, row: int) -> tuple[str, ...]:
        """The row's values in the order they were given."""
        # of the column's own type: with another one the whole column would be converted
        asked = np.array([row, row + 1], dtype=self._row_of.dtype)
        first, last = self._row_of.searchsorted(asked).tolist()
        return tuple(self.values[ordinal] for ordinal in self._ordinals[first:last])


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
            for file in (f"{name}.values", f"{name}.ordinals", f"{name}.rows")
        }
        values = read_values(folder / f"{name}.values", files.get(f"{name}.values", EMPTY))
        self._ordinal_of = {value: ordinal for ordinal, value in enumerate(values)}
        self._pending: tuple[list[int], list[int], list[bytes]] = ([], [], [])

    def append(self, row: int, values: Iterable[str]) -> None:
        """The values of the next row."""
        ordinals, rows, lines = self._pending
        for value in values:
            if value not in self._ordinal_of:
                self._ordinal_of[value] = len(self._ordinal_of)
                lines.append(_line(value))
            ordinals.append(self._ordinal_of[value])
            rows.append(row)

    def flush(self) -> None:
        """Write and fsync what was appended."""
        ordinals, rows, lines = self._pending
        for file, data in zip(
            self.files.values(),
            (
                b"".join(lines),
                np.array(ordinals, dtype=np.uint32).tobytes(),
                np.array(rows, dtype=np.uint32).tobytes(),
            ),
            strict=True,
        ):
            file.append(data)
        self._pending = ([], [], [])


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


def union(masks: Sequence[Mask], rows: int) -> Mask:
    """The rows of any mask."""
    found = np.zeros(rows, dtype=np.bool_)
    for mask in masks:
        found |= mask
    return found
