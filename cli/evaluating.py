"""The subcommand that measures relevance: `imr evaluate beir`."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Annotated, get_args

import typer

from cli.commands import Json
from cli.terminal import note, out, progress, record
from evaluation import beir
from evaluation.throwaway import caching_embedder
from imr.errors import BadQueryError
from imr.search.plan import Mode


def register(app: typer.Typer) -> None:
    """Hang the subcommand on the command."""
    evaluate = typer.Typer(help="Measure relevance.", no_args_is_help=True)
    evaluate.callback()(_measures)
    evaluate.command("beir")(evaluate_beir)
    app.add_typer(evaluate, name="evaluate")


def _measures() -> None:
    """Keeps `beir` a subcommand while it is the only one."""


def evaluate_beir(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="A collection in BEIR's format: corpus.jsonl, queries.jsonl, qrels/test.tsv.",
        ),
    ],
    mode: Annotated[
        str | None, typer.Option(help="hybrid, keyword or semantic [default: all three].")
    ] = None,
    json: Json = False,
) -> None:
    """Index a test collection into a throwaway index and measure what search finds in it."""
    modes: tuple[Mode, ...] = get_args(Mode)
    if mode is not None:
        modes = tuple(each for each in modes if each == mode)
        if not modes:
            raise BadQueryError(f"--mode {mode!r}: choose {', '.join(get_args(Mode))}")
    collection = beir.read(folder)
    embedder = None if modes == ("keyword",) else caching_embedder(note)
    with progress("indexing", len(collection.documents)) as bar:
        found = beir.evaluate(collection, modes, embedder, bar.step)
    if json:
        record(json_format.dumps(found))
        return
    for each, measured in found.items():
        out.print(f"{each} ({measured['queries']:,} queries)")
        for name in beir.MEASURES:
            low, high = measured["intervals"][name]
            out.print(f"  {name:<10}  {measured[name]:.3f}  [{low:.3f}, {high:.3f}]")
