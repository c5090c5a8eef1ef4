"""Facet columns: per keyword field a dictionary of values and, row by row, their ordinals.

Files only grow: `FIELD.ordinals` (uint32, all rows' ordinals one after the other), `FIELD.ends`
(uint64, where each row's end) and `FIELD.values` (one JSON string a line, line number = ordinal).
Readers map them and look at the rows of the last commit only, so what a crash left behind the
last commit is never seen; the next writer cuts it off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


class Column:
    """One field's values over the first `rows` rows, read-only."""

    def __init__(self, folder: Path, name: str, rows: int) -> None:
        self._values_path = folder / f"{name}.values"
        self.rows = rows
        ends = mapped(folder / f"{name}.ends", np.uint64, rows)
        self.ends = ends.astype(np.int64)
        self.ordinals = mapped(
            folder / f"{name}.ordinals", np.uint32, int(self.ends[-1]) if rows else 0
        )

    @cached_property
    def values(self) -> list[str]:
        """The dictionary, by ordinal; it may hold values that no committed row uses."""
        return read_values(self._values_path)

    @cached_property
    def ordinal_of(self) -> dict[str, int]:
        """The dictionary, by value."""
        return {value: ordinal for ordinal, value in enumerate(self.values)}

    @cached_property
    def lengths(self) -> Rows:
        """How many values each row has."""
        return np.diff(self.ends, prepend=0)

    @cached_property
    def single(self) -> bool:
        """Whether every row has exactly one value, which makes counting quicker."""
        return bool((self.lengths == 1).all())

    def having(self, value: str) -> Mask:
        """The rows that have the value."""
        mask = np.zeros(self.rows, dtype=np.bool_)
        ordinal = self.ordinal_of.get(value)
        if ordinal is not None:
            places = np.flatnonzero(self.ordinals == ordinal)
            mask[np.searchsorted(self.ends, places, side="right")] = True
        return mask

    def counts(self, mask: Mask) -> dict[str, int]:
        """How many of the mask's rows have each value; values of none are left out."""
        chosen = mask if self.single else np.repeat(mask, self.lengths)
        counted = np.bincount(self.ordinals[chosen], minlength=0)
        return {self.values[ordinal]: int(counted[ordinal]) for ordinal in np.flatnonzero(counted)}

    def distinct(self, mask: Mask) -> int:
        """How many values the mask's rows have between them."""
        chosen = mask if self.single else np.repeat(mask, self.lengths)
        return int(np.count_nonzero(np.bincount(self.ordinals[chosen])))

    def of_row(self, row: int) -> tuple[str, ...]:
        """The row's values in order."""
        end = int(self.ends[row])
        start = int(self.ends[row - 1]) if row else 0
        return tuple(self.values[ordinal] for ordinal in self.ordinals[start:end])


class Numbers:
    """One int32 a row: an item's number, a day."""

    def __init__(self, folder: Path, name: str, rows: int) -> None:
        self.of_rows = mapped(folder / f"{name}.numbers", np.int32, rows)


def mapped(path: Path, kind: type[np.generic], count: int) -> NDArray[np.generic]:
    """The file's first `count` numbers, mapped; an empty array needs no file."""
    if not count:
        return np.empty(0, dtype=kind)
    return np.memmap(path, dtype=kind, mode="r", shape=(count,))


def read_values(path: Path) -> list[str]:
    """The whole lines of a dictionary; a line that a crash cut short is no value."""
    if not path.exists():
        return []
    whole = path.read_bytes().rpartition(b"\n")[0]
    return [json.loads(line) for line in whole.split(b"\n")] if whole else []


class ColumnWriter:
    """Appends rows to one column. Call `flush` before the commit that makes them count."""

    def __init__(self, folder: Path, name: str, rows: int) -> None:
        self._paths = [folder / f"{name}.{part}" for part in ("ordinals", "ends", "values")]
        ends = mapped(self._paths[1], np.uint64, rows) if rows else np.empty(0, np.uint64)
        self._end = int(ends[-1]) if rows else 0
        values = read_values(self._paths[2])
        cut(self._paths[0], self._end * 4)
        cut(self._paths[1], rows * 8)
        cut(self._paths[2], sum(len(_line(value)) for value in values))
        self._ordinal_of = {value: ordinal for ordinal, value in enumerate(values)}
        self._pending: tuple[list[int], list[int], list[bytes]] = ([], [], [])

    def append(self, values: Sequence[str]) -> None:
        """The next row's values."""
        ordinals, ends, lines = self._pending
        for value in values:
            if value not in self._ordinal_of:
                self._ordinal_of[value] = len(self._ordinal_of)
                lines.append(_line(value))
            ordinals.append(self._ordinal_of[value])
        self._end += len(values)
        ends.append(self._end)

    def flush(self) -> None:
        """Write and fsync what was appended."""
        ordinals, ends, lines = self._pending
        append_bytes(self._paths[0], np.array(ordinals, dtype=np.uint32).tobytes())
        append_bytes(self._paths[1], np.array(ends, dtype=np.uint64).tobytes())
        append_bytes(self._paths[2], b"".join(lines))
        self._pending = ([], [], [])


class NumberWriter:
    """Appends one int32 a row."""

    def __init__(self, folder: Path, name: str, rows: int) -> None:
        self._path = folder / f"{name}.numbers"
        cut(self._path, rows * 4)
        self._pending: list[int] = []

    def append(self, number: int) -> None:
        """The next row's number."""
        self._pending.append(number)

    def flush(self) -> None:
        """Write and fsync what was appended."""
        append_bytes(self._path, np.array(self._pending, dtype=np.int32).tobytes())
        self._pending = []


def _line(value: str) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode() + b"\n"


def cut(path: Path, size: int) -> None:
    """Make the file `size` bytes long, cutting off what a crash left behind."""
    path.touch()
    found = path.stat().st_size
    if found > size:
        os.truncate(path, size)


def append_bytes(path: Path, data: bytes) -> None:
    """Append and fsync."""
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def union(masks: Iterable[Mask], rows: int) -> Mask:
    """The rows of any mask."""
    found = np.zeros(rows, dtype=np.bool_)
    for mask in masks:
        found |= mask
    return found
