"""Lists of near vectors, so that a search need not compare all: faiss' inverted file over SQ8.

Measured at 1.1 M vectors of 384 dimensions on two cores: comparing all takes 82 ms, the lists of a
sixteenth 6 ms, and the 200 nearest are the same. Under a filter that leaves few vectors the nearest
lie in more lists, so more are looked into, up to all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np

from imr.engines.embedded.columns import Mask, Rows
from imr.engines.embedded.made import Made
from imr.text.embedding import Vectors

LEAST = 20_000
"""Vectors below which all are compared."""
TAIL = 50_000
"""Vectors in no list at which the lists are made anew."""
SHARE = 16
"""One in so many lists is looked into where nothing is filtered."""
LOOKED_AT, LOOKED_AT_UNDER_FILTERS = 30_000, 60_000
"""About so many vectors are compared at least: those that a filter leaves lie in more lists."""
_TRAINED_ON, _ROUNDS = 20, 5  # vectors a list; twice either takes four times as long for nothing
_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Lists:
    """The first `count` vectors by lists, mapped."""

    count: int
    index: Any

    @classmethod
    def find(cls, folder: Path, name: str, count: int) -> Self | None:
        """The newest lists that hold none but the first `count` vectors."""
        found = files(folder, name).newest(count, _read)
        return cls(*found) if found else None

    @staticmethod
    def pay(count: int, listed: int) -> bool:
        """Whether lists should be made of `count` vectors of which `listed` are in some."""
        return count >= LEAST and (not listed or count - listed >= TAIL)

    @staticmethod
    def build(folder: Path, name: str, vectors: Any) -> None:
        """Make lists of all vectors of a faiss index; the same vectors make the same lists."""
        faiss.omp_set_num_threads(len(os.sched_getaffinity(0)))
        count, dimension = vectors.ntotal, vectors.d
        lists = _number(count)
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dimension), dimension, lists,
            faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False,  # noqa: FBT003
        )  # fmt: skip
        index.cp.niter, index.cp.min_points_per_centroid = _ROUNDS, _TRAINED_ON
        sample = np.random.default_rng(0).choice(
            count, min(count, _TRAINED_ON * lists), replace=False
        )
        index.train(vectors.reconstruct_batch(np.sort(sample)))
        for first in range(0, count, _AT_ONCE):
            index.add(vectors.reconstruct_n(first, min(_AT_ONCE, count - first)))
        files(folder, name).put(count, lambda path: faiss.write_index(index, str(path)))

    def nearest(self, query: Vectors, open_to: Mask | None, wanted: int, available: int) -> Rows:
        """The places of about the `wanted` nearest of `available` vectors, in no order.

        On one core: faiss' threads would wait for each other busily, and take the core that the
        keyword leg and the counts run on.
        """
        faiss.omp_set_num_threads(1)
        compared, selector = LOOKED_AT, None
        if open_to is not None:
            bitmap = np.packbits(open_to, bitorder="little")
            selector = faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg,arg-type]
            compared = LOOKED_AT_UNDER_FILTERS
        # many wanted lie in many lists, too
        compared = max(compared, available // SHARE, 2 * wanted)
        looked_into = -(-self.index.nlist * compared // available)
        parameters = faiss.SearchParametersIVF(
            nprobe=min(self.index.nlist, looked_into), sel=selector
        )  # type: ignore[call-arg]
        _, (places,) = self.index.search(query, min(wanted, self.count), params=parameters)
        found: Rows = places[places >= 0]
        return found


def _number(count: int) -> int:
    """How many lists: about twice the root, as a power of two."""
    return int(2 ** np.round(np.log2(2 * np.sqrt(count))))


def files(folder: Path, name: str) -> Made:
    """The files of lists, made of the vectors of that name."""
    return Made(folder, f"{name}.lists", "faiss")


def _read(path: Path) -> Any:
    index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
    # of its own it reads the lists ahead with 32 threads, all 400 MB where many are looked into
    of_disk: Any = faiss.downcast_InvertedLists(index.invlists)
    of_disk.prefetch_nthread = 0
    return index
