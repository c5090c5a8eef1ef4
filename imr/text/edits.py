"""How far two spellings lie apart, and what lies one edit from one."""

from __future__ import annotations

from functools import lru_cache
from string import ascii_lowercase


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
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)


@lru_cache(maxsize=64)
def one_edit_away(word: str) -> frozenset[str]:
    """What a word becomes by one edit behind its first letter; letters put in are a to z."""
    parts = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
    edited = {head + rest[1:] for head, rest in parts if rest}
    edited |= {head + rest[1] + rest[0] + rest[2:] for head, rest in parts if len(rest) > 1}
    edited |= {head + letter + rest for head, rest in parts for letter in ascii_lowercase}
    edited |= {
        head + letter + rest[1:] for head, rest in parts if rest for letter in ascii_lowercase
    }
    return frozenset(edited - {word})
