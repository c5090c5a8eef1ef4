"""Did you mean: a misspelt name of a drug, treatment or condition, told and never replaced."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache

from imr.search.function_words import FUNCTION_WORDS, OUTCOME_WORDS
from imr.search.query import Written
from imr.text.analysis import tokens, words
from imr.text.taxonomy.fold import fold
from imr.text.taxonomy.load import Taxonomy, load

Frequency = Callable[[str], int]
"""A word → in about how many decisions it stands."""

SHORTEST = 5
TWO_EDITS_FROM = 8
"""Letters of a word that may be misspelt, and of one that may be so twice."""
MOST_WORDS = 8
"""Words of a query that are looked up."""
RARE = 1000
"""A name that so many times as many decisions have makes a word one of its misspellings."""

_KINDS = {"drug", "treatment", "condition"}
_LETTERS = re.compile(r"[a-z]+")


def corrected(text: str, written: Sequence[Written], frequency: Frequency) -> str | None:
    """The text with misspelt names put right; None where there are none.

    A word is one where the index has none or hardly any of it and it is one edit from a name's
    word, or two if it is long: a letter left out, put in, changed, or two in the other's place.
    """
    pieces, at = [], 0
    for each in [each for each in written if _may_be_misspelt(each.word)][:MOST_WORDS]:
        meant = _meant(each.word.lower(), frequency)
        if meant is not None:
            pieces += [text[at : each.start], _cased(meant, each.word)]
            at = each.end
    return "".join([*pieces, text[at:]]) if pieces else None


def _may_be_misspelt(word: str) -> bool:
    folded = word.lower()
    return (
        len(folded) >= SHORTEST
        and _LETTERS.fullmatch(folded) is not None
        and folded not in _vocabulary().known
        and folded.removesuffix("s") not in _vocabulary().known
    )


def _meant(word: str, frequency: Frequency) -> str | None:
    near = _vocabulary().nearest(word)
    if not near:
        return None
    best = max((frequency(each), each) for each in near)
    seen = frequency(word)
    return best[1] if seen == 0 or seen * RARE < best[0] else None


def _cased(meant: str, written: str) -> str:
    if written.isupper():
        return meant.upper()
    return meant.capitalize() if written[0].isupper() else meant


class _Vocabulary:
    """The words of all names."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.known = set(FUNCTION_WORDS | OUTCOME_WORDS.keys())
        self._by_start: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        meant: set[str] = set()
        for mention in taxonomy.mentions:
            names = words(fold(mention.text).text)
            self.known.update(names)
            if mention.concept.kind in _KINDS and not mention.misspelt:
                meant.update(names)
        for word in sorted(meant):
            if len(word) >= SHORTEST and _LETTERS.fullmatch(word):
                self._by_start[word[0], len(word)].append((_letters(word), word))

    def nearest(self, word: str) -> list[str]:
        """The names' words with the fewest edits, of those near enough; they begin alike."""
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1
        letters, stems = _letters(word), tokens(word)
        found: dict[int, list[str]] = defaultdict(list)
        for length in range(len(word) - edits, len(word) + edits + 1):
            for others, other in self._by_start.get((word[0], length), ()):
                if (letters ^ others).bit_count() <= 2 * edits:
                    distance = edit_distance(word, other, edits)
                    if distance <= edits and tokens(other) != stems:
                        found[distance].append(other)
        return found[min(found)] if found else []


def _letters(word: str) -> int:
    """The set of a word's letters: an edit changes two of them at most."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) - 97)
    return bits


def edit_distance(one: str, other: str, most: int) -> int:
    """Optimal string alignment distance; `most` + 1 where it is more.

    Letters left out, put in, changed or exchanged with the next one, each once.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, against in enumerate(other, start=1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != against))
            if (
                row > 1
                and column > 1
                and letter == other[column - 2]
                and one[row - 2] == against
            ):
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)


@cache
def _vocabulary() -> _Vocabulary:
    return _Vocabulary(load())
