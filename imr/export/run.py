"""One export from a request to the pieces of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imr.engines.protocol import Engine
from imr.engines.signature import retagging_due
from imr.errors import BadQueryError
from imr.export.columns import chosen, recorded
from imr.export.formats import FORMATS, Format
from imr.search.counted import counted
from imr.search.known_values import without_decisions
from imr.search.request import Request


@dataclass(frozen=True, slots=True)
class Export:
    """A file on its way: how many decisions it has, and its bytes, made as they are read."""

    format: Format
    decisions: int
    warnings: tuple[str, ...]
    pieces: Iterator[bytes]


def export(
    engine: Engine, request: Request, format_: str, columns: Sequence[str] | None = None
) -> Export:
    """All decisions that a search of the request counts, by case number and item.

    Raises:
        BadQueryError: no such filter, format or column, or columns for a format without any.
    """
    written = FORMATS.get(format_)
    if written is None:
        raise BadQueryError(f"there is no format {format_!r}: choose {', '.join(FORMATS)}")
    if columns is not None and not written.tabular:
        raise BadQueryError(f"{format_} has no columns: leave them out or choose another format")
    wanted = chosen(columns)
    query, plan = counted(engine, request)
    read = not written.tabular or recorded(wanted)
    names = [column.field for column in wanted if column.field and written.tabular]
    batches = engine.every(plan, names, records=read)
    decisions = engine.count(plan, ()).matches
    absent = () if decisions else without_decisions(engine, plan)
    return Export(
        written,
        decisions,
        (*query.warnings, *retagging_due(engine.signature), *absent),
        written.write(batches, wanted),
    )
