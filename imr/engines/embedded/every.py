"""All matches of a plan, a thousand at a time, with their columns and stored records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import tantivy
from pydantic_core import from_json

from imr import fields
from imr.engines.embedded.columns import Column, NumberColumn, Rows
from imr.engines.embedded.letters import Letters
from imr.engines.embedded.text import schema
from imr.engines.protocol import Batch

AT_ONCE = 1_000
_EPOCH = date(1970, 1, 1).toordinal()

Keywords = Mapping[str, Column]
Numbers = Mapping[str, NumberColumn]


def every(
    chosen: Rows,
    letters: Letters,
    keywords: Keywords,
    numbers: Numbers,
    searcher: tantivy.Searcher | None,
) -> Iterator[Batch]:
    """The chosen rows by id; without a searcher no records are read."""
    for column in keywords.values():
        column.values  # noqa: B018 - read now: a compaction may take the file away meanwhile
    ordered = letters.in_order(chosen)
    for start in range(0, len(ordered), AT_ONCE):
        rows = ordered[start : start + AT_ONCE]
        yield Batch(
            [id_ for _, id_ in letters.named(rows)],
            {name: column.of_rows(rows) for name, column in keywords.items()},
            {name: _ranged(name, column, rows) for name, column in numbers.items()},
            _records(searcher, rows) if searcher else [],
        )


def _ranged(name: str, column: NumberColumn, rows: Rows) -> list[float | str | None]:
    """Numbers as they were given (float32 keeps seven digits), days in ISO 8601."""
    values = column.of_rows[rows].tolist()
    if fields.BY_NAME[name].type == "date":
        return [
            None if day != day else date.fromordinal(int(day) + _EPOCH).isoformat()  # noqa: PLR0124
            for day in values
        ]
    return [None if value != value else float(f"{value:.7g}") for value in values]  # noqa: PLR0124


def _records(searcher: tantivy.Searcher, rows: Rows) -> list[Mapping[str, Any]]:
    query = tantivy.Query.term_set_query(schema(), "row", rows.tolist())
    found: Any = searcher.search(query, limit=len(rows), count=False, order_by_field="row").hits
    records = {}
    for row, address in found:
        record: Any = searcher.doc(address).get_first("record")
        records[row] = from_json(bytes(record))
    return [records[row] for row in rows.tolist()]
