"""How calls reach a cluster's nodes: who we are, whom we trust, and how long all of it may take."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from opensearchpy import OpenSearch, Transport, Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionTimeout
from urllib3 import Timeout

from imr.addresses import Node
from imr.settings import Access

CALLS_AT_ONCE = 32
"""Connections kept open to each node; as many searches may wait for it side by side."""


class _Call(threading.local):
    """The call that a thread makes: when it began, and the node that was asked last."""

    began = 0.0
    node: Any = None


class _Calls(Transport):
    """Asks another node where one fails; all tries of a call share its time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._call = _Call()
        super().__init__(*args, call=self._call, **kwargs)

    def perform_request(self, *args: Any, **kwargs: Any) -> Any:
        """See Transport."""
        self._call.began = time.monotonic()
        try:
            return super().perform_request(*args, **kwargs)
        except ConnectionTimeout:
            # the call's time is over; those after it ask others first
            self.mark_dead(self._call.node)
            raise


class _ToNode(Urllib3HttpConnection):
    """The connections to one node of `of`."""

    def __init__(self, *, call: _Call, of: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._call, self._of = call, of

    def perform_request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,
        ignore: Any = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """See Connection; what is left of the call's time is this try's."""
        self._call.node = self
        spent = time.monotonic() - self._call.began
        left = max(0.001, float(timeout or self.timeout) - spent)
        # a node that drops packets takes its share, and leaves the others theirs
        waits: Any = Timeout(connect=left / self._of, total=left)
        return super().perform_request(method, url, params, body, waits, ignore, headers)


def client(nodes: Sequence[Node], access: Access) -> OpenSearch:
    """The client of a cluster."""
    return OpenSearch(
        [_host(node, access) for node in nodes],
        transport_class=_Calls,
        connection_class=_ToNode,
        of=len(nodes),
        timeout=access.seconds,
        # each other node once; a single one once more where its answer was an error
        max_retries=max(1, len(nodes) - 1),
        retry_on_timeout=False,
        pool_maxsize=CALLS_AT_ONCE,
    )


def _host(node: Node, access: Access) -> dict[str, Any]:
    host: dict[str, Any] = {
        "host": node.host,
        "port": node.port,
        "url_prefix": node.path,
        "headers": _credentials(node, access),
    }
    return host | {"use_ssl": True, **_trust(access)} if node.https else host


def _credentials(node: Node, access: Access) -> dict[str, str]:
    """The settings' credentials, else those of the URL."""
    login = node.login
    if access.api_key is not None:
        # a scheme of its own may be given with it, as "Bearer …"
        scheme = "" if " " in access.api_key else "ApiKey "
        return {"authorization": f"{scheme}{access.api_key}"}
    if access.user is not None:
        login = access.user, access.password or ""
    if login is None:
        return {}
    # the client would take Latin-1, which has no € and is not what a cluster reads
    return {"authorization": "Basic " + base64.b64encode(":".join(login).encode()).decode()}


def _trust(access: Access) -> dict[str, Any]:
    """A certificate of the system's authorities, of a given one, or exactly one."""
    if access.fingerprint is not None:
        return {
            "verify_certs": False,
            "ssl_show_warn": False,
            "ssl_assert_fingerprint": access.fingerprint,
        }
    if access.ca is not None:
        return {"ca_certs": str(access.ca)}
    return {}
