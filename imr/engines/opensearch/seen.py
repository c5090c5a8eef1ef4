"""Which letters a load has met, in a few megabytes however many they are."""

from __future__ import annotations

import hashlib

import numpy as np

BITS = 1 << 27
"""16 MB. Of two million letters fewer than one in a thousand seems to have been met before."""


class Seen:
    """A Bloom filter (Bloom 1970): what was added is in it, and now and then something else.

    A load into an empty index asks the cluster only for letters that may be there already.
    """

    def __init__(self) -> None:
        self._bits = np.zeros(BITS // 8, dtype=np.uint8)

    def add(self, name: str) -> None:
        """Remember a name."""
        for byte, bit in _places(name):
            self._bits[byte] |= bit

    def __contains__(self, name: str) -> bool:
        """Whether it may have been added."""
        return all(self._bits[byte] & bit for byte, bit in _places(name))


def _places(name: str) -> list[tuple[int, int]]:
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    numbers = [int.from_bytes(digest[at : at + 4], "big") % BITS for at in (0, 4, 8, 12)]
    return [(number // 8, 1 << number % 8) for number in numbers]
