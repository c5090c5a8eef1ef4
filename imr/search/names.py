"""Names that begin as a text does, at any of their words, within one typo."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from imr.text.taxonomy.fold import fold

LEAST_FOR_TYPOS = 4
"""Characters from which a text may have a typo: shorter ones are near to too much."""
LONGEST = 60
"""Characters of a text that are looked at; more than a name has."""

_WORD = re.compile(r"[^\W_]+")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789 "
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Name:
    """One way to call a value.

    Attributes:
        text: the name.
        label: what the value is shown by.
        codes: what the index has it as; of a combination of drugs several.
        own: whether the name is the label.
    """

    kind: str
    value: str
    text: str
    label: str
    codes: tuple[str, ...]
    own: bool


class Beginning(NamedTuple):
    """A name that was found; smaller is nearer to what was typed."""

    typo: bool
    longer: bool  # than what was typed
    inner: bool  # what was typed begins one of its later words
    name: Name


class Names:
    """Many names in the order of what they begin with, each at every word of it."""

    def __init__(self, names: Iterable[Name]) -> None:
        found: list[tuple[str, int]] = []
        self._names: list[tuple[str, Name]] = []
        for name in names:
            key = comparable(name.text)
            starts = [match.start() for match in _WORD.finditer(key)]
            found.extend((key[start:], len(self._names)) for start in starts)
            self._names.append((key, name))
        found.sort()
        self._keys = [key for key, _ in found]
        self._places = [place for _, place in found]

    def beginning(self, text: str) -> Iterator[Beginning]:
        """The names of which some word and what follows begins with a `comparable` text."""
        for at in range(*self._range(text)):
            key, name = self._names[self._places[at]]
            yield Beginning(typo=False, longer=key != text, inner=self._keys[at] != key, name=name)

    def nearly_beginning(self, text: str) -> Iterator[Beginning]:
        """The names that would begin so but for one letter more, less, other, or changed about."""
        if len(text) < LEAST_FOR_TYPOS:
            return
        for variant in sorted(self._one_apart(text)):
            for each in self.beginning(variant):
                yield each._replace(typo=True)

    def _range(self, text: str) -> tuple[int, int]:
        return bisect_left(self._keys, text), bisect_left(self._keys, text + _LAST)

    def _known(self, text: str) -> bool:
        at = bisect_left(self._keys, text)
        return at < len(self._keys) and self._keys[at].startswith(text)

    def _one_apart(self, text: str) -> set[str]:
        """The texts one typo away that any name begins with."""
        found: set[str] = set()
        for at in range(len(text) + 1):
            head, rest = text[:at], text[at:]
            if not self._known(head):
                break  # what comes before the typo is right
            variants = [head + rest[1:], head + rest[1:2] + rest[:1] + rest[2:]]
            variants += [head + letter + rest for letter in _ALPHABET]
            variants += [head + letter + rest[1:] for letter in _ALPHABET if rest]
            found.update(filter(self._known, variants))
        return found - {text, ""}


def comparable(text: str) -> str:
    """A text as names are compared: folded, its words one blank apart."""
    return " ".join(_WORD.findall(fold(text).text))[:LONGEST]


def chosen(found: Iterable[Beginning]) -> list[Beginning]:
    """Of each value the name that is nearest to what was typed, its own label first."""
    best: dict[tuple[str, str], Beginning] = {}
    for each in found:
        key = each.name.kind, each.name.value
        if key not in best or _order(each) < _order(best[key]):
            best[key] = each
    return list(best.values())


def _order(found: Beginning) -> tuple[bool, bool, bool, bool, int, str]:
    name = found.name
    return (found.typo, found.inner, not name.own, found.longer, len(name.text), name.text)
