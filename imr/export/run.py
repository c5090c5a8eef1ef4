"""One export from a request to the pieces of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from imr.engines.protocol import Engine
from imr.errors import BadQueryError
from imr.export.columns import chosen, recorded
from imr.export.formats import FOR_EXCEL, FORMATS, Format
from imr.search.counted import counted
from imr.search.heard import heard
from imr.search.request import Request


@dataclass(frozen=True, slots=True)
class Export:
    """A file on its way: how many decisions it has, and its bytes, made as they are read."""

    format: Format
    decisions: int
    warnings: tuple[str, ...]
    did_you_mean: str | None
    pieces: Iterator[bytes]


def export(
    engine: Engine,
    request: Request,
    format_: str,
    columns: Sequence[str] | None = None,
    *,
    excel: bool = False,
) -> Export:
    """All decisions that a search of the request counts, by case number and item.

    `excel` begins CSV with a byte order mark.

    Raises:
        BadQueryError: no such filter, format or column, columns for a format without any, or
            `excel` for another than CSV.
    """
    written = FORMATS.get(format_)
    if written is None:
        raise BadQueryError(f"there is no format {format_!r}: choose {', '.join(FORMATS)}")
    if columns is not None and not written.tabular:
        raise BadQueryError(f"{format_} has no columns: leave them out or choose another format")
    if excel and format_ != "csv":
        raise BadQueryError(f"excel is about CSV, and this is {format_}: leave it out")
    wanted = chosen(columns)
    query, plan = counted(engine, request)
    read = not written.tabular or recorded(wanted)
    names = [column.field for column in wanted if column.field and written.tabular]
    batches = engine.every(plan, names, records=read)
    decisions = engine.count(plan, ()).matches
    told = heard(engine, request, query, plan, any_=decisions > 0)
    return Export(
        written,
        decisions,
        told.warnings,
        told.did_you_mean,
        chain([FOR_EXCEL] if excel else [], written.write(batches, wanted)),
    )
