"""Where the tokens of a text stand: the index's own tokens, with their ranges in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from imr.model import Span
from imr.text.analysis import pieces, tokens, words

_PIECE = re.compile(r"\S+")


class Located:
    """A text's tokens in order; where one stands is looked up when it is asked for.

    tantivy tells tokens without their places. No token holds white space, so each stands in a piece
    between two blanks, and as every letter and digit belongs to some token, it is there where it is
    first found behind the one before it.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def stems(self) -> list[str]:
        """The tokens as they are searched, `tokens(text)`."""
        return tokens(self.text)

    @cached_property
    def words(self) -> list[str]:
        """The tokens without stemming, for prefixes, `words(text)`."""
        return words(self.text)

    def span(self, first: int, last: int) -> Span:
        """The range from one token to another, both included, by their numbers from 0."""
        return self._range(first)[0], self._range(last)[1]

    def _range(self, number: int) -> Span:
        starts, held, ends = self._pieces
        at = bisect_right(ends, number)
        piece = self.text[starts[at] :]
        before = number - (ends[at] - len(held[at]))
        end = 0
        for token in held[at][: before + 1]:
            # a lone surrogate is written "?", which no token is
            start = piece.index(token, end)
            end = start + len(token)
        return starts[at] + start, starts[at] + end

    @cached_property
    def _pieces(self) -> tuple[list[int], list[tuple[str, ...]], list[int]]:
        """Each piece's start, its tokens as they are written, and how many there are so far."""
        held = pieces(self.text)
        starts = [piece.start() for piece in _PIECE.finditer(self.text)]
        return starts, held, list(accumulate(map(len, held)))
