"""Letters in archives, read without unpacking anything to disk."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import IO

from imr.errors import ArchiveError, ArchiveLimitError
from indexer import tars, zips
from indexer.budget import MAX_DEPTH, Budget
from indexer.damage import DAMAGE, told
from indexer.names import is_archive
from indexer.spot import LetterFile, Spot

HEAD = 512
"""Bytes that tell what a file is."""
_KINDS = {
    "zip": re.compile(rb"PK(?:\x03\x04|\x05\x06)"),
    "gz": re.compile(rb"\x1f\x8b\x08"),
    "bz2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "tar": re.compile(rb".{257}ustar", re.DOTALL),
}


def kind_of(head: bytes, name: str) -> str | None:
    """Which archive begins so: zip, tar, gz, bz2 or xz; None for anything else.

    An empty or a very old tar has no mark of its own; it is known by its name.
    """
    kind = next((kind for kind, magic in _KINDS.items() if magic.match(head)), None)
    return kind or ("tar" if name.lower().endswith(".tar") else None)


def letters(
    stream: IO[bytes], kind: str, spot: Spot, budget: Budget, depth: int = 1
) -> Iterator[LetterFile]:
    """The letters in the archive and in the archives inside it, in the archive's order.

    Whatever is wrong with a member sets that member aside; where the archive itself ends badly, it
    is set aside behind the letters that were read from it. A zip must be seekable.
    """
    count = 0
    try:
        for found in _members(stream, kind, spot, budget):
            count += 1
            if isinstance(found, LetterFile):
                yield found
            else:
                yield from _found(*found, budget, depth)
    except ArchiveLimitError as error:
        yield spot.refused(ArchiveLimitError, f"{error}{_kept(count)}")
    except DAMAGE as error:
        packed = "" if kind in {"zip", "tar"} else f", or no tar in {kind}"
        reason = f"it is damaged{packed if not count else ''} ({told(error)}){_kept(count)}"
        yield spot.refused(ArchiveError, reason)


def _members(
    stream: IO[bytes], kind: str, spot: Spot, budget: Budget
) -> Iterator[LetterFile | tuple[Spot, bytes]]:
    if kind == "zip":
        return zips.members(stream, spot, budget)
    return tars.members(tars.UNPACKED[kind](stream), spot, budget)


def _found(spot: Spot, data: bytes, budget: Budget, depth: int) -> Iterator[LetterFile]:
    """A member that was read: a letter, or an archive to go through."""
    if not is_archive(spot.name):
        yield spot.given(data)
    elif depth == MAX_DEPTH:
        yield spot.refused(
            ArchiveLimitError, f"archives are read {MAX_DEPTH} deep: unpack the outer ones"
        )
    elif (kind := kind_of(data[:HEAD], spot.name)) is None:
        yield spot.refused(ArchiveError, NO_ARCHIVE)
    else:
        yield from letters(io.BytesIO(data), kind, spot, budget, depth + 1)


NO_ARCHIVE = "it is called an archive, but is neither zip nor tar"


def _kept(count: int) -> str:
    return f"; {count:,} of its members were read before" if count else ""
