"""Vectors of passages or facts: an append-only file of float16 values and lists to find in it.

`NAME.faiss` is a faiss scalar-quantizer index of float16 values: its header, then the vectors.
Vectors are appended and fsynced first, then the two counts in the header are raised; readers look
at the vectors of the last commit only. `NAME.rows` (uint32, ascending) says whose each vector is,
`NAME.spans` (two uint32) which piece of the letter's text it stands for.

Few vectors are compared one by one. Of many, a file of lists (see `lists`) finds those
worth comparing among the first COUNT, and what was added since is compared one by one; scores are
always those of the float16 values.
"""

from __future__ import annotations

import os
import struct
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from imr.engines.embedded import lists
from imr.engines.embedded.columns import Mask, Rows
from imr.engines.embedded.files import EMPTY, Appended, Extents, damaged, mapped
from imr.engines.embedded.lists import Lists
from imr.engines.protocol import SCORE_DIGITS
from imr.model import Span
from imr.text.embedding import Vectors

_TOTAL_AT = 8  # byte offset of the header's vector count; the codes' size is its last 8 bytes
ONE_BY_ONE = 8_000
"""So few allowed vectors are fetched and compared without a search."""


def _header(dimension: int) -> bytes:
    """What faiss writes for an empty index of this kind."""
    empty = faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    empty.is_trained = True
    return bytes(faiss.serialize_index(empty).tobytes())


def header_size(dimension: int) -> int:
    """How many bytes stand before the vectors of a file."""
    return len(_header(dimension))


def header_is_whole(path: Path, dimension: int) -> bool:
    """Whether the header is what the writer wrote, whichever count it was last raised to."""
    wanted = bytearray(_header(dimension))
    with path.open("rb") as file:
        found = file.read(len(wanted))
    if len(found) < len(wanted):
        return False
    (count,) = struct.unpack_from("<q", found, _TOTAL_AT)
    struct.pack_into("<q", wanted, _TOTAL_AT, count)
    # faiss counts the codes' bytes again where the codes begin; torn counts can't be read
    struct.pack_into("<q", wanted, len(wanted) - 8, count * 2 * dimension)
    behind = path.stat().st_size - len(wanted)
    return found == bytes(wanted) and count * 2 * dimension <= behind


