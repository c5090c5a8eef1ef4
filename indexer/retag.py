"""Makes all facts that come from the vocabularies anew, from the stored text.

Requests, outcomes and rationales stay as they were read; categories, drugs, body parts, citations,
conditions and reasons follow the present vocabularies and rules. A vector is kept where its
passage's wording is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from imr.engines.document import Document, documents
from imr.engines.protocol import StoredParts, Writer
from imr.letters.facts import revise
from imr.model import Determination
from imr.text.embedding import Embedder, Vectors
from imr.text.passages import Passage, passages
from indexer.pipeline import rough_tokens


@dataclass(slots=True)
class RetagReport:
    """What became of the stored letters."""

    letters: int = 0
    changed: int = 0
    embedded: int = 0


def retag(
    writer: Writer, embedder: Embedder | None, progress: Callable[[], None] = lambda: None
) -> RetagReport:
    """Revise every stored letter; those that come out the same are not written again.

    All of it is one commit, which the caller makes: until then searches see the former facts.
    """
    report = RetagReport()
    for letter in writer.letters():
        report.letters += 1
        stored = writer.stored(letter)
        revised = revise(letter)
        cut = [passages(d, _counter(embedder)) for d in revised.decisions]
        kept = _kept(letter, revised, stored)
        vectors = _vectors(cut, kept, embedder, report) if embedder else None
        made = list(documents(revised, [[p.span for p in of] for of in cut], vectors))
        if revised != letter or _differ(made, cut, stored):
            writer.replace(letter.id, made)
            report.changed += 1
        progress()
    return report


def _counter(embedder: Embedder | None) -> Callable[[str], int]:
    return embedder.count_tokens if embedder else rough_tokens


def _kept(
    letter: Determination, revised: Determination, stored: StoredParts
) -> list[dict[tuple[int, int], Vectors]]:
    """Of each decision whose request is the same, the stored vectors by their passage."""
    if stored.vectors is None:
        return [{} for _ in revised.decisions]
    return [
        dict(zip(spans, vectors, strict=True)) if old.request == new.request else {}
        for old, new, spans, vectors in zip(
            letter.decisions, revised.decisions, stored.passages, stored.vectors, strict=True
        )
    ]


def _vectors(
    cut: Sequence[Sequence[Passage]],
    kept: Sequence[dict[tuple[int, int], Vectors]],
    embedder: Embedder,
    report: RetagReport,
) -> list[Vectors]:
    made = []
    for several, known in zip(cut, kept, strict=True):
        rows = []
        for passage in several:
            vector = known.get(passage.span)
            if vector is None:
                report.embedded += 1
                vector = embedder.embed([passage.text])[0]
            rows.append(vector)
        made.append(np.stack(rows))
    return made


def _differ(
    made: Sequence[Document], cut: Sequence[Sequence[Passage]], stored: StoredParts
) -> bool:
    """Whether tags or passages are other than the index holds."""
    tags = any(new.keywords != old for new, old in zip(made, stored.keywords, strict=True))
    spans = tuple(tuple(passage.span for passage in several) for several in cut)
    return tags or (stored.vectors is not None and spans != stored.passages)
