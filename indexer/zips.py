"""Letters in a zip archive, read member by member."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from typing import IO, cast

from imr.errors import (
    ArchiveError,
    ArchiveLimitError,
    EncryptedLetterError,
    FileUnreadableError,
)
from indexer.budget import MAX_DIRECTORY, RATIO, Budget, too_large
from indexer.damage import DAMAGE, told
from indexer.names import is_archive, is_letter
from indexer.spot import LetterFile, Spot

_READABLE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Of the other methods zipfile unpacks a whole block at once, however large."""
_ENCRYPTED = 0x1
_SMALL = 1_000_000
"""Bytes below which a member may shrink as it likes."""


class _Limited:
    """A file of which no more is read at once than a zip's directory may have."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise ArchiveLimitError("its directory lists too many members: make several of it")
        return self._stream.read(size)


def members(
    stream: IO[bytes], spot: Spot, budget: Budget
) -> Iterator[LetterFile | tuple[Spot, bytes]]:
    """Each member that is called like a letter or an archive, or the reason it can't be read."""
    with zipfile.ZipFile(cast("IO[bytes]", _Limited(stream))) as archive:
        for info in archive.infolist():
            if not info.is_dir() and (is_letter(info.filename) or is_archive(info.filename)):
                inside = spot.inside(info.filename)
                yield _refused(info, inside) or _read(archive, info, inside, budget)


def _refused(info: zipfile.ZipInfo, spot: Spot) -> LetterFile | None:
    """Why the member is not even opened."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        return spot.refused(FileUnreadableError, "it is a link or a device, not a file")
    if info.flag_bits & _ENCRYPTED:
        return spot.refused(EncryptedLetterError, "it is encrypted: unpack it with its password")
    if info.compress_type not in _READABLE:
        return spot.refused(
            ArchiveError, f"its compression (method {info.compress_type}) is not read: unpack it"
        )
    if info.file_size > _SMALL and info.file_size > RATIO * info.compress_size:
        return spot.refused(ArchiveLimitError, f"it unpacks to more than {RATIO} times its size")
    return too_large(spot, info.file_size)


def _read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, spot: Spot, budget: Budget
) -> LetterFile | tuple[Spot, bytes]:
    """The member's bytes: never more than its entry states."""
    try:
        with archive.open(info) as member:
            return spot, budget.read(member, info.file_size)
    except DAMAGE as error:
        return spot.refused(ArchiveError, f"it is damaged ({told(error)})")
