"""Where the tokens of a text stand: the index's own tokens, with their ranges in the text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from imr.text.analysis import tokens, words, written

KNOWN_WORDS = 100_000
"""Words whose stems are remembered; a page of letters holds some thousands."""


class Token(NamedTuple):
    """text[start:end] as it is searched: `stem`, and `word`, which is not stemmed, for prefixes."""

    start: int
    end: int
    stem: str
    word: str


def located(text: str) -> Iterator[Token]:
    """The text's tokens in order; their stems are `tokens(text)`, their words `words(text)`.

    tantivy tells tokens without their places. As every letter and digit belongs to some token,
    there is none between two tokens, so that each one stands where it is first found behind the
    last.
    """
    readable = text.encode("utf-8", "replace").decode("utf-8")  # of the same length
    end = 0
    for token in written(readable):
        start = readable.index(token, end)
        end = start + len(token)
        yield Token(start, end, *_searched(token))


@lru_cache(KNOWN_WORDS)
def _searched(token: str) -> tuple[str, str]:
    (stem,), (word,) = tokens(token), words(token)
    return stem, word
