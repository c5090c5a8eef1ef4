"""Text → unit vectors, whatever runs the model.

`imr.text.onnx_model` runs the default, `imr.text.torch_model` any other; `imr.text.model_choice`
tells which one a user means. Vectors are rounded to float16 at once: what is stored, sent and
compared is the same on every engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from imr.text.model_spec import ModelSpec

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """A model, loaded on first use."""

    @property
    def spec(self) -> ModelSpec:
        """What an index records of it."""
        ...

    @property
    def at_once(self) -> int:
        """How many texts a bulk load best hands over together; some seconds' work."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens of the model the text has, its end marks not counted."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimension), float16 values as float32."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Unit vector of a query, shape (dimension,); any number of threads may ask."""
        ...

    def finish(self) -> None:
        """A load is done: give back what only it needed."""


def as_stored(pooled: NDArray[np.floating]) -> Vectors:
    """Vectors (along the last axis) at unit length, with the values that float16 has."""
    unit = pooled / np.linalg.norm(pooled, axis=-1, keepdims=True)
    stored: Vectors = unit.astype(np.float16).astype(np.float32)
    return stored
