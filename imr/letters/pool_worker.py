"""What runs inside a worker process: it parses letters, one after the other, within limits.

The bytes may be hostile and pdfium is native code, so the worker answers in JSON (nothing it says
is executed by its parent), holds no handle to anything but its parent, and never outlives it.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from traceback import walk_tb

from imr.errors import LetterError, LetterMemoryError, ParserFailedError
from imr.model import Determination
from imr.text.taxonomy.tagger import default_tagger

Parser = Callable[[bytes, str], Determination]
LIFELINE = 0
"""Standard input: a pipe that the parent holds open as long as it lives."""


def main(descriptor: int) -> None:
    """Serve the parent on this socket until it closes it."""
    _end_with_parent()
    connection = Connection(descriptor)
    try:
        setup = json.loads(connection.recv_bytes())
        parser = _named(setup["parser"])
        # else the first letter would pay for it, in time and memory
        default_tagger()
        _confine(setup["memory"])
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it
        connection.send_bytes(f"{type(error).__name__}: {error}".encode())
        return
    connection.send_bytes(b"ready")
    try:
        while True:
            _serve(connection, parser)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _serve(connection: Connection, parser: Parser) -> None:
    """Read one batch, answer each letter as it is done."""
    sizes = json.loads(connection.recv_bytes())
    body = memoryview(connection.recv_bytes())
    at = 0
    for name, size in sizes:
        data = bytes(body[at : at + size])
        at += size
        connection.send_bytes(_answer(parser, data, name))


def _answer(parser: Parser, data: bytes, name: str) -> bytes:
    """A plus sign and the record, or a minus sign and what was wrong."""
    try:
        return b"+" + parser(data, name).model_dump_json().encode()
    except LetterError as error:
        wrong = error
    except MemoryError:
        wrong = LetterMemoryError(f"{name}: reading it takes more memory than a letter may take")
    except Exception as error:  # noqa: BLE001 - one letter must not end a load
        wrong = ParserFailedError(f"{name}: the parser failed ({_place(error)}), please report it")
    return b"-" + json.dumps({"code": wrong.code, "message": str(wrong)}).encode()


def _place(error: Exception) -> str:
    """Kind and line of a mistake; its message might quote the letter."""
    *_, (frame, line) = walk_tb(error.__traceback__)
    return f"{type(error).__name__} in {Path(frame.f_code.co_filename).name}, line {line}"


def _named(parser: str) -> Parser:
    module, _, name = parser.partition(":")
    function: Parser = getattr(import_module(module), name)
    return function


def _confine(memory: int) -> None:
    """Allow so many bytes beyond what the process has mapped now, and no core dumps.

    Only Linux holds a process to the former.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    mapped = Path("/proc/self/statm")
    if mapped.exists():
        most = int(mapped.read_text("ascii").split()[0]) * resource.getpagesize() + memory
        _, allowed = resource.getrlimit(resource.RLIMIT_AS)
        if allowed != resource.RLIM_INFINITY:
            most = min(most, allowed)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _end_with_parent() -> None:
    """Have the kernel end this process (SIGIO) when the parent is gone, even inside native code."""
    fcntl.fcntl(LIFELINE, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(LIFELINE, fcntl.F_GETFL)
    fcntl.fcntl(LIFELINE, fcntl.F_SETFL, flags | os.O_ASYNC)
