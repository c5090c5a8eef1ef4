"""What is to be known of an embedding model before its vectors can be used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model and how it is used.

    `dimension` is that of its vectors, `max_tokens` the longest text it reads, end marks included.
    `pooling` says how the vectors of tokens become one: cls or mean (any other that
    sentence-transformers knows, where it runs the model). The prefixes go before what is embedded.
    `model_sha256` is that of the file with the weights; where several files decide what the
    vectors are, that of their list (`imr.text.model_folder.digest`).
    """

    name: str
    dimension: int
    max_tokens: int
    pooling: str
    query_prefix: str
    model_sha256: str
    passage_prefix: str = ""

    @property
    def signature(self) -> dict[str, object]:
        """What an index records of the model that made its vectors."""
        return {
            "name": self.name,
            "sha256": self.model_sha256,
            "dimension": self.dimension,
            "pooling": self.pooling,
            "query_prefix": self.query_prefix,
            "passage_prefix": self.passage_prefix,
        }
