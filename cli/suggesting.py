"""`imr suggest`: completes what a person begins to type."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer
from rich.text import Text

from cli.commands import Engine, IndexFolder, Json, Url, place
from cli.terminal import note, out, record
from imr.engines.open import open_index
from imr.errors import BadQueryError
from imr.search.suggest import KINDS, MAX_LENGTH, MOST, Suggester
from imr.search.suggest import kinds as read_kinds


def suggest(
    text: Annotated[str, typer.Argument(help="The beginning of a name or case number.")],
    kinds: Annotated[
        str | None, typer.Option(help=f"Separated by commas, of {', '.join(KINDS)}.")
    ] = None,
    size: Annotated[int, typer.Option(min=1, max=MOST, help="Suggestions at most.")] = 10,
    json: Json = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """Complete drugs, treatments, conditions, guidelines, specialties and case numbers."""
    if len(text) > MAX_LENGTH:
        raise BadQueryError(f"a text to complete has at most {MAX_LENGTH} characters")
    wanted = read_kinds(kinds)
    opened = open_index(place(folder, engine, url)).current()
    answer = Suggester()(opened, text, wanted, size)
    if json:
        record(answer.model_dump_json())
        return
    if not answer.suggestions:
        note(f"no name, value or case number of {', '.join(wanted)} begins with {text!r}")
    for each in answer.suggestions:
        line = Text(f"{each.kind:<12}", style="dim").append(f"{each.label}  ", style="not dim bold")
        asked = shlex.join(
            ["--filter", f"{each.field}={each.value}"]
            if each.field
            else ["imr", "show", each.value]
        )
        out.print(line.append(asked, style="dim not bold"))
