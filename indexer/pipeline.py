"""Letters → records → passages → vectors → an engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice

from imr.engines.protocol import Writer
from imr.errors import LetterError
from imr.letters.pool import Pool
from imr.model import Determination
from imr.precedents.duplicates import Grouper
from imr.text.embedding import Embedder
from indexer.embed import Cut, cut
from indexer.overlap import Commit, embedded
from indexer.part import Part
from indexer.quarantine import SetAside, set_aside
from indexer.sources import LetterFile

COMMIT_EVERY = 2000
"""Letters between two commits: what a crash can cost."""


LOOKED_UP_AT_ONCE = 50
"""Letters whose stored ones are asked for in one call; as many are read before they go on."""


@dataclass(slots=True)
class LoadReport:
    """What became of the letters; `set_aside` counts files by the reason's code."""

    letters: int = 0
    decisions: int = 0
    unchanged: int = 0
    older: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)


def parsed(
    files: Iterable[LetterFile],
    pool: Pool,
    aside: Callable[[SetAside], None],
    read: Callable[[LetterFile, bytes, Determination], None] = lambda *_: None,
    part: Part | None = None,
) -> Iterator[Determination]:
    """The records of the files that are letters, in their order; of those only this `part`.

    `aside` is told of every other file, `read` of every file that gave a record.
    """
    for file, data, result in pool.parse_all(files):
        if isinstance(result, LetterError):
            if part is None or part.holds(file.name):
                aside(set_aside(file, data, result))
        elif part is None or part.holds(result.id):
            read(file, data or b"", result)
            yield result


def load(
    determinations: Iterable[Determination],
    writer: Writer,
    embedder: Embedder | None,
    report: LoadReport,
    progress: Callable[[], None] = lambda: None,
    refused: Callable[[str, str], None] = lambda _, __: None,
) -> None:
    """Put the letters into the engine; `progress` is called once a letter.

    `refused` is told of each letter that the engine would not take, by its id, and why; ask
    `tell_refused` once more when the writer was left, which commits the last ones.

    The same letter again changes nothing; another letter of the same case number replaces the
    stored one unless it was decided earlier. Letters are embedded while others are read and
    written.
    """
    newest = _Newest(writer)
    grouper = Grouper(writer.beginning)

    def steps() -> Iterator[Cut | Commit]:
        for number, (determination, stored) in enumerate(newest.beside(determinations), start=1):
            if stored is not None and stored.source.sha256 == determination.source.sha256:
                report.unchanged += 1
                progress()
            elif stored is not None and _stays(stored, determination):
                report.older += 1
                progress()
            else:
                newest.comes(determination)
                yield cut(determination, embedder)
            if number % COMMIT_EVERY == 0:
                yield Commit()

    with closing(embedded(steps(), embedder)) as made:
        for several, vectors in made:
            pieces = [step for step in several if isinstance(step, Cut)]
            groups = grouper.groups([piece.letter for piece in pieces])
            for piece, grouped in zip(pieces, groups, strict=True):
                letter = piece.letter
                writer.replace(letter.id, piece.documents(vectors, grouped))
                newest.written(letter)
                report.letters += 1
                report.decisions += len(letter.decisions)
                progress()
            if isinstance(several[-1], Commit):
                writer.commit()
                tell_refused(writer, report, refused)
                grouper.committed()


def tell_refused(writer: Writer, report: LoadReport, refused: Callable[[str, str], None]) -> None:
    """Count out what the engine refused with the last commit, and tell of it."""
    for id_, reason in writer.refused():
        report.letters -= 1
        refused(id_, reason)


class _Newest:
    """The letters that the index holds, or will hold once those on their way are written."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._on_their_way: dict[str, Determination] = {}
        self._held: dict[str, Determination] = {}

    def beside(
        self, determinations: Iterable[Determination]
    ) -> Iterator[tuple[Determination, Determination | None]]:
        """Each letter beside the one that it would replace; the index is asked for several."""
        coming = iter(determinations)
        while several := list(islice(coming, LOOKED_UP_AT_ONCE)):
            self._held = self._writer.known([each.id for each in several])
            for each in several:
                yield each, self._on_their_way.get(each.id) or self._held.get(each.id)

    def comes(self, letter: Determination) -> None:
        """The letter will be written."""
        self._on_their_way[letter.id] = letter

    def written(self, letter: Determination) -> None:
        """The letter was written; those that are looked up now were asked for before that."""
        self._held[letter.id] = letter
        if self._on_their_way.get(letter.id) is letter:
            del self._on_their_way[letter.id]


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
