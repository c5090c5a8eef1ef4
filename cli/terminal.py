"""What the command shows: colour and bars on a terminal, plain text when piped."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from rich.console import Console
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from imr.errors import BadQueryError, BadSettingError, ImrError, NotFoundError


class _Console(Console):
    """A console whose reader may leave early (`imr … | head`): nothing is wrong then."""

    def on_broken_pipe(self) -> None:
        """Say nothing more, and end as if all had been read."""
        gone()


# a stream that the caller closed: whatever is opened next would take its number
for _name, _mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
    if getattr(sys, _name) is None:
        setattr(sys, _name, open(os.devnull, _mode, encoding="utf-8"))  # noqa: PTH123, SIM115

# a terminal wraps at words; what is piped keeps one line a fact, however long
out = _Console(highlight=False, soft_wrap=not sys.stdout.isatty())
err = _Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

OUTCOME_STYLE = {"upheld": "yellow", "overturned": "bold green"}


def fail(error: ImrError) -> NoReturn:
    """Say what went wrong and leave; 2 where the call itself was wrong, 1 otherwise."""
    err.print(Text("imr: ", style="red").append(str(error), style="default"))
    sys.exit(2 if isinstance(error, BadQueryError | BadSettingError | NotFoundError) else 1)


def indented(text: Text) -> Text | Padding:
    """Set in by five columns, wrapped lines too where there is a width to wrap at."""
    return Text("     ").append_text(text) if out.soft_wrap else Padding(text, (0, 0, 0, 5))


def note(text: str) -> None:
    """A line for people, beside the output."""
    err.print(Text(text, style="dim"))


def record(line: str) -> None:
    """A line of output for programs, at once."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        gone()
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from error


def gone() -> NoReturn:
    """Leave because nobody reads on; what is still buffered goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    sys.exit(0)


class Bar:
    """A bar on a terminal, nothing otherwise."""

    def __init__(self, shown: Progress, label: str, total: int | None) -> None:
        self._shown, self._label = shown, label
        self._task = shown.add_task(label, total=total)

    def step(self, *, aside: int | None = None) -> None:
        """One more is done; `aside` is how many were set aside so far, where that changed."""
        label = None if aside is None else f"{self._label}, {aside:,} set aside"
        self._shown.update(self._task, advance=1, description=label)

    def reach(self, done: int) -> None:
        """So many are done."""
        self._shown.update(self._task, completed=done)


class _Speed(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.speed or 0
        return Text(f"{speed:,.0f}/s" if speed >= 10 else f"{speed:.1f}/s", style="dim")


@contextmanager
def progress(label: str, total: int | None, *, hidden: bool = False) -> Iterator[Bar]:
    """A bar; `total` is None where it is not known."""
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(),
        console=err,
        disable=hidden or not err.is_terminal,
        transient=True,
    )
    with shown:
        yield Bar(shown, label, total)
