"""The worker processes: what one letter does to its own costs no other letter anything."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from imr.errors import (
    LetterCrashError,
    LetterError,
    LetterMemoryError,
    LetterTooSlowError,
    NeedsOcrError,
    ParserFailedError,
    ReaderUnavailableError,
)
from imr.letters import pool as pools
from imr.letters.parse import parse
from imr.letters.pool import Pool
from imr.letters.pool_process import Limits
from imr.model import Determination

OBEY = "tests.hostile_parsers:obey"
SHORT = Limits(seconds=3.0)
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Given:
    """A file whose bytes are at hand, or the error that reading it raises."""

    name: str
    data: bytes | LetterError = b""

    def read(self) -> bytes:
        if isinstance(self.data, LetterError):
            raise self.data
        return self.data


def told(pool: Pool, *files: Given) -> list[str]:
    """Of each file in order: the record's id, or the reason's code."""
    return [
        result.id if isinstance(result, Determination) else result.code
        for _, _, result in pool.parse_all(files)
    ]


def alive(process: int) -> bool:
    """Whether there is such a process, be it a zombie."""
    return Path(f"/proc/{process}").exists()


def wait_until_gone(process: int) -> None:
    """Return when the process has ended; fail if it does not."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    ended, _, _ = select.select([handle], [], [], 20)
    os.close(handle)
    assert ended


def workers(pool: Pool) -> list[int]:
    return [w._process.pid for w in pool._workers if w._process is not None]


@pytest.fixture(scope="module")
def obeying() -> Iterator[Pool]:
    """One worker that does what letters say."""
    with Pool(1, parser=OBEY) as pool:
        yield pool


def test_a_pool_gives_what_parsing_gives(sample_letters: Path) -> None:
    letters = [
        Given(path.name, path.read_bytes()) for path in sorted(sample_letters.rglob("*.pdf"))
    ]
    with Pool(2) as pool:
        results = list(pool.parse_all(letters))

    assert [file for file, _, _ in results] == letters
    for file, data, result in results:
        assert data == file.data
        assert result == parse(file.read(), file.name)


ENDS = {
    "abort": LetterCrashError,
    "segfault": LetterCrashError,
    "kill": LetterCrashError,
    "leave": LetterCrashError,
    "exit": LetterCrashError,
    "eat": LetterMemoryError,
    "nibble": LetterMemoryError,
    "fail": ParserFailedError,
    "refuse": NeedsOcrError,
}


@pytest.mark.parametrize("deed", ENDS)
def test_a_bad_letter_is_set_aside_alone(deed: str, obeying: Pool) -> None:
    files = [Given("a"), Given("b", deed.encode()), Given("c"), Given("d", deed.encode())]
    results = [result for _, _, result in obeying.parse_all([*files, Given("e")])]

    assert [r.id for r in results if isinstance(r, Determination)] == ["a", "c", "e"]
    assert [type(r) for r in results if isinstance(r, LetterError)] == [ENDS[deed]] * 2
    assert str(results[1]).startswith("b: ")


@pytest.mark.parametrize("deed", ["hang", "deaf", "backtrack"])
def test_a_letter_that_hangs_is_stopped(deed: str) -> None:
    with Pool(1, SHORT, OBEY) as pool:
        (first, second, third) = [
            result
            for _, _, result in pool.parse_all([Given("a"), Given("b", deed.encode()), Given("c")])
        ]

    assert isinstance(first, Determination)
    assert isinstance(second, LetterTooSlowError)
    assert str(second) == "b: reading it took longer than 3 seconds"
    assert isinstance(third, Determination)


def test_how_a_worker_ended_is_said(obeying: Pool) -> None:
    reasons = []
    for deed in (b"segfault", b"leave"):
        with pytest.raises(LetterCrashError) as caught:
            obeying.parse_one(deed, "x.pdf")
        reasons.append(str(caught.value))

    assert "x.pdf: the process that read it ended by SIGSEGV" in reasons[0]
    assert "1,000 MB" in reasons[0]
    assert "ended with code 3" in reasons[1]


