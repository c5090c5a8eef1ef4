"""The OpenSearch writer, see `imr.engines.protocol.Writer`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import Self

from imr.engines.document import Document, StoredDecision
from imr.engines.opensearch.cluster import Body, Cluster
from imr.engines.opensearch.engine import OpenSearchEngine, stored_signature
from imr.engines.protocol import StoredParts
from imr.engines.signature import Signature, check_writable
from imr.model import Determination

HELD = 500
"""Changes held back before they are sent."""


class OpenSearchWriter:
    """Documents have the decision's id, so the same load again writes the same documents."""

    def __init__(self, cluster: Cluster, signature: Signature, *, retagging: bool = False) -> None:
        """Open the index for writing, made where it does not exist.

        Retagging writes to a copy, which takes the index's place with the commit.

        Raises:
            IndexMismatchError: it was built with another model, analysis or taxonomy.
        """
        self._named = cluster
        if cluster.meta() is None and not retagging:
            cluster.create(signature)
        where = f"the index {cluster.index}"
        check_writable(stored_signature(cluster), signature, where, retagging=retagging)
        self._engine = OpenSearchEngine(cluster)
        self._retagging = retagging
        self._cluster = cluster.next_generation(signature) if retagging else cluster
        self._held: list[Body] = []
        self._pending: set[str] = set()
        self._stored: dict[str, Determination | None] = {}

    def known(self, determination: str) -> Determination | None:
        """See Writer."""
        if determination in self._pending:
            self.commit()
        found = self._engine.determination(determination)
        if len(self._stored) >= HELD:  # of letters that stayed as they are
            self._stored.clear()
        self._stored[determination] = found
        return found

    def replace(self, determination: str, documents: Iterable[Document]) -> None:
        """See Writer."""
        former = self._former(determination)
        written = set()
        for document in documents:
            self._held.append(
                {"_op_type": "index", "_id": document.id, "_source": _source(document)}
            )
            written.add(document.id)
        self._delete(former, written)
        self._pending.add(determination)
        if len(self._held) >= HELD:
            self._send()

    def remove(self, determination: str) -> bool:
        """See Writer."""
        former = self._former(determination)
        self._delete(former, set())
        self._pending.add(determination)
        return former is not None

    def _former(self, determination: str) -> Determination | None:
        """The letter as it is stored; what was looked up on its way here isn't again."""
        if determination not in self._stored:
            self.known(determination)
        return self._stored.pop(determination)

    def _delete(self, former: Determination | None, written: set[str]) -> None:
        gone = {decision.id for decision in former.decisions} - written if former else set()
        self._held.extend({"_op_type": "delete", "_id": id_} for id_ in sorted(gone))

    def letters(self) -> Iterator[Determination]:
        """See Writer."""
        return self._engine.letters()

    def stored(self, determination: Determination) -> StoredParts:
        """See Writer."""
        return self._engine.stored(determination)

    def _send(self) -> None:
        self._cluster.bulk(self._held)
        self._held = []

    def compact(self) -> None:
        """See Writer; a cluster reclaims what was replaced by itself."""
        self.commit()

    def beginning(self, bands: Collection[str]) -> list[StoredDecision]:
        """See Writer."""
        return self._engine.beginning(bands)

    def commit(self) -> None:
        """See Writer."""
        self._send()
        self._cluster.refresh()
        self._pending.clear()
        if self._retagging:
            self._named.take_over(self._cluster)
            self._cluster, self._retagging = self._named, False

    def __enter__(self) -> Self:
        """The writer itself; leaving it without an error commits."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, unless an error leads out; what was sent already stays."""
        if kind is None:
            self.commit()
        elif self._retagging:
            self._named.give_up(self._cluster)


def _source(document: Document) -> Body:
    source: Body = {
        "id": document.id,
        "determination": document.determination,
        "number": document.number,
        "record": document.record,
        "group": document.grouped.group,
        "bands": list(document.grouped.bands),
        **{name: list(values) for name, values in document.keywords.items()},
        **document.ranged,
        **document.texts,
    }
    if document.letter is not None:
        source["letter"] = document.letter
    passages: list[Body] = [{"start": start, "end": end} for start, end in document.passages]
    if document.vectors is not None:
        for passage, vector in zip(passages, document.vectors, strict=True):
            passage["vector"] = vector.tolist()
    source["passages"] = passages
    if document.facts is not None:
        source["facts"] = document.facts.tolist()
    return source
