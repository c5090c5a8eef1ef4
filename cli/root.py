"""What every `imr` command hangs on, and how its errors are told."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import fail
from imr.errors import ImrError, UnusableIndexError


def made() -> typer.Typer:
    """The command without its subcommands."""
    app = typer.Typer(
        name="imr",
        help=_root.__doc__,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback(invoke_without_command=True)(_root)
    return app


def running(app: typer.Typer) -> None:
    """Run the command; errors made on purpose are one line, and the exit code tells."""
    try:
        app()
    except ImrError as error:
        fail(error)
    except OSError as error:
        fail(UnusableIndexError(f"{error.filename or 'a file'}: {error.strerror or error}"))


def _root(
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
