"""`imr verify`, `imr compact`, `imr remove`: the index itself."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.commands import Engine, IndexFolder, Url, place
from cli.terminal import err, note, out
from imr.case_numbers import canonical
from imr.engines.embedded.verify import verify as verify_folder
from imr.engines.open import open_index, open_upkeep
from imr.engines.originals import open_originals
from imr.errors import BadQueryError, NotFoundError

Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="Letters, as CM16-0000042.")]


def register(app: typer.Typer) -> None:
    """Hang the subcommands on the command."""
    for command in (verify, compact, remove):
        app.command()(command)


def verify(folder: IndexFolder = None) -> None:
    """Look at every byte of the embedded index: checksums, and whether its parts agree."""
    where = place(folder, "embedded", None)
    faults = list(verify_folder(where.folder))
    for fault in faults:
        err.print(fault, soft_wrap=True)
    if faults:
        note("restore the index from a copy, or index the letters anew into an empty place")
        raise typer.Exit(1)
    out.print(f"{where} is whole")


def compact(folder: IndexFolder = None, engine: Engine = None, url: Url = None) -> None:
    """Reclaim the room of letters that were replaced or removed."""
    where = place(folder, engine, url)
    with open_upkeep(where) as writer:
        writer.compact()
        originals = open_originals(where)
        if kept := set(originals.names()):
            originals.drop(kept - {letter.source.sha256 for letter in writer.letters()})
    out.print(f"compacted {where}")


def remove(ids: Ids, folder: IndexFolder = None, engine: Engine = None, url: Url = None) -> None:
    """Take letters out of the index, all of them or, where one is unknown, none."""
    ids = [canonical(id_) for id_ in ids]
    if wrong := [id_ for id_ in ids if "." in id_]:
        raise BadQueryError(f"{wrong[0]!r} is a decision: only whole letters are removed")
    where = place(folder, engine, url)
    current = open_index(where).current()
    letters = {id_: current.determination(id_) for id_ in ids}
    if unknown := [id_ for id_, letter in letters.items() if letter is None]:
        raise NotFoundError(f"there is no determination {unknown[0]!r} in {where}")
    with open_upkeep(where) as writer:
        for id_ in dict.fromkeys(ids):
            writer.remove(id_)
    open_originals(where).drop({letter.source.sha256 for letter in letters.values() if letter})
    out.print(f"removed {len(set(ids)):,} {'letter' if len(set(ids)) == 1 else 'letters'}")
