"""Which letter each row belongs to, and which rows later loads have replaced.

`letters.ids` has each letter's id in a fixed width (ASCII, padded with NUL), in the order letters
were written; `letters.of` (uint32) each row's letter, `letters.number` (uint16) its number in the
letter, and `letters.gone` (uint32) the rows that were replaced or removed. A letter's rows stand
one behind the other, and a letter written again is a new entry.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imr.engines.embedded.columns import Mask, Rows
from imr.engines.embedded.files import append, cut, mapped
from imr.errors import UnusableIndexError

WIDTH = 32
"""The most characters an id may have."""


class Letters:
    """The letters of the first `rows` rows, of which the first `gone` replaced ones are dead."""

    def __init__(self, folder: Path, rows: int, gone: int) -> None:
        self._of = mapped(folder / "letters.of", np.uint32, rows)
        self._numbers = mapped(folder / "letters.number", np.uint16, rows)
        count = int(self._of[-1]) + 1 if rows else 0
        self._ids = mapped(folder / "letters.ids", f"S{WIDTH}", count)
        self.alive: Mask = np.ones(rows, dtype=np.bool_)
        if gone:
            self.alive[mapped(folder / "letters.gone", np.uint32, gone)] = False

    def letter(self, row: int) -> str:
        """The id of the row's letter."""
        return bytes(self._ids[self._of[row]]).decode()

    def decision(self, row: int) -> str:
        """The row's decision id."""
        return f"{self.letter(row)}.{self._numbers[row]}"

    def named(self, rows: Rows) -> list[tuple[str, str]]:
        """(letter's id, decision's id) of each row."""
        letters = [name.decode() for name in self._ids[self._of[rows]].tolist()]
        numbers = self._numbers[rows].tolist()
        return [(letter, f"{letter}.{n}") for letter, n in zip(letters, numbers, strict=True)]

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
    """Appends letters behind the first `rows` rows. Call `flush` before the commit."""

    def __init__(self, folder: Path, rows: int, gone: int) -> None:
        self._folder = folder
        of = mapped(folder / "letters.of", np.uint32, rows)
        self._count = int(of[-1]) + 1 if rows else 0
        self._rows, self.gone = rows, gone
        for name, size in (
            ("of", 4 * rows), ("number", 2 * rows), ("ids", WIDTH * self._count),
            ("gone", 4 * gone),
        ):  # fmt: skip
            cut(folder / f"letters.{name}", size)
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
        self._ids.append(encoded.ljust(WIDTH, b"\0"))
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
        append(self._folder / "letters.ids", b"".join(self._ids))
        append(self._folder / "letters.of", np.array(self._of, dtype=np.uint32).tobytes())
        append(self._folder / "letters.number", np.array(self._numbers, dtype=np.uint16).tobytes())
        append(self._folder / "letters.gone", np.array(self._gone, dtype=np.uint32).tobytes())
        self._empty()
