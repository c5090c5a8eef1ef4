"""The embedded index's writer: one at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from imr.engines.document import Document, StoredDecision, documents
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.embedded.files import replace_file
from imr.engines.embedded.generation import GenerationWriter
from imr.engines.embedded.index import (
    CURRENT,
    FIRST,
    SIGNATURE,
    generation_of,
    read_signature,
    write_signature,
)
from imr.engines.protocol import StoredParts
from imr.engines.signature import Signature, check_writable
from imr.errors import IndexLockedError, UnusableIndexError
from imr.model import Determination
from imr.text.sketch import Grouped


class EmbeddedWriter:
    """See `imr.engines.protocol.Writer`."""

    def __init__(self, folder: Path, signature: Signature, *, retagging: bool = False) -> None:
        """Open or make the index in the folder for writing.

        Raises:
            IndexLockedError: another process writes; IndexMismatchError: it was built otherwise.
        """
        self.folder = folder
        if retagging:
            read_signature(folder)  # there must be an index to retag
        self._lock = _locked(folder)
        try:
            self._signature = signature
            if (folder / SIGNATURE).exists():
                self._check_signature(retagging=retagging)
                self._open(generation_of(folder))
            else:
                self._begin()
        except BaseException:
            os.close(self._lock)
            raise

    def _check_signature(self, *, retagging: bool) -> None:
        self._signed = read_signature(self.folder)
        where = f"the index {self.folder}"
        check_writable(self._signed, self._signature, where, retagging=retagging)

    def _begin(self) -> None:
        """Make the index; it is one for readers from its signature on, which comes last."""
        self._open(self.folder / FIRST)
        replace_file(self.folder / CURRENT, FIRST)
        self._sign()

    def _sign(self) -> None:
        write_signature(self.folder, self._signature)
        self._signed = self._signature

    def _open(self, generation: Path) -> None:
        self._generation = GenerationWriter(generation, self._signature)
        self._reader: EmbeddedEngine = self._generation.reader()
        self._pending: set[str] = set()

    def known(self, determinations: Sequence[str]) -> dict[str, Determination]:
        """See Writer; letters of this load that are not committed yet are known too."""
        if not self._pending.isdisjoint(determinations):
            self.commit()
        return {
            id_: letter
            for id_ in determinations
            if (letter := self._reader.determination(id_)) is not None
        }

    def replace(self, determination: str, documents_: Iterable[Document]) -> None:
        """See Writer."""
        self.remove(determination)
        self._generation.add(determination, documents_)

    def remove(self, determination: str) -> bool:
        """See Writer."""
        if determination in self._pending:
            self.commit()
        rows = self._reader.rows_of([determination], "determination").values()
        self._pending.add(determination)
        if rows:
            self._generation.drop(determination, rows)
        return bool(rows)

    def letters(self) -> Iterator[Determination]:
        """See Writer."""
        return self._reader.letters()

    def stored(self, determination: Determination) -> StoredParts:
        """See Writer."""
        return self._reader.stored(determination)

    def beginning(self, sought: Sequence[Grouped]) -> list[list[StoredDecision]]:
        """See Writer."""
        return [self._reader.records(self._generation.beginning(each)) for each in sought]

    def commit(self, *, last: bool = False) -> None:
        """See Writer."""
        self._generation.commit(last=last)
        if self._signed != self._signature:
            # after the commit: where a crash comes between, retagging again mends it
            self._sign()
        self._pending.clear()
        self._reader = self._generation.reader()

    def refused(self) -> list[tuple[str, str]]:
        """See Writer; what is no valid document ends the load here."""
        return []

    def compact(self) -> None:
        """Write the letters alive into a generation of their own, and drop the former one.

        What was replaced or removed takes room until then. Searches see the former generation
        until the new one takes its place, in one step.
        """
        self.commit()
        former = self._generation.folder
        name = f"{int(former.name) + 1:06}"
        shutil.rmtree(self.folder / name, ignore_errors=True)  # one that a crash left behind
        new = GenerationWriter(self.folder / name, self._signature)
        for letter in self._reader.letters():
            stored = self._reader.stored(letter)
            kept = stored.passages, stored.vectors, stored.facts, stored.grouped
            new.add(letter.id, documents(letter, *kept))
        new.commit(last=True)
        self._generation.close(finish=False)
        self._generation = new
        replace_file(self.folder / CURRENT, name)
        self._reader = new.reader()
        shutil.rmtree(former)

    def __enter__(self) -> Self:
        """The writer itself; leaving it without an error commits."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, unless an error leads out; what was not committed is dropped then."""
        try:
            if kind is None:
                self.commit(last=True)
            self._generation.close(finish=kind is None)
        finally:
            del self._generation
            os.close(self._lock)


def _locked(folder: Path) -> int:
    """An open descriptor that holds the folder's lock; the system drops it with the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UnusableIndexError(
            f"{folder} can't be written ({error.strerror}): choose a folder of your own "
            "with --index"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise IndexLockedError(
            f"another process is loading into {folder}: wait until it has finished"
        ) from None
    return descriptor
