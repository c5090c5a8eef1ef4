"""The passages' vectors: one append-only file that faiss maps and scans exactly under a bitmap.

The file is a faiss scalar-quantizer index of float16 values: its header, then the vectors. Vectors
are appended and fsynced first, then the two counts in the header are raised; readers look at the
vectors of the last commit only. `passages.rows` (uint32) says whose each vector is,
`passages.spans` (two uint32) which piece of the letter's text it stands for.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from imr.engines.embedded.columns import Mask, append_bytes, cut, mapped
from imr.engines.protocol import SCORE_DIGITS
from imr.model import Span
from imr.text.embedding import Vectors

_TOTAL_AT = 8  # byte offset of the header's vector count; the codes' size is its last 8 bytes


def _header(dimension: int) -> bytes:
    """What faiss writes for an empty index of this kind."""
    empty = faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    empty.is_trained = True
    return bytes(faiss.serialize_index(empty).tobytes())


class PassageVectors:
    """The first `count` vectors, read-only."""

    def __init__(self, folder: Path, count: int) -> None:
        self.count = count
        self._rows = mapped(folder / "passages.rows", np.uint32, count).astype(np.int64)
        self._spans = mapped(folder / "passages.spans", np.uint32, 2 * count).reshape(-1, 2)
        self._index: Any = None
        if count:
            path = str(folder / "passages.faiss")
            self._index = faiss.read_index(path, faiss.IO_FLAG_MMAP_IFC)
            self._index.ntotal = count

    def nearest(self, vector: Vectors, allowed: Mask, limit: int) -> list[tuple[int, float, Span]]:
        """(row, score, passage) of the `limit` nearest allowed rows, each by its best passage.

        Scores are rounded inner products, and all rows that tie with the last are given. More
        passages than rows are asked for until enough rows are found and the tie is whole.
        """
        open_to = allowed[self._rows] if self.count else np.zeros(0, dtype=np.bool_)
        available = int(np.count_nonzero(open_to))
        if not available:
            return []
        bitmap = np.packbits(open_to, bitorder="little")
        parameters = _selecting(bitmap)
        query = np.ascontiguousarray(vector[np.newaxis], dtype=np.float32)
        wanted = min(available, 2 * limit)
        while True:
            scores, places = self._index.search(query, wanted, params=parameters)
            best = self._best(scores[0], places[0])
            whole = wanted >= available
            if whole or (len(best) > limit and best[-1][1] < best[limit - 1][1]):
                cut = best[limit - 1][1] if len(best) > limit else -1.0
                return [found for found in best if found[1] >= cut]
            wanted = min(available, 2 * wanted)

    def of_row(self, row: int) -> tuple[tuple[Span, ...], Vectors]:
        """A row's passages and their vectors, in order."""
        first, last = np.searchsorted(self._rows, [row, row + 1]).tolist()
        spans = tuple((int(start), int(end)) for start, end in self._spans[first:last])
        if first == last:
            return (), np.empty((0, 0), dtype=np.float32)
        return spans, self._index.reconstruct_n(first, last - first)

    def _best(
        self, scores: NDArray[np.float32], places: NDArray[np.int64]
    ) -> list[tuple[int, float, Span]]:
        best: dict[int, tuple[float, Span]] = {}
        for score, place in zip(scores.tolist(), places.tolist(), strict=True):
            row = int(self._rows[place])
            if row not in best:
                start, end = self._spans[place].tolist()
                best[row] = (round(score, SCORE_DIGITS), (start, end))
        return [(row, score, span) for row, (score, span) in best.items()]


def _selecting(bitmap: NDArray[np.uint8]) -> Any:
    """Search parameters that look at the bitmap's vectors only."""
    # faiss adds these keywords at run time; its types don't know them
    selector = faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg,arg-type]
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]


class VectorWriter:
    """Appends vectors behind the first `count`. Call `flush` before the commit."""

    def __init__(self, folder: Path, count: int, dimension: int) -> None:
        self._path = folder / "passages.faiss"
        self._rows_path, self._spans_path = folder / "passages.rows", folder / "passages.spans"
        self._header = _header(dimension)
        self._size = 2 * dimension  # bytes a vector
        self.count = count
        if not self._path.exists():
            self._path.write_bytes(self._header)
        # counts first: a header that promises more than the file holds can't be read
        self._write_counts(count)
        cut(self._path, len(self._header) + count * self._size)
        cut(self._rows_path, count * 4)
        cut(self._spans_path, count * 8)
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
        append_bytes(self._path, b"".join(codes))
        append_bytes(self._rows_path, np.array(rows, dtype=np.uint32).tobytes())
        append_bytes(self._spans_path, np.array(spans, dtype=np.uint32).tobytes())
        self._write_counts(self.count)
        self._pending = ([], [], [])

    def _write_counts(self, count: int) -> None:
        header = bytearray(self._header)
        struct.pack_into("<q", header, _TOTAL_AT, count)
        struct.pack_into("<q", header, len(header) - 8, count * self._size)
        with self._path.open("r+b", buffering=0) as file:
            # in one write: a header whose counts disagree can't be read
            file.write(header)
            os.fsync(file.fileno())
