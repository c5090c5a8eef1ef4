"""`imr export`: the whole counted set of a search as a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import QUERY, Engine, Filters, IndexFolder, Url, filter_pairs, one_of, place
from cli.show import counted, heard
from cli.terminal import gone, note
from imr.engines.open import open_index
from imr.errors import BadQueryError
from imr.export.columns import NAMES
from imr.export.formats import FORMATS
from imr.export.run import export as run_export
from imr.search.request import Request


def export(
    text: Annotated[str, typer.Argument(help=QUERY)] = "",
    filters: Filters = None,
    match: Annotated[str, typer.Option(help="default, all or any.")] = "default",
    subject: Annotated[str, typer.Option(help="default, requested or mentioned.")] = "default",
    scope: Annotated[str, typer.Option(help="default, decision, facts or all.")] = "default",
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", help=f"{', '.join(FORMATS)} [default: by the name of --output, else csv]."
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help=f"Separated by commas, of {', '.join(NAMES)}."),
    ] = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="Begin CSV with a byte order mark, as Excel needs it.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file [default: standard output].")
    ] = None,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """Write all decisions that a search counts, or all there are, as a file."""
    written = format_ or _by_name(output)
    if output is None and written == "parquet" and sys.stdout.isatty():
        raise BadQueryError("parquet is no text for a terminal: name a file with --output")
    request = Request(
        text=text,
        filters=filter_pairs(filters),
        match=one_of("match", match, ("default", "all", "any")),
        subject=one_of("subject", subject, ("default", "requested", "mentioned")),
        scope=one_of("scope", scope, ("default", "decision", "facts", "all")),
    )
    names = None if columns is None else [n for n in map(str.strip, columns.split(",")) if n]
    opened = open_index(place(folder, engine, url)).current()
    made = run_export(opened, request, written, names, excel=excel)
    for line in heard(made.warnings, made.did_you_mean):
        note(line.plain)
    if output is None:
        _to_stdout(made.pieces)
    else:
        _to_file(made.pieces, output)
    note(f"{counted(made.decisions, 'decision')} written")


def _by_name(output: Path | None) -> str:
    """The format that a file's name tells."""
    suffixes = {each.suffix: each.name for each in FORMATS.values()} | {"": "csv"}
    suffix = output.suffix.lower() if output else ""
    if suffix not in suffixes:
        known = ", ".join(each for each in suffixes if each)
        raise BadQueryError(
            f"{output}: {suffix} is no format of an export: name the file with {known}, or say "
            "--format"
        )
    return suffixes[suffix]


def _to_stdout(pieces: Iterator[bytes]) -> None:
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        gone()


def _to_file(pieces: Iterator[bytes], output: Path) -> None:
    """Write beside the file and rename, so that what is there is whole."""
    if output.is_dir():
        raise BadQueryError(f"{output} is a folder: name the file in it")
    if not output.parent.is_dir():
        raise BadQueryError(f"{output}: there is no folder {output.parent}: make it first")
    scratch = output.with_name(f"{output.name}.part")
    try:
        with scratch.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(output)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
