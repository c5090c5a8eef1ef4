"""Letters in a tar archive, read as a stream: nothing is kept of what has passed."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tarfile
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

from imr.errors import ArchiveError, FileUnreadableError
from indexer.budget import PIECE, Budget, too_large
from indexer.names import is_archive, is_letter
from indexer.spot import LetterFile, Spot

MAX_HEADER = 16_384
"""Bytes a member's headers may have: a long name takes a tenth of it."""
# tarfile's search for "hdrcharset" is quadratic in a run of digits (CVE-2024-6232)
_DIGITS = re.compile(rb"\d{100}")

UNPACKED: dict[str, Callable[[IO[bytes]], IO[bytes]]] = {
    "tar": lambda stream: stream,
    "gz": lambda stream: cast("IO[bytes]", gzip.GzipFile(fileobj=stream)),
    "bz2": lambda stream: cast("IO[bytes]", bz2.BZ2File(stream)),
    "xz": lambda stream: cast("IO[bytes]", lzma.LZMAFile(stream)),  # noqa: SIM115 - it holds no file
}
"""A stream of the archive's own bytes, by kind of compression."""


class _Forward:
    """The stream as tarfile wants to see it. It only goes forward, and spends the budget.

    What tarfile reads itself is headers, and these are small: without a limit, a header that
    claims gigabytes would be read into memory.
    """

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self._stream, self._budget = stream, budget
        self._at = 0
        self.header = 0
        self.last = b""

    def tell(self) -> int:
        return self._at

    def read(self, size: int) -> bytes:
        """A piece of a header."""
        self.header += size
        if size < 0 or self.header > MAX_HEADER:
            raise tarfile.ReadError("a header is too long")
        self.last = self.take(size)
        if _DIGITS.search(self.last):
            raise tarfile.ReadError("a header makes no sense")
        return self.last

    def seek(self, position: int) -> None:
        if position < self._at:
            raise tarfile.ReadError("a member begins before the last one ends")
        while self._at < position and self.take(min(PIECE, position - self._at)):
            pass

    def take(self, size: int) -> bytes:
        """The next bytes, fewer only at the end."""
        data = self._budget.read(self._stream, size)
        self._at += len(data)
        return data


def members(
    stream: IO[bytes], spot: Spot, budget: Budget
) -> Iterator[LetterFile | tuple[Spot, bytes]]:
    """Each member that is called like a letter or an archive, or the reason it can't be read."""
    forward = _Forward(stream, budget)
    archive = tarfile.open(fileobj=cast("IO[bytes]", forward), mode="r:")  # noqa: SIM115
    while (info := archive.next()) is not None:
        # tarfile would remember every member
        cast("Any", archive).members.clear()
        cast("Any", archive).pax_headers.clear()
        forward.header = 0
        if not info.isdir() and (is_letter(info.name) or is_archive(info.name)):
            yield _member(info, forward, spot.inside(info.name))
            forward.header = 0
    if forward.last.strip(b"\0"):
        # tarfile ends in silence where a later header is damaged
        raise tarfile.ReadError("what follows is no header")


def _member(
    info: tarfile.TarInfo, forward: _Forward, spot: Spot
) -> LetterFile | tuple[Spot, bytes]:
    if not info.isreg() or info.issparse():
        return spot.refused(FileUnreadableError, "it is a link or a device, not a file")
    refused = too_large(spot, info.size)
    if refused is not None:
        return refused
    data = forward.take(info.size)
    if len(data) < info.size:
        return spot.refused(ArchiveError, "it is cut off, the archive ends within it")
    return spot, data
