"""The passage that brought a decision by meaning, and the sentence in it to look at first."""

from __future__ import annotations

from collections import Counter
from functools import cache
from math import log

from imr.engines.document import StoredDecision
from imr.model import Span
from imr.search.function_words import FUNCTION_WORDS
from imr.search.page import Listed
from imr.search.response import PassageView
from imr.text.analysis import tokens
from imr.text.passages import sentences


def shown(row: Listed, record: StoredDecision, stems: frozenset[str]) -> PassageView | None:
    """The nearest piece of the rationale; its range is in the letter's text.

    `stems` are the query's, see `content`.
    """
    span = record.decision.spans.get("rationale")
    if row.hit.passage is None or span is None:
        return None
    start, end = row.hit.passage
    text = record.decision.rationale[start - span[0] : end - span[0]]
    if not text:
        return None
    nearest = nearest_sentence(text, stems)
    sentence = (start + nearest[0], start + nearest[1]) if nearest else None
    return PassageView(text=text, start=start, end=end, sentence=sentence)


def nearest_sentence(text: str, stems: frozenset[str]) -> Span | None:
    """The sentence that says most of what is asked; None where none has a word of it.

    Words count the more the fewer sentences of the passage have them. Comparing vectors of the
    sentences would take longer than the whole search (docs/adr/0015-nearest-sentence.md).
    """
    spans = list(sentences(text))
    held = [stems & set(tokens(text[start:end])) for start, end in spans]
    having = Counter(stem for each in held for stem in each)
    if not having:
        return None
    scores = [sum(log(1 + len(spans) / having[stem]) for stem in sorted(each)) for each in held]
    return spans[scores.index(max(scores))]


def content(text: str) -> frozenset[str]:
    """The stems of a query's words that say what is asked."""
    return frozenset(tokens(text)) - _function_stems()


@cache
def _function_stems() -> frozenset[str]:
    return frozenset(stem for word in FUNCTION_WORDS for stem in tokens(word))
