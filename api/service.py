"""What the app holds open: one index and one model."""

from __future__ import annotations

import threading
from typing import Annotated

from fastapi import Depends, Request

from imr.engines.open import Place, open_index
from imr.engines.originals import open_originals
from imr.engines.protocol import Engine, Index
from imr.letters.pool import Pool
from imr.model import Determination
from imr.search.suggest import Suggester
from imr.text.embedding import Embedder

SENT = "the letter sent"
"""What a letter that was sent is called in messages about it."""


class Service:
    """Opens the index at the first request, so that the service may start before the first load."""

    def __init__(self, place: Place, embedder: Embedder | None) -> None:
        self.place = place
        self.embedder = embedder
        self.suggest = Suggester()
        self.originals = open_originals(place)
        self._index: Index | None = None
        self._opening = threading.Lock()
        self._pool: Pool | None = None

    def engine(self) -> Engine:
        """The newest commit.

        Raises:
            ImrError: there is no index, it was built otherwise, or the cluster is out of reach.
        """
        with self._opening:
            if self._index is None:
                self._index = open_index(self.place)
            return self._index.current()

    def read(self, letter: bytes) -> Determination:
        """The record of a letter that was sent, read in a process with limits.

        Raises:
            LetterError: it is no letter, or went beyond the limits.
        """
        with self._opening:
            if self._pool is None:
                self._pool = Pool()
        return self._pool.parse_one(letter, SENT)

    def close(self) -> None:
        """End the processes that read letters."""
        with self._opening:
            if self._pool is not None:
                self._pool.close()
            self._pool = None


def serving(request: Request) -> Service:
    """The app's one piece of state."""
    state: Service = request.app.state.service
    return state


Serving = Annotated[Service, Depends(serving)]
