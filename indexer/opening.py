"""Opens what a person named: only plain files are read, everything else is told and left alone."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, cast

from imr.errors import (
    ArchiveError,
    ArchiveLimitError,
    FileUnreadableError,
    LetterError,
    LetterTooLargeError,
)
from indexer import archives
from indexer.budget import MAX_BYTES, PIECE, Budget, too_large_reason
from indexer.names import is_archive
from indexer.spot import LetterFile, Spot

STDIN = Spot("stdin", "standard input", "standard input")
MAX_SPOOLED = 20_000_000_000
"""Bytes of a zip from a pipe; it must be whole before it can be read."""
_HELD = 64_000_000
"""Bytes of it that are kept in memory; the rest goes to a file without a name."""

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def letter(path: str, spot: Spot) -> LetterFile:
    """The file as a letter; it is opened when its bytes are asked for."""
    return spot.letter(partial(_read, path, spot))


def letters(path: str, spot: Spot) -> Iterator[LetterFile]:
    """The letters in the file if it is an archive, else the file as a letter."""
    try:
        with _opened(path) as (stream, size):
            kind = archives.kind_of(stream.read(archives.HEAD), path)
            if kind is not None:
                stream.seek(0)
                yield from archives.letters(stream, kind, spot, Budget(lambda: size))
                return
    except LetterError as error:
        yield spot.refused(type(error), str(error))
    except OSError as error:
        yield spot.refused(FileUnreadableError, _reason(error))
    else:
        if is_archive(path):
            yield spot.refused(ArchiveError, archives.NO_ARCHIVE)
        else:
            yield letter(path, spot)


def standard_input(stream: IO[bytes] | None) -> Iterator[LetterFile]:
    """The letter, or the letters of the archive, that standard input holds."""
    if stream is None:
        yield STDIN.refused(FileUnreadableError, "it is closed")
        return
    try:
        source = _Again(stream.read(archives.HEAD), stream)
        kind = archives.kind_of(source.head, "")
        if kind is None:
            yield _one_letter(source)
        elif kind == "zip":
            yield from _spooled(source)
        else:
            packed = cast("IO[bytes]", source)
            yield from archives.letters(packed, kind, STDIN, Budget(lambda: source.count))
    except OSError as error:
        yield STDIN.refused(FileUnreadableError, _reason(error))


class _Again:
    """A stream whose first bytes were looked at already."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self.head, self.count = head, 0
        self._left, self._rest = head, rest

    def read(self, size: int) -> bytes:
        if self._left:
            data, self._left = self._left[:size], self._left[size:]
        else:
            data = self._rest.read(size)
        self.count += len(data)
        return data


def _one_letter(source: _Again) -> LetterFile:
    data = source.read(len(source.head)) + source.read(MAX_BYTES)
    if len(data) > MAX_BYTES:
        return STDIN.refused(LetterTooLargeError, too_large_reason(len(data)))
    return STDIN.given(data)


def _spooled(source: _Again) -> Iterator[LetterFile]:
    """A zip's directory stands at its end, so a pipe has to be kept first."""
    with tempfile.SpooledTemporaryFile(_HELD) as kept:
        while piece := source.read(PIECE):
            kept.write(piece)
            if source.count > MAX_SPOOLED:
                yield STDIN.refused(ArchiveLimitError, "it is too large for a pipe: name the file")
                return
        kept.seek(0)
        yield from archives.letters(kept, "zip", STDIN, Budget(lambda: source.count))


@contextmanager
def _opened(path: str) -> Iterator[tuple[IO[bytes], int]]:
    """A plain file, and its size in bytes.

    Opening a pipe would wait for a writer and opening a device may do anything, so the path is
    looked at first, and again once it is open, as it may have been changed in between.
    """
    _check_plain(os.stat(path))  # noqa: PTH116 - millions of them: strings, no Path objects
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with open(descriptor, "rb") as stream:  # noqa: PTH123
        found = os.fstat(descriptor)
        _check_plain(found)
        yield stream, found.st_size


def _check_plain(found: os.stat_result) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if kind != stat.S_IFREG:
        hint = " (give what it yields to `imr … -`)" if kind == stat.S_IFIFO else ""
        raise FileUnreadableError(f"it is {_KINDS.get(kind, 'no file')}, not a file{hint}")


def _read(path: str, spot: Spot) -> bytes:
    """The bytes of a letter.

    Raises:
        LetterError: it can't be read or is far too large.
    """
    try:
        with _opened(path) as (stream, size):
            if size > MAX_BYTES:
                raise LetterTooLargeError(f"{spot.name}: {too_large_reason(size)}")
            data = stream.read(MAX_BYTES + 1)
    except FileUnreadableError as error:
        raise FileUnreadableError(f"{spot.name}: {error}") from None
    except OSError as error:
        raise FileUnreadableError(f"{spot.name}: {_reason(error)}") from error
    if len(data) > MAX_BYTES:
        raise LetterTooLargeError(f"{spot.name}: {too_large_reason(len(data))}")
    return data


def _reason(error: OSError) -> str:
    return f"can't be read, {error.strerror or error}"
