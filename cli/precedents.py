"""The subcommands that ask of precedents more than a search: `imr outcomes`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import draw_outcomes
from cli.commands import Engine, Filters, IndexFolder, Json, Url, filter_pairs, one_of, place
from cli.terminal import out, record
from imr.engines.open import open_index
from imr.precedents import outcomes as balances
from imr.search.request import Request


def register(app: typer.Typer) -> None:
    """Hang the subcommands on the command."""
    app.command()(outcomes)


def outcomes(
    text: Annotated[str, typer.Argument(help="Which decisions, as in a search; empty: all.")] = "",
    by: Annotated[
        str, typer.Option(metavar="FIELD[,FIELD]", help="A facet, or two: drug,guideline.")
    ] = "category",
    filters: Filters = None,
    match: Annotated[str, typer.Option(help="default, all or any.")] = "default",
    subject: Annotated[str, typer.Option(help="default, requested or mentioned.")] = "default",
    scope: Annotated[str, typer.Option(help="default, decision, facts or all.")] = "default",
    least: Annotated[int, typer.Option(min=1, help="Decisions that a row has at least.")] = 1,
    size: Annotated[int, typer.Option(min=1, max=balances.MAX_ROWS, help="Rows at most.")] = 20,
    json: Json = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """How decisions ended, with 95 % intervals; what differs most from the corpus comes first."""
    request = Request(
        text=text,
        filters=filter_pairs(filters),
        match=one_of("match", match, ("default", "all", "any")),
        subject=one_of("subject", subject, ("default", "requested", "mentioned")),
        scope=one_of("scope", scope, ("default", "decision", "facts", "all")),
    )
    fields = tuple(name for name in (part.strip() for part in by.split(",")) if name)
    opened = open_index(place(folder, engine, url)).current()
    found = balances.outcomes(opened, balances.Asked(request, fields, size, least))
    if json:
        record(found.model_dump_json())
    else:
        out.print(draw_outcomes.drawn(found))
