"""Signs: groups of phrases that mean one thing, found in folded text by one automaton in one pass.

What is a phrase stands at the head of `reasons.toml`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from ahocorasick_rs import AhoCorasick

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CHOICE = re.compile(r"\{([^{}]*)\}")
_PHRASE = re.compile(r"[a-z0-9;,][a-z0-9'/,%;.* ]*")

Hits = dict[str, list[tuple[int, int]]]
"""Where each sign stands, in order: (start, end) in the folded text."""


def expand(phrase: str) -> Iterator[str]:
    """Every wording of a phrase with choices in it: "{no,little} relief" is two."""
    parts = [
        piece.split(",") if at % 2 else [piece] for at, piece in enumerate(_CHOICE.split(phrase))
    ]
    for chosen in product(*parts):
        yield " ".join("".join(chosen).split())


class _Meaning(NamedTuple):
    """What a phrase's beginning, up to its first star, stands for.

    Attributes:
        whole: the phrase has no star, so that no letter may follow.
        rest: what must follow it, where a star stands inside the phrase.
    """

    sign: str
    exception: bool
    whole: bool
    rest: re.Pattern[str] | None


class Signs:
    """The automaton over the beginnings of all phrases of some signs."""

    def __init__(self, phrases: Mapping[str, Sequence[str]]) -> None:
        """Raises ValueError for a phrase that folded text can't hold."""
        meanings: dict[str, dict[_Meaning, None]] = defaultdict(dict)
        for sign, written in phrases.items():
            for phrase in written:
                for wording in expand(phrase.removeprefix("!")):
                    if not _PHRASE.fullmatch(wording):
                        raise ValueError(f"sign {sign!r}: {phrase!r} is not written as text folds")
                    start = wording.partition("*")[0].rstrip()
                    meanings[start][_meaning(sign, phrase, wording.removeprefix(start))] = None
        self._meanings = [tuple(found) for found in meanings.values()]
        self._automaton = AhoCorasick(list(meanings))

    def find(self, text: str) -> Hits:
        """Where each sign stands in folded text, exceptions taken out; absent ones are no keys."""
        found: Hits = {}
        exceptions: Hits = {}
        size = len(text)
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if start and text[start - 1].isalnum() and text[start].isalnum():
                continue
            goes_on = end < size and text[end].isalnum()
            for sign, exception, whole, rest in self._meanings[number]:
                stop = end
                if rest is not None:
                    follows = rest.match(text, end)
                    if not follows:
                        continue
                    stop = follows.end()
                elif whole and goes_on:
                    continue
                (exceptions if exception else found).setdefault(sign, []).append((start, stop))
        for sign in exceptions.keys() & found.keys():
            left = [hit for hit in found[sign] if not _within(hit, exceptions[sign])]
            if left:
                found[sign] = left
            else:
                del found[sign]
        for hits in found.values():
            if len(hits) > 1:
                hits.sort()
        return found


def _meaning(sign: str, phrase: str, rest: str) -> _Meaning:
    return _Meaning(
        sign,
        exception=phrase.startswith("!"),
        whole=not rest,
        rest=None if rest in {"", "*"} else _pattern(rest),
    )


@cache
def _pattern(written: str) -> re.Pattern[str]:
    """What follows a phrase's beginning: a star is the rest of a word, or a word."""
    words = re.escape(written).replace(r"\*", "[^ ]*").replace(r"\ ", " ")
    return re.compile(words if written.endswith("*") else words + r"(?![a-z0-9])")


def _within(hit: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= hit[0] and hit[1] <= end for start, end in spans)
