"""Ports and requests on this machine."""

from __future__ import annotations

import json
import socket
import urllib.request
from contextlib import ExitStack
from typing import NamedTuple

HOST = "127.0.0.1"

#: Loopback is never asked for through a proxy that the environment may name.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Ports(NamedTuple):
    """Where a node listens."""

    http: int
    transport: int


def free_ports(nodes: int) -> list[Ports]:
    """Ports for so many nodes, all different: they are held open until all are chosen."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(2 * nodes)]
        for one in held:
            one.bind((HOST, 0))
        numbers = [one.getsockname()[1] for one in held]
    return [Ports(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]


def is_healthy(url: str, nodes: int) -> bool:
    """Whether a node answers, in a cluster of at least `nodes` that is at least yellow.

    The server waits up to a second for that to become true before it says no.
    """
    query = f"wait_for_status=yellow&wait_for_nodes=>={nodes}&timeout=1s"
    try:
        with _DIRECT.open(f"{url}/_cluster/health?{query}", timeout=5) as response:
            return json.load(response)["timed_out"] is False
    except (OSError, ValueError):
        return False
