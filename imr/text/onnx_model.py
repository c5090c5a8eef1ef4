"""Runs a model as ONNX on the CPU.

One text a run: int8 activations are scaled over the whole batch, so that the same letter would get
other vectors in other company (cosine .997). Several texts at once are several runs beside each
other, one core each, which takes at least a third less processor time than one run on all of them
(docs/performance.md); the values are the same. A query has one core, too: on two cores it is no
quicker, and a core that waits for the other one is missing where the search goes on beside it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imr import settings
from imr.text.embedding import Vectors, as_stored
from imr.text.model_files import ModelFiles
from imr.text.model_spec import ModelSpec

TEXTS_A_THREAD = 32
"""So many that a thread which is done early waits for a small part of its time only."""
QUERIES_KEPT = 500
"""Queries whose vectors are kept: some 1.5 KB each, and a text of a few hundred letters."""


class OnnxEmbedder:
    """See `imr.text.embedding.Embedder`."""

    def __init__(self, files: ModelFiles, threads: int = 0) -> None:
        """`threads` texts are embedded at once, by default one a core."""
        self.files = files
        self._threads = threads or len(os.sched_getaffinity(0))
        self._of_query = lru_cache(QUERIES_KEPT)(self._embedded)

    @property
    def spec(self) -> ModelSpec:
        """See Embedder."""
        return self.files.spec

    @property
    def at_once(self) -> int:
        """See Embedder."""
        return TEXTS_A_THREAD * self._threads

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizer = self._whole_tokenizer()
        tokenizer.enable_truncation(self.spec.max_tokens)
        return tokenizer

    @cached_property
    def _counter(self) -> Any:
        return self._whole_tokenizer()

    def _whole_tokenizer(self) -> Any:
        """The tokenizer without the limits and the padding that its file may set."""
        from tokenizers import Tokenizer  # noqa: PLC0415 - only where something is embedded

        tokenizer = Tokenizer.from_file(str(self.files.tokenizer))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _loaded(self) -> Any:
        """Any number of threads may run one session."""
        return self._session(1)

    def _session(self, cores: int) -> Any:
        settings.send_no_telemetry()
        import onnxruntime  # noqa: PLC0415 - a quarter of a second that keyword search needs not pay

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            str(self.files.model), options, providers=["CPUExecutionProvider"]
        )

    def count_tokens(self, text: str) -> int:
        """See Embedder."""
        return len(self._counter.encode(text, add_special_tokens=False).ids)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder; the same text has the same vector in any company."""
        vectors = np.empty((len(texts), self.spec.dimension), dtype=np.float32)
        if not texts:
            return vectors
        tokens, session = self._tokenizer, self._loaded  # loaded by this thread alone

        def run(row: int) -> None:
            encoded = tokens.encode(self.spec.passage_prefix + texts[row])
            vectors[row] = as_stored(self._pooled(session, encoded.ids))

        # the longest first, so that the threads end together
        rows = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        with ThreadPoolExecutor(min(self._threads, len(rows))) as threads:
            for _ in threads.map(run, rows):
                pass
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """See Embedder; the last queries' vectors are kept for the next page or filter."""
        return self._of_query(text)

    def _embedded(self, text: str) -> Vectors:
        encoded = self._tokenizer.encode(self.spec.query_prefix + text)
        vector = as_stored(self._pooled(self._loaded, encoded.ids))
        vector.flags.writeable = False
        return vector

    def finish(self) -> None:
        """See Embedder."""
        self.__dict__.pop("_loaded", None)

    def _pooled(self, session: Any, tokens: Sequence[int]) -> NDArray[np.float32]:
        ids = np.array([tokens], dtype=np.int64)
        given = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        wanted = {each.name for each in session.get_inputs()}
        (hidden,) = session.run(
            ["last_hidden_state"], {name: of for name, of in given.items() if name in wanted}
        )
        # without padding the mean over the mask is the mean over all
        pooled: NDArray[np.float32] = (
            hidden[0, 0] if self.spec.pooling == "cls" else hidden[0].mean(axis=0)
        )
        return pooled
