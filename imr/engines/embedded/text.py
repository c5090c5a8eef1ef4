"""The tantivy side: its schema, and where it can be opened."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tantivy
from numpy.typing import NDArray

from imr import fields
from imr.text.analysis import ANALYZER, WORDS, blanks_analyzer, written


class Word(NamedTuple):
    """A token of a text as it was written into the index, or several in a row, blanks between."""

    field: str
    tokens: str


def words_field(name: str) -> str:
    """The field of a text's words without stems."""
    return f"{name}_words"


def schema() -> tantivy.Schema:
    """Fields of a decision, `row` being its place in the columns."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("determination", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("row", indexed=True, fast=True)
    for field in fields.FIELDS:
        if field.type == "text":
            builder.add_text_field(field.name, tokenizer_name=ANALYZER, index_option="position")
            builder.add_text_field(
                words_field(field.name), tokenizer_name=WORDS, index_option="basic"
            )
        elif field.type == "keyword":
            builder.add_text_field(field.name, tokenizer_name="raw", index_option="basic")
        else:
            builder.add_float_field(field.name, fast=True)
    builder.add_bytes_field("record", stored=True)
    builder.add_bytes_field("letter", stored=True)
    return builder.build()


def reading_folder(folder: Path) -> Path:
    """Where the index can be read: the folder, or links to its files where it is read-only.

    tantivy takes a lock in the folder to read, too; links stand in a folder it can lock.
    """
    if os.access(folder, os.W_OK):
        return folder
    links = Path(tempfile.mkdtemp(prefix="imr-index-"))
    atexit.register(shutil.rmtree, links, ignore_errors=True)
    for file in folder.iterdir():
        if not file.name.startswith(".") and file.suffix != ".lock":
            (links / file.name).symlink_to(file.resolve())
    managed = folder / ".managed.json"
    if managed.exists():
        (links / managed.name).symlink_to(managed.resolve())
    return links


def open_text(folder: Path) -> tantivy.Index:
    """The index in the folder, made if it is empty; it takes texts as `indexed` gives them."""
    index = tantivy.Index(schema(), path=str(folder))
    index.register_tokenizer(ANALYZER, blanks_analyzer(stemmed=True))
    index.register_tokenizer(WORDS, blanks_analyzer(stemmed=False))
    return index


@lru_cache(maxsize=100)  # a letter's decisions share its summary
def indexed(text: str) -> tuple[str, str]:
    """What tantivy is given of a text: its tokens in order, and those that differ in any.

    Tokens are found here, where those of known words are known: to find them by the expression
    takes tantivy longer than all the rest of a load.
    """
    found = written(text)
    return " ".join(found), " ".join(dict.fromkeys(found))


def rows_found(searcher: tantivy.Searcher, query: tantivy.Query, rows: int) -> NDArray[np.bool_]:
    """Which of the first `rows` a query finds."""
    mask = np.zeros(rows, dtype=np.bool_)
    if rows:
        hits = searcher.search(query, limit=rows, count=False, order_by_field="row").hits
        mask[np.fromiter((row for row, _ in hits), np.int64, len(hits))] = True
    return mask
