"""A proxy in front of a node: it can demand TLS and credentials, turn requests away, lose answers.

What a node does under attack or overload is hard to bring about at will; what a client sees of it
is HTTP, and that is real here.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self
from urllib.parse import urlsplit

from tests.node.loopback import HOST

#: What becomes of a request: passed on, refused with that status, answered with those bytes, its
#: answer lost on the way.
Fate = int | bytes | Literal["pass", "lose"]
Rule = Callable[[str, str, Mapping[str, str]], Fate]

_SECONDS = 60
_KEPT = ("content-type", "authorization", "accept")


class Proxy:
    """Listens on loopback until it is left; `rule(method, path, headers)` decides each request."""

    def __init__(self, upstream: str, rule: Rule, tls: ssl.SSLContext | None = None) -> None:
        self.rule = rule
        self.asked: list[str] = []
        parts = urlsplit(upstream)
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self, f"{parts.netloc}"))
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(proxy: Proxy, upstream: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            fate = proxy.rule(self.command, self.path, dict(self.headers))
            proxy.asked.append(f"{self.command} {self.path}")
            if isinstance(fate, int):
                self._answer(fate, b'{"error": "as the test wants it"}')
                return
            if isinstance(fate, bytes):
                self._answer(200, fate)
                return
            status, answer = self._passed_on(body)
            if fate == "lose":
                self.close_connection = True
                return
            self._answer(status, answer)

        def _passed_on(self, body: bytes) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection(upstream, timeout=_SECONDS)
            headers = {name: self.headers[name] for name in _KEPT if name in self.headers}
            connection.request(self.command, self.path, body or None, headers)
            response = connection.getresponse()
            answer = response.read()
            connection.close()
            return response.status, answer

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _handle  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
