"""What the command shows: colour and bars on a terminal, plain text when piped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from imr.errors import BadQueryError, ImrError, NotFoundError

# a terminal wraps at words; what is piped keeps one line a fact, however long
out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

OUTCOME_STYLE = {"upheld": "yellow", "overturned": "bold green"}


def fail(error: ImrError) -> NoReturn:
    """Say what went wrong and leave; 2 where the call itself was wrong, 1 otherwise."""
    err.print(Text("imr: ", style="red").append(str(error), style="default"))
    sys.exit(2 if isinstance(error, BadQueryError | NotFoundError) else 1)


def indented(text: Text) -> Text | Padding:
    """Set in by five columns, wrapped lines too where there is a width to wrap at."""
    return Text("     ").append_text(text) if out.soft_wrap else Padding(text, (0, 0, 0, 5))


def note(text: str) -> None:
    """A line for people, beside the output."""
    err.print(Text(text, style="dim"))


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Progress]:
    """A bar on a terminal, nothing otherwise; advance its one task, number 0.

    `total` is None where it is not known.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
        transient=True,
    )
    with bar:
        bar.add_task(label, total=total)
        yield bar
