"""Append-only files: mapped to read, cut to the last commit and appended to write."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def mapped(path: Path, kind: DTypeLike, count: int) -> NDArray[Any]:
    """The file's first `count` values, read-only and not held in memory."""
    if not count:
        return np.empty(0, dtype=kind)
    # as a plain array: a memmap's own indexing is ten times slower
    return np.memmap(path, dtype=kind, mode="r", shape=(count,)).view(np.ndarray)


def cut(path: Path, size: int) -> None:
    """Make the file `size` bytes long, cutting off what a crash left behind."""
    path.touch()
    found = path.stat().st_size
    if found > size:
        os.truncate(path, size)


def append(path: Path, data: bytes) -> None:
    """Append and fsync."""
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
