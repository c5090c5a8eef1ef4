"""Letters as files, one by one, so that a million of them need no more memory than one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from samples.pdf import letter_pdf
from samples.records import stream
from samples.render import letter_text
from samples.variations import Layout, layout_of_its_time, varied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from imr.model import Determination

Format = Literal["pdf", "text"]
FORMATS: tuple[Format, ...] = ("pdf", "text")

FOLDER_SIZE = 1000
"""Letters a subfolder, so that no folder grows past what file systems like."""


def write_letters(
    folder: Path,
    count: int,
    *,
    seed: int = 0,
    formats: Sequence[Format] = FORMATS,
    layout: Layout | Literal["all"] = "current",
    set_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes the first `count` letters of a seed as FOLDER/NNNN/CASE.pdf and .txt.

    With the layout "all" each letter has that of the time it was decided. `set_progress` is told
    (written, count) after each letter. The same arguments write the same bytes. Files that are
    there already are overwritten.
    """
    for done, record in enumerate(stream(seed, count), 1):
        place = folder / f"{(done - 1) // FOLDER_SIZE:04}"
        if done % FOLDER_SIZE == 1:
            place.mkdir(parents=True, exist_ok=True)
        _write(record, place, seed, formats, layout)
        if set_progress:
            set_progress(done, count)


def _write(
    record: Determination,
    place: Path,
    seed: int,
    formats: Sequence[Format],
    layout: Layout | Literal["all"],
) -> None:
    chosen = layout_of_its_time(record) if layout == "all" else layout
    variation = varied(f"{seed}:{record.id}", chosen)
    if "text" in formats:
        text = letter_text(record, variation)
        (place / f"{record.id}.txt").write_text(text, "utf-8", newline="")
    if "pdf" in formats:
        letter_pdf(record, variation, place / f"{record.id}.pdf")
