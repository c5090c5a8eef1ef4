"""Which group of near-identical rationales each row belongs to: `groups` (uint64), one a row."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imr.engines.embedded.columns import Rows
from imr.engines.embedded.files import EMPTY, Appended, Extents, mapped

FILE = "groups"
KIND: np.dtype[Any] = np.dtype(np.uint64)


class Groups:
    """The groups of all rows, read-only."""

    def __init__(self, folder: Path, files: Extents) -> None:
        self._of_rows: NDArray[np.uint64] = mapped(folder / FILE, KIND, files.get(FILE, EMPTY))

    def __len__(self) -> int:
        """How many rows have one."""
        return len(self._of_rows)

    def of_row(self, row: int) -> str:
        """The row's group, 16 hex digits."""
        return f"{int(self._of_rows[row]):016x}"

    def of_rows(self, rows: Rows) -> list[str]:
        """The group of each of these rows."""
        return [f"{group:016x}" for group in self._of_rows[rows].tolist()]

    @cached_property
    def ordinals(self) -> NDArray[np.int64]:
        """Each row's group as a number from 0, the same for the same group."""
        _, ordinals = np.unique(self._of_rows, return_inverse=True)
        return ordinals.astype(np.int64)


class GroupsWriter:
    """Appends one group a row. Call `flush` before the commit that makes them count."""

    def __init__(self, folder: Path, files: Extents) -> None:
        self._file = Appended(folder / FILE, files.get(FILE, EMPTY))
        self.files = {FILE: self._file}
        self._pending: list[int] = []

    def append(self, group: str) -> None:
        """The next row's group."""
        self._pending.append(int(group, 16))

    def flush(self) -> None:
        """Write and fsync what was appended."""
        self._file.append(np.array(self._pending, dtype=KIND).tobytes())
        self._pending = []
