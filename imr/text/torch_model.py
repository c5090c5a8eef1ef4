"""Runs any model of sentence-transformers, on the CPU or an accelerator; the extra `torch`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from imr import settings as environment
from imr.errors import BadSettingError, ModelMissingError, ModelUnusableError
from imr.settings import Settings
from imr.text.embedding import Vectors, as_stored
from imr.text.model_folder import digest, prompt, weights
from imr.text.model_spec import ModelSpec

PRECISIONS = ("float32", "float16", "bfloat16")


class TorchEmbedder:
    """See `imr.text.embedding.Embedder`; `folder` holds the model, `name` is what it is called.

    Texts are run in batches: at full precision a text's vector is the same in any company but for
    the last digit of float16.
    """

    def __init__(self, folder: Path, name: str, settings: Settings) -> None:
        """Nothing is loaded yet.

        Raises:
            ModelMissingError: sentence-transformers is not installed.
        """
        if find_spec("sentence_transformers") is None:
            raise ModelMissingError(
                f"the model {name} needs sentence-transformers: pip install imr-precedents[torch]"
            )
        if settings.torch_precision not in PRECISIONS:
            raise BadSettingError(
                f"IMR_TORCH_PRECISION is {settings.torch_precision!r}: choose "
                f"{', '.join(PRECISIONS)}"
            )
        self._folder, self._name = folder, name
        self._batch, self._precision = settings.torch_batch, settings.torch_precision
        self._loaded: Any = None
        # a tokenizer may not be used by two threads at once
        self._one_by_one = threading.RLock()

    @property
    def _model(self) -> Any:
        with self._one_by_one:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        environment.set_hub_patience()
        import torch  # noqa: PLC0415 - takes seconds
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

        disable_progress_bar()
        try:
            return SentenceTransformer(
                str(self._folder), local_files_only=True, trust_remote_code=False,
                model_kwargs={"dtype": getattr(torch, self._precision)},
            )  # fmt: skip
        except Exception as error:
            raise ModelUnusableError(
                f"{self._folder}: sentence-transformers can't load it: {error}"
            ) from error

    @cached_property
    def spec(self) -> ModelSpec:
        """See Embedder; as sentence-transformers understands the model."""
        model = self._model
        prompts = model.prompts or {}
        kinds = [each.pooling_mode for each in model if hasattr(each, "pooling_mode")]
        return ModelSpec(
            name=self._name,
            dimension=model.get_embedding_dimension(),
            max_tokens=model.max_seq_length,
            pooling="+".join(k if isinstance(k, str) else ",".join(k) for k in kinds),
            query_prefix=prompt(prompts, "query"),
            passage_prefix=prompt(prompts, "document", "passage", "corpus"),
            model_sha256=digest(self._folder, weights(self._folder)),
        )

    @property
    def at_once(self) -> int:
        """See Embedder; a batch is filled with texts of about one length."""
        return 2 * self._batch

    def count_tokens(self, text: str) -> int:
        """See Embedder."""
        with self._one_by_one:
            found = self._model.tokenizer(
                text, add_special_tokens=False, truncation=False, verbose=False
            )
        return len(found["input_ids"])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        if not texts:
            return np.empty((0, self.spec.dimension), dtype=np.float32)
        return self._run(self._model.encode_document, list(texts))

    def embed_query(self, text: str) -> Vectors:
        """See Embedder."""
        vector: Vectors = self._run(self._model.encode_query, [text])[0]
        return vector

    def _run(self, encode: Any, texts: list[str]) -> Vectors:
        with self._one_by_one:
            made = encode(texts, batch_size=self._batch, show_progress_bar=False)
        return as_stored(made.astype(np.float32))

    def finish(self) -> None:
        """See Embedder."""
