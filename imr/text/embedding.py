"""Text → unit vectors, by the pinned ONNX model.

One text a run: int8 activations are scaled over the whole batch, so that the same letter would get
other vectors in other company (cosine .997). Vectors are rounded to float16 at once: what is
stored, sent and compared is the same on every engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imr import settings
from imr.text.model_files import ModelFiles
from imr.text.vector_cache import VectorCache

Vectors = NDArray[np.float32]


class Embedder:
    """The model, loaded on first use; `threads` 0 means all cores.

    With a cache no passage is embedded twice.
    """

    def __init__(
        self, files: ModelFiles, threads: int = 0, cache: VectorCache | None = None
    ) -> None:
        self.files = files
        self.spec = files.spec
        self._threads = threads
        self._cache = cache

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer  # noqa: PLC0415 - only where something is embedded

        tokenizer = Tokenizer.from_file(str(self.files.tokenizer))
        # this model's tokenizer file sets no limit
        tokenizer.enable_truncation(self.spec.max_tokens)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _counter(self) -> Any:
        from tokenizers import Tokenizer  # noqa: PLC0415

        tokenizer = Tokenizer.from_file(str(self.files.tokenizer))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        settings.send_no_telemetry()
        import onnxruntime  # noqa: PLC0415 - a quarter of a second that keyword search needs not pay

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            str(self.files.model), options, providers=["CPUExecutionProvider"]
        )

    def count_tokens(self, text: str) -> int:
        """How many tokens of the model the text has, its two end marks not counted."""
        return len(self._counter.encode(text, add_special_tokens=False).ids)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimension), float16 values as float32."""
        known = self._cache.get(texts) if self._cache else {}
        made = {text: self._run(text) for text in dict.fromkeys(texts) if text not in known}
        if self._cache and made:
            self._cache.put(made.keys(), made.values())
        known |= made
        vectors = np.empty((len(texts), self.spec.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = known[text]
        return vectors

    def finish(self) -> None:
        """Let the cache keep what was made."""
        if self._cache:
            self._cache.flush()

    def embed_query(self, text: str) -> Vectors:
        """Unit vector of a query, shape (dimension,)."""
        vector: Vectors = self._run(self.spec.query_prefix + text)
        return vector

    def _run(self, text: str) -> Vectors:
        encoded = self._tokenizer.encode(text)
        ids = np.array([encoded.ids], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        (hidden,) = self._session.run(["last_hidden_state"], inputs)
        pooled = hidden[0, 0]  # CLS
        unit = pooled / np.linalg.norm(pooled)
        return unit.astype(np.float16).astype(np.float32)  # type: ignore[no-any-return]
