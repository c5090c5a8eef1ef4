"""Which group of near-identical rationales each row belongs to: `groups` (uint64), one a row.

Of the rows that begin a group, `groups.first` (uint32) has the row, `groups.bands` (uint32) its
keys, and `groups.signs` (a byte each) what two of them are compared by before their texts are.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from imr.engines.embedded.columns import Rows
from imr.engines.embedded.files import EMPTY, Appended, Extents, mapped
from imr.text.sketch import BANDS, HASHES, LIKELY, Grouped

KINDS: dict[str, np.dtype[Any]] = {
    "groups": np.dtype(np.uint64),
    "groups.first": np.dtype(np.uint32),
    "groups.bands": np.dtype(np.uint32),
    "groups.signs": np.dtype(np.uint8),
}

Keys = NDArray[np.uint32]


class Groups:
    """The groups of all rows, read-only."""

    def __init__(self, folder: Path, files: Extents) -> None:
        self._of_rows, self._first, bands, signs = (
            mapped(folder / name, kind, files.get(name, EMPTY)) for name, kind in KINDS.items()
        )
        self._bands: Keys = bands.reshape(-1, BANDS)
        self._signs: NDArray[np.uint8] = signs.reshape(-1, HASHES)

    def __len__(self) -> int:
        """How many rows have one."""
        return len(self._of_rows)

    def of_row(self, row: int) -> str:
        """The row's group, 16 hex digits."""
        return f"{int(self._of_rows[row]):016x}"

    def of_rows(self, rows: Rows) -> list[str]:
        """The group of each of these rows."""
        return [f"{group:016x}" for group in self._of_rows[rows].tolist()]

    def begun(self, row: int) -> Grouped:
        """The row's group with what it is found by, if the row begins it."""
        at = int(self._first.searchsorted(np.uint32(row)))
        if at == len(self._first) or self._first[at] != row:
            return Grouped(self.of_row(row))
        bands = tuple(f"{band:08x}" for band in self._bands[at].tolist())
        return Grouped(self.of_row(row), bands, bytes(self._signs[at].tolist()))

    @cached_property
    def ordinals(self) -> NDArray[np.int64]:
        """Each row's group as a number from 0, the same for the same group."""
        _, ordinals = np.unique(self._of_rows, return_inverse=True)
        return ordinals.astype(np.int64)


class GroupsWriter:
    """Appends one group a row. Call `flush` before the commit that makes them count."""

    def __init__(self, folder: Path, files: Extents) -> None:
        self.files = {name: Appended(folder / name, files.get(name, EMPTY)) for name in KINDS}
        self._rows = self.files["groups"].size // KINDS["groups"].itemsize
        self._folder = folder
        self._found: _Found | None = None
        self._empty()

    def _empty(self) -> None:
        self._groups: list[int] = []
        self._first: list[int] = []
        self._bands: list[list[int]] = []
        self._signs: list[bytes] = []

    def append(self, grouped: Grouped) -> None:
        """The next row's group."""
        self._groups.append(int(grouped.group, 16))
        if grouped.bands:
            self._first.append(self._rows)
            self._bands.append([int(band, 16) for band in grouped.bands])
            self._signs.append(grouped.signs)
        self._rows += 1

    def beginning(self, sought: Grouped) -> Rows:
        """The flushed rows, in order, that begin a group, share a key and may be near."""
        if self._found is None:
            self._found = _Found()
            _, *stored = (
                mapped(self._folder / name, kind, self.files[name].extent)
                for name, kind in KINDS.items()
            )
            self._found.add(stored[0], stored[1].reshape(-1, BANDS), stored[2].reshape(-1, HASHES))
        bands = np.array([int(band, 16) for band in sought.bands], dtype=np.uint32)
        return self._found.rows(bands, np.frombuffer(sought.signs, dtype=np.uint8))

    def flush(self) -> None:
        """Write and fsync what was appended."""
        first = np.array(self._first, dtype=np.uint32)
        bands = np.array(self._bands, dtype=np.uint32).reshape(-1, BANDS)
        signs = np.frombuffer(b"".join(self._signs), dtype=np.uint8).reshape(-1, HASHES)
        if self._found is not None:
            self._found.add(first, bands, signs)
        pending: tuple[NDArray[Any], ...] = (
            np.array(self._groups, dtype=np.uint64),
            first,
            bands,
            signs,
        )
        for file, values in zip(self.files.values(), pending, strict=True):
            file.append(values.tobytes())
        self._empty()


class _Piece(NamedTuple):
    """Rows that begin a group, with their signs, and all their keys in order.

    `places` says which of the rows each key belongs to.
    """

    first: Keys
    signs: NDArray[np.uint8]
    keys: Keys
    places: Keys

    @classmethod
    def of(cls, first: Keys, bands: Keys, signs: NDArray[np.uint8]) -> Self:
        """A piece of (rows), (rows, BANDS) and (rows, HASHES)."""
        places = np.repeat(np.arange(len(first), dtype=np.uint32), BANDS)
        return cls._sorted(first, signs, bands.ravel(), places)

    @classmethod
    def _sorted(cls, first: Keys, signs: NDArray[np.uint8], keys: Keys, places: Keys) -> Self:
        order = np.argsort(keys, kind="stable")
        return cls(first, signs, keys[order], places[order])

    def with_behind(self, other: Self) -> Self:
        """Both as one."""
        return self._sorted(
            np.concatenate([self.first, other.first]),
            np.concatenate([self.signs, other.signs]),
            np.concatenate([self.keys, other.keys]),
            np.concatenate([self.places, other.places + np.uint32(len(self.first))]),
        )

    def rows(self, bands: Keys, signs: NDArray[np.uint8]) -> Rows:
        """The rows that share a key and enough signs."""
        low, high = (self.keys.searchsorted(bands, side) for side in ("left", "right"))
        shared = [
            self.places[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True) if a < b
        ]
        if not shared:
            return np.empty(0, dtype=np.int64)
        places = np.unique(np.concatenate(shared))
        alike = np.count_nonzero(self.signs[places] == signs, axis=1)
        likely: Rows = self.first[places[alike >= LIKELY * HASHES]].astype(np.int64)
        return likely


class _Found:
    """Finds rows by their keys while a load goes on.

    What a flush adds is a piece of its own, joined with the one before once that is no longer than
    twice as much: so there are few to look into, and each key is sorted a few times only.
    """

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []

    def add(self, first: Keys, bands: Keys, signs: NDArray[np.uint8]) -> None:
        """More rows, which come behind those before."""
        if not len(first):
            return
        piece = _Piece.of(first, bands, signs)
        while self._pieces and len(self._pieces[-1].first) <= 2 * len(piece.first):
            piece = self._pieces.pop().with_behind(piece)
        self._pieces.append(piece)

    def rows(self, bands: Keys, signs: NDArray[np.uint8]) -> Rows:
        """The rows that share a key and enough signs, in order."""
        found = [piece.rows(bands, signs) for piece in self._pieces]
        return np.concatenate([np.empty(0, dtype=np.int64), *found])
