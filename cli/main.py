"""The `imr` command."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import (
    alerting,
    assistants,
    commands,
    doctor,
    downloading,
    evaluating,
    exporting,
    guidelines,
    indices,
    loading,
    precedents,
    retagging,
    suggesting,
    upkeep,
)
from cli.terminal import fail
from imr.errors import ImrError, UnusableIndexError

app = typer.Typer(
    name="imr",
    help="Search precedent decisions in California's Independent Medical Review.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
loading.register(app)
commands.register(app)
evaluating.register(app)
app.command()(retagging.retag)
app.command()(suggesting.suggest)
upkeep.register(app)
app.command()(exporting.export)
precedents.register(app)
app.command()(guidelines.guidelines)
alerting.register(app)
app.command()(downloading.download)
app.command()(assistants.mcp)
indices.register(app)
app.command()(doctor.doctor)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Search precedent decisions in California's Independent Medical Review."""
    if version:
        from importlib.metadata import version as installed  # noqa: PLC0415

        typer.echo(installed("imr-precedents"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def run() -> None:
    """Run the command; errors made on purpose are one line, and the exit code tells."""
    try:
        app()
    except ImrError as error:
        fail(error)
    except OSError as error:
        fail(UnusableIndexError(f"{error.filename or 'a file'}: {error.strerror or error}"))
