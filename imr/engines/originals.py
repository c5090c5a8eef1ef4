"""The files that letters came from, kept beside an index where a load was told to.

A file is stored under the SHA-256 of its bytes, which its record has, so keeping it again changes
nothing. It is written before the letter's commit; one that no letter leads to is dropped by
compaction.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from imr.engines.open import Place
from imr.engines.opensearch.patience import Patience
from imr.errors import UnusableIndexError

if TYPE_CHECKING:
    from imr.engines.opensearch.cluster import Cluster

FOLDER = "originals"


class Originals(Protocol):
    """The kept files of one index."""

    def put(self, sha256: str, data: bytes) -> None:
        """Keep a file."""

    def get(self, sha256: str) -> bytes | None:
        """A kept file; None where it was not kept.

        Raises:
            UnusableIndexError: it is not what was kept.
        """

    def names(self) -> Iterator[str]:
        """The SHA-256 of every kept file."""

    def drop(self, names: Collection[str]) -> None:
        """Forget some."""


def open_originals(place: Place) -> Originals:
    """The kept files of the index there; nothing is made before the first is put."""
    if place.url is None:
        return FolderOriginals(place.folder / FOLDER)
    from imr.engines.opensearch.cluster import Cluster  # noqa: PLC0415 - slow to import

    return ClusterOriginals(Cluster(place.url, f"{place.name}-{FOLDER}", place.access))


def _checked(data: bytes, sha256: str, where: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UnusableIndexError(
            f"{where}: the kept file {sha256} is damaged: load its letter again with "
            "--keep-originals"
        )
    return data


class FolderOriginals:
    """In a folder of the embedded index, 256 folders of files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def put(self, sha256: str, data: bytes) -> None:
        """See Originals."""
        path = self._path(sha256)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".new")
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)

    def get(self, sha256: str) -> bytes | None:
        """See Originals."""
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        return _checked(data, sha256, str(self._folder))

    def names(self) -> Iterator[str]:
        """See Originals."""
        for path in sorted(self._folder.glob("??/*")):
            yield path.name

    def drop(self, names: Collection[str]) -> None:
        """See Originals."""
        for name in names:
            self._path(name).unlink(missing_ok=True)


class ClusterOriginals:
    """In an index of its own on the cluster, `NAME-originals`."""

    def __init__(self, cluster: Cluster, patience: Patience | None = None) -> None:
        self._cluster, self._patience = cluster, patience or Patience()
        self._made = False

    def put(self, sha256: str, data: bytes) -> None:
        """See Originals; it waits for a busy cluster as the load around it does."""
        self._patience.over(lambda: self._put(sha256, data))

    def _put(self, sha256: str, data: bytes) -> None:
        if not self._made:
            self._cluster.create_store()
            self._made = True
        self._cluster.store(sha256, {"data": base64.b64encode(data).decode()})

    def get(self, sha256: str) -> bytes | None:
        """See Originals."""
        found = self._cluster.stored(sha256)
        if found is None:
            return None
        return _checked(base64.b64decode(found["data"]), sha256, self._cluster.index)

    def names(self) -> Iterator[str]:
        """See Originals."""
        return self._cluster.stored_names()

    def drop(self, names: Collection[str]) -> None:
        """See Originals."""
        for name in names:
            self._cluster.unstore(name)
