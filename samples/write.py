"""Letters as files, one by one, so that a million of them need no more memory than one."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal

from samples.pdf import letter_pdf
from samples.records import stream
from samples.render import letter_text
from samples.variations import varied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from imr.model import Determination

Format = Literal["pdf", "text"]

FOLDER_SIZE = 1000
"""Letters a subfolder, so that no folder grows past what file systems like."""


def write_letters(
    folder: Path,
    count: int,
    *,
    seed: int = 0,
    formats: Sequence[Format] = ("pdf", "text"),
    set_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes the first `count` letters of a seed as FOLDER/NNNN/CASE.pdf and .txt.

    `set_progress` is told (written, count) after each letter. The same arguments write the same
    bytes. Files that are there already are overwritten.
    """
    for done, determination in enumerate(islice(stream(seed), count), 1):
        place = folder / f"{(done - 1) // FOLDER_SIZE:04}"
        if done % FOLDER_SIZE == 1:
            place.mkdir(parents=True, exist_ok=True)
        _write(determination, place, seed, formats)
        if set_progress:
            set_progress(done, count)


def _write(determination: Determination, place: Path, seed: int, formats: Sequence[Format]) -> None:
    variation = varied(f"{seed}:{determination.id}")
    if "text" in formats:
        text = letter_text(determination, variation)
        (place / f"{determination.id}.txt").write_text(text, "utf-8")
    if "pdf" in formats:
        letter_pdf(determination, variation, place / f"{determination.id}.pdf")
