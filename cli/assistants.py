"""`imr mcp`: the index as tools for assistants."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from cli.commands import Engine, IndexFolder, Model, Url, embedder, place
from cli.terminal import note


def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Serve over HTTP at /mcp rather than standard input.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8001,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
    model: Model = None,
) -> None:
    """Serve the index to assistants (Model Context Protocol)."""
    # slow to import, and needed only here
    from api.assistants import server  # noqa: PLC0415
    from api.service import Service  # noqa: PLC0415

    serving = Service(place(folder, engine, url), embedder(model, fetch=False))
    made = server(serving, version("imr-precedents"))
    if http:
        note(f"serving tools at http://{host}:{port}/mcp")
        made.run("streamable-http", host=host, port=port, stateless_http=True, json_response=True)
    else:
        made.run("stdio")
