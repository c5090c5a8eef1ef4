"""Looks at every byte of an index: checksums of all files, and whether they agree.

Searches don't: a million decisions are five gigabytes. What tantivy writes ends with a checksum of
its own, everything else has one in the last commit.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tantivy

from imr.engines.embedded import frequent, lists
from imr.engines.embedded.commit import Commit, opened
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.embedded.files import Extent, crc_of, read_checked
from imr.engines.embedded.index import SIGNATURE, generation_of, read_signature
from imr.engines.embedded.made import crc_told
from imr.engines.embedded.vectors import header_is_whole, header_size
from imr.engines.signature import check_readable
from imr.errors import ImrError

_MAGIC = 1337  # what tantivy writes last, after its footer's length
_SEGMENT = ("idx", "pos", "term", "store", "fast", "fieldnorm")


def verify(folder: Path) -> Iterator[str]:
    """One line a fault; none where the last commit is whole.

    Raises:
        IndexMissingError: there is no index; IndexMismatchError: another version built it.
    """
    signature = read_signature(folder)
    check_readable(signature, f"the index {folder}")
    generation = generation_of(folder)
    faults = [*_signed(folder), *_text(generation / "text"), *_made(generation)]
    yield from faults
    if faults:
        return  # tantivy would fall over what is damaged
    try:
        searcher, commit = opened(generation)
    except ImrError as error:
        yield str(error)
        return
    dimension = int(signature.model["dimension"]) if signature.model else 1
    files = [*_files(generation, commit, dimension)]
    yield from files
    if files:
        return
    try:
        yield from _agreement(EmbeddedEngine(generation, searcher, commit, signature), searcher)
    except ImrError as error:
        yield str(error)


def _signed(folder: Path) -> Iterator[str]:
    try:
        read_checked(folder / SIGNATURE)
    except ImrError as error:
        yield str(error)


def _files(generation: Path, commit: Commit, dimension: int) -> Iterator[str]:
    for name, extent in commit.files.items():
        path = _place(generation, name)
        vectors = name.endswith(".faiss")
        if vectors and path.exists() and not header_is_whole(path, dimension):
            yield f"{path}: its header is not the one that was written"
        yield from _checked(path, extent, header_size(dimension) if vectors else 0)


def _place(generation: Path, name: str) -> Path:
    vectors = name.startswith(("passages.", "facts."))
    return generation / ("vectors" if vectors else "columns") / name


def _checked(path: Path, extent: Extent, skip: int = 0) -> Iterator[str]:
    try:
        if crc_of(path, extent.size, skip) != extent.crc:
            yield f"{path}: its bytes are not those that were committed"
    except OSError as error:
        yield f"{path}: {error.strerror}"
    except ImrError as error:
        yield str(error)


def _made(generation: Path) -> Iterator[str]:
    """What was made of the rest, whose names tell the checksums."""
    vectors = generation / "vectors"
    for of in (
        lists.files(vectors, "passages"),
        lists.files(vectors, "facts"),
        frequent.files(generation / "columns"),
    ):
        for path in of.known().values():
            yield from _checked(path, Extent(path.stat().st_size, crc_told(path)))


def _text(folder: Path) -> Iterator[str]:
    """Segment files end with a footer, JSON with the CRC-32 of all before it, and its length.

    Of the lists of deletions beside a segment only the committed one counts: a load that was killed
    may have left another half written, which the next one clears away.
    """
    try:
        told = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        committed = [(s["segment_id"].replace("-", ""), s["deletes"]) for s in told["segments"]]
        names = [
            *(f"{segment}.{kind}" for segment, _ in committed for kind in _SEGMENT),
            *(f"{segment}.{deletes['opstamp']}.del" for segment, deletes in committed if deletes),
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"{folder / 'meta.json'}: can't be read ({error})"
        return
    for path in (folder / name for name in names):
        yield from _footed(path)


def _footed(path: Path) -> Iterator[str]:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, size - 8))
            length, magic = struct.unpack("<II", file.read(8))
            file.seek(max(0, size - 8 - length))
            told = json.loads(file.read(length))
        crc = int(told["crc"])
    except OSError as error:
        yield f"{path}: {error.strerror}"
        return
    except (ValueError, KeyError, struct.error, OverflowError):
        yield f"{path}: its footer is damaged"
        return
    if magic != _MAGIC:
        yield f"{path}: its last bytes are not tantivy's"
    yield from _checked(path, Extent(size - 8 - length, crc))


def _agreement(engine: EmbeddedEngine, searcher: tantivy.Searcher) -> Iterator[str]:
    """Text, columns and vectors speak of the same rows."""
    query = tantivy.Query.all_query()
    alive = np.flatnonzero(engine.alive)
    hits = searcher.search(
        query, limit=max(1, len(engine.alive)), count=False, order_by_field="row"
    ).hits
    told = np.sort(np.fromiter((row for row, _ in hits), np.int64, len(hits)))
    if not np.array_equal(told, alive):
        yield f"{len(told)} decisions have text, {len(alive)} have columns: they disagree"
    yield from engine.disagreements()
