"""Parsers that do what a letter may do to a real one, for the pool to be tested with.

The bytes say what to do; a name that is a path tells the test which process is at it.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import stat
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from imr.errors import NeedsOcrError
from imr.model import Determination, Source


def obey(data: bytes, name: str) -> Determination:
    """Do what the bytes say, then give a record of that name."""
    deeds: dict[bytes, Callable[[], object]] = {
        b"abort": os.abort,
        b"segfault": lambda: ctypes.string_at(0),
        b"kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
        b"leave": lambda: os._exit(3),
        b"exit": lambda: sys.exit("no"),
        b"eat": lambda: bytearray(10**10),
        b"nibble": _nibble,
        b"hang": signal.pause,
        b"deaf": _deaf,
        b"backtrack": lambda: re.match(r"(a|a)*b", "a" * 60),
        b"fail": lambda: dict[str, str]()["secret"],
        b"garble": _garble,
        b"refuse": lambda: _refuse(name),
    }
    deeds.get(data, lambda: None)()
    return record(name)


def record(name: str) -> Determination:
    return Determination(id=name, source=Source(name=name, sha256="0" * 64, format="text", pages=1))


def wait_for_the_last(data: bytes, name: str) -> Determination:
    """The first letter is done only after the last one: they meet at a named pipe."""
    if data.startswith((b"first", b"last")):
        with Path(data.split()[1].decode()).open("rb" if data[0:1] == b"f" else "wb"):
            pass
    return record(name)


def tell_and_hang(data: bytes, name: str) -> Determination:
    """Say which process this is, into the pipe that the name is, and stay inside native code."""
    Path(name).write_text(str(os.getpid()))
    obey(data, name)
    return record(name)


def _refuse(name: str) -> None:
    raise NeedsOcrError(f"{name}: needs OCR")


def _nibble() -> None:
    """Eat memory in small pieces, as Python code does."""
    pieces = []
    while True:
        pieces.append(bytes(100_000))


def _garble() -> None:
    """Speak to the parent on its own, as a process that was taken over might."""
    for descriptor in [int(link.name) for link in Path("/proc/self/fd").iterdir()]:
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.write(descriptor, struct.pack("!i", 9) + b"+{nonsense")


def _deaf() -> None:
    """Hang, and hear no signal that can be refused."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    signal.pause()
