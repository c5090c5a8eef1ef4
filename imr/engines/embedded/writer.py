"""The embedded index's writer: one at a time, and one commit point.

Columns and vectors are written and fsynced first, then tantivy commits. A crash before that leaves
rows behind the last commit that nobody reads and the next writer cuts off.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import tantivy

from imr import fields
from imr.engines.document import Document
from imr.engines.embedded.columns import ColumnWriter, NumberWriter
from imr.engines.embedded.engine import (
    NO_DAY,
    SIGNATURE,
    EmbeddedEngine,
    EmbeddedIndex,
    committed,
    read_signature,
)
from imr.engines.embedded.text import open_index
from imr.engines.embedded.vectors import VectorWriter
from imr.engines.protocol import StoredParts
from imr.engines.signature import Signature, check_writable
from imr.errors import IndexLockedError, IndexMissingError, UnusableIndexError
from imr.model import Determination

_HEAP = 128_000_000  # bytes tantivy may hold before it writes a segment
FLUSH_EVERY = 50_000
"""Decisions after which a long load's columns and vectors leave the memory."""
_EPOCH = date(1970, 1, 1)


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
        self._make_folders()
        self._lock = _locked(folder / "writer.lock")
        try:
            self._check_signature(signature, retagging=retagging)
            self._open(signature)
        except BaseException:
            os.close(self._lock)
            raise

    def _make_folders(self) -> None:
        try:
            for part in ("text", "columns", "vectors"):
                (self.folder / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnusableIndexError(
                f"{self.folder} can't be written ({error.strerror}): choose a folder of your own "
                "with --index"
            ) from error

    def _check_signature(self, signature: Signature, *, retagging: bool) -> None:
        self._signature = signature
        try:
            self._signed = read_signature(self.folder)
        except IndexMissingError:
            self._sign()
        else:
            where = f"the index {self.folder}"
            check_writable(self._signed, signature, where, retagging=retagging)

    def _sign(self) -> None:
        scratch = self.folder / f"{SIGNATURE}.new"
        scratch.write_text(self._signature.model_dump_json())
        scratch.replace(self.folder / SIGNATURE)
        self._signed = self._signature

    def _open(self, signature: Signature) -> None:
        index = open_index(self.folder / "text")
        self._rows, vectors = committed(index.searcher())
        self._flushed = self._rows
        self._writer: tantivy.IndexWriter = index.writer(_HEAP, num_threads=1)
        columns = self.folder / "columns"
        self._columns = {
            name: ColumnWriter(columns, name, self._rows)
            for name in [*(f.name for f in fields.FIELDS if f.type == "keyword"), "determination"]
        }
        self._numbers = NumberWriter(columns, "number", self._rows)
        self._days = NumberWriter(columns, "decided", self._rows)
        dimension = int(signature.model["dimension"]) if signature.model else 1
        self._vectors = VectorWriter(self.folder / "vectors", vectors, dimension)
        self._reader: EmbeddedEngine = EmbeddedIndex(self.folder).current()
        self._pending: dict[str, Determination | None] = {}

    def known(self, determination: str) -> Determination | None:
        """See Writer; letters of this load that are not committed yet are known too."""
        if determination in self._pending:
            self.commit()
        return self._reader.determination(determination)

    def replace(self, determination: str, documents: Iterable[Document]) -> None:
        """See Writer."""
        self._writer.delete_documents_by_term("determination", determination)
        self._pending[determination] = None
        for document in documents:
            self._add(document)
        if self._rows - self._flushed >= FLUSH_EVERY:
            self._flush()

    def letters(self) -> Iterator[Determination]:
        """See Writer."""
        return self._reader.letters()

    def stored(self, determination: Determination) -> StoredParts:
        """See Writer."""
        return self._reader.stored(determination)

    def _add(self, document: Document) -> None:
        for name, column in self._columns.items():
            column.append(
                document.keywords.get(name, ())
                if name != "determination"
                else (document.determination,)
            )
        self._numbers.append(document.number)
        decided = document.decided
        self._days.append((date.fromisoformat(decided) - _EPOCH).days if decided else NO_DAY)
        if document.vectors is not None:
            self._vectors.append(self._rows, document.vectors, document.passages)
        self._writer.add_document(self._tantivy(document))
        self._rows += 1

    def _tantivy(self, document: Document) -> tantivy.Document:
        made = tantivy.Document()
        made.add_text("id", document.id)
        made.add_text("determination", document.determination)
        made.add_unsigned("row", self._rows)
        made.add_unsigned("vectors", self._vectors.count)
        for name, text in document.texts.items():
            made.add_text(name, text)
        for name, values in document.keywords.items():
            for value in values:
                made.add_text(name, value)
        made.add_bytes("record", document.record.encode())
        if document.letter is not None:
            made.add_bytes("letter", document.letter.encode())
        return made

    def _flush(self) -> None:
        """Write what is held in memory; nobody reads it before tantivy's commit says so."""
        for column in self._columns.values():
            column.flush()
        self._numbers.flush()
        self._days.flush()
        self._vectors.flush()
        self._flushed = self._rows

    def commit(self) -> None:
        """See Writer."""
        self._flush()
        self._writer.commit()
        if self._signed != self._signature:
            # after the commit: where a crash comes between, retagging again mends it
            self._sign()
        self._pending.clear()
        self._reader = EmbeddedIndex(self.folder).current()

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
                self.commit()
                self._writer.wait_merging_threads()
            else:
                self._writer.rollback()
        finally:
            # tantivy's own lock goes with it, though a traceback may keep this object
            del self._writer
            os.close(self._lock)


def _locked(path: Path) -> int:
    """An open descriptor that holds the folder's lock; the system drops it with the process."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UnusableIndexError(
            f"{path.parent} can't be written ({error.strerror}): choose a folder of your own "
            "with --index"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise IndexLockedError(
            f"another process is loading into {path.parent}: wait until it has finished"
        ) from None
    return descriptor
