"""One corpus loaded by several machines: which of its letters are whose."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from imr.errors import BadQueryError


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` (from 1) of `of`.

    Letters are told apart by their id, so that all files of one case number are one machine's, and
    which of them stays is decided as in one load.
    """

    number: int
    of: int

    def holds(self, name: str) -> bool:
        """Whether the letter of that id, or the file of that name, is of this part."""
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1


def read(given: str) -> Part:
    """A part as people write it, as 2/5."""
    number, _, of = given.partition("/")
    if number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
        return Part(int(number), int(of))
    raise BadQueryError(f"--part {given!r}: write I/N, as 1/4 to 4/4 on four machines")
