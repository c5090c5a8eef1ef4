"""`imr demo`: synthetic letters, an index and three searches, in a folder of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from rich.text import Text

from cli import show
from cli.terminal import out, progress
from imr.engines.open import Place, open_index
from imr.errors import UnusableIndexError
from imr.search.request import Request
from imr.search.run import search
from imr.text.embedding import Embedder
from indexer.pipeline import LoadReport
from indexer.sources import LetterFile, letter_files
from samples.write import write_letters

SEED = 7
SEARCHES = (
    (
        "by meaning and by words: a drug by its brand, a reason in plain words",
        Request(text="norco functional improvement", size=3),
    ),
    (
        "a facet as a filter: only imaging of the low back",
        Request(
            text="no red flags or neurological deficit",
            filters=(("category", "imaging"), ("body_part", "low back")),
            size=3,
        ),
    ),
    (
        "the outcome balance: how physical therapy requests ended",
        Request(text="physical therapy", size=3),
    ),
)
_MARK = ".imr-demo"

Load = Callable[[list[LetterFile], Place, Embedder | None], LoadReport]


def run(folder: Path, count: int, load: Load, embedder: Embedder | None) -> None:
    """Write, index, search, and say how to go on."""
    letters, index = folder / "letters", folder / "index"
    _make_anew(folder)
    with progress("writing letters", count) as bar:
        write_letters(
            letters, count, seed=SEED, formats=("pdf",),
            set_progress=lambda done, _: bar.reach(done),
        )  # fmt: skip
    out.print(f"{count} synthetic letters written to {letters} (no real patient in them)")
    where = Place(index, None, "")
    out.print(show.loaded(load(list(letter_files([letters])), where, embedder), where))
    engine = open_index(where).current()
    for title, request in SEARCHES:
        out.print()
        out.rule(Text(title), align="left", characters="\u2500")
        out.print(Text(f"$ {_command(request, index)}", style="green"))
        out.print(show.answer(search(engine, request, embedder)))
    out.print()
    out.rule(Text("go on"), align="left", characters="\u2500")
    out.print(f"serve the API:       .venv/bin/imr serve --index {index}")
    out.print("                     then open http://127.0.0.1:8000/docs")
    out.print("index your letters:  .venv/bin/imr index PATH… --index index")
    out.print('search them:         .venv/bin/imr search "lumbar MRI" --index index')


def _make_anew(folder: Path) -> None:
    """An empty folder; a folder that is no earlier demo's is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise UnusableIndexError(
                f"{folder} exists and was not made by the demo: name another with --folder"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _command(request: Request, index: Path) -> str:
    filters = "".join(f' --filter "{name}={value}"' for name, value in request.filters)
    return f'imr search "{request.text}"{filters} --size {request.size} --index {index}'
