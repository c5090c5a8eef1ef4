"""An index folder: which generation of it counts, and what it was built with.

    signature.json      what the index was built with
    current             the name of the generation that counts
    000001/             a generation: text/ columns/ vectors/ and its last commit-STAMP.json
    writer.lock         held while one process writes

A generation grows by commits. Compaction writes the next one beside it and then renames over
`current`, in one step.
"""

from __future__ import annotations

import os
from pathlib import Path

from imr.engines.embedded.commit import opened
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.embedded.files import damaged, replace_file, with_checksum
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
        while True:
            generation = generation_of(self.folder)
            try:
                return self._current(generation)
            except UnusableIndexError:
                # a compaction may have taken it away meanwhile
                if generation_of(self.folder) == generation:
                    raise

    def _current(self, generation: Path) -> EmbeddedEngine:
        meta = generation / "text" / "meta.json"
        try:
            status = os.stat(meta)  # noqa: PTH116 - one call, no object
        except OSError as error:
            raise damaged(meta, str(error.strerror)) from error
        seen = generation.name, status.st_mtime_ns, status.st_ino
        if self._snapshot is None or seen != self._seen:
            self._snapshot = EmbeddedEngine(generation, *opened(generation), self.signature)
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
    except NotADirectoryError:
        raise IndexMissingError(
            f"{folder} is a file: an index is a folder, made with `imr index PATH… --index FOLDER`"
        ) from None


def write_signature(folder: Path, signature: Signature) -> None:
    """Say what the index was built with, and a checksum of it on a line of its own."""
    replace_file(folder / SIGNATURE, with_checksum(signature.model_dump_json()))
