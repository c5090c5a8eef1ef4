"""Writes one generation of an index: rows are appended, and tantivy's commit makes them count.

Columns and vectors are written and fsynced first. A crash before the commit leaves rows behind the
last commit that nobody reads and the next writer cuts off.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tantivy

from imr import fields
from imr.engines.document import Document
from imr.engines.embedded import frequent
from imr.engines.embedded.columns import ColumnWriter, NumberWriter, Rows, number
from imr.engines.embedded.commit import Commit, continued, keep_only, opstamp
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.embedded.files import damaged, sync_folder
from imr.engines.embedded.frequent import LOOKED_AT, Frequent
from imr.engines.embedded.groups import GroupsWriter
from imr.engines.embedded.letters import LettersWriter
from imr.engines.embedded.queries import Queries
from imr.engines.embedded.text import indexed, open_text, schema, words_field
from imr.engines.embedded.vectors import VectorWriter
from imr.engines.signature import Signature
from imr.text.sketch import Grouped

HEAP = 128_000_000  # bytes tantivy may hold before it writes a segment
FLUSH_EVERY = 50_000
"""Decisions after which a long load's columns and vectors leave the memory."""


class GenerationWriter:
    """Appends letters to a generation, made where it does not exist."""

    def __init__(self, folder: Path, signature: Signature) -> None:
        for part in ("text", "columns", "vectors"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self.folder, self._signature = folder, signature
        _check_text(folder / "text")
        self._index = open_text(folder / "text")
        last = self._committed = continued(folder)
        self._rows = self._flushed = last.rows
        self._writer: tantivy.IndexWriter = self._index.writer(HEAP, num_threads=1)
        # files a killed commit left: tantivy would fail to write them again under the same name
        self._writer.garbage_collect_files()
        columns, vectors = folder / "columns", folder / "vectors"
        files = last.files
        frequent.files(columns).drop_beyond(last.rows)
        self._columns = {f.name: ColumnWriter(columns, f.name, files) for f in fields.KEYWORDS}
        self._numbers = {f.name: NumberWriter(columns, f.name, files) for f in fields.RANGED}
        self._letters = LettersWriter(columns, files)
        self._groups = GroupsWriter(columns, files)
        dimension = int(signature.model["dimension"]) if signature.model else 1
        self._passages = VectorWriter(vectors, "passages", last.passages, dimension, files)
        self._facts = VectorWriter(vectors, "facts", last.facts, dimension, files)
        for of in (columns, vectors):
            sync_folder(of)  # new files must not lose their names when the power goes

    def reader(self) -> EmbeddedEngine:
        """The last commit."""
        self._index.reload()
        return EmbeddedEngine(self.folder, self._index.searcher(), self._committed, self._signature)

    def drop(self, determination: str, rows: Iterable[int]) -> None:
        """Remove a letter; `rows` are those it has in the last commit."""
        self._writer.delete_documents_by_term("determination", determination)
        for row in rows:
            self._letters.drop(row)

    def beginning(self, sought: Grouped) -> Rows:
        """The rows, committed or not, that begin a group and may be near; see GroupsWriter."""
        return self._groups.beginning(sought)

    def add(self, determination: str, documents: Iterable[Document]) -> None:
        """Append a letter's decisions."""
        begun = False
        for document in documents:
            if not begun:
                self._letters.begin(determination)
                begun = True
            self._add(document)
        if self._rows - self._flushed >= FLUSH_EVERY:
            self._flush()

    def _add(self, document: Document) -> None:
        row = self._rows
        for name, column in self._columns.items():
            column.append(document.keywords[name])
        for name, numbers in self._numbers.items():
            numbers.append(document.ranged[name])
        self._letters.append(document.number)
        self._groups.append(document.grouped)
        if document.vectors is not None:
            self._passages.append(row, document.vectors, document.passages)
        if document.facts is not None:
            self._facts.append(row, document.facts.reshape(1, -1), ((0, 0),))
        self._writer.add_document(_tantivy(document, row))
        self._rows += 1

    def _flush(self) -> None:
        """Write what is held in memory; nobody reads it before tantivy's commit says so."""
        for column in self._columns.values():
            column.flush()
        for numbers in self._numbers.values():
            numbers.flush()
        self._letters.flush()
        self._groups.flush()
        self._passages.flush()
        self._facts.flush()
        self._flushed = self._rows

    def commit(self, *, last: bool = False) -> None:
        """Make all so far durable and seen; the last one of a load makes searches quicker."""
        self._flush()
        if last:
            self._passages.build_lists()
            self._facts.build_lists()
        self._commit()
        if last and self._note_frequent_words():
            # once more, for readers that have looked at the index meanwhile
            self._commit()

    def _commit(self) -> None:
        state = self._state()
        # deletes nothing: it tells how far tantivy has numbered, which no foretelling could, since
        # its merges take numbers, too
        stamp = self._writer.delete_documents_by_term("id", "")
        state.write(self.folder, stamp)
        committed = self._writer.commit()
        if not stamp < committed == opstamp(self.folder):
            raise damaged(self.folder, f"tantivy numbered a commit {committed} after {stamp}")
        keep_only(self.folder, stamp)
        self._committed = state

    def _note_frequent_words(self) -> bool:
        """Whether the rows of frequent words were written down, of all that is committed."""
        columns, rows = self.folder / "columns", self._committed.rows
        if not Frequent.find(columns, rows).pays(rows):
            return False
        letters = self.reader().some_letters(LOOKED_AT)
        Frequent.build(columns, rows, letters, self._index.searcher(), Queries(schema()))
        return True

    def _state(self) -> Commit:
        columns = {name: f for c in self._columns.values() for name, f in c.files.items()}
        numbers = {name: f for n in self._numbers.values() for name, f in n.files.items()}
        others = self._letters.files | self._groups.files | self._passages.files | self._facts.files
        files = {name: file.extent for name, file in (columns | numbers | others).items()}
        return Commit(
            self._rows, self._letters.gone, self._passages.count, self._facts.count, files
        )

    def close(self, *, finish: bool) -> None:
        """Let go of the folder; `finish` waits for segments to be merged."""
        if finish:
            self._writer.wait_merging_threads()
        else:
            self._writer.rollback()
        # tantivy's own lock goes with it, though a traceback may keep this object
        del self._writer


def _check_text(text: Path) -> None:
    """Refuse a text index that has lost its list of segments: tantivy would begin an empty one."""
    if not (text / "meta.json").exists() and any(text.glob("*.store")):
        raise damaged(text / "meta.json", "it is gone")


def _tantivy(document: Document, row: int) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("id", document.id)
    made.add_text("determination", document.determination)
    made.add_unsigned("row", row)
    for name, text in document.texts.items():
        in_order, different = indexed(text)
        made.add_text(name, in_order)
        made.add_text(words_field(name), different)
    for name, values in document.keywords.items():
        for value in values:
            made.add_text(name, value)
    for name, ranged in document.ranged.items():
        if ranged is not None:
            made.add_float(name, float(number(ranged)))
    made.add_bytes("record", document.record.encode())
    if document.letter is not None:
        made.add_bytes("letter", document.letter.encode())
    return made
