"""A letter → the documents that an engine stores: cut into passages, embedded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from imr.engines.document import Document, documents
from imr.model import Decision, Determination
from imr.text.embedding import Embedder, Vectors
from imr.text.passages import Passage, facts_text, passages


@dataclass(slots=True)
class Kept:
    """Vectors of a decision that need not be embedded again: by passage, and of the facts."""

    passages: dict[tuple[int, int], Vectors]
    facts: Vectors | None = None


def cut(determination: Determination, embedder: Embedder | None) -> list[list[Passage]]:
    """Each decision's passages; without a model about as long as with one."""
    count = embedder.count_tokens if embedder else _rough_tokens
    return [passages(decision, count) for decision in determination.decisions]


def embedded(
    determination: Determination,
    pieces: Sequence[Sequence[Passage]],
    embedder: Embedder | None,
    kept: Sequence[Kept] | None = None,
) -> Iterator[Document]:
    """One document a decision; without a model they have no vectors."""
    spans = [[passage.span for passage in of] for of in pieces]
    if embedder is None:
        return documents(determination, spans, None)
    known = kept or [Kept({}) for _ in pieces]
    vectors = [_passages(of, embedder, each) for of, each in zip(pieces, known, strict=True)]
    facts = [
        each.facts if each.facts is not None else _facts(determination, decision, embedder)
        for decision, each in zip(determination.decisions, known, strict=True)
    ]
    return documents(determination, spans, vectors, facts)


def _passages(pieces: Sequence[Passage], embedder: Embedder, kept: Kept) -> Vectors:
    missing = [piece for piece in pieces if piece.span not in kept.passages]
    made = dict(
        zip(
            (piece.span for piece in missing),
            embedder.embed([piece.text for piece in missing]),
            strict=True,
        )
    )
    found = kept.passages | made
    return np.stack([found[piece.span] for piece in pieces])


def _facts(determination: Determination, decision: Decision, embedder: Embedder) -> Vectors:
    text = facts_text(decision.request, determination.clinical_summary)
    vector: Vectors = embedder.embed([text])[0]
    return vector


def _rough_tokens(text: str) -> int:
    """About how many tokens a model would see, where there is no model."""
    return int(np.ceil(len(text) / 4))
