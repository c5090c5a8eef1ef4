"""Vectors that were made once, by their text, so that a rebuild embeds nothing twice.

One SQLite file a model in the cache folder. What is made is written at once: a killed load loses
only what it was at. Several processes may use the file at once. It holds a bounded number of
vectors; the oldest give way. No trouble with it ends a load: a damaged file is set aside, and
where nothing can be written nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from imr.text.embedding import Embedder, Vectors
from imr.text.model_spec import ModelSpec

ASKED_AT_ONCE = 500
"""Texts looked up by one statement."""
PATIENCE = 60.0
"""Seconds that another process may hold the file."""
ROW_BYTES = 150
"""What a row takes beside its vector: key, index, the room left in pages."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS vectors"
    " (made INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE, vector BLOB NOT NULL)"
)
T = TypeVar("T")
Say = Callable[[str], None]


class VectorCache:
    """The vectors of one model; texts are known by their SHA-256."""

    def __init__(
        self, folder: Path, spec: ModelSpec, most_bytes: int, say: Say = lambda _: None
    ) -> None:
        """`most_bytes` is about how large the file may grow; `say` is told what goes wrong."""
        sets_apart = spec.signature | {"max_tokens": spec.max_tokens}
        named = json.dumps(sets_apart, sort_keys=True).encode()
        self.path = folder / f"vectors-{hashlib.sha256(named).hexdigest()[:12]}.sqlite"
        self._dimension = spec.dimension
        self._most = max(1, most_bytes // (2 * spec.dimension + ROW_BYTES))
        self._say = say
        self._works = True

    def get(self, texts: Iterable[str]) -> dict[str, Vectors]:
        """The vectors of those texts that are known."""
        keys = {_key(text): text for text in texts}
        nothing: dict[bytes, bytes] = {}
        found = self._tried(lambda file: _rows(file, list(keys)), nothing)
        vectors = {keys[key]: self._vector(stored) for key, stored in found.items()}
        return {text: vector for text, vector in vectors.items() if vector is not None}

    def _vector(self, stored: bytes) -> Vectors | None:
        """None where it is none: SQLite notices damage to its pages, not to what stands in them."""
        if len(stored) != 2 * self._dimension:
            return None
        vector = np.frombuffer(stored, dtype=np.float16).astype(np.float32)
        return vector if abs(float(np.linalg.norm(vector)) - 1) < 0.01 else None

    def put(self, texts: Iterable[str], vectors: Iterable[Vectors]) -> None:
        """Keep vectors, whose values are float16 ones."""
        rows = [
            (_key(text), vector.astype(np.float16).tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]

        def write(file: sqlite3.Connection) -> None:
            file.executemany("INSERT OR REPLACE INTO vectors (text, vector) VALUES (?, ?)", rows)
            file.execute(
                "DELETE FROM vectors WHERE made <= (SELECT max(made) FROM vectors) - ?",
                [self._most],
            )

        self._tried(write, None)

    def _tried(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """The work's result; a damaged file gives way to an empty one."""
        for again in (True, False):
            if not self._works:
                break
            try:
                with closing(self._open()) as file, file:
                    return work(file)
            except sqlite3.OperationalError as error:  # locked, full, not to be written
                self._give_up(str(error))
            except sqlite3.DatabaseError as error:
                if again:
                    self._set_aside(str(error))
                else:
                    self._give_up(str(error))
            except OSError as error:
                self._give_up(error.strerror or str(error))
        return otherwise

    def _open(self) -> sqlite3.Connection:
        new = not self.path.exists()
        if new:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        file = sqlite3.connect(self.path, timeout=PATIENCE)
        try:
            if new:
                with suppress(sqlite3.OperationalError):  # another process is about it
                    file.execute("PRAGMA journal_mode=WAL")
            # after a power cut the last vectors may be missing, never wrong
            file.execute("PRAGMA synchronous=NORMAL")
            file.execute(_TABLE)
        except BaseException:
            file.close()
            raise
        return file

    def _set_aside(self, why: str) -> None:
        aside = self.path.with_name(f"{self.path.name}.damaged")
        try:
            for tail in ("-wal", "-shm"):
                self.path.with_name(f"{self.path.name}{tail}").unlink(missing_ok=True)
            self.path.replace(aside)
        except FileNotFoundError:  # another process did it
            return
        self._say(f"the vectors kept in {self.path} are damaged ({why}): set aside as {aside.name}")

    def _give_up(self, why: str) -> None:
        self._works = False
        self._say(f"vectors are not kept: {self.path}: {why}")


class RememberingEmbedder:
    """An embedder that asks another only for passages it has never seen. Queries are not kept."""

    def __init__(
        self, embedder: Embedder, folder: Path, most_bytes: int, say: Say = lambda _: None
    ) -> None:
        self._embedder = embedder
        self.cache = VectorCache(folder, embedder.spec, most_bytes, say)

    @property
    def spec(self) -> ModelSpec:
        """See Embedder."""
        return self._embedder.spec

    @property
    def at_once(self) -> int:
        """See Embedder."""
        return self._embedder.at_once

    def count_tokens(self, text: str) -> int:
        """See Embedder."""
        return self._embedder.count_tokens(text)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        known = self.cache.get(texts)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            made = self._embedder.embed(new)
            self.cache.put(new, made)
            known |= zip(new, made, strict=True)
        vectors = np.empty((len(texts), self.spec.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = known[text]
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """See Embedder."""
        return self._embedder.embed_query(text)

    def finish(self) -> None:
        """See Embedder."""
        self._embedder.finish()


def _rows(file: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for start in range(0, len(keys), ASKED_AT_ONCE):
        several = keys[start : start + ASKED_AT_ONCE]
        marks = ",".join("?" * len(several))
        found.update(
            file.execute(
                f"SELECT text, vector FROM vectors WHERE text IN ({marks})",  # noqa: S608 - marks only
                several,
            )
        )
    return found


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
