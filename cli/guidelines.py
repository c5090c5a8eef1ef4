"""`imr guidelines`: guidelines as a graph."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import draw_guidelines
from cli.commands import Engine, Filters, IndexFolder, Json, Url, filter_pairs, place
from cli.terminal import out, record
from imr.engines.open import open_index
from imr.errors import BadQueryError
from imr.precedents import guidelines as graph
from imr.search.request import Request


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
    if id_ is not None and find:
        raise BadQueryError(graph.FIND_OF_ONE)
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
