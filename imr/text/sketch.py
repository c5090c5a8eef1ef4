"""Rationales made comparable: what two of them share whatever names and numbers stand in them.

A rationale becomes its words, with one sign for every number and one for every name, and then the
set of its runs of three words. How much two sets share (Jaccard) is how near two rationales are.
MinHash makes of each set a few keys, of which near rationales share at least one: so a near one is
found by looking up keys and not by comparing with all.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

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
SEED = 1
_NUMBER, _NAME = "0", "_"


class Grouped(NamedTuple):
    """Which group of near-identical rationales a decision belongs to.

    `group` is 16 hex digits; `bands` are the keys it is found by, of a group's first one only.
    """

    group: str
    bands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sketch:
    """A rationale without its names and numbers; `outcome` parts what only a "not" does."""

    words: tuple[str, ...]
    outcome: Outcome

    @classmethod
    def of(cls, rationale: str, outcome: Outcome) -> Sketch:
        """The sketch of a rationale."""
        found = (
            _sign(word, first=place == 0)
            for start, end in sentences(rationale)
            for place, word in enumerate(written(rationale[start:end]))
        )
        return cls(tuple(found), outcome)

    @property
    def group(self) -> str:
        """The name of the group that it begins."""
        return digest(f"{self.outcome} {' '.join(self.words)}")

    @cached_property
    def runs(self) -> frozenset[str]:
        """Its runs of three words; a shorter rationale is one run."""
        count = max(1, len(self.words) - RUN + 1)
        return frozenset(" ".join(self.words[at : at + RUN]) for at in range(count))

    @property
    def bands(self) -> tuple[str, ...]:
        """The keys that near-identical rationales share at least one of."""
        hashes = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
        hashes.update(sorted(self.runs))
        values = hashes.digest()
        return tuple(
            digest(f"{self.outcome} {band} {values[band * ROWS : (band + 1) * ROWS]}")[:12]
            for band in range(BANDS)
        )

    def is_near(self, other: Sketch) -> bool:
        """Whether both are equal but for names, numbers and little else."""
        if self.outcome != other.outcome:
            return False
        shared = len(self.runs & other.runs)
        return shared >= NEAR * (len(self.runs) + len(other.runs) - shared)


def alone(id_: str) -> Grouped:
    """The group of a decision that is compared with none."""
    return Grouped(digest(f"decision {id_}"))


def digest(text: str) -> str:
    """16 hex digits that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _sign(word: str, *, first: bool) -> str:
    """The word, or what stands for a number or a name; a sentence's first word is no name."""
    if any(letter.isdigit() for letter in word):
        return _NUMBER
    return _NAME if word[:1].isupper() and not first else word.casefold()
