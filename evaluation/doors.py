"""The doors that users come by, each a process of its own: command, HTTP, assistants' tools."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import anyio
from mcp import Client

IMR = Path(sys.executable).parent / "imr"
PATIENCE = 60.0
"""Seconds that a service may take to answer for the first time."""


@dataclass(frozen=True, slots=True)
class Doors:
    """An index, the folder of its letters as CASE.pdf, and a folder for what is written."""

    index: Path
    letters: Path
    scratch: Path

    def imr(self, *arguments: str) -> str:
        """What the command prints.

        Raises:
            subprocess.CalledProcessError: it failed.
        """
        command = [str(IMR), *arguments, "--index", str(self.index)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def asked(self, *arguments: str) -> Any:
        """What the command prints with --json."""
        return json.loads(self.imr(*arguments, "--json"))

    def posted(self, path: str, body: bytes, kind: str) -> Any:
        """What the API answers to a body of that media type."""
        with self._served("serve", "/ready") as address:
            request = Request(f"{address}{path}", body, {"content-type": kind})  # noqa: S310
            with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - our own, on loopback
                return json.load(answer)

    def tools(self, *calls: tuple[str, Mapping[str, Any]]) -> list[Any]:
        """What the tools for assistants answer.

        Raises:
            ValueError: a tool refused; its words.
        """
        with self._served("mcp", "/", "--http") as address:
            return called(f"{address}/mcp", *calls)

    @contextmanager
    def _served(self, what: str, answers: str, *how: str) -> Iterator[str]:
        """The address of a service, from when it answers there until it is no longer needed."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [str(IMR), what, *how, "--port", str(port), "--index", str(self.index)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as it:
            try:
                address = f"http://127.0.0.1:{port}"
                _wait(f"{address}{answers}")
                yield address
            finally:
                it.terminate()


def called(target: Any, *calls: tuple[str, Mapping[str, Any]]) -> list[Any]:
    """What the tools of a server answer to the SDK's own client, one after the other.

    Raises:
        ValueError: a tool refused; its words.
    """

    async def talk() -> list[Any]:
        async with Client(target) as client:
            found = []
            for name, arguments in calls:
                result: Any = await client.call_tool(name, dict(arguments))
                text = result.content[0].text
                if result.is_error:
                    raise ValueError(text)
                found.append(json.loads(text))
            return found

    return anyio.run(talk)


def _wait(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(address, timeout=PATIENCE):  # noqa: S310 - our own, on loopback
                return
        except HTTPError:
            return  # it answers, if only that there is no such page
        except (URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
