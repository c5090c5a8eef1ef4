"""One OpenSearch process, or several that form a cluster, on loopback."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Self

from tests.node import configuration
from tests.node.account import hand_over, readable_home, service_account
from tests.node.assemble import assemble
from tests.node.errors import StartError
from tests.node.jdk import find_jdk
from tests.node.loopback import HOST, Ports, free_ports, is_healthy
from tests.node.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

#: A node answers within about 5 s on two idle cores; a busy machine gets its time.
START_SECONDS = 180.0

_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.1
_LOG_LINES = 40
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class Node:
    """A node with a folder of its own for settings, data and log.

    `start` (or entering it as a context) starts it and waits until it answers; `stop` and
    `kill` end the process and keep the data, so that `start` or `restart` finds them again;
    `close` (or leaving the context) also deletes the folder.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        name: str = "node-1",
        heap: str = "768m",
        ports: Ports | None = None,
        peers: Mapping[str, int] | None = None,
    ) -> None:
        """Make its folder and choose its ports, and assemble the home where none is given.

        `peers` are the names and transport ports of all nodes of its cluster, its own
        included; without them it is a cluster of one.
        """
        self.name = name
        self._heap = heap
        self._jdk = find_jdk()
        home = home or assemble()
        self._ports = ports or free_ports(1)[0]
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch = Scratch()
        self.folder = self._scratch.path
        atexit.register(self.close)
        settings = configuration.settings(name, self.folder, self._ports, peers or {})
        configuration.write(self.folder, settings)
        hand_over(self.folder)
        self._home = readable_home(home, self.folder / "home")

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._ports.http}"

    @property
    def log(self) -> Path:
        return self.folder / "node.log"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process's id. Raises StartError where there is none."""
        if self._process is None:
            raise StartError(f"{self.name} is not running: start() it first.")
        return self._process.pid

    def launch(self) -> None:
        """Start the process and return at once; nothing happens where it runs already.

        Call it from the main thread: Linux ends the node with the thread that started it.
        """
        if self.running:
            return
        account = service_account()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                configuration.command(self._jdk.java, self._home, self.folder, self._heap),
                cwd=self.folder,
                env=configuration.environment(self.folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal is for whoever started the node, who then stops it.
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 (_die_with says why it may)
            )

    def wait(self, nodes: int = 1, seconds: float = START_SECONDS) -> None:
        """Return when it answers, in a cluster of at least `nodes` that is at least yellow.

        Raises StartError, with the end of the log, where it ends or is too late.
        """
        end = time.monotonic() + seconds
        while not is_healthy(self.url, nodes):
            if not self.running:
                raise StartError(self._complaint("ended before it answered"))
            if time.monotonic() > end:
                self.kill()
                raise StartError(self._complaint(f"did not answer within {seconds:g} s"))
            time.sleep(_POLL_SECONDS)

    def start(self) -> Self:
        """Start it and wait until it answers."""
        self.launch()
        self.wait()
        return self

    def stop(self) -> None:
        """Ask the process to end (SIGTERM), and end it (SIGKILL) where it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End the process as a crash would: nothing is flushed, nobody is told."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop it where it runs, and start it on the same ports and data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it and delete its folder, data included."""
        self.stop()
        self._scratch.delete()
        atexit.unregister(self.close)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def _complaint(self, what: str) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        end = "\n".join(lines[-_LOG_LINES:])
        return f"OpenSearch ({self.name}, {self.url}) {what}. The end of its log:\n{end}"


@contextmanager
def cluster(size: int = 3, home: Path | None = None, *, heap: str = "768m") -> Iterator[list[Node]]:
    """So many nodes that form one cluster, started side by side, closed on leaving."""
    home = home or assemble()
    ports = dict(zip((f"node-{n}" for n in range(1, size + 1)), free_ports(size), strict=True))
    peers = {name: pair.transport for name, pair in ports.items()} if size > 1 else {}
    with ExitStack() as stack:
        nodes = []
        for name, pair in ports.items():
            node = Node(home, name=name, heap=heap, ports=pair, peers=peers)
            stack.callback(node.close)
            node.launch()
            nodes.append(node)
        for node in nodes:
            node.wait(nodes=size)
        yield nodes


def _die_with(parent: int) -> Callable[[], None] | None:
    """What the child does between fork and exec so that no node outlives its starter.

    atexit does not run when a test run is killed (a CI's time limit, the kernel short of
    memory), and a server left behind holds memory and a port until somebody notices. Linux
    can be asked to kill a process when its parent ends, however it ends; elsewhere atexit
    must do. Setting this after the user has changed matters (changing it clears the
    request), and Popen calls this then. It only makes two system calls through functions
    that are loaded already, so that it is safe in a program with threads.
    """
    if sys.platform != "linux":
        return None

    def ask() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # the parent ended before the request was made

    return ask
