"""The rows of words that many decisions have, a bit each, made at the end of a load.

tantivy tells the rows of a word one by one, 0.12 µs each: 60 ms for a word that half of a million
decisions have. Of words, and of concepts' names of several words, that one row in `SHARE` has, all
rows stand here, ready to be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tantivy import Searcher

from imr import fields
from imr.engines.embedded.columns import Mask
from imr.engines.embedded.files import damaged
from imr.engines.embedded.made import Made
from imr.engines.embedded.queries import Queries
from imr.engines.embedded.text import Word, rows_found
from imr.model import Determination
from imr.text.analysis import tokens
from imr.text.taxonomy import load as taxonomies

LEAST = 20_000
"""Rows below which nothing is made: tantivy tells them all in little more than a millisecond."""
TAIL = 50_000
"""Rows behind those that a file holds at which it is made anew."""
SHARE = 32
"""One row in so many has a word that is kept."""
LOOKED_AT = 500
"""Letters whose words are looked at for frequent ones."""
_LONGEST = 5
"""Words of the longest names that are looked for."""


@dataclass(frozen=True, slots=True)
class Frequent:
    """Which of the first `count` rows have each frequent word, mapped; one row of `bits` each."""

    count: int
    places: dict[Word, int]
    bits: NDArray[np.uint8]

    @classmethod
    def find(cls, folder: Path, rows: int) -> Self:
        """The newest file that speaks of none but the first `rows`; an empty one where is none."""
        found = files(folder).newest(rows, _read)
        if found is None:
            return cls(0, {}, np.empty((0, 0), dtype=np.uint8))
        count, (words, bits) = found
        return cls(count, {word: place for place, word in enumerate(words)}, bits)

    def having(self, words: Iterable[Word]) -> Mask:
        """The rows, of the first `count`, that have any of these words, all of which are kept."""
        held = np.zeros(self.bits.shape[1], dtype=np.uint8)
        for word in words:
            held |= self.bits[self.places[word]]
        return np.unpackbits(held, count=self.count).view(np.bool_)

    def pays(self, rows: int) -> bool:
        """Whether a file should be made for so many rows."""
        return rows >= LEAST and (not self.count or rows - self.count >= TAIL)

    @staticmethod
    def build(
        folder: Path,
        rows: int,
        letters: Iterable[Determination],
        searcher: Searcher,
        queries: Queries,
    ) -> None:
        """Make a file of what is frequent of what some letters say; the searcher sees all rows."""

        def is_frequent(word: Word) -> bool:
            if " " not in word.tokens:
                return searcher.doc_freq(word.field, word.tokens) * SHARE >= rows
            found: Any = searcher.search(queries.word(word), limit=1, count=True)
            return int(found.count) * SHARE >= rows

        words = sorted(filter(is_frequent, said(letters)))

        def write(path: Path) -> None:
            with path.open("wb") as file:
                file.write(json.dumps(words).encode() + b"\n")
                for word in words:
                    mask = rows_found(searcher, queries.word(word), rows)
                    file.write(np.packbits(mask).tobytes())

        files(folder).put(rows, write)


def said(letters: Iterable[Determination]) -> set[Word]:
    """The words of letters' texts, and the names of concepts in them."""
    names = {
        " ".join(written)
        for concept in taxonomies.load().concepts.values()
        for written in map(tokens, concept.names)
        if 1 < len(written) <= _LONGEST
    }
    found: set[Word] = set()
    for letter in letters:
        for decision in letter.decisions:
            for field in fields.TEXTS:
                stand = tokens(fields.text_of(field, letter, decision))
                several = {" ".join(run) for run in _runs(stand)} & names
                found |= {Word(field.name, each) for each in (*stand, *several)}
    return found


def _runs(stand: list[str]) -> Iterator[list[str]]:
    for at in range(len(stand)):
        for length in range(2, _LONGEST + 1):
            yield stand[at : at + length]


def files(folder: Path) -> Made:
    """The files of an index's columns."""
    return Made(folder, "words", "bits")


def _read(path: Path) -> tuple[list[Word], NDArray[np.uint8]]:
    with path.open("rb") as file:
        line = file.readline()
    words = [Word(*word) for word in json.loads(line)]
    width = -(-int(path.stem.split("-")[-2]) // 8)
    if path.stat().st_size != len(line) + len(words) * width:
        raise damaged(path, "its size is not the one that was written")
    if not words:
        return words, np.empty((0, width), dtype=np.uint8)
    bits = np.memmap(path, dtype=np.uint8, mode="r", offset=len(line), shape=(len(words), width))
    return words, bits.view(np.ndarray)
