"""How much an archive may unpack to: what archives of letters never reach, and bombs always do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from imr.errors import ArchiveLimitError, LetterTooLargeError
from indexer.names import is_archive
from indexer.spot import LetterFile, Spot

MAX_BYTES = 50_000_000
"""A letter has some tens of kilobytes; what is a thousand times larger is none."""
MAX_NESTED_BYTES = 200_000_000
"""An archive inside another is read into memory."""
MAX_DEPTH = 3
"""An archive in an archive in an archive is read, no deeper."""
RATIO = 100
"""Times its own size: letters shrink to a fifth at best, zeros to a thousandth."""
FREE = 100_000_000
"""Bytes that the smallest archive may unpack to."""
PIECE = 1_000_000
"""Bytes unpacked at once."""
MAX_DIRECTORY = 32_000_000
"""Bytes of a zip's directory, which is held in memory: about 300,000 members."""


@dataclass(slots=True)
class Budget:
    """Shared by an archive and all archives inside it; `packed` tells the outermost's size."""

    packed: Callable[[], int]
    given: int = 0

    def read(self, stream: IO[bytes], size: int) -> bytes:
        """The stream's next bytes, fewer only at its end; what they unpack to is counted.

        Raises:
            ArchiveLimitError: more than any archive of letters holds.
        """
        pieces = []
        while size and (piece := stream.read(min(size, PIECE))):
            pieces.append(piece)
            size -= len(piece)
            self.given += len(piece)
            if self.given > FREE + RATIO * self.packed():
                raise ArchiveLimitError(
                    f"it unpacks to more than {RATIO} times its size, no archive of letters does"
                )
        return b"".join(pieces)


def too_large(spot: Spot, size: int) -> LetterFile | None:
    """The refusal of a letter or a nested archive that has too many bytes."""
    if is_archive(spot.name):
        if size > MAX_NESTED_BYTES:
            return spot.refused(
                ArchiveLimitError,
                f"{size / 1e6:,.0f} MB is too large for an archive inside another "
                f"(at most {MAX_NESTED_BYTES / 1e6:.0f} MB): unpack the outer one",
            )
    elif size > MAX_BYTES:
        return spot.refused(LetterTooLargeError, too_large_reason(size))
    return None


def too_large_reason(size: int) -> str:
    """What is wrong with a letter of so many bytes."""
    return f"{size / 1e6:,.0f} MB is too large for a letter (at most {MAX_BYTES / 1e6:.0f} MB)"
