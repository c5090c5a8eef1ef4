"""Letters → records → passages → vectors → an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from imr.engines.document import documents
from imr.engines.protocol import Writer
from imr.errors import LetterError
from imr.letters.parse import parse
from imr.model import Determination
from imr.text.embedding import Embedder
from imr.text.passages import passages
from indexer.sources import LetterFile

COMMIT_EVERY = 2000
"""Letters between two commits: what a crash can cost."""


@dataclass(slots=True)
class LoadReport:
    """What became of the letters."""

    letters: int = 0
    decisions: int = 0
    unchanged: int = 0
    older: int = 0
    set_aside: list[str] = field(default_factory=list)


def parsed(
    files: Iterable[LetterFile], set_aside: Callable[[str], None]
) -> Iterator[Determination]:
    """The records of the files that are letters; `set_aside` is told of every other."""
    for file in files:
        try:
            yield parse(file.read(), file.name)
        except LetterError as error:
            set_aside(_told(error, file))


def _told(error: LetterError, file: LetterFile) -> str:
    """What was wrong, with the file's whole path and on one line."""
    said = str(error)
    if said.startswith(f"{file.name}:"):
        said = f"{file.path}{said[len(file.name) :]}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in said)


def load(
    determinations: Iterable[Determination],
    writer: Writer,
    embedder: Embedder | None,
    report: LoadReport,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Put the letters into the engine; `progress` is called once a letter.

    The same letter again changes nothing; another letter of the same case number replaces the
    stored one unless it was decided earlier.
    """
    for number, determination in enumerate(determinations, start=1):
        stored = writer.known(determination.id)
        if stored is not None and stored.source.sha256 == determination.source.sha256:
            report.unchanged += 1
        elif stored is not None and _stays(stored, determination):
            report.older += 1
        else:
            _put(determination, writer, embedder)
            report.letters += 1
            report.decisions += len(determination.decisions)
        progress()
        if number % COMMIT_EVERY == 0:
            writer.commit()


def _stays(stored: Determination, new: Determination) -> bool:
    """Whether the stored letter stays: both are dated and it is the later one.

    Of the same letter as PDF and as text the PDF stays, whichever is loaded first: the page tells
    more, and loading both again changes nothing.
    """
    ours, theirs = stored.dates.decision, new.dates.decision
    if ours is None or theirs is None:
        return False
    return ours > theirs or (
        ours == theirs and (stored.source.format, new.source.format) == ("pdf", "text")
    )


def _put(determination: Determination, writer: Writer, embedder: Embedder | None) -> None:
    cut = [
        passages(decision, embedder.count_tokens if embedder else rough_tokens)
        for decision in determination.decisions
    ]
    vectors = None
    if embedder is not None:
        vectors = [embedder.embed([p.text for p in of_decision]) for of_decision in cut]
    spans = [[p.span for p in of_decision] for of_decision in cut]
    writer.replace(determination.id, documents(determination, spans, vectors))


def rough_tokens(text: str) -> int:
    """About how many tokens a model would see, where there is no model."""
    return int(np.ceil(len(text) / 4))
