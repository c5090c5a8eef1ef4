"""An index that lasts as long as an evaluation; what was embedded once is not embedded again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from imr import settings
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.embedded.index import EmbeddedIndex
from imr.engines.embedded.writer import EmbeddedWriter
from imr.engines.signature import current
from imr.model import Determination
from imr.text import model_choice
from imr.text.embedding import Embedder
from imr.text.vector_cache import RememberingEmbedder
from indexer import pipeline


def caching_embedder(say: Callable[[str], None] = lambda _: None) -> Embedder:
    """The model, with a cache of vectors beside its files."""
    env = settings.load()
    model = model_choice.fetched(env, say)
    return RememberingEmbedder(model, env.cache / "vectors", env.vector_cache_bytes, say)


@contextmanager
def index_of(
    letters: Iterable[Determination],
    embedder: Embedder | None,
    progress: Callable[[], None] = lambda: None,
) -> Iterator[EmbeddedEngine]:
    """An index of these letters in a temporary folder, with vectors where there is a model."""
    with tempfile.TemporaryDirectory(prefix="imr-evaluation-") as folder:
        place = Path(folder) / "index"
        with EmbeddedWriter(place, current(embedder.spec if embedder else None)) as writer:
            pipeline.load(letters, writer, embedder, pipeline.LoadReport(), progress)
        if embedder is not None:
            embedder.finish()
        yield EmbeddedIndex(place).current()
