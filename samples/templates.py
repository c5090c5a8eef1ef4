"""Sentences with choices in them, filled by draws that are the same on every machine.

`[a|b]` is one of the two, `{#3-12}` a number, `{name}` a fact of the case or a word of the lexicon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from samples.data_files import load
from samples.draws import Skewed, between, pick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    Slots = Mapping[str, object]

PARTS = re.compile(r"\[([^\]]*)\]|\{#(\d+)-(\d+)\}|\{(\w+)\}")
STEEPNESS = 1.35
"""How fast the words of a lexicon list become rare."""
VOWELS = frozenset("aeiou")
ARTICLE = re.compile(r"\b[Aa] $")
NAMES = frozenset({"Dr.", "Waddell"})
"""Words that keep their capital in the middle of a sentence."""


class Slot(NamedTuple):
    """A fact of the case; `again` where it stands in the template before: then not the same one."""

    name: str
    again: bool


class Word(NamedTuple):
    """A word of the lexicon; `again` as in a slot."""

    words: Skewed[str]
    again: bool


class Number(NamedTuple):
    """A number to draw, both ends included."""

    low: int
    high: int


class Choice(NamedTuple):
    """Templates of which one is drawn."""

    rows: tuple[str, ...]


Piece = str | Slot | Word | Number | Choice


@dataclass(frozen=True, slots=True)
class Dress:
    """What may stand before and behind a sentence: lists of the lexicon, and how often they do."""

    lead: str
    led: float
    trail: str = ""
    trailed: float = 0.0


@cache
def lexicon(name: str) -> Skewed[str]:
    """The words of a list. Raises KeyError for a name that the lexicon does not have."""
    return Skewed(load("lexicon")[name], STEEPNESS)


@cache
def compiled(template: str) -> tuple[Piece, ...]:
    """The template in pieces. They are kept for good: only rows of data files should come here."""
    pieces: list[Piece] = []
    names: set[str] = set()
    at = 0
    for part in PARTS.finditer(template):
        if at < part.start():
            pieces.append(template[at : part.start()])
        choice, low, high, name = part.groups()
        if name is not None:
            again = name in names
            known = name in load("lexicon")
            pieces.append(Word(lexicon(name), again) if known else Slot(name, again))
            names.add(name)
        elif low is not None:
            pieces.append(Number(int(low), int(high)))
        else:
            pieces.append(Choice(tuple(choice.split("|"))))
        at = part.end()
    if at < len(template):
        pieces.append(template[at:])
    return tuple(pieces)


def fill(rng: Random, template: str, slots: Slots) -> str:
    """The template with choices made and slots filled.

    Raises KeyError for a slot that neither the lexicon nor the case knows.
    """
    pieces = compiled(template)
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return template
    done: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            done.append(piece)
        elif isinstance(piece, Choice):
            done.append(fill(rng, pick(rng, piece.rows), slots))
        elif isinstance(piece, Number):
            done.append(str(between(rng, piece.low, piece.high)))
        else:
            word = _drawn(rng, piece, slots)
            if piece.again and word in done:
                word = _drawn(rng, piece, slots)
            if word[:1] in VOWELS and done and ARTICLE.search(done[-1]):
                done[-1] = f"{done[-1][:-1]}n "
            done.append(word)
    return "".join(done)


def _drawn(rng: Random, piece: Word | Slot, slots: Slots) -> str:
    """A word of the lexicon, or a fact of the case, which is drawn anew where it is a function."""
    if isinstance(piece, Word):
        return fill(rng, piece.words.draw(rng), slots)
    value = slots[piece.name]
    if isinstance(value, str):
        return value
    return str(value(rng)) if callable(value) else str(value)


def sentence(rng: Random, template: str, slots: Slots, dress: Dress | None = None) -> str:
    """A whole sentence: filled, dressed, and with a capital at its start."""
    text = fill(rng, template, slots)
    if dress is None:
        return sentence_case(text)
    if rng.random() < dress.led:
        text = text[:1].lower() + text[1:] if _lowers(template) else text
        text = f"{fill(rng, lexicon(dress.lead).draw(rng), slots)} {text}"
    if rng.random() < dress.trailed and text.endswith("."):
        text = f"{text[:-1]}, {fill(rng, lexicon(dress.trail).draw(rng), slots)}."
    return sentence_case(text)


@cache
def _lowers(template: str) -> bool:
    """Whether a sentence of it can go on in lower case: it begins with an ordinary word."""
    first = template.partition(" ")[0]
    plain = len(first) == 1 or first[1:2].islower()
    return first[:1].isupper() and plain and first not in NAMES


def mistyped(rng: Random, text: str, chance: float) -> str:
    """The text, now and then with a slip of the keyboard in one of its long plain words."""
    if rng.random() >= chance:
        return text
    words = text.split(" ")
    at = int(rng.random() * len(words))
    word = words[at]
    if len(word) > 5 and word.isalpha() and word.islower():
        cut = between(rng, 1, len(word) - 3)
        head, one, two, rest = word[:cut], word[cut], word[cut + 1], word[cut + 2 :]
        slips = (head + two + one + rest, head + two + rest, head + one + one + two + rest)
        words[at] = pick(rng, slips)
    return " ".join(words)


def sentence_case(text: str) -> str:
    """The text with its first letter raised and nothing else touched ("MRI" stays "MRI")."""
    return text[:1].upper() + text[1:]


def listed(words: Sequence[str]) -> str:
    """Words as prose lists them: "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
