"""Rationales made comparable: what two of them share whatever names and numbers stand in them.

A rationale becomes its words, with one sign for every number and one for every name, and then the
set of its runs of three words. How much two sets share (Jaccard) is how near two rationales are.
MinHash makes of each set a few keys, of which near rationales share at least one: so a near one is
found by looking up keys and not by comparing with all.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import eq
from typing import NamedTuple

import numpy as np
from rensa import RMinHash

from imr.model import Outcome
from imr.text.analysis import written
from imr.text.passages import sentences

NEAR = 0.8
"""What two near-identical rationales share at least, of all runs that either has."""
RUN = 3
BANDS, ROWS = 14, 5
"""Keys a rationale, and hashes a key: of two that share .8 one in 260 pairs has no key in common,
of two that share .5 one in three has one."""
HASHES = BANDS * ROWS
SEED = 1
_NUMBER, _NAME = "0", "_"


class Grouped(NamedTuple):
    """Which group of near-identical rationales a decision belongs to.

    `group` is 16 hex digits. Only a group's first one has `bands`, the keys it is found by (8 hex
    digits each), and `signs`, a byte of each hash: two rationales have about as many of them in
    common as they share runs.
    """

    group: str
    bands: tuple[str, ...] = ()
    signs: bytes = b""


@dataclass(frozen=True)
class Sketch:
    """A rationale without its names and numbers; `outcome` parts what only a "not" does."""

    words: tuple[str, ...]
    outcome: Outcome

    @classmethod
    def of(cls, rationale: str, outcome: Outcome) -> Sketch:
        """The sketch of a rationale."""
        found: list[str] = []
        for start, end in sentences(rationale):
            first, *others = written(rationale[start:end]) or [""]
            if first:
                found.append(_sign(first, first=True))
            found += map(_sign, others)
        return cls(tuple(found), outcome)

    @property
    def group(self) -> str:
        """The name of the group that it begins."""
        return digest(f"{self.outcome} {' '.join(self.words)}")

    @cached_property
    def runs(self) -> frozenset[str]:
        """Its runs of three words; a shorter rationale is one run."""
        if len(self.words) < RUN:
            return frozenset({" ".join(self.words)})
        shifted = (self.words[ahead:] for ahead in range(RUN))
        return frozenset(map(" ".join, zip(*shifted, strict=False)))

    @property
    def beginning(self) -> Grouped:
        """What it is found by as the first of its group."""
        hashes = RMinHash(num_perm=HASHES, seed=SEED)
        hashes.update(list(self.runs))
        values = np.array(hashes.digest(), dtype="<u4")
        begun = zlib.crc32(self.outcome.encode())
        bands = tuple(
            f"{zlib.crc32(of.tobytes(), begun + band):08x}"
            for band, of in enumerate(values.reshape(BANDS, ROWS))
        )
        return Grouped(self.group, bands, values.astype(np.uint8).tobytes())

    def is_near(self, other: Sketch) -> bool:
        """Whether both are equal but for names, numbers and little else."""
        if self.outcome != other.outcome:
            return False
        shared = len(self.runs & other.runs)
        return shared >= NEAR * (len(self.runs) + len(other.runs) - shared)


LIKELY = 0.6
"""The share of signs below which two are not compared: of pairs that share .8 one in 100,000."""


def likely(one: bytes, other: bytes) -> bool:
    """Whether two rationales may be near by their signs."""
    alike: int = sum(map(eq, one, other))
    return alike >= LIKELY * HASHES


def alone(id_: str) -> Grouped:
    """The group of a decision that is compared with none."""
    return Grouped(digest(f"decision {id_}"))


def digest(text: str) -> str:
    """16 hex digits that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


@lru_cache(100_000)
def _sign(word: str, *, first: bool = False) -> str:
    """The word, or what stands for a number or a name; a sentence's first word is no name."""
    if any(letter.isdigit() for letter in word):
        return _NUMBER
    return _NAME if word[:1].isupper() and not first else word.casefold()
