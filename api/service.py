"""What the app holds open: one index and one model."""

from __future__ import annotations

import threading
from typing import Annotated

from fastapi import Depends, Request

from imr.engines.open import Place, open_index
from imr.engines.originals import open_originals
from imr.engines.protocol import Engine, Index
from imr.search.suggest import Suggester
from imr.text.embedding import Embedder


class Service:
    """Opens the index at the first request, so that the service may start before the first load."""

    def __init__(self, place: Place, embedder: Embedder | None) -> None:
        self.place = place
        self.embedder = embedder
        self.suggest = Suggester()
        self.originals = open_originals(place)
        self._index: Index | None = None
        self._opening = threading.Lock()

    def engine(self) -> Engine:
        """The newest commit.

        Raises:
            ImrError: there is no index, it was built otherwise, or the cluster is out of reach.
        """
        with self._opening:
            if self._index is None:
                self._index = open_index(self.place)
            return self._index.current()


def serving(request: Request) -> Service:
    """The app's one piece of state."""
    state: Service = request.app.state.service
    return state


Serving = Annotated[Service, Depends(serving)]