def test_a_mistake_of_the_parser_names_its_place_and_no_content(obeying: Pool) -> None:
    with pytest.raises(ParserFailedError) as caught:
        obeying.parse_one(b"fail", "x.pdf")

    assert "KeyError in hostile_parsers.py, line " in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_lost_worker_leaves_no_zombie() -> None:
    with Pool(1, parser=OBEY) as pool:
        pool.parse_one(b"", "a")
        (first,) = workers(pool)
        told(pool, Given("b", b"abort"), Given("c"))
        (second,) = workers(pool)
        assert not alive(first)
        assert alive(second)

    assert not alive(second)


def test_a_worker_lost_while_idle_costs_no_letter() -> None:
    with Pool(1, parser=OBEY) as pool:
        pool.parse_one(b"", "a")
        (worker,) = workers(pool)
        os.kill(worker, signal.SIGKILL)
        os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)

        assert told(pool, Given("b"), Given("c")) == ["b", "c"]


def test_results_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    long = b" " * pools.BATCH_BYTES
    path = str(tmp_path / "pipe").encode()
    files = [
        Given("first", b"first %b" % path + long),
        *(Given(str(at), long) for at in range(4)),
        Given("last", b"last %b" % path + long),
    ]
    with Pool(2, parser="tests.hostile_parsers:wait_for_the_last") as pool:
        assert told(pool, *files) == ["first", "0", "1", "2", "3", "last"]


def test_what_cannot_be_read_comes_in_its_place(obeying: Pool) -> None:
    error = NeedsOcrError("b: no")
    results = list(obeying.parse_all([Given("a"), Given("b", error), Given("c")]))

    assert results[1] == (Given("b", error), None, error)
    assert [r.id for _, _, r in results if isinstance(r, Determination)] == ["a", "c"]


def test_files_are_read_a_bounded_way_ahead(obeying: Pool) -> None:
    read = 0

    def files() -> Iterator[Given]:
        nonlocal read
        for at in range(10_000):
            read += 1
            yield Given(str(at))

    results = obeying.parse_all(files())
    for done, _ in enumerate(results):
        assert read - done <= pools.BATCH_LETTERS * (pools.BATCHES_AHEAD + 2)
        if done == 500:
            break
    results.close()  # type: ignore[attr-defined]


def test_few_letters_start_few_processes() -> None:
    with Pool(8, parser=OBEY) as pool:
        assert told(pool, Given("a"), Given("b")) == ["a", "b"]
        assert len(workers(pool)) == 1


def test_any_number_of_threads_may_ask_for_one_letter() -> None:
    with Pool(2, parser=OBEY) as pool, ThreadPoolExecutor(8) as threads:
        names = [f"letter {at}" for at in range(100)]
        records = list(threads.map(lambda name: pool.parse_one(b"", name), names))

    assert [record.id for record in records] == names


def test_a_parser_that_cannot_start_is_told() -> None:
    with Pool(1, parser="tests.hostile_parsers:nowhere") as pool:
        with pytest.raises(ReaderUnavailableError) as caught:
            pool.parse_one(b"", "a")

        assert "nowhere" in str(caught.value)
        assert workers(pool) == []


ASKS = """
import sys
from imr.letters.pool import Pool
with Pool(1, parser="tests.hostile_parsers:tell_and_hang") as pool:
    pool.parse_one({deed!r}, sys.argv[1])
"""


@pytest.mark.parametrize("deed", [b"hang", b"backtrack"])
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_their_parent(deed: bytes, sign: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C and even kill -9; a worker that is inside native code too."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [sys.executable, "-c", ASKS.format(deed=deed), pipe],
        cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE, text=True,
    ) as parent:  # fmt: skip
        worker = int(pipe.read_text())
        os.killpg(parent.pid, sign)
        said = parent.communicate(timeout=20)[1]

    wait_until_gone(worker)
    assert parent.returncode == -sign
    assert said.count("Traceback") <= 1


def test_a_worker_that_answers_nonsense_is_replaced(obeying: Pool) -> None:
    """Hostile bytes may take over native code; what it says is read as JSON and never executed."""
    assert told(obeying, Given("a", b"garble"), Given("b")) == ["letter-crashed", "b"]
