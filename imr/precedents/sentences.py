"""The sentences of two rationales that say most of the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

from imr.model import Value
from imr.search.passage import content
from imr.text.passages import sentences

MOST = 40
"""Sentences of a rationale that are looked at."""
LEAST = 3
"""Words that both sentences have at least."""


class SentencePair(Value):
    """Two sentences, `ours` of the case and `theirs` of the decision that is like it."""

    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    stems: frozenset[str]


def pairs(ours: str, theirs: Sequence[str]) -> list[SentencePair | None]:
    """For each of the other rationales the nearest two sentences; None where none are near.

    Words count the more the fewer sentences of all these rationales have them (TF-IDF's cosine,
    each word counted once). Comparing vectors of sentences would take longer than finding the
    decisions (docs/adr/0015-nearest-sentence.md).
    """
    mine = _cut(ours)
    others = [_cut(text) for text in theirs]
    all_ = [*mine, *(sentence for of in others for sentence in of)]
    having = Counter(stem for sentence in all_ for stem in sentence.stems)
    weights = {stem: log(1 + len(all_) / count) ** 2 for stem, count in having.items()}
    lengths = {
        sentence: sqrt(sum(weights[stem] for stem in sorted(sentence.stems))) for sentence in all_
    }
    return [_nearest(mine, of, weights, lengths) for of in others]


def _nearest(
    mine: Sequence[_Sentence],
    theirs: Sequence[_Sentence],
    weights: dict[str, float],
    lengths: dict[_Sentence, float],
) -> SentencePair | None:
    best: tuple[float, SentencePair | None] = (0.0, None)
    for one in mine:
        for other in theirs:
            both = one.stems & other.stems
            if len(both) < LEAST:
                continue
            shared = sum(weights[stem] for stem in sorted(both))
            near = round(shared / (lengths[one] * lengths[other]), 6)
            if near > best[0]:
                best = near, SentencePair(ours=one.text, theirs=other.text)
    return best[1]


def _cut(text: str) -> list[_Sentence]:
    spans = list(sentences(text))[:MOST]
    return [
        _Sentence(" ".join(text[start:end].split()), content(text[start:end]))
        for start, end in spans
    ]
