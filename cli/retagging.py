"""`imr retag`: stored letters under today's vocabularies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.commands import Engine, IndexFolder, Model, NoVectorCache, Url, embedder, place
from cli.terminal import out, progress
from imr.engines.open import open_index, open_writer
from imr.errors import ModelMissingError

if TYPE_CHECKING:
    from indexer.retag import RetagReport


def retag(
    folder: IndexFolder = None,
    engine: Engine = None,
    url: Url = None,
    model: Model = None,
    no_vector_cache: NoVectorCache = False,
) -> None:
    """Make tags, citations and categories anew from the stored letters, in one commit.

    Needed after an update of the vocabularies: until then the index can be read but not added to.
    """
    # the rules that letters are read by: no other command of this size needs them
    from indexer.retag import retag as retag_letters  # noqa: PLC0415

    where = place(folder, engine, url)
    wanted = open_index(where).current().signature.model
    chosen = embedder(model, remember=not no_vector_cache) if wanted else None
    if wanted and chosen is None:
        raise ModelMissingError(
            f"{where} holds vectors: retagging needs its model {wanted['name']}"
        )
    with (
        progress("retagging", None) as bar,
        open_writer(where, chosen.spec if chosen else None, way="retag") as writer,
    ):
        report = retag_letters(writer, chosen, bar.step)
    if chosen is not None:
        chosen.finish()
    out.print(_told(report))


def _told(report: RetagReport) -> str:
    if not report.changed:
        return f"all {report.letters:,} letters were tagged so already"
    embedded = f", {report.embedded:,} passages embedded anew" if report.embedded else ""
    return f"retagged {report.changed:,} of {report.letters:,} letters{embedded}"
