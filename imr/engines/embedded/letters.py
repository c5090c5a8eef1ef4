"""Which letter each row belongs to, and which rows later loads have replaced.

`letters.ids` has each letter's id in a fixed width (ASCII, padded with NUL), in the order letters
were written; `letters.of` (uint32) each row's letter, `letters.number` (uint16) its number in the
letter, and `letters.gone` (uint32) the rows that were replaced or removed. A letter's rows stand
one behind the other, and a letter written again is a new entry.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imr.engines.embedded.columns import Mask, Rows
from imr.engines.embedded.files import EMPTY, Appended, Extents, mapped
from imr.errors import UnusableIndexError

WIDTH = 32
"""The most characters an id may have."""
KINDS: dict[str, np.dtype[Any]] = {
    "letters.of": np.dtype(np.uint32),
    "letters.number": np.dtype(np.uint16),
    "letters.ids": np.dtype(f"S{WIDTH}"),
    "letters.gone": np.dtype(np.uint32),
}


class Letters:
    """The letters of all rows, and which rows are alive."""

    def __init__(self, folder: Path, rows: int, files: Extents) -> None:
        of, number, ids, gone = (
            mapped(folder / name, kind, files.get(name, EMPTY)) for name, kind in KINDS.items()
        )
        self._of, self._numbers, self._ids = of, number, ids
        self.alive: Mask = np.ones(rows, dtype=np.bool_)
        self.alive[gone] = False

    def letter(self, row: int) -> str:
        """The id of the row's letter."""
        return bytes(self._ids[self._of[row]]).decode()

    def decision(self, row: int) -> str:
        """The row's decision id."""
        return f"{self.letter(row)}.{self._numbers[row]}"

    @property
    def ordinals(self) -> NDArray[np.uint32]:
        """Each row's letter as a number, ascending."""
        return self._of

    def named(self, rows: Rows) -> list[tuple[str, str]]:
        """(letter's id, decision's id) of each row."""
        letters = [name.decode() for name in self._ids[self._of[rows]].tolist()]
        numbers = self._numbers[rows].tolist()
        return [(letter, f"{letter}.{n}") for letter, n in zip(letters, numbers, strict=True)]

    def in_order(self, rows: Rows) -> Rows:
        """The rows by their letter's id, then by number."""
        of = self._of[rows]
        letters, at = np.unique(of, return_inverse=True)
        rank = np.empty(len(letters), dtype=np.int64)
        rank[np.argsort(self._ids[letters], kind="stable")] = np.arange(len(letters))
        ordered: Rows = rows[np.lexsort((self._numbers[rows], rank[at]))]
        return ordered

    def rows_beside(self, row: int) -> range:
        """All rows of the row's letter."""
        first, last = row, row + 1
        while first and self._of[first - 1] == self._of[row]:
            first -= 1
        while last < len(self._of) and self._of[last] == self._of[row]:
            last += 1
        return range(first, last)

    def names(self) -> list[str]:
        """The ids of all letters alive, in the order they were written."""
        kept = np.unique(self._of[self.alive])
        return [bytes(self._ids[ordinal]).decode() for ordinal in kept]

    def beginning(self, prefix: str, limit: int) -> list[str]:
        """The first ids of letters alive, in order, that begin with a prefix."""
        if not prefix.isascii() or len(prefix) > WIDTH or not limit:
            return []
        begun = prefix.encode()
        low, high = (int.from_bytes(begun[:8].ljust(8, fill), "big") for fill in (b"\0", b"\xff"))
        heads, alive = self._heads
        places = np.flatnonzero((heads >= low) & (heads <= high) & alive)
        if len(begun) <= 8 and len(places) > limit:
            # only those that begin no later than the last one wanted
            begin = heads[places]
            places = places[begin <= np.partition(begin, limit - 1)[limit - 1]]
        ids = self._ids[places]
        ids = np.sort(ids[(ids >= begun) & (ids <= begun.ljust(WIDTH, b"\xff"))])
        return [bytes(id_).decode() for id_ in ids[:limit]]

    @cached_property
    def _heads(self) -> tuple[NDArray[np.uint64], Mask]:
        """The first eight bytes of each id, as numbers, and whether the letter is alive."""
        heads = self._ids.view(">u8").reshape(-1, WIDTH // 8)[:, 0].astype(np.uint64)
        alive = np.zeros(len(heads), dtype=np.bool_)
        alive[self._of[self.alive]] = True
        return heads, alive

    def distinct(self, chosen: Rows) -> int:
        """How many letters the rows, given in order, belong to."""
        if not len(chosen):
            return 0
        return 1 + int(np.count_nonzero(np.diff(self._of[chosen])))


class LettersWriter:
    """Appends letters. Call `flush` before the commit."""

    def __init__(self, folder: Path, files: Extents) -> None:
        self.files = {name: Appended(folder / name, files.get(name, EMPTY)) for name in KINDS}
        self._count = self.files["letters.ids"].size // WIDTH
        self.gone = self.files["letters.gone"].size // 4
        self._empty()

    def _empty(self) -> None:
        self._ids: list[bytes] = []
        self._of: list[int] = []
        self._numbers: list[int] = []
        self._gone: list[int] = []

    def begin(self, letter: str) -> None:
        """The rows that follow are this letter's."""
        encoded = letter.encode("ascii", "replace")
        if len(encoded) > WIDTH:
            raise UnusableIndexError(
                f"the letter's id {letter!r} has more than {WIDTH} characters: it is no case number"
            )
        self._ids.append(encoded)
        self._count += 1

    def append(self, number: int) -> None:
        """The next row, a decision of the letter begun last."""
        self._of.append(self._count - 1)
        self._numbers.append(number)

    def drop(self, row: int) -> None:
        """The row counts no longer."""
        self._gone.append(row)
        self.gone += 1

    def flush(self) -> None:
        """Write and fsync what was appended."""
        pending: tuple[list[Any], ...] = (self._of, self._numbers, self._ids, self._gone)
        for (name, kind), values in zip(KINDS.items(), pending, strict=True):
            self.files[name].append(np.array(values, dtype=kind).tobytes())
        self._empty()
