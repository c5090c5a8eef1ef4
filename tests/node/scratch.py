"""A node's temporary folder, which goes even where its owner was killed.

Whoever is killed can't tidy up. So each owner holds a lock on a file in its folder (the
system lets go of it with the process), and the next one to make a folder deletes those
whose lock nobody holds.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import IO

_PREFIX = "imr-opensearch-"
_OWNER = "owner"


class Scratch:
    """A new folder in the system's temporary folder; `delete` removes it and all in it."""

    def __init__(self) -> None:
        _delete_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self.path.chmod(0o755)
        # Locked before it has its name: under that name it is never seen unlocked.
        unnamed = self.path / f"{_OWNER}-new"
        self._lock: IO[str] = unnamed.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unnamed.rename(self.path / _OWNER)

    def delete(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def _delete_abandoned() -> None:
    for owner in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_OWNER}"):
        try:
            with owner.open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(owner.parent, ignore_errors=True)
        except OSError:
            continue  # in use, another user's, or just deleted by somebody else
