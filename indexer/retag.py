"""Makes all facts that come from the vocabularies anew, from the stored text.

Requests, outcomes and rationales stay as they were read; categories, drugs, body parts, citations,
conditions and reasons follow the present vocabularies and rules. A vector is kept where its
passage's wording is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from imr.engines.document import Document
from imr.engines.protocol import StoredParts, Writer
from imr.letters.facts import revise
from imr.model import Determination
from imr.text.embedding import Embedder
from imr.text.passages import Passage
from indexer.embed import Kept, cut, vectors_of


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
        pieces = cut(revised, embedder, _kept(letter, revised, stored))
        texts = pieces.texts()
        made = list(pieces.documents(vectors_of(texts, embedder), stored.grouped))
        if embedder is not None:
            report.embedded += len(texts)
        if revised != letter or _differ(made, pieces.pieces, stored):
            writer.replace(letter.id, made)
            report.changed += 1
        progress()
    return report


def _kept(letter: Determination, revised: Determination, stored: StoredParts) -> list[Kept]:
    """Of each decision whose request is the same, the stored vectors."""
    if stored.vectors is None or stored.facts is None:
        return [Kept() for _ in revised.decisions]
    return [
        Kept(dict(zip(spans, vectors, strict=True)), facts[0] if len(facts) else None)
        if old.request == new.request
        else Kept()
        for old, new, spans, vectors, facts in zip(
            letter.decisions, revised.decisions, stored.passages, stored.vectors, stored.facts,
            strict=True,
        )
    ]  # fmt: skip


def _differ(
    made: Sequence[Document], pieces: Sequence[Sequence[Passage]], stored: StoredParts
) -> bool:
    """Whether tags or passages are other than the index holds."""
    tags = any(new.keywords != old for new, old in zip(made, stored.keywords, strict=True))
    spans = tuple(tuple(passage.span for passage in several) for several in pieces)
    return tags or (stored.vectors is not None and spans != stored.passages)
