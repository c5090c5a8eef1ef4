"""One worker process as its parent sees it: started when needed, replaced when lost.

A plain child process and a socket, not `multiprocessing`: that would import the caller's main
module again in every worker, and its pool can't tell which task a dead process was at.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from multiprocessing.connection import Connection

from imr.errors import (
    LetterCrashError,
    LetterError,
    LetterMemoryError,
    LetterTooSlowError,
    ReaderUnavailableError,
    letter_error,
)
from imr.model import Determination

STARTUP_SECONDS = 60.0
_CHILD = "import sys; sys.path[:] = {path!r}; from imr.letters import pool_worker; {call}"

Letter = tuple[str, bytes]
"""A name for the record, and the file's bytes."""
Result = Determination | LetterError


@dataclass(frozen=True, slots=True)
class Limits:
    """What one letter may take: wall-clock seconds, and bytes of memory beyond the bare process."""

    seconds: float = 30.0
    memory: int = 1_000_000_000


class Worker:
    """A process that parses letters, one at a time. Used by one thread; any may `kill` it."""

    def __init__(self, limits: Limits, parser: str) -> None:
        """`parser` is the function to run, as "module:name"."""
        self.limits = limits
        self._parser = parser
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._ended = False
        self._lock = threading.Lock()

    def parse(self, letters: Sequence[Letter]) -> list[Result]:
        """One result a letter, in order. A letter that ends the process costs only itself.

        Raises:
            ReaderUnavailableError: no process could be started; CancelledError: killed meanwhile.
        """
        results: list[Result] = []
        while len(results) < len(letters):
            results += self._attempt(letters[len(results) :])
        return results

    def _attempt(self, letters: Sequence[Letter]) -> list[Result]:
        """Results up to the first letter that cost the process, or all."""
        connection = self._send(letters)
        results: list[Result] = []
        for name, _ in letters:
            result = self._receive(connection, name)
            results.append(result)
            if isinstance(result, LetterTooSlowError | LetterMemoryError | LetterCrashError):
                self.discard()
                break
        return results

    def _send(self, letters: Sequence[Letter]) -> Connection:
        """Hand letters to a process that waits for some; one that died waiting is replaced."""
        head = json.dumps([(name, len(data)) for name, data in letters]).encode()
        body = b"".join(data for _, data in letters)
        for last in (False, True):
            connection = self._connection or self._start()
            try:
                connection.send_bytes(head)
                connection.send_bytes(body)
            except OSError:
                self.discard()
                if last:
                    break
            else:
                return connection
        raise ReaderUnavailableError("the process that reads letters ends as soon as it is asked")

    def _receive(self, connection: Connection, name: str) -> Result:
        try:
            if not connection.poll(self.limits.seconds):
                return LetterTooSlowError(
                    f"{name}: reading it took longer than {self.limits.seconds:g} seconds"
                )
            answer = connection.recv_bytes()
        except (EOFError, OSError):
            if self._ended:
                raise CancelledError from None
            return LetterCrashError(f"{name}: {self._how_it_ended()}")
        try:
            return _result(answer)
        except (ValueError, KeyError, TypeError):
            return LetterCrashError(f"{name}: the process that read it answered nonsense")

    def _how_it_ended(self) -> str:
        assert self._process is not None  # noqa: S101 - it was just spoken to
        self._process.kill()
        code = self._process.wait()
        allowed = f"crashed, or needs more than {self.limits.memory / 1e6:,.0f} MB"
        if code >= 0:
            return f"the process that read it ended with code {code}"
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"the process that read it ended by {name} (it {allowed})"

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        call = f"pool_worker.main({theirs.fileno()})"
        with ours, theirs, self._lock:
            if self._ended:
                raise CancelledError
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _CHILD.format(path=sys.path, call=call)],
                # its standard input is the line that tells it that we are gone
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                # Ctrl-C at the terminal is for us alone: we end the workers
                process_group=0,
            )
            self._connection = Connection(ours.detach())
        setup = {"parser": self._parser, "memory": self.limits.memory}
        try:
            self._connection.send_bytes(json.dumps(setup).encode())
            said = self._connection.recv_bytes() if self._connection.poll(STARTUP_SECONDS) else b""
        except (EOFError, OSError):
            said = b""
        if said != b"ready":
            self._never_ready(said.decode("utf-8", "replace"))
        return self._connection

    def _never_ready(self, said: str) -> None:
        ended = self._ended
        self.discard()
        if ended:
            raise CancelledError
        raise ReaderUnavailableError(
            "no process to read letters in could be started"
            + (f": {said}" if said else ": look for limits on memory or processes (ulimit -a)")
        )

    def kill(self) -> None:
        """End the process, now and for good, whatever it is at."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                self._process.kill()

    def discard(self) -> None:
        """End the process, if there is one; the next letter starts another."""
        with self._lock:
            process, connection = self._process, self._connection
            self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
            process.kill()
            with process:  # closes its pipe and waits for it
                pass


def _result(answer: bytes) -> Result:
    """What a worker said. It is data and stays data: a worker may have been taken over."""
    if answer[:1] == b"+":
        return Determination.model_validate_json(answer[1:])
    told = json.loads(answer[1:])
    return letter_error(told["code"], told["message"])
