"""The subcommands that take letters in: `imr parse`, `imr index`, `imr quarantine`, `imr demo`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli import show
from cli.commands import Engine, IndexFolder, Model, NoVectorCache, Url, embedder, place
from cli.terminal import err, note, out, progress, record
from imr import settings
from imr.engines.open import Place, Way, open_index, open_writer
from imr.engines.originals import open_originals
from imr.errors import BadQueryError, DocumentRefusedError, NotFoundError
from imr.letters.pool import MOST_JOBS, Pool
from imr.model import Determination
from imr.text.embedding import Embedder
from indexer import pipeline, quarantine
from indexer.names import printable
from indexer.part import Part
from indexer.part import read as read_part
from indexer.quarantine import Quarantine, Recent, SetAside
from indexer.sources import LetterFile, count_letters, letter_files

Paths = Annotated[
    list[str],  # a Path would make the present folder of an empty one
    typer.Argument(
        metavar="PATH",
        help="Letters (PDF or text), folders, zip or tar archives, patterns in quotation marks "
        "('letters/**/*.pdf'), or - for standard input.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_JOBS, help="Letters read at once [default: one a core]."),
]


def register(app: typer.Typer) -> None:
    """Hang the subcommands on the command."""
    app.command()(parse)
    app.command()(index)
    app.command("quarantine")(show_quarantine)
    app.command()(demo)


def parse(
    paths: Paths,
    text: Annotated[
        bool, typer.Option("--text", help="Print the cleaned text that spans point into.")
    ] = False,
    jobs: Jobs = None,
) -> None:
    """Print one JSON record a letter and line."""
    files, total = _found(paths)
    report = pipeline.LoadReport()
    # records on a terminal would run through the bar
    with progress("reading", total, hidden=out.is_terminal) as bar, Pool(jobs) as pool:

        def aside(entry: SetAside) -> None:
            report.set_aside[entry.code] += 1
            _tell(entry)
            bar.step(aside=report.set_aside.total())

        for letter in pipeline.parsed(files, pool, aside):
            report.letters += 1
            record(letter.model_dump_json(exclude=None if text else {"text"}))
            bar.step()
    count = report.set_aside.total()
    if count or err.is_terminal:
        note(f"{report.letters:,} letters read, {count:,} set aside")
    raise typer.Exit(1 if count else 0)


def index(
    paths: Paths,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
    keyword_only: Annotated[
        bool, typer.Option("--keyword-only", help="Load without vectors, for keyword search.")
    ] = False,
    model: Model = None,
    no_vector_cache: NoVectorCache = False,
    keep_originals: Annotated[
        bool, typer.Option("--keep-originals", help="Keep the files themselves, too.")
    ] = False,
    jobs: Jobs = None,
    part: Annotated[
        str | None,
        typer.Option(
            metavar="I/N", help="Load the I-th of N parts only: one on each of N machines."
        ),
    ] = None,
    recreate: Annotated[
        bool,
        typer.Option(
            "--recreate",
            help="On a cluster: build the index anew beside the live one, and switch at the end.",
        ),
    ] = False,
) -> None:
    """Load letters; the same letter again changes nothing."""
    where = place(folder, engine, url)
    if part and recreate:
        raise BadQueryError(
            "--recreate makes a whole index, --part loads some of one: load the parts into another "
            "index name (IMR_OPENSEARCH_INDEX), then search that"
        )
    share = read_part(part) if part else None
    files, total = _found(paths)
    chosen = None if keyword_only else embedder(model, remember=not no_vector_cache)
    way: Way = "recreate" if recreate else "add"
    report = load(
        files, where, chosen,
        jobs=jobs, total=total, keep_originals=keep_originals, part=share, way=way,
    )  # fmt: skip
    out.print(show.loaded(report, where))
    if report.set_aside:
        given = f"--url {url}" if url else f"--index {folder}" if folder else ""
        note(f"what was set aside is listed by: imr quarantine {given}".rstrip())
    raise typer.Exit(1 if report.set_aside else 0)


def load(
    files: Iterable[LetterFile],
    where: Place,
    model: Embedder | None,
    *,
    jobs: int | None = None,
    total: int | None = None,
    keep_originals: bool = False,
    part: Part | None = None,
    way: Way = "add",
) -> pipeline.LoadReport:
    """Read, embed and load the files with a bar; what can't be read goes into the quarantine."""
    report = pipeline.LoadReport()
    beside = way == "recreate"
    with (
        progress("indexing", total) as bar,
        open_writer(where, model.spec if model else None, way) as writer,
        Pool(jobs) as pool,
    ):
        kept = Quarantine(quarantine.path_of(where, settings.load().cache))
        files_of = Recent()

        def aside(entry: SetAside) -> None:
            report.set_aside[entry.code] += 1
            kept.add(entry)
            _tell(entry)
            bar.step(aside=report.set_aside.total())

        originals = open_originals(where) if keep_originals else None

        def read(file: LetterFile, data: bytes, letter: Determination) -> None:
            kept.loaded(file, letter.source.sha256)
            files_of.add(letter, file)
            if originals is not None:
                originals.put(letter.source.sha256, data)

        def refused(id_: str, reason: str) -> None:
            aside(files_of.set_aside(id_, DocumentRefusedError(reason)))

        letters = pipeline.parsed(files, pool, aside, read, part)
        try:
            pipeline.load(letters, writer, model, report, bar.step, refused)
        except KeyboardInterrupt:
            kept_so_far = "what was committed so far stays, and loading again goes on from there"
            note(f"stopped; {'the live index is as it was' if beside else kept_so_far}")
            raise
        finally:
            if model is not None:
                model.finish()
    pipeline.tell_refused(writer, report, refused)
    kept.settle()
    return report


