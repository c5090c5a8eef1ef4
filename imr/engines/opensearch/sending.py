"""Documents on their way to a cluster: in batches, beside the reading and embedding of others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from opensearchpy import helpers
from opensearchpy.exceptions import TransportError

from imr.engines.opensearch.connection import FLOODED, Connection, gone
from imr.engines.opensearch.patience import Patience
from imr.errors import EngineUnreachableError, ImrError, IndexMissingError

BULK_DOCUMENTS = 500
BULK_BYTES = 8_000_000
"""What one request carries: small enough for a node of 512 MB heap."""
BULK_SECONDS = 120
"""How long a node may take over one request."""
SENT_AT_ONCE = 2
"""Requests beside each other: a node takes in one of them on one core."""
BATCHES_AHEAD = 3
"""Batches on their way; with more the load waits, so that memory stays bounded."""

Action = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that the cluster will not take, and why."""

    id: str
    reason: str


class Sending:
    """Sends batches in threads of its own; two about the same document one after the other.

    A batch has one action for each id, so that it may be sent again in part and in any order:
    what was acknowledged stays, what was not is sent until it is or patience ends.
    """

    def __init__(self, connection: Connection, alias: str, patience: Patience) -> None:
        self._connection, self._alias, self._patience = connection, alias, patience
        self._threads = ThreadPoolExecutor(SENT_AT_ONCE, thread_name_prefix="sending")
        self._waiting: deque[tuple[frozenset[str], Future[list[Refused]]]] = deque()
        self._refused: list[Refused] = []

    def send(self, actions: Mapping[str, Action]) -> None:
        """Send these actions, by their documents' ids, before long.

        Raises:
            ImrError: an earlier batch could not be sent.
        """
        ids = frozenset(actions)
        if any(ids & earlier for earlier, _ in self._waiting):
            self._wait(0)
        self._waiting.append((ids, self._threads.submit(self._sent, dict(actions))))
        self._wait(BATCHES_AHEAD - 1)

    def finish(self) -> list[Refused]:
        """Wait until all is acknowledged or refused; the refused ones since the last time.

        Raises:
            ImrError: some of it could not be sent.
        """
        self._wait(0)
        refused, self._refused = self._refused, []
        return refused

    def _wait(self, most: int) -> None:
        """Until at most so many batches are on their way."""
        while len(self._waiting) > most:
            _, sent = self._waiting.popleft()
            self._refused += sent.result()

    def close(self) -> None:
        """End the threads; what waits is dropped."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _sent(self, pending: dict[str, Action]) -> list[Refused]:
        refused: list[Refused] = []
        waits = self._patience.waits()
        while True:
            last = self._try(pending, refused)
            if not pending:
                return refused
            wait = next(waits, None)
            if wait is None:
                raise last or EngineUnreachableError(f"{self._connection.url} takes no documents")
            time.sleep(wait)

    def _try(self, pending: dict[str, Action], refused: list[Refused]) -> ImrError | None:
        """Send what is pending; what is settled leaves it. Why the rest is not, if any is."""
        last: ImrError | None = None
        try:
            for _, result in helpers.streaming_bulk(
                self._connection.client, list(pending.values()), index=self._alias,
                chunk_size=BULK_DOCUMENTS, max_chunk_bytes=BULK_BYTES, raise_on_error=False,
                # where the index is gone, a document must not make one without our mapping
                require_alias=True, request_timeout=BULK_SECONDS,
            ):  # fmt: skip
                last = self._settled(next(iter(result.values())), pending, refused) or last
        except TransportError as error:
            last = self._connection.error(error, self._alias)
            if not isinstance(last, EngineUnreachableError):
                raise last from error
        return last

    def _settled(
        self, answer: dict[str, Any], pending: dict[str, Action], refused: list[Refused]
    ) -> ImrError | None:
        """Take one answer; the reason where it is to be asked again."""
        id_, status = answer["_id"], answer["status"]
        told = answer.get("error")
        if told is None:  # done; a delete of what is not there answers 404 without an error
            del pending[id_]
            return None
        kind, reason = _told(told)
        if kind == "index_not_found_exception":
            raise IndexMissingError(
                f"{self._connection.url}: {self._alias} was deleted while it was loaded: load again"
            )
        if gone(told):
            return self._connection.refusal(503, reason, self._alias)
        if status in {429, 502, 503, 504} and FLOODED not in reason:
            return self._connection.refusal(status, reason, self._alias)
        if kind == "cluster_block_exception" or status in {401, 403, 429}:
            raise self._connection.refusal(status, reason, self._alias)
        refused.append(Refused(id_, reason))
        del pending[id_]
        return None


def _told(error: Any) -> tuple[str, str]:
    """An error's kind, and its reason with what caused it."""
    if not isinstance(error, dict):
        return "", str(error)
    cause = error.get("caused_by") or {}
    reasons = [str(each) for each in (error.get("reason"), cause.get("reason")) if each]
    return str(error.get("type")), ": ".join(dict.fromkeys(reasons))
