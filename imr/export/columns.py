"""The columns of an export: what identifies a decision, and the registry's exported fields."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from imr import fields
from imr.engines.protocol import Batch
from imr.errors import BadQueryError
from imr.export import citing

Kind = Literal["text", "list", "number", "integer", "date"]
Cells = Sequence[Any]
"""A column of a batch; for kind "list" tuples of strings, else strings and numbers, or None."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `field` is what an engine must give for it, else the stored record is read."""

    name: str
    kind: Kind
    take: Callable[[Batch], Cells]
    field: str | None = None


def _of_record(name: str, kind: Kind, take: Callable[[citing.Record], Any]) -> Column:
    return Column(name, kind, lambda batch: [take(record) for record in batch.records])


def _of_field(field: fields.Field) -> Column:
    name = field.name
    if field.type == "text":
        return _of_record(name, "text", lambda record: record["decision"][name])
    if field.type != "keyword":
        kind: Kind = "date" if field.type == "date" else "number"
        return Column(name, kind, lambda batch: batch.ranged[name], name)
    if field.single:
        return Column(
            name, "text", lambda batch: [next(iter(v), None) for v in batch.keywords[name]], name
        )
    return Column(name, "list", lambda batch: batch.keywords[name], name)


COLUMNS: tuple[Column, ...] = (
    Column("id", "text", lambda batch: batch.ids),
    _of_record("case_number", "text", lambda record: record["case_number"]),
    _of_record("number", "integer", lambda record: record["decision"]["number"]),
    _of_record("citation", "text", citing.line),
    *(_of_field(field) for field in fields.FIELDS if field.exported),
)
NAMES = tuple(column.name for column in COLUMNS)

_ALL = ", ".join(NAMES)


def chosen(names: Sequence[str] | None) -> tuple[Column, ...]:
    """The columns of those names in that order; all for None.

    Raises:
        BadQueryError: there is no such column, or none is named.
    """
    if names is None:
        return COLUMNS
    by_name = {column.name: column for column in COLUMNS}
    for name in names:
        if name not in by_name:
            near = difflib.get_close_matches(name, NAMES, n=3, cutoff=0.5)
            instead = (
                f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(NAMES)}"
            )
            raise BadQueryError(f"there is no column {name!r}: {instead}")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadQueryError(f"the column {twice!r} is named twice: a file has it once")
    if not names:
        raise BadQueryError(f"no column is named: there are {_ALL}")
    return tuple(by_name[name] for name in names)


def recorded(columns: Sequence[Column]) -> bool:
    """Whether any of the columns is taken from the stored records."""
    return any(column.field is None and column.name != "id" for column in columns)
