"""Which process builds a generation, as it is written into it, and whether it still does."""

from __future__ import annotations

import os
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Owner:
    """A process; `start` tells it from a later one of the same number, where the system says it."""

    host: str
    pid: int
    start: str
    began: str

    @classmethod
    def here(cls) -> Owner:
        """This process, from now on."""
        pid = os.getpid()
        return cls(socket.gethostname(), pid, _start(pid), now())

    @classmethod
    def of(cls, meta: dict[str, Any]) -> Owner | None:
        """The one that a generation's `_meta` names; None where nobody is at work on it."""
        found = meta.get("owner")
        return cls(**found) if found else None

    def mark(self) -> dict[str, Any]:
        """What `of` reads."""
        return asdict(self)

    @property
    def alive(self) -> bool | None:
        """Whether it still runs; None on another machine, of which nothing is known."""
        if self.host != socket.gethostname():
            return None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # another user's
            pass
        return _start(self.pid) == self.start

    def __str__(self) -> str:
        """As people read it."""
        return f"process {self.pid} on {self.host} since {self.began}"


def now() -> str:
    """The time as it is written into a generation."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def _start(pid: int) -> str:
    """When a process started, in the kernel's ticks: numbers come again, in containers at once."""
    try:
        # the process's name, before the last parenthesis, may hold spaces
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
