"""Embedders that stand in for the model where a test's question is not what it answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imr.text.embedding import Embedder, Vectors
from imr.text.model_spec import ModelSpec


class StandIn(Embedder):
    """Counts characters, and embeds each text as the same unit vector; notes what it is asked."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec
        self.asked: list[str] = []

    @property
    def spec(self) -> ModelSpec:
        return self._spec

    @property
    def at_once(self) -> int:
        return 4

    def count_tokens(self, text: str) -> int:
        return len(text) // 4

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        return unit(len(texts), self._spec.dimension)

    def embed_query(self, text: str) -> Vectors:  # noqa: ARG002 - every query is the same one
        vector: Vectors = unit(1, self._spec.dimension)[0]
        return vector

    def finish(self) -> None:
        """Nothing was held."""


def unit(count: int, dimension: int) -> Vectors:
    """So many times the vector along the first axis."""
    vectors = np.zeros((count, dimension), dtype=np.float32)
    vectors[:, 0] = 1.0
    return vectors
