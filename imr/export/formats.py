"""The formats of an export: rows → pieces of a file. Each holds some thousand rows at most."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic_core import to_json

from imr.engines.protocol import Batch
from imr.export import citing
from imr.export.columns import Column, Kind

ROW_GROUP = 10_000
"""Rows of a group in Parquet: what is held until it is written."""

Write = Callable[[Iterable[Batch], Sequence[Column]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """How a file of an export is written; `tabular` ones have columns that may be chosen."""

    name: str
    suffix: str
    media_type: str
    write: Write
    tabular: bool = True


BETWEEN = "; "
"""Stands between the values of one cell of CSV."""


def _csv(batches: Iterable[Batch], columns: Sequence[Column]) -> Iterator[bytes]:
    """RFC 4180: UTF-8, a head line, lines that end with CR LF."""
    yield _csv_lines([[column.name for column in columns]])
    for batch in batches:
        cells = ([_CSV_CELL[c.kind](cell) for cell in c.take(batch)] for c in columns)
        yield _csv_lines(zip(*cells, strict=True))


def _csv_lines(lines: Iterable[Sequence[str]]) -> bytes:
    held = io.StringIO(newline="")
    csv.writer(held).writerows(lines)
    return held.getvalue().encode()


def _csv_number(cell: Any) -> str:
    return "" if cell is None else repr(_exact(cell))


@lru_cache(maxsize=10_000)
def _csv_list(cell: tuple[str, ...]) -> str:
    return harmless(BETWEEN.join(cell))


def harmless(text: str) -> str:
    """The text as no spreadsheet takes it for a formula (ADR 20): an apostrophe before it."""
    return f"'{text}" if _FORMULA.match(text) else text


_FORMULA = re.compile(r"\s*[=+\-@]|[\t\r]")
_CSV_CELL: dict[Kind, Callable[[Any], str]] = {
    "text": lambda cell: harmless(cell) if cell else "",
    "list": _csv_list,
    "number": _csv_number,
    "integer": _csv_number,
    "date": lambda cell: cell or "",
}


def _jsonl(batches: Iterable[Batch], columns: Sequence[Column]) -> Iterator[bytes]:
    """One JSON object a line."""
    names = [column.name for column in columns]
    for batch in batches:
        cells = (map(_exact, column.take(batch)) for column in columns)
        told = (dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True))
        yield b"".join(to_json(each) + b"\n" for each in told)


def _exact(cell: Any) -> Any:
    """A number without a part behind the point as an integer, as the record has it."""
    return int(cell) if isinstance(cell, float) and cell == int(cell) else cell


class _Sink:
    """What is written and not yet taken; looks like a file to a writer that never goes back."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._at = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        held = bytes(data)
        self._held.append(held)
        self._at += len(held)
        return len(held)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def taken(self) -> bytes:
        data, self._held = b"".join(self._held), []
        return data


def _parquet(batches: Iterable[Batch], columns: Sequence[Column]) -> Iterator[bytes]:
    """One row group after the other."""
    # slow to import, and needed only here
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    types = {
        "text": pa.string(), "list": pa.list_(pa.string()), "number": pa.float64(),
        "integer": pa.int32(), "date": pa.date32(),
    }  # fmt: skip
    schema = pa.schema([pa.field(column.name, types[column.kind]) for column in columns])
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        held: list[Any] = []
        for batch in batches:
            cells = [[_arrow_cell(c, cell) for cell in c.take(batch)] for c in columns]
            arrays = [pa.array(v, types[c.kind]) for v, c in zip(cells, columns, strict=True)]
            held.append(pa.record_batch(arrays, schema=schema))
            if sum(map(len, held)) >= ROW_GROUP:
                writer.write_table(pa.Table.from_batches(held))
                held.clear()
                yield sink.taken()
        if held:
            writer.write_table(pa.Table.from_batches(held))
    yield sink.taken()


def _arrow_cell(column: Column, cell: Any) -> Any:
    return date.fromisoformat(cell) if column.kind == "date" and cell else cell


def _references(cite: Callable[[citing.Record], str]) -> Write:
    def write(batches: Iterable[Batch], _: Sequence[Column]) -> Iterator[bytes]:
        for batch in batches:
            yield "".join(map(cite, batch.records)).encode()

    return write


FOR_EXCEL = "\ufeff".encode()
"""The byte order mark, by which Excel knows UTF-8; other readers may take it for text."""
FORMATS = {
    each.name: each
    for each in (
        Format("csv", ".csv", "text/csv; charset=utf-8", _csv),
        Format("jsonl", ".jsonl", "application/jsonl", _jsonl),
        Format("parquet", ".parquet", "application/vnd.apache.parquet", _parquet),
        Format(
            "ris", ".ris", "application/x-research-info-systems", _references(citing.ris),
            tabular=False,
        ),
        Format(
            "bibtex", ".bib", "application/x-bibtex; charset=utf-8", _references(citing.bibtex),
            tabular=False,
        ),
    )
}  # fmt: skip
