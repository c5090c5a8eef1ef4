"""The letters a person names: files, folders, patterns, archives and standard input, in order."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from imr.errors import BadQueryError, FileUnreadableError, NotFoundError
from indexer import opening
from indexer.folders import MAGIC, Entry, Identity, below, identity, matching
from indexer.names import is_archive, is_letter, printable
from indexer.spot import LetterFile, Spot

__all__ = ["LetterFile", "count_letters", "letter_files"]
STDIN = "-"


def letter_files(
    paths: Sequence[str | Path],
    note: Callable[[str], None] = lambda _: None,
    stdin: IO[bytes] | None = None,
) -> Iterator[LetterFile]:
    """Every file that may be a letter, path by path, folders and archives in order of name.

    Files that are called .pdf or .txt are letters, in folders and archives; a file named itself may
    be called anything. What can't be read comes too, and says so when it is read. Nothing is listed
    ahead of need. `note` is told of each folder, pattern and archive without a letter. `stdin` is
    the process's own unless given.

    Raises:
        NotFoundError: a path does not exist or a pattern matches nothing; BadQueryError: standard
            input twice, or a pattern that is none.
    """
    _check(paths)
    return _letter_files(paths, note, stdin)


def count_letters(paths: Sequence[str | Path]) -> int | None:
    """How many files `letter_files` gives; None where only reading an archive would tell."""
    read = _Read()
    count = 0
    for path in map(str, paths):
        if path == STDIN:
            return None
        for entry, named in _entries(path, read):
            if is_archive(entry.path) and (named or entry.error is None):
                return None
            count += 1
    return count


def _letter_files(
    paths: Sequence[str | Path], note: Callable[[str], None], stdin: IO[bytes] | None
) -> Iterator[LetterFile]:
    read = _Read()
    for path in map(str, paths):
        read.again = False
        if path == STDIN:
            letters = opening.standard_input(stdin or _own_stdin())
        else:
            letters = _letters(path, read)
        first = next(letters, None)
        if first is not None:
            yield first
            yield from letters
        elif not read.again:
            note(f"no letter (.pdf, .txt or an archive of such) in {printable(path)}")


def _letters(path: str, read: _Read) -> Iterator[LetterFile]:
    for entry, named in _entries(path, read):
        shown = printable(entry.path)
        spot = Spot(_leaf(shown), shown, printable(os.path.abspath(entry.path)))  # noqa: PTH100
        if entry.error is not None:
            reason = f"can't be listed, {entry.error.strerror}"
            yield spot.refused(FileUnreadableError, reason)
        elif named or is_archive(entry.path):
            yield from opening.letters(entry.path, spot)
        else:
            yield opening.letter(entry.path, spot)


@dataclass(slots=True)
class _Read:
    """What was read under the paths before, so that nothing that is named twice is read twice.

    `again` says whether the path at hand led to any of it.
    """

    folders: set[Identity] = field(default_factory=set)
    files: set[Identity] = field(default_factory=set)
    again: bool = False

    def has(self, path: str) -> bool:
        """Whether the file was named, or lies in a folder that was read."""
        folder = os.path.dirname(path) or "."  # noqa: PTH120
        has = identity(path) in self.files or (
            _wanted(path) and bool(self.folders) and identity(folder) in self.folders
        )
        self.again |= has
        return has

    def add(self, path: str) -> None:
        """Remember a file that was named."""
        mark = identity(path)
        if mark is not None:
            self.files.add(mark)


def _entries(path: str, read: _Read) -> Iterator[tuple[Entry, bool]]:
    """The files under a path, and whether they are named rather than found in a folder."""
    if os.path.isdir(path):  # noqa: PTH112
        for entry in below(path, _wanted, read.folders):
            if entry.again or (read.files and identity(entry.path) in read.files):
                read.again = True
            else:
                yield entry, False
    elif os.path.lexists(path) or not MAGIC.search(path):
        if not read.has(path):
            read.add(path)
            yield Entry(path), True
    else:
        for match in matching(path):
            if match.is_folder:
                yield from _entries(match.path, read)
            # what a pattern matches is not remembered: it may be millions
            elif not read.has(match.path):
                yield match, True


def _wanted(name: str) -> bool:
    return is_letter(name) or is_archive(name)


def _check(paths: Sequence[str | Path]) -> None:
    """Refuse what can't be meant, before the first letter is read."""
    if sum(str(path) == STDIN for path in paths) > 1:
        raise BadQueryError("standard input (-) can be read only once")
    for path in map(str, paths):
        if not path:
            raise BadQueryError("a path is empty: name a letter, a folder or an archive")
        if path == STDIN or not _missing(path):
            continue
        if not MAGIC.search(path):
            raise NotFoundError(
                f"{printable(path)} does not exist: name a letter, a folder, an archive (always "
                "the whole of it) or - for standard input"
            )
        try:
            found = next(matching(path), None)
        except re.error as error:
            raise BadQueryError(f"{printable(path)} is no pattern: {error}") from error
        if found is None or isinstance(found.error, FileNotFoundError | NotADirectoryError):
            raise NotFoundError(f"nothing matches {printable(path)}")


def _missing(path: str) -> bool:
    """Whether nothing is there; what merely can't be looked at is told when it is read."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _own_stdin() -> IO[bytes] | None:
    return sys.stdin.buffer if sys.stdin is not None else None


def _leaf(shown: str) -> str:
    return shown.rstrip("/").rpartition("/")[2] or shown
