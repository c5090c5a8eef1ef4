"""Files made of what an index holds so that it answers sooner; without them it answers the same.

`NAME-COUNT-CRC.KIND` is made of the first COUNT of something that only grows, rows or vectors. One
that was made of more than the last commit has counts for nothing, and the next writer deletes it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from imr.engines.embedded.files import crc_of, damaged, sync_folder

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """The files of one name and kind in a folder."""

    folder: Path
    name: str
    kind: str

    def known(self) -> dict[int, Path]:
        """The files there are, by their counts."""
        found = self.folder.glob(f"{self.name}-*-*.{self.kind}")
        return {int(path.stem.split("-")[-2]): path for path in found}

    def newest(self, count: int, read: Callable[[Path], T]) -> tuple[int, T] | None:
        """What stands in the newest file made of no more than `count`, and its own count.

        Raises:
            UnusableIndexError: it can't be read.
        """
        while known := {at: path for at, path in self.known().items() if at <= count}:
            path = known[max(known)]
            try:
                return max(known), read(path)
            except (OSError, RuntimeError, ValueError) as error:
                if path.exists():
                    raise damaged(path, str(error).strip().splitlines()[-1]) from error
                # a writer has put a newer one in its place meanwhile
        return None

    def drop_beyond(self, count: int) -> None:
        """Delete what was made of more than was ever committed."""
        for at, path in self.known().items():
            if at > count:
                path.unlink()

    def put(self, count: int, write: Callable[[Path], None]) -> None:
        """Let `write` fill a new file, make it durable, and delete those made of less."""
        scratch = self.folder / f"{self.name}.new"
        write(scratch)
        with scratch.open("rb") as file:
            os.fsync(file.fileno())
        crc = crc_of(scratch, scratch.stat().st_size)
        scratch.replace(self.folder / f"{self.name}-{count}-{crc:08x}.{self.kind}")
        sync_folder(self.folder)
        for at, path in self.known().items():
            if at < count:
                path.unlink()


def crc_told(path: Path) -> int:
    """The CRC-32 that a file's name tells."""
    return int(path.stem.rpartition("-")[2], 16)
