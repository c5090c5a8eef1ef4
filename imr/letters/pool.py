"""Letters parsed in worker processes, each letter within limits of time and memory.

A letter that hangs, crashes or eats memory costs its worker, which is replaced, and nothing else:

    with Pool(jobs=4) as pool:
        record = pool.parse_one(data, "letter.pdf")        # or a LetterError; any thread may ask
        for letter, data, result in pool.parse_all(files): # in the order of the files
            ...
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import LifoQueue
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from imr.errors import LetterError
from imr.letters.pool_process import Letter, Limits, Result, Worker
from imr.model import Determination

MOST_JOBS = 64
DEFAULT_JOBS = 16
"""More cores than these are used when asked for."""
BATCH_LETTERS, BATCH_BYTES = 16, 250_000
"""Small letters travel together: a text letter parses in 2 ms, a message costs .2 ms."""
BATCHES_AHEAD = 4
"""A worker: how far reading may run ahead of the first letter that is not done."""
HELD_BYTES = 128_000_000
"""Reading stops running ahead where it holds so much."""


class Unread(Protocol):
    """A file to parse; `read` gives its bytes or raises a LetterError."""

    @property
    def name(self) -> str:
        """What the record calls it."""

    def read(self) -> bytes:
        """Its bytes."""


File = TypeVar("File", bound=Unread)


@dataclass(slots=True)
class _Batch(Generic[File]):
    """Files on their way: each with its bytes, or with the reason there are none."""

    files: list[tuple[File, bytes | LetterError]] = field(default_factory=list)
    size: int = 0
    results: Future[list[Result]] | None = None

    def full(self) -> bool:
        return len(self.files) >= BATCH_LETTERS or self.size >= BATCH_BYTES

    def done(self) -> bool:
        return self.results is None or self.results.done()

    def letters(self) -> list[Letter]:
        return [(file.name, data) for file, data in self.files if isinstance(data, bytes)]


class Pool:
    """Worker processes, started as they are needed and ended with the pool."""

    def __init__(
        self,
        jobs: int | None = None,
        limits: Limits | None = None,
        parser: str = "imr.letters.parse:parse",
    ) -> None:
        """`jobs` processes at once, by default one a core; `parser` is "module:function"."""
        self.jobs = jobs or default_jobs()
        self._workers = [Worker(limits or Limits(), parser) for _ in range(self.jobs)]
        # last in, first out: a few letters start a few processes
        self._idle: LifoQueue[Worker] = LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)
        # a thread a worker, to wait for it
        self._threads = ThreadPoolExecutor(self.jobs, thread_name_prefix="letters")

    def parse_one(self, data: bytes, name: str) -> Determination:
        """One letter's record; waits for a free worker. Any number of threads may call it.

        Raises:
            LetterError: it is no letter, or went beyond the limits.
        """
        (result,) = self._submit([(name, data)]).result()
        if isinstance(result, LetterError):
            raise result
        return result

    def parse_all(self, files: Iterable[File]) -> Iterator[tuple[File, bytes | None, Result]]:
        """(file, its bytes, record or reason) in the order of the files, whatever is done first.

        Files are read here, a bounded way ahead of the workers, so memory stays flat.
        """
        window: deque[_Batch[File]] = deque()
        held = 0
        for batch in _batches(files):
            if letters := batch.letters():
                batch.results = self._submit(letters)
            window.append(batch)
            held += batch.size
            while window and (
                len(window) > BATCHES_AHEAD * self.jobs or held > HELD_BYTES or window[0].done()
            ):
                held -= window[0].size
                yield from _outcomes(window.popleft())
        while window:
            yield from _outcomes(window.popleft())

    def _submit(self, letters: Sequence[Letter]) -> Future[list[Result]]:
        return self._threads.submit(self._parse, letters)

    def _parse(self, letters: Sequence[Letter]) -> list[Result]:
        worker = self._idle.get()
        try:
            return worker.parse(letters)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End all workers at once; what they were at is dropped."""
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.discard()

    def __enter__(self) -> Self:
        """The pool itself; leaving it closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()


def default_jobs() -> int:
    """One a core this process may use, up to DEFAULT_JOBS."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores, DEFAULT_JOBS)


def _batches(files: Iterable[File]) -> Iterator[_Batch[File]]:
    batch: _Batch[File] = _Batch()
    for file in files:
        try:
            data = file.read()
        except LetterError as error:
            batch.files.append((file, error))
        else:
            batch.files.append((file, data))
            batch.size += len(data)
        if batch.full():
            yield batch
            batch = _Batch()
    if batch.files:
        yield batch


def _outcomes(batch: _Batch[File]) -> Iterator[tuple[File, bytes | None, Result]]:
    results = iter(batch.results.result() if batch.results else ())
    for file, data in batch.files:
        if isinstance(data, bytes):
            yield file, data, next(results)
        else:
            yield file, None, data
