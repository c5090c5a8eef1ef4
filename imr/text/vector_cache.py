"""Vectors that were made once, by their text, so that a rebuild embeds nothing twice.

One SQLite file a model in the cache folder. Several processes may use it at once; one that is
killed loses what it had not yet written, which is then embedded again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WRITE_EVERY = 500
"""Vectors held before they are written."""


class VectorCache:
    """The vectors of one model; texts are known by their SHA-256."""

    def __init__(self, folder: Path, model: dict[str, object]) -> None:
        named = json.dumps(model, sort_keys=True).encode()
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"vectors-{hashlib.sha256(named).hexdigest()[:12]}.sqlite"
        self._pending: dict[bytes, bytes] = {}
        with closing(self._open()) as file, file:
            file.execute("PRAGMA journal_mode=WAL")
            file.execute(
                "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB NOT NULL) "
                "WITHOUT ROWID"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=60)

    def get(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those texts that are known."""
        keys = {_key(text): text for text in texts}
        found = {key: self._pending[key] for key in keys if key in self._pending}
        asked = [key for key in keys if key not in found]
        with closing(self._open()) as file:
            for start in range(0, len(asked), WRITE_EVERY):
                several = asked[start : start + WRITE_EVERY]
                marks = ",".join("?" * len(several))
                rows = file.execute(
                    f"SELECT text, vector FROM vectors WHERE text IN ({marks})",  # noqa: S608 - marks only
                    several,
                )
                found.update(rows)
        return {
            keys[key]: np.frombuffer(vector, dtype=np.float16).astype(np.float32)
            for key, vector in found.items()
        }

    def put(self, texts: Iterable[str], vectors: Iterable[NDArray[np.float32]]) -> None:
        """Remember vectors, whose values are float16 ones."""
        for text, vector in zip(texts, vectors, strict=True):
            self._pending[_key(text)] = vector.astype(np.float16).tobytes()
        if len(self._pending) >= WRITE_EVERY:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if self._pending:
            with closing(self._open()) as file, file:
                file.executemany(
                    "INSERT OR IGNORE INTO vectors VALUES (?, ?)", self._pending.items()
                )
            self._pending.clear()


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