def show_quarantine(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a file.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Forget all of them.")] = False,
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
) -> None:
    """List the files that loading into the index set aside, and why."""
    where = place(folder, engine, url)
    path = quarantine.path_of(where, settings.load().cache)
    if where.url is None and not path.exists():
        open_index(where).current()  # says so where there is no index at all
    if clear:
        out.print(Text(f"{_files(quarantine.clear(path))} forgotten"))
        return
    count = 0
    for entry in quarantine.entries(path):
        count += 1
        if json:
            record(entry.model_dump_json())
        else:
            out.print(Text(f"{entry.at:%Y-%m-%d}  {entry.code}  {entry.path}: {entry.reason}"))
    note(
        f"{_files(count)} set aside, kept in {path}" if count else f"no file is set aside ({where})"
    )


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo's letters and index go.")] = Path(
        "demo"
    ),
    letters: Annotated[int, typer.Option(min=1, max=100_000)] = 200,
) -> None:
    """Write synthetic letters, index them and run three searches."""
    from cli import demonstration  # noqa: PLC0415 - a third of a second that no other command needs

    demonstration.run(folder, letters, partial(load, total=letters), embedder())


def _found(paths: Sequence[str]) -> tuple[Iterator[LetterFile], int | None]:
    """The letters, at least one, and how many where a bar will want to know."""
    if "-" in paths and sys.stdin.isatty():
        note("reading from the terminal; Ctrl-D ends it")
    several = len(paths) > 1
    files = letter_files(paths, note if several else lambda _: None)
    first = next(files, None)
    if first is None:
        where = "any of them" if several else f"{printable(paths[0])} (.pdf, .txt or an archive)"
        raise NotFoundError(f"no letter in {where}: name letters or folders that hold some")
    return chain([first], files), count_letters(paths) if err.is_terminal else None


def _tell(entry: SetAside) -> None:
    err.print(
        Text("set aside: ", style="yellow").append(
            f"{entry.place}: {entry.reason}", style="default"
        )
    )


def _files(count: int) -> str:
    return f"{count:,} file" if count == 1 else f"{count:,} files"
