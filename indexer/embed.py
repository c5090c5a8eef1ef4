"""A letter → the documents that an engine stores: cut into passages, embedded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from imr.engines.document import Document, documents
from imr.model import Determination
from imr.text.embedding import Embedder, Vectors
from imr.text.passages import Passage, facts_text, passage_tokens, passages
from imr.text.sketch import Grouped


@dataclass(slots=True)
class Kept:
    """Vectors of a decision that need not be embedded again: by passage, and of the facts."""

    passages: dict[tuple[int, int], Vectors] = field(default_factory=dict)
    facts: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A letter cut for embedding: each decision's passages, and the text of its facts."""

    letter: Determination
    pieces: tuple[tuple[Passage, ...], ...]
    facts: tuple[str, ...]
    kept: tuple[Kept, ...]

    def texts(self) -> list[str]:
        """What is to be embedded, each text once."""
        wanted: dict[str, None] = {}
        for of, facts, kept in zip(self.pieces, self.facts, self.kept, strict=True):
            wanted |= dict.fromkeys(p.text for p in of if p.span not in kept.passages)
            if kept.facts is None:
                wanted[facts] = None
        return list(wanted)

    def documents(
        self, vectors: Mapping[str, Vectors] | None, grouped: Sequence[Grouped]
    ) -> Iterator[Document]:
        """One document a decision, with the vectors of `texts`; None where there is no model."""
        spans = [[passage.span for passage in of] for of in self.pieces]
        if vectors is None:
            return documents(self.letter, spans, None, grouped=grouped)
        of_passages, of_facts = [], []
        for of, facts, kept in zip(self.pieces, self.facts, self.kept, strict=True):
            held = kept.passages
            of_passages.append(
                np.stack([held[p.span] if p.span in held else vectors[p.text] for p in of])
            )
            of_facts.append(kept.facts if kept.facts is not None else vectors[facts])
        return documents(self.letter, spans, of_passages, of_facts, grouped)


def cut(
    determination: Determination, embedder: Embedder | None, kept: Sequence[Kept] | None = None
) -> Cut:
    """The letter cut for the model; without one into passages about as long."""
    count = embedder.count_tokens if embedder else _rough_tokens
    most = passage_tokens(embedder.spec.max_tokens) if embedder else passage_tokens()
    return Cut(
        determination,
        tuple(tuple(passages(each, count, most)) for each in determination.decisions),
        tuple(
            facts_text(d.request, determination.clinical_summary) for d in determination.decisions
        ),
        tuple(kept or (Kept() for _ in determination.decisions)),
    )


def vectors_of(texts: Sequence[str], embedder: Embedder | None) -> dict[str, Vectors] | None:
    """The texts' vectors; None without a model."""
    if embedder is None:
        return None
    return dict(zip(texts, embedder.embed(texts), strict=True))


def _rough_tokens(text: str) -> int:
    """About how many tokens a model would see, where there is no model."""
    return ceil(len(text) / 4)
