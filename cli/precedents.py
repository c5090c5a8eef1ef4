"""What is asked of precedents beyond a search: `imr outcomes`, `imr similar`, `imr conflicts`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import draw_conflicts, draw_outcomes, draw_similar
from cli.commands import Engine, IndexFolder, Json, Model, Url, embedder, filter_pair, one_of, place
from cli.terminal import out, record
from imr.engines.open import open_index
from imr.engines.protocol import Engine as Opened
from imr.errors import BadQueryError, NotFoundError
from imr.letters.pool import Pool
from imr.precedents import case as cases
from imr.precedents import conflicts as conflicting
from imr.precedents import outcomes as balances
from imr.precedents import similar as likeness
from imr.precedents.case import Case
from imr.search import cases as finding
from imr.search.request import Request
from indexer.sources import letter_files

Filters = Annotated[
    list[str] | None,
    typer.Option("--filter", "-f", metavar="FIELD=VALUE", help="Repeat; the same field is OR."),
]


def register(app: typer.Typer) -> None:
    """Hang the subcommands on the command."""
    app.command()(outcomes)
    app.command()(similar)
    app.command()(conflicts)


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
        filters=tuple(filter_pair(given) for given in filters or ()),
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


Fold = Annotated[
    bool, typer.Option("--fold/--no-fold", help="Show near-identical rationales once.")
]


def similar(
    case: Annotated[
        str | None,
        typer.Argument(metavar="ID|FILE", help="A decision of the index, or a letter's file."),
    ] = None,
    text: Annotated[str | None, typer.Option(help="A case in your own words instead.")] = None,
    item: Annotated[
        int | None, typer.Option(min=1, help="Which disputed item of a letter [default: first].")
    ] = None,
    filters: Filters = None,
    size: Annotated[int, typer.Option(min=1, max=likeness.MAX_SIZE)] = 10,
    fold: Fold = True,
    json: Json = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
    model: Model = None,
) -> None:
    """Decisions like a given one, each with what makes it so; its own letter is left out."""
    if (case is None) == (text is None):
        raise BadQueryError("name a decision, a letter's file, or a case with --text")
    opened = open_index(place(folder, engine, url)).current()
    found, warnings = _case(opened, case, text, item, model)
    asked = likeness.Asked(tuple(filter_pair(given) for given in filters or ()), size, fold)
    answer = likeness.similar(opened, found, asked, warnings)
    if json:
        record(answer.model_dump_json())
    else:
        out.print(draw_similar.drawn(answer))


def _case(
    opened: Opened, named: str | None, text: str | None, item: int | None, model: str | None
) -> tuple[Case, tuple[str, ...]]:
    """The case that was named, and what is to be said of it."""
    if text is not None:
        if item:
            raise BadQueryError(cases.ITEM_OF_TEXT)
        return cases.of_text(opened, text, embedder(model, fetch=False)), ()
    name = named or ""
    if not Path(name).is_file():
        if Path(name).suffix.lower() in {".pdf", ".txt"}:
            raise NotFoundError(
                f"there is no letter {name!r} here: name a file, or a decision's id"
            )
        return cases.stored(opened, name, item), ()
    file = next(iter(letter_files([name])))
    with Pool(1) as pool:
        letter = pool.parse_one(file.read(), file.name)
    return cases.of_letter(opened, letter, item, embedder(model, fetch=False))


def conflicts(
    text: Annotated[
        str,
        typer.Argument(metavar="ID|QUERY", help="A decision of the index, or a search."),
    ] = "",
    filters: Filters = None,
    size: Annotated[int, typer.Option(min=1, max=conflicting.MAX_SIZE)] = 10,
    json: Json = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """Decisions close in facts and treatment that ended differently, side by side."""
    opened = open_index(place(folder, engine, url)).current()
    asked = tuple(filter_pair(given) for given in filters or ())
    of_decision = cases.is_id(text) or finding.decision(opened, text) is not None
    if of_decision:
        found = conflicting.of_decision(opened, cases.stored(opened, text), asked, size)
    else:
        found = conflicting.over_query(opened, Request(text=text, filters=asked), size)
    if json:
        record(found.model_dump_json())
    else:
        out.print(draw_conflicts.drawn(found, of_decision=of_decision))
