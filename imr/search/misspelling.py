"""Did you mean: a misspelt name or plain word, told and never replaced."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from imr.search.function_words import FUNCTION_WORDS, OUTCOME_WORDS
from imr.search.query import Written
from imr.text.analysis import tokens
from imr.text.edits import edit_distance
from imr.text.taxonomy.fold import fold, lower
from imr.text.taxonomy.load import Taxonomy, load

Frequency = Callable[[str], int]
"""A word → in about how many decisions it stands."""
NearWords = Callable[[str], Mapping[str, int]]
"""A word → the words of the index that are one edit away, and how frequent each is."""

SHORTEST, LONGEST = 5, 40
"""Letters of a word that may be misspelt; a longer one has too many spellings beside it."""
TWO_EDITS_FROM, TWO_EDITS_IN_NAMES_FROM = 9, 7
"""Letters of a word that may be so twice: by itself, and among the other words of a name."""
MOST_WORDS = 8
MOST_NAMES = 4
"""Words of a query that are looked up, and names for each that the index is asked about."""
RARE = 1000
"""A name that so many times as many decisions have makes a word one of its misspellings."""
FREQUENT = 3
"""In how many decisions a plain word stands at least for another to be a misspelling of it."""

_KINDS = {"drug", "drug-class", "treatment", "body-part", "condition"}
_LETTERS = re.compile(r"[a-z]+")
_NEIGHBOURS = re.compile(r"[^\W_]+")
_LONGEST = 3
"""Words of a name of which one may be misspelt."""

Gap = tuple[tuple[str, ...], tuple[str, ...]]
"""The words of a name before and behind one of them."""


def corrected(
    text: str, written: Sequence[Written], frequency: Frequency, near_words: NearWords
) -> str | None:
    """The text with misspelt names and words put right; None where there are none.

    A word is one that the index has not or hardly, while it has the name, and that is one edit from
    the name, or two if it is long: a letter left out, put in, changed, or two exchanged. Of a name
    of several words the others must stand beside it. A plain word is one that no decision has, one
    edit from one that several have.
    """
    pieces, at = [], 0
    for each in [each for each in written if _may_be_misspelt(each.word)][:MOST_WORDS]:
        meant = _meant(text, each, frequency) or _plain(each.word.lower(), frequency, near_words)
        if meant is not None:
            pieces += [text[at : each.start], _cased(meant, each.word)]
            at = each.end
    return "".join([*pieces, text[at:]]) if pieces else None


def _may_be_misspelt(word: str) -> bool:
    folded = word.lower()
    return (
        SHORTEST <= len(folded) <= LONGEST
        and _LETTERS.fullmatch(folded) is not None
        and folded not in _vocabulary().known
        and folded.removesuffix("s") not in _vocabulary().known
    )


def _meant(text: str, written: Written, frequency: Frequency) -> str | None:
    word = written.word.lower()
    names = _vocabulary()
    twice = len(word) >= TWO_EDITS_IN_NAMES_FROM
    near = _nearest(word, names.in_gaps(_gaps(text, written)), 1 + twice)
    if not near:
        near = _nearest(word, names.alone(word), 1 + (len(word) >= TWO_EDITS_FROM))
    near = sorted(near, key=lambda each: -_alike(each, word))[:MOST_NAMES]
    often = {each: max(map(frequency, names.told_by(each))) for each in near}
    known = [each for each in near if often[each]]
    if not known:
        return None
    best = max(known, key=lambda each: (often[each], _alike(each, word), each))
    seen = frequency(word)
    return best if seen == 0 or seen * RARE < often[best] else None


def _plain(word: str, frequency: Frequency, near_words: NearWords) -> str | None:
    """The most frequent word one edit away from one that the index has not."""
    if frequency(word):
        return None
    stems = tokens(word)
    near = {
        other: count
        for other, count in near_words(word).items()
        if count >= FREQUENT and tokens(other) != stems
    }
    return max(near, key=lambda other: (near[other], _alike(other, word), other), default=None)


def _nearest(word: str, others: Sequence[str], edits: int) -> list[str]:
    """Those with the fewest edits, up to `edits`; they begin alike and are no inflection."""
    letters, stems = _letters(word), tokens(word)
    found: dict[int, list[str]] = defaultdict(list)
    for other in others:
        if other[0] == word[0] and (letters ^ _letters(other)).bit_count() <= 2 * edits:
            distance = edit_distance(word, other, edits)
            if distance <= edits and tokens(other) != stems:
                found[distance].append(other)
    return found[min(found)] if found else []


def _alike(one: str, other: str) -> int:
    """How many letters two words begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _gaps(text: str, written: Written) -> Iterator[Gap]:
    """The words around a word, as a name of up to three might have them."""
    before = _NEIGHBOURS.findall(lower(text[max(0, written.start - 60) : written.start]))
    behind = _NEIGHBOURS.findall(lower(text[written.end : written.end + 60]))
    for left in range(_LONGEST):
        for right in range(_LONGEST - left):
            if left + right and left <= len(before) and right <= len(behind):
                yield tuple(before[len(before) - left :]), tuple(behind[:right])


def _cased(meant: str, written: str) -> str:
    if written.isupper():
        return meant.upper()
    return meant.capitalize() if written[0].isupper() else meant


class _Vocabulary:
    """Names of one word, and the words of longer ones by what stands around them."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.known = set(FUNCTION_WORDS | OUTCOME_WORDS.keys())
        self._alone: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._gaps: dict[Gap, list[str]] = defaultdict(list)
        self._told_by: dict[str, tuple[str, ...]] = {}
        for mention in taxonomy.mentions:
            if mention.misspelt:
                continue
            names = tuple(fold(mention.text).text.split(" "))
            self.known.update(names)
            if mention.concept.kind not in _KINDS or not 1 <= len(names) <= _LONGEST:
                continue
            for at, name in enumerate(names):
                if len(name) < SHORTEST or not _LETTERS.fullmatch(name):
                    continue
                if len(names) > 1:
                    self._gaps[names[:at], names[at + 1 :]].append(name)
                elif mention.guard is None or not mention.guard.rare:
                    self._alone[name[0], len(name)].append(name)
                    # a brand is told by its ingredients, too
                    told = mention.concept.ingredients
                    self._told_by[name] = (name, *(each for each in told if " " not in each))

    def alone(self, word: str) -> list[str]:
        """Names of one word that begin as this one does and are about as long."""
        lengths = range(len(word) - 2, len(word) + 3)
        return [name for length in lengths for name in self._alone.get((word[0], length), ())]

    def in_gaps(self, gaps: Iterator[Gap]) -> list[str]:
        """What stands in names where these gaps are."""
        return list(dict.fromkeys(name for gap in gaps for name in self._gaps.get(gap, ())))

    def told_by(self, name: str) -> tuple[str, ...]:
        """The words of which the index must have one for the name to be worth telling."""
        return self._told_by.get(name, (name,))


def _letters(word: str) -> int:
    """The set of a word's letters: an edit changes two of them at most."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) - 97)
    return bits


@cache
def _vocabulary() -> _Vocabulary:
    return _Vocabulary(load())
