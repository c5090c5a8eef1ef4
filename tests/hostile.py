"""What tests of hostile input share: a letter, and what becomes of the files beside it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from random import Random

from imr.letters.pool import Pool
from imr.model import Determination
from indexer import pipeline
from indexer.quarantine import SetAside
from indexer.sources import letter_files
from samples import determination
from samples.render import letter_text

LETTER = letter_text(determination(1, 1)).encode()
CASE = determination(1, 1).id
MEGABYTE = 1_000_000
NO_PDF = b"%PDF-1.7" + Random(1).randbytes(MEGABYTE)
"""Quickly seen to be no letter."""


def read(pool: Pool, *paths: str, stdin: bytes = b"") -> tuple[list[Determination], list[SetAside]]:
    """What became of the files under the paths."""
    aside: list[SetAside] = []
    files = letter_files([Path(path) for path in paths], stdin=io.BytesIO(stdin))
    return list(pipeline.parsed(files, pool, aside.append)), aside


def assert_aside(pool: Pool, path: str, code: str, said: str) -> None:
    """The file is set aside, in one line that tells why, and the letter behind it is read."""
    Path("letter.txt").write_bytes(LETTER)
    letters, (aside,) = read(pool, path, "letter.txt")

    assert [letter.id for letter in letters] == [CASE]
    assert aside.code == code
    assert re.search(said, aside.reason), aside.reason
    assert aside.reason.isprintable()
    assert aside.place.startswith(path)