class StoredVectors:
    """The first `count` vectors, read-only."""

    def __init__(self, folder: Path, name: str, count: int, files: Extents) -> None:
        self.count = count
        rows, spans = f"{name}.rows", f"{name}.spans"
        self._row_of = mapped(folder / rows, np.uint32, files.get(rows, EMPTY))
        self._spans = mapped(folder / spans, np.uint32, files.get(spans, EMPTY)).reshape(-1, 2)
        self._index: Any = None
        if count:
            path = folder / f"{name}.faiss"
            try:
                self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
            except RuntimeError as error:
                raise damaged(path, str(error).strip().splitlines()[-1]) from error
            self._index.ntotal = count
        self._lists = Lists.find(folder, name, count)

    @cached_property
    def _tail(self) -> Any:
        """The vectors that no list holds, in memory."""
        first = self._lists.count if self._lists else 0
        index = faiss.IndexScalarQuantizer(
            self._index.d, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        index.is_trained = True
        if first < self.count:
            index.add(self._index.reconstruct_n(first, self.count - first))
        return index

    def nearest(
        self, vector: Vectors, allowed: Mask | None, limit: int
    ) -> list[tuple[int, float, Span]]:
        """(row, score, passage) of the `limit` nearest rows, each by its best passage, best first.

        `allowed` are the rows to look among, None for all. Scores are rounded inner products, and
        all rows that tie with the last are given: more passages than rows are asked for until
        enough rows are found and the tie is whole.
        """
        if not self.count:
            return []
        open_to = None if allowed is None else allowed[self._row_of]
        available = self.count if open_to is None else int(np.count_nonzero(open_to))
        query = np.ascontiguousarray(vector[np.newaxis], dtype=np.float32)
        wanted = min(available, limit + limit // 2 + 50)
        while available:
            if available <= ONE_BY_ONE and open_to is not None:
                places, wanted = np.flatnonzero(open_to), available
            else:
                places = self._near(query, open_to, wanted, available)
            best = self._best(query[0], places, limit)
            whole = wanted >= available
            if whole or (len(best) > limit and best[-1][1] < best[limit - 1][1]):
                least = best[limit - 1][1] if len(best) > limit else -np.inf
                return [found for found in best if found[1] >= least]
            wanted = min(available, 2 * wanted)
        return []

    def _near(self, query: Vectors, open_to: Mask | None, wanted: int, available: int) -> Rows:
        """The places of about the `wanted` nearest vectors, in no order."""
        if self._lists is None:
            return _search(self._index, query, open_to, wanted)
        listed = self._lists.count
        near = self._lists.nearest(
            query, None if open_to is None else open_to[:listed], wanted, available
        )
        if listed == self.count:
            return near
        tail = _search(self._tail, query, None if open_to is None else open_to[listed:], wanted)
        return np.concatenate([near, tail + listed])

    def _best(self, query: Vectors, places: Rows, limit: int) -> list[tuple[int, float, Span]]:
        """The `limit` best rows of these places by their exact scores, all ties, and one behind."""
        places = np.sort(places)
        # not by `@`, whose threads may wait busily behind so small a product
        compared = np.vecdot(self._index.reconstruct_batch(places), query)
        scores = np.round(compared.astype(np.float64), SCORE_DIGITS)
        order = np.lexsort((places, -scores))
        kept = places[order]
        rows = self._row_of[kept]
        _, firsts = np.unique(rows, return_index=True)
        firsts.sort()
        if len(firsts) > limit:
            lower = np.searchsorted(
                -scores[order][firsts], -scores[order][firsts[limit - 1]], "right"
            )
            firsts = firsts[: lower + 1]
        spans = self._spans[kept[firsts]].tolist() if len(self._spans) else [(0, 0)] * len(firsts)
        return [
            (row, score, (start, end))
            for row, score, (start, end) in zip(
                rows[firsts].tolist(), scores[order][firsts].tolist(), spans, strict=True
            )
        ]

    def rows(self) -> Rows:
        """Whose each vector is."""
        return self._row_of.astype(np.int64)

    def of_row(self, row: int) -> tuple[tuple[Span, ...], Vectors]:
        """A row's passages and their vectors, in order."""
        # of the column's own type: with another one the whole column would be converted
        asked = np.array([row, row + 1], dtype=self._row_of.dtype)
        first, last = self._row_of.searchsorted(asked).tolist()
        if first == last:
            return (), np.empty((0, 0), dtype=np.float32)
        spans = tuple((int(start), int(end)) for start, end in self._spans[first:last])
        return spans, self._index.reconstruct_n(first, last - first)


def _search(index: Any, query: Vectors, open_to: Mask | None, wanted: int) -> Rows:
    """The places of the nearest vectors, all compared."""
    if not index.ntotal:
        return np.empty(0, dtype=np.int64)
    faiss.omp_set_num_threads(1)  # see Lists.nearest
    parameters = None
    if open_to is not None:
        bitmap = np.packbits(open_to, bitorder="little")
        # faiss adds these keywords at run time; its types don't know them
        selector = faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg,arg-type]
        parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
    _, (places,) = index.search(query, min(wanted, index.ntotal), params=parameters)
    found: Rows = places[places >= 0]
    return found


class VectorWriter:
    """Appends vectors behind the first `count`. Call `flush` before the commit."""

    def __init__(self, folder: Path, name: str, count: int, dimension: int, files: Extents) -> None:
        self._folder, self._name = folder, name
        self._path = folder / f"{name}.faiss"
        self._header = _header(dimension)
        self._size = 2 * dimension  # bytes a vector
        self.count = count
        lists.files(folder, name).drop_beyond(count)
        if not self._path.exists():
            self._path.write_bytes(self._header)
        # counts first: a header that promises more than the file holds can't be read
        self._write_counts(count)
        skip = len(self._header)
        self.files = {
            file: Appended(folder / file, files.get(file, EMPTY), skip if at == 0 else 0)
            for at, file in enumerate((f"{name}.faiss", f"{name}.rows", f"{name}.spans"))
        }
        self._pending: tuple[list[bytes], list[int], list[Span]] = ([], [], [])

    def append(self, row: int, vectors: Vectors, spans: tuple[Span, ...]) -> None:
        """The next row's vectors and what each stands for."""
        codes, rows, all_spans = self._pending
        codes.append(vectors.astype(np.float16).tobytes())
        rows.extend([row] * len(spans))
        all_spans.extend(spans)
        self.count += len(spans)

    def flush(self) -> None:
        """Write and fsync what was appended, then raise the header's counts."""
        codes, rows, spans = self._pending
        for file, data in zip(
            self.files.values(),
            (
                b"".join(codes),
                np.array(rows, dtype=np.uint32).tobytes(),
                np.array(spans, dtype=np.uint32).tobytes(),
            ),
            strict=True,
        ):
            file.append(data)
        self._write_counts(self.count)
        self._pending = ([], [], [])

    def build_lists(self) -> None:
        """Put the flushed vectors into lists, where so many are in none that it pays."""
        known = Lists.find(self._folder, self._name, self.count)
        if Lists.pay(self.count, known.count if known else 0):
            index: Any = faiss.read_index(str(self._path), faiss.IO_FLAG_MMAP_IFC)
            Lists.build(self._folder, self._name, index)

    def _write_counts(self, count: int) -> None:
        header = bytearray(self._header)
        struct.pack_into("<q", header, _TOTAL_AT, count)
        struct.pack_into("<q", header, len(header) - 8, count * self._size)
        with self._path.open("r+b", buffering=0) as file:
            # in one write: a header whose counts disagree can't be read
            file.write(header)
            os.fsync(file.fileno())
