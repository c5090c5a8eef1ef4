"""`imr indices`: the generations of an index on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.commands import Json, Url, place
from cli.terminal import note, out, record
from imr.engines.open import open_cluster
from imr.model import Value

if TYPE_CHECKING:
    from imr.engines.opensearch.generations import Generation, Generations

To = Annotated[
    str | None, typer.Option("--to", metavar="GENERATION", help="One of `imr indices list`.")
]


class GenerationView(Value):
    """A generation as `--json` prints it; `bytes` are of its primary shards."""

    name: str
    state: str
    decisions: int
    bytes: int
    finished: str | None


def register(app: typer.Typer) -> None:
    """Hang the subcommands on the command."""
    indices = typer.Typer(
        help="The generations of an index on a cluster, of which one is live.",
        no_args_is_help=True,
    )
    indices.command("list")(show)
    indices.command()(rollback)
    indices.command()(prune)
    app.add_typer(indices, name="indices")


def show(json: Json = False, url: Url = None) -> None:
    """List them, the newest first: live, former (to go back to), loaded or unfinished."""
    known = _generations(url).listed()
    for each in known:
        if json:
            record(_view(each).model_dump_json())
        else:
            out.print(_line(each))
    if not known:
        note("there is none: `imr index` makes the first")


def rollback(to: To = None, url: Url = None) -> None:
    """Go back to the generation before the live one, in one step; or to any other."""
    chosen = _generations(url).rollback(to)
    out.print(f"{chosen.name} is live, with {chosen.decisions:,} decisions")


def prune(
    keep: Annotated[
        int, typer.Option(min=0, help="So many former generations stay, the newest.")
    ] = 1,
    unfinished: Annotated[
        bool,
        typer.Option(
            "--unfinished",
            help="Drop what a rebuild left that was broken off, and open the index to loads.",
        ),
    ] = False,
    url: Url = None,
) -> None:
    """Drop former generations, and so the way back to them."""
    dropped = _generations(url).prune(keep, unfinished=unfinished)
    for name in dropped:
        out.print(f"dropped {name}")
    if not dropped:
        note("nothing to drop")


def _generations(url: str | None) -> Generations:
    # a tenth of a second that other commands need not pay
    from imr.engines.opensearch.generations import Generations  # noqa: PLC0415

    return Generations(open_cluster(place(None, None, url)))


def _view(each: Generation) -> GenerationView:
    return GenerationView(
        name=each.name,
        state=each.state,
        decisions=each.decisions,
        bytes=each.bytes,
        finished=each.finished,
    )


def _line(each: Generation) -> Text:
    size = f"{each.bytes / 1e6:,.0f} MB"
    return Text(
        f"{each.name}  {each.state:10}  {each.decisions:>11,} decisions  {size:>10}"
        f"  {each.finished or ''}".rstrip()
    )
