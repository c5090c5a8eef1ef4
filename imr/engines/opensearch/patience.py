"""How long a load waits for a cluster that is busy or has lost a node."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from imr.errors import EngineUnreachableError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits that double from `first` up to `longest`, `whole` in all; in seconds."""

    whole: float = 300
    first: float = 0.5
    longest: float = 20

    def waits(self) -> Iterator[float]:
        """The waits; up to a quarter less each, so that several loads don't come back at once."""
        wait, waited = self.first, 0.0
        while waited < self.whole:
            shorter = wait * (1 - random.random() / 4)  # noqa: S311 - no secret
            yield shorter
            waited += shorter
            wait = min(2 * wait, self.longest)

    def over(self, call: Callable[[], T]) -> T:
        """The call's result, tried again while the cluster is busy or out of reach."""
        for wait in self.waits():
            try:
                return call()
            except EngineUnreachableError:
                time.sleep(wait)
        return call()
