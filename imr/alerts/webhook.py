"""Sends deliveries to a web address: signed, within limits, never to a private address unasked.

Signed as Standard Webhooks has it: `webhook-id` (the delivery's, the same each time it is sent),
`webhook-timestamp`, and `webhook-signature: v1,BASE64` of HMAC-SHA256 over "id.timestamp.body".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from imr.alerts.store import Delivery
from imr.errors import AlertUndeliveredError, BadQueryError

TIMEOUT = 10
"""Seconds to connect, and to wait for each part of an answer."""
WAITS = (1.0, 4.0, 15.0)
"""Seconds before each further attempt."""
MOST_ANSWER = 10_000
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Sender:
    """How deliveries are sent; `secret` signs them, `private` lets them go to private addresses."""

    secret: str
    private: bool = False
    waits: tuple[float, ...] = WAITS
    sleep: Callable[[float], None] = time.sleep

    def send(self, delivery: Delivery, url: str) -> None:
        """Send until it is taken.

        Raises:
            AlertUndeliveredError: it was not taken at any attempt; it stays for the next run.
            BadQueryError: the address is none, or private.
        """
        body = delivery.model_dump_json().encode()
        for wait in (*self.waits, None):
            try:
                status = self._post(delivery, url, body)
            except (OSError, HTTPException) as error:
                said = f"{type(error).__name__}: {error}"
            else:
                if 200 <= status < 300:
                    return
                said = f"it answered {status}"
                if 400 <= status < 500 and status not in {408, 425, 429}:
                    wait = None  # noqa: PLW2901 - asking again would change nothing
            if wait is None:
                break
            self.sleep(wait)
        raise AlertUndeliveredError(
            f"{_host(url)} did not take delivery {delivery.id} of {delivery.search!r} ({said}): it "
            "stays and is sent again by the next run"
        )

    def _post(self, delivery: Delivery, url: str, body: bytes) -> int:
        stamp = str(int(time.time()))
        parts = urlsplit(check_address(url))
        host = str(parts.hostname)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = _connection(parts.scheme, host, port, self._address(host, port))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "imr-precedents",
            "webhook-id": delivery.id,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self.secret, delivery.id, stamp, body),
        }
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read(MOST_ANSWER)
            return answer.status
        finally:
            connection.close()

    def _address(self, host: str, port: int) -> str:
        """The one address that is connected to: what was looked at is what is used."""
        found = [
            str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        ]
        for address in found:
            if not self.private and not ipaddress.ip_address(address).is_global:
                raise BadQueryError(
                    f"{host} is at the private address {address}: allow it with --allow-private"
                )
        return found[0]


def check_address(url: str) -> str:
    """A web address that deliveries may be sent to, as it was given.

    Raises:
        BadQueryError: it is none, or holds a password.
    """
    try:
        parts = urlsplit(url)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or any(ord(c) < 33 for c in url):
        raise BadQueryError(f"{url!r} is no address for a webhook: write https://HOST/PATH")
    if "@" in parts.netloc:
        raise BadQueryError("a webhook's address holds no name or password: deliveries are signed")
    return url


def signature(secret: str, id_: str, stamp: str, body: bytes) -> str:
    """The value of `webhook-signature`."""
    made = hmac.new(secret.encode(), f"{id_}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(made.digest()).decode()}"


def _connection(scheme: str, host: str, port: int, address: str) -> HTTPConnection:
    """A connection to an address that was looked at, under the host's name."""
    if scheme == "http":
        plain = HTTPConnection(host, port, timeout=TIMEOUT)
        plain.sock = socket.create_connection((address, port), TIMEOUT)
        return plain
    secure = HTTPSConnection(host, port, timeout=TIMEOUT)
    raw = socket.create_connection((address, port), TIMEOUT)
    secure.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    return secure


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
