"""Files that only grow: mapped to read, appended to write, with a checksum of what is committed.

A commit records each file's extent: how many bytes count and their CRC-32. What stands behind is
what a crash left; nobody reads it, and the next writer cuts it off.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from imr.errors import UnusableIndexError


class Extent(NamedTuple):
    """How much of a file counts, and its CRC-32."""

    size: int = 0
    crc: int = 0


Extents = Mapping[str, Extent]
"""By file name; a file that is not named counts for nothing."""

EMPTY = Extent()


def mapped(path: Path, kind: DTypeLike, extent: Extent) -> NDArray[Any]:
    """The values that count, read-only and not held in memory.

    Raises:
        UnusableIndexError: the file is gone or shorter than the commit says.
    """
    dtype = np.dtype(kind)
    count = extent.size // dtype.itemsize
    if not count:
        return np.empty(0, dtype=dtype)
    try:
        # as a plain array: a memmap's own indexing is ten times slower
        return np.memmap(path, dtype=dtype, mode="r", shape=(count,)).view(np.ndarray)
    except (OSError, ValueError) as error:
        raise damaged(path, str(error)) from error


def damaged(path: Path, how: str) -> UnusableIndexError:
    """The error for a file that is not what the last commit wrote."""
    return UnusableIndexError(
        f"{path} is damaged ({how}): restore the index from a copy, or index the letters anew into "
        "an empty place"
    )


def replace_file(path: Path, text: str) -> None:
    """Write a small file so that a crash leaves the former or the new one, and it lasts."""
    scratch = path.with_name(f"{path.name}.new")
    with scratch.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names of a folder's files last, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def with_checksum(told: str) -> str:
    """One line of text, and the CRC-32 of it on a line of its own."""
    return f"{told}\n{zlib.crc32(told.encode()):08x}\n"


def read_checked(path: Path) -> str:
    """The line that was written with its checksum.

    Raises:
        UnusableIndexError: its bytes are others; FileNotFoundError: there is no such file.
    """
    data = path.read_bytes()
    told = data.partition(b"\n")[0].decode("utf-8", "replace")
    if data != with_checksum(told).encode():
        raise damaged(path, "its bytes are not those that were written")
    return told


class Appended:
    """A file being appended to, behind the bytes that count; `skip` bytes before them are apart."""

    def __init__(self, path: Path, extent: Extent, skip: int = 0) -> None:
        self.path, self._skip = path, skip
        self.size, self.crc = extent
        path.touch()
        found = path.stat().st_size
        if found < skip + self.size:
            raise damaged(path, f"{found} bytes, {skip + self.size} were committed")
        if found > skip + self.size:
            os.truncate(path, skip + self.size)

    def append(self, data: bytes) -> None:
        """Append and fsync."""
        with self.path.open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self.size += len(data)
        self.crc = zlib.crc32(data, self.crc)

    @property
    def extent(self) -> Extent:
        """What counts once it is committed."""
        return Extent(self.size, self.crc)


def crc_of(path: Path, size: int, skip: int = 0) -> int:
    """The CRC-32 of `size` bytes of a file behind the first `skip`."""
    crc = 0
    with path.open("rb") as file:
        file.seek(skip)
        while size > 0:
            piece = file.read(min(size, 1 << 24))
            if not piece:
                raise damaged(path, f"{size} bytes are missing")
            crc = zlib.crc32(piece, crc)
            size -= len(piece)
    return crc
