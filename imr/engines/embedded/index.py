"""An index folder: which generation of it counts, and what it was built with.

    signature.json      what the index was built with
    current             the name of the generation that counts
    000001/             a generation: text/ columns/ vectors/
    writer.lock         held while one process writes

A generation grows by commits. Compaction writes the next one beside it and then renames over
`current`, in one step.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.embedded.text import open_text, reading_folder
from imr.engines.signature import Signature, check_readable, stored_signature
from imr.errors import IndexMissingError, UnusableIndexError

SIGNATURE = "signature.json"
CURRENT = "current"
FIRST = "000001"


class EmbeddedIndex:
    """An index folder, open for reading; notices commits of other processes."""

    def __init__(self, folder: Path) -> None:
        """Open the folder.

        Raises:
            IndexMissingError: there is none; IndexMismatchError: another version built it.
        """
        self.folder = folder
        self.signature = read_signature(folder)
        check_readable(self.signature, f"the index {folder}")
        self._seen: tuple[str, int, int] | None = None
        self._snapshot: EmbeddedEngine | None = None

    def current(self) -> EmbeddedEngine:
        """The newest commit; the same object until there is a newer one."""
        generation = generation_of(self.folder)
        status = os.stat(generation / "text" / "meta.json")  # noqa: PTH116 - one call, no object
        seen = generation.name, status.st_mtime_ns, status.st_ino
        if self._snapshot is None or seen != self._seen:
            searcher = open_text(reading_folder(generation / "text")).searcher()
            self._snapshot = EmbeddedEngine(generation, searcher, self.signature)
            self._seen = seen
        return self._snapshot


def generation_of(folder: Path) -> Path:
    """The generation that counts."""
    try:
        return folder / (folder / CURRENT).read_text(encoding="ascii").strip()
    except OSError as error:
        raise UnusableIndexError(
            f"{folder}: its file {CURRENT!r} can't be read ({error.strerror}): index the letters "
            "anew into an empty place"
        ) from error


def read_signature(folder: Path) -> Signature:
    """What the index in the folder was built with."""
    try:
        told = (folder / SIGNATURE).read_text(encoding="utf-8").partition("\n")[0]
        return stored_signature(told, str(folder))
    except FileNotFoundError:
        raise IndexMissingError(
            f"there is no index in {folder}: make one with `imr index PATH… --index {folder}`"
        ) from None


def write_signature(folder: Path, signature: Signature) -> None:
    """Say what the index was built with, and a checksum of it on a line of its own."""
    told = signature.model_dump_json()
    replace_file(folder / SIGNATURE, f"{told}\n{checksum(told)}\n")


def checksum(text: str) -> str:
    """CRC-32 of a text, in hex."""
    return f"{zlib.crc32(text.encode()):08x}"


def replace_file(path: Path, text: str) -> None:
    """Write a small file so that a crash leaves the former or the new one."""
    scratch = path.with_name(f"{path.name}.new")
    with scratch.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
