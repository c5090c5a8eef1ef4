"""The subcommands that ask of precedents more than a search."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import draw_guidelines, draw_outcomes
from cli.commands import Engine, Filters, IndexFolder, Json, Url, filter_pairs, one_of, place
from cli.terminal import out, record
from imr.engines.open import open_index
from imr.precedents import guidelines as graph
from imr.precedents import outcomes as balances
from imr.search.request import Request


def register(app: typer.Typer) -> None:
    """Hang the subcommands on the command."""
    app.command()(outcomes)
    app.command()(guidelines)


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


def guidelines(
    id_: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="One of them, as odg-low-back; without: all."),
    ] = None,
    query: Annotated[str, typer.Option("--query", "-q", help="Which decisions; empty: all.")] = "",
    find: Annotated[str, typer.Option(help="Words of the names listed.")] = "",
    filters: Filters = None,
    size: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Lines of a list at most.")
    ] = None,
    json: Json = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """Which guidelines both sides cite, how it ended, and where one was set aside for another."""
    request = Request(text=query, filters=filter_pairs(filters))
    opened = open_index(place(folder, engine, url)).current()
    if id_ is None:
        all_ = graph.guidelines(opened, request, find=find, size=size or 20)
        body, shown = all_.model_dump_json(), draw_guidelines.listed(all_)
    else:
        one = graph.guideline(opened, request, id_, size=size or 10)
        body, shown = one.model_dump_json(), draw_guidelines.one(one)
    if json:
        record(body)
    else:
        out.print(shown)
