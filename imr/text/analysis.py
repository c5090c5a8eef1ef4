"""One definition of tokens for both engines.

A token is a run of letters and digits; an inner `.`, `/`, `'` or `-` is kept where a digit or a
single letter stands on both sides (10/325, L4-5, T.E.N.S), so that "EMG/NCV" and "x-ray" are two
tokens and "10/325" is one. Tokens are lower-cased, accents folded, stemmed (Porter2). No stop words
are dropped: "not medically necessary" is a phrase here.

The same expression runs in Rust (tantivy) and Java (OpenSearch), so it uses no look-around.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from itertools import chain
from typing import Any

import tantivy

ANALYZER = "imr"
WORDS = "imr_words"
"""The same tokens without stems, for prefixes: "acupuncture" is "acupunctur" once stemmed."""
TOKEN = (
    r"(?:[\p{L}\p{N}]*\p{N}|\p{L})"  # noqa: S105 - no secret; a run that ends in a digit, or one letter
    r"(?:[./'\-](?:\p{N}(?:[\p{L}\p{N}]*\p{N})?|\p{L}))*"  # joined to more of them
    r"[./'\-](?:\p{N}[\p{L}\p{N}]*|\p{L}\b)"  # and to a last one, which may carry its unit (325mg)
    r"|[\p{L}\p{N}]+"
)

STEMS_APART = {
    "emergence": "emergenc",
    "emergences": "emergenc",
    "emergencies": "emergenc",
    "emergency": "emergenc",
    "emergent": "emergent",
    "emergently": "emergent",
    "evening": "evening",
    "evenings": "evening",
    "interfere": "interfer",
    "interfered": "interfer",
    "interferes": "interfer",
    "interfering": "interfer",
    "interference": "interfer",
    "internal": "internal",
    "internalize": "internal",
    "internalized": "internal",
    "internally": "internal",
    "internals": "internal",
    "international": "internat",
    "interval": "interval",
    "intervals": "interval",
    "lateral": "lateral",
    "laterally": "lateral",
    "organic": "organic",
    "organically": "organic",
    "organics": "organic",
    "organization": "organiz",
    "organizations": "organiz",
    "organize": "organiz",
    "organized": "organiz",
    "organizer": "organiz",
    "organizes": "organiz",
    "organizing": "organiz",
    "paste": "paste",
    "pasted": "paste",
    "pastes": "paste",
    "pasting": "paste",
    "universal": "universal",
    "universality": "universal",
    "universally": "universal",
    "universities": "universiti",
    "university": "universiti",
}
"""Words that Lucene's Porter2 (an older Snowball) stems otherwise, with the stem tantivy gives."""

_SPECIALISTS = {"pattern": r"^(\p{L}+log)ists?$", "replacement": "$1"}
"""neurologist → neurolog, as tantivy has it: a rule of the newer Snowball that Lucene lacks."""


@cache
def analyzer() -> tantivy.TextAnalyzer:
    """Tantivy's rendering of the definition."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(TOKEN))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


@cache
def words_analyzer() -> tantivy.TextAnalyzer:
    """Tantivy's rendering of the definition without stems."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(TOKEN))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .build()
    )


def blanks_analyzer(*, stemmed: bool) -> tantivy.TextAnalyzer:
    """The same for tokens as `written` gives them, a blank between two: seven times as fast."""
    analyzer = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
    )
    return (analyzer.filter(tantivy.Filter.stemmer("english")) if stemmed else analyzer).build()


@cache
def _tokenizer() -> tantivy.TextAnalyzer:
    """Tantivy's rendering of what a token is, without what is made of it."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(TOKEN)).build()


class _Pieces(dict[str, tuple[str, ...]]):
    """The tokens of pieces that hold no white space, as one analyzer gives them.

    No token holds any, so none reaches from one piece into the next; and texts have the same pieces
    again and again, while the expression takes half a microsecond for each.
    """

    def __init__(self, analyzer: Callable[[], tantivy.TextAnalyzer]) -> None:
        self._analyzer = analyzer

    def __missing__(self, piece: str) -> tuple[str, ...]:
        # lone surrogates can't cross into Rust
        found = tuple(self._analyzer().analyze(piece.encode("utf-8", "replace").decode("utf-8")))
        if len(piece) <= LONGEST_KEPT:
            if len(self) >= PIECES_KEPT:
                self.clear()
            self[piece] = found
        return found

    def of(self, text: str) -> list[str]:
        """A text's tokens in order."""
        return [*chain.from_iterable(map(self.__getitem__, text.split()))]


PIECES_KEPT, LONGEST_KEPT = 100_000, 50
_WRITTEN, _WORDS, _STEMS = _Pieces(_tokenizer), _Pieces(words_analyzer), _Pieces(analyzer)


def written(text: str) -> list[str]:
    """The text's tokens in order, each as it is written; a lone surrogate becomes "?"."""
    return _WRITTEN.of(text)


def pieces(text: str) -> list[tuple[str, ...]]:
    """The same by the pieces between white space: a tuple for each, which may be empty."""
    return [*map(_WRITTEN.__getitem__, text.split())]


def words(text: str) -> list[str]:
    """The text's tokens in order, not stemmed."""
    return _WORDS.of(text)


def tokens(text: str) -> list[str]:
    """The text's tokens in order, as they stand in the embedded index."""
    return _STEMS.of(text)


def opensearch_analysis() -> dict[str, Any]:
    """OpenSearch's rendering of the definition, for an index's settings."""
    return {
        "tokenizer": {
            "imr_tokens": {
                "type": "pattern",
                "pattern": TOKEN,
                "group": 0,
                "flags": "UNICODE_CHARACTER_CLASS",
            }
        },
        "filter": {
            "imr_specialists": {"type": "pattern_replace", **_SPECIALISTS},
            "imr_stems_apart": {
                "type": "stemmer_override",
                "rules": [f"{word} => {stem}" for word, stem in sorted(STEMS_APART.items())],
            },
            "imr_porter2": {"type": "stemmer", "language": "porter2"},
        },
        "analyzer": {
            ANALYZER: {
                "type": "custom",
                "tokenizer": "imr_tokens",
                "filter": [
                    "lowercase",
                    "asciifolding",
                    "imr_specialists",
                    "imr_stems_apart",
                    "imr_porter2",
                ],
            },
            WORDS: {
                "type": "custom",
                "tokenizer": "imr_tokens",
                "filter": ["lowercase", "asciifolding"],
            },
        },
    }


def fingerprint() -> str:
    """Identifies the definition; recorded with an index, so that another one is noticed."""
    return hashlib.sha256(json.dumps(opensearch_analysis(), sort_keys=True).encode()).hexdigest()
