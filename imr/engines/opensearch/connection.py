"""The client of a cluster. Errors of the wire become errors that say what to do."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    OpenSearchException,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as ConnectionFailed

from imr.addresses import nodes
from imr.engines.opensearch import wire
from imr.errors import (
    EngineBusyError,
    EngineDeniedError,
    EngineFullError,
    EngineUnreachableError,
    ImrError,
    IndexClosedError,
    UnusableIndexError,
)
from imr.settings import Access

# what went wrong is told by our errors; without a handler its warnings would go to the terminal
logging.getLogger("opensearch").addHandler(logging.NullHandler())

FLOODED = "flood-stage"
"""In the reason of a write that a node with a full disk refuses."""
READ_ONLY = {
    "index read-only (api)": "index.blocks.read_only",
    "cluster read-only (api)": "cluster.blocks.read_only",
    "cluster read-only / allow delete (api)": "cluster.blocks.read_only_allow_delete",
}
"""Which setting an administrator's block comes from, by what the reason of a refusal says."""
GONE = frozenset(
    {
        "connect_transport_exception",
        "index_shard_closed_exception",
        "no_shard_available_action_exception",
        "node_closed_exception",
        "node_disconnected_exception",
        "node_not_connected_exception",
        "receive_timeout_transport_exception",
    }
)
"""Types of errors of one node about another one that has just gone away."""


class Breaker:
    """Stops asking a cluster that does not answer, so that searches fail at once.

    After `after` failures in a row nothing is asked for `seconds`; then one call is let through,
    and its result decides.
    """

    def __init__(
        self, after: int = 5, seconds: float = 5, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._after, self._seconds, self._clock = after, seconds, clock
        self._failures, self._closed_until = 0, 0.0
        self._lock = threading.Lock()

    def may_ask(self) -> bool:
        """Whether a call may be made now."""
        with self._lock:
            if self._failures < self._after:
                return True
            if self._clock() < self._closed_until:
                return False
            # this one call is the trial; the others wait for its result
            self._closed_until = self._clock() + self._seconds
            return True

    def answered(self) -> None:
        """The cluster answered, whatever it said."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """It did not."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._after:
                self._closed_until = self._clock() + self._seconds


class Connection:
    """One cluster; `url` is fit to be shown."""

    def __init__(self, url: str, access: Access | None = None) -> None:
        access = access or Access()
        named = nodes(url)
        self.url = ",".join(each.shown for each in named)
        self.seconds = access.seconds
        self.breaker = Breaker()
        self.client = wire.client(named, access)

    @contextmanager
    def said(self, what: str, *, guarded: bool = True) -> Iterator[None]:
        """Around a call about `what`; its errors are those of this program.

        `guarded` calls are not made where the cluster has not been answering.

        Raises:
            EngineUnreachableError, EngineBusyError, EngineFullError, EngineDeniedError,
            IndexClosedError, UnusableIndexError.
        """
        if guarded and not self.breaker.may_ask():
            raise EngineUnreachableError(
                f"OpenSearch has not been answering at {self.url}: it is asked again in some "
                "seconds"
            )
        try:
            yield
        except TransportError as error:
            made = self.error(error, what)
            if type(made) is EngineUnreachableError:
                self.breaker.failed()
            else:
                self.breaker.answered()
            raise made from error
        except OpenSearchException as error:
            raise EngineUnreachableError(f"{self.url}: {type(error).__name__}") from error
        self.breaker.answered()

    def error(self, error: TransportError, what: str) -> ImrError:
        """What the client raised, as an error that says what to do."""
        if isinstance(error, SSLError):
            return EngineDeniedError(
                f"{self.url} does not show the certificate that is trusted: name its CA in "
                "IMR_OPENSEARCH_CA, or its own SHA-256 in IMR_OPENSEARCH_FINGERPRINT"
            )
        if isinstance(error, ConnectionTimeout):
            return EngineUnreachableError(
                f"OpenSearch did not answer in time at {self.url}: ask again, or for less"
            )
        if isinstance(error, ConnectionFailed):
            return EngineUnreachableError(
                f"OpenSearch does not answer at {self.url}: start it or name another with --url"
            )
        reason = reason_of(error)
        if isinstance(error, AuthenticationException):
            return EngineDeniedError(
                f"{self.url} does not accept our credentials: set IMR_OPENSEARCH_USER and "
                "IMR_OPENSEARCH_PASSWORD_FILE, or IMR_OPENSEARCH_API_KEY_FILE"
            )
        if isinstance(error, AuthorizationException) and "security_exception" in str(error.error):
            return EngineDeniedError(
                f"{self.url} does not let us do this with {what} ({reason}): give the user the "
                "role in docs/opensearch.md"
            )
        told = error.info.get("error") if isinstance(error.info, dict) else None
        return self.refusal(503 if gone(told) else int(error.status_code), reason, what)

    def refusal(self, status: int, reason: str, what: str) -> ImrError:
        """The error of an HTTP status with a reason; also of one action among others."""
        if FLOODED in reason:
            return EngineFullError(
                f"{self.url}: a disk of the cluster is full, so {what} takes no loads: make room, "
                "then load again; searches go on"
            )
        if setting := next((each for words, each in READ_ONLY.items() if words in reason), None):
            return IndexClosedError(
                f"{self.url}: {what} takes no loads, as {setting} is set: set it to null (for an "
                f"index PUT {what}/_settings, for all of them PUT _cluster/settings), then load "
                "again; searches go on"
            )
        if "index write (api)" in reason:
            return IndexClosedError(
                f"{self.url}: {what} is closed to loads. It is being rebuilt or retagged: wait; "
                "or that was broken off: run `imr indices prune --unfinished`"
            )
        if status == 429:
            return EngineBusyError(f"{self.url} has too much to do for {what}: ask again later")
        if status in {502, 503, 504}:
            return EngineUnreachableError(
                f"{self.url}: {what} can't be reached at the moment ({reason})"
            )
        return UnusableIndexError(f"{self.url}: {what} answered {status} ({reason})")


def gone(error: object) -> bool:
    """Whether a cluster's error is that a node went away while it was asked: status 500 by then."""
    if isinstance(error, list):
        return any(gone(each) for each in error)
    if not isinstance(error, dict):
        return False
    inner = (error.get(name) for name in ("root_cause", "failed_shards", "caused_by", "reason"))
    return error.get("type") in GONE or any(gone(each) for each in inner)


def reason_of(error: TransportError) -> str:
    """What the cluster said was wrong, as short as it is useful."""
    info: Any = error.info
    told = info.get("error") if isinstance(info, dict) else None
    if isinstance(told, dict):
        cause = (told.get("root_cause") or [told])[0]
        return str(cause.get("reason") or told.get("reason") or error.error)
    return str(told or error.error)
