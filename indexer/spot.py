"""A place letters come from, and the letter, or the reason there is none, that is found there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imr.errors import LetterError
from indexer.names import member


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A file that may be a letter; `read` gives its bytes or raises a LetterError.

    `name` is what the record calls it, `place` how people are told of it (as they wrote it),
    `path` the same from the root of the file system.
    """

    name: str
    place: str
    path: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Spot:
    """A file or an archive's member, by the three names of a LetterFile, all fit to be shown."""

    name: str
    place: str
    path: str

    def inside(self, name: str) -> Spot:
        """The archive's member of that name."""
        shown = member(name)
        return Spot(f"{self.name}/{shown}", f"{self.place}/{shown}", f"{self.path}/{shown}")

    def letter(self, read: Callable[[], bytes]) -> LetterFile:
        """What may be a letter here."""
        return LetterFile(self.name, self.place, self.path, read)

    def given(self, data: bytes) -> LetterFile:
        """What may be a letter here, already read."""
        return self.letter(lambda: data)

    def refused(self, kind: type[LetterError], reason: str) -> LetterFile:
        """What can't be read here, and why."""

        def read() -> bytes:
            raise kind(f"{self.name}: {reason}")

        return self.letter(read)
