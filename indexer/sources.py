"""The letters a person names: files and folders, in a stable order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from imr.errors import LetterError, NotFoundError

SUFFIXES = frozenset({".pdf", ".txt"})
MAX_BYTES = 50_000_000
"""A letter has some tens of kilobytes; what is a thousand times larger is none."""


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A file that may be a letter; `name` is what the record calls it."""

    path: Path
    name: str

    def read(self) -> bytes:
        """The file's bytes.

        Raises:
            LetterError: it can't be read or is far too large.
        """
        try:
            size = self.path.stat().st_size
            if size > MAX_BYTES:
                raise LetterError(
                    f"{self.path}: {size / 1e6:.0f} MB is too large for a letter "
                    f"(at most {MAX_BYTES / 1e6:.0f} MB)"
                )
            return self.path.read_bytes()
        except OSError as error:
            raise LetterError(f"{self.path}: can't be read, {error.strerror}") from error


def letter_files(paths: Sequence[Path]) -> Iterator[LetterFile]:
    """The files named, and all PDF and text files below the folders named, in order of name.

    Raises:
        NotFoundError: a named path does not exist.
    """
    for path in paths:
        if path.is_dir():
            below = (p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            for file in sorted(below):
                yield LetterFile(file, file.name)
        elif path.exists():
            yield LetterFile(path, path.name)
        else:
            raise NotFoundError(f"{path} does not exist: name a letter or a folder of letters")
