"""The OpenSearch writer, see `imr.engines.protocol.Writer`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from types import TracebackType
from typing import Self

from imr.engines.document import Document, StoredDecision
from imr.engines.open import Way
from imr.engines.opensearch.answers import stored_signature
from imr.engines.opensearch.cluster import Body, Cluster
from imr.engines.opensearch.engine import OpenSearchEngine
from imr.engines.opensearch.generations import Generations
from imr.engines.opensearch.patience import Patience
from imr.engines.opensearch.rebuild import Rebuild
from imr.engines.opensearch.seen import Seen
from imr.engines.opensearch.sending import Action, Refused, Sending
from imr.engines.opensearch.trial import Trial
from imr.engines.protocol import StoredParts
from imr.engines.signature import Signature, check_writable
from imr.model import Determination
from imr.text.sketch import Grouped

HELD = 500
"""Changes held back before they are sent."""


class OpenSearchWriter:
    """Documents have the decision's id, so the same load again writes the same documents.

    "add" writes into the live generation, "retag" into a copy of it and "recreate" into an empty
    one. Those two take the live one's place when the writer is left without an error, and after
    a trial of what they hold. "retag" of what was tagged with the same vocabularies copies nothing.
    """

    def __init__(
        self,
        cluster: Cluster,
        signature: Signature,
        way: Way = "add",
        *,
        shards: int = 1,
        patience: Patience | None = None,
    ) -> None:
        """Open the index for writing, made where it does not exist.

        Raises:
            IndexMismatchError: it was built with another model, analysis or taxonomy.
        """
        self._patience = patience or Patience()
        self._rebuild = self._begun(cluster, signature, way, shards)
        target = self._rebuild.target if self._rebuild else cluster
        with self._rebuild.or_given_up() if self._rebuild else nullcontext():
            held = cluster.decisions() if self._rebuild and way == "retag" else 0
        self._target = target
        # what is stored already: retagging reads from the live one, which no one writes to
        self._engine = OpenSearchEngine(cluster if way == "retag" else target)
        self._sending = Sending(cluster.connection, target.index, self._patience)
        self._trial = Trial(target, self._rebuild.name, held) if self._rebuild else None
        self._seen = Seen() if way == "recreate" else None
        self._held: dict[str, Action] = {}
        self._written: dict[str, set[str]] = {}
        self._stored: dict[str, Determination | None] = {}
        self._refused: list[tuple[str, str]] = []

    @staticmethod
    def _begun(cluster: Cluster, signature: Signature, way: Way, shards: int) -> Rebuild | None:
        """The generation to load into, where that is not the live one."""
        meta = cluster.meta()
        if way == "recreate":
            if meta is not None and "imr" not in meta:
                raise cluster.foreign()
            return Rebuild(cluster, signature, shards)
        if way == "add" and meta is None:
            Generations(cluster).create(signature, shards)
        stored = stored_signature(cluster)
        check_writable(stored, signature, f"the index {cluster.index}", retagging=way == "retag")
        # what today's vocabularies tagged comes out the same: there is nothing to copy for
        if way == "retag" and stored.taxonomy != signature.taxonomy:
            return Rebuild.copy(cluster, signature)
        return None

    def known(self, determinations: Sequence[str]) -> dict[str, Determination]:
        """See Writer."""
        if not self._written.keys().isdisjoint(determinations):
            self._commit()
        seen = self._seen
        asked = [id_ for id_ in determinations if seen is None or id_ in seen]
        found = self._patience.over(lambda: self._engine.determinations(asked))
        if len(self._stored) >= HELD:  # of letters that stayed as they are
            self._stored.clear()
        self._stored |= {id_: found.get(id_) for id_ in determinations}
        return found

    def replace(self, determination: str, documents: Iterable[Document]) -> None:
        """See Writer."""
        former = self._former(determination)
        written = set()
        for document in documents:
            source = _source(document)
            self._held[document.id] = {
                "_op_type": "index", "_id": document.id, "_source": source,
            }  # fmt: skip
            written.add(document.id)
            if self._trial:
                self._trial.loaded(document.id, source)
        self._put(determination, former, written)

    def remove(self, determination: str) -> bool:
        """See Writer."""
        former = self._former(determination)
        self._put(determination, former, set())
        return former is not None

    def _former(self, determination: str) -> Determination | None:
        """The letter as it is stored; what was looked up on its way here isn't again."""
        if determination not in self._stored or determination in self._written:
            self.known([determination])
        return self._stored.pop(determination)

    def _put(self, determination: str, former: Determination | None, written: set[str]) -> None:
        before = {decision.id for decision in former.decisions} if former else set()
        self._delete(before - written)
        self._written[determination] = written
        if self._seen is not None:
            self._seen.add(determination)
        if self._trial:
            self._trial.changed(len(written) - len(before))
        if len(self._held) >= HELD:
            self._send()

    def _delete(self, ids: Iterable[str]) -> None:
        self._held |= {id_: {"_op_type": "delete", "_id": id_} for id_ in sorted(ids)}

    def letters(self) -> Iterator[Determination]:
        """See Writer."""
        return self._engine.letters()

    def stored(self, determination: Determination) -> StoredParts:
        """See Writer."""
        return self._engine.stored(determination)

    def refused(self) -> list[tuple[str, str]]:
        """See Writer."""
        refused, self._refused = self._refused, []
        return refused

    def _send(self) -> None:
        if self._held:
            self._sending.send(self._held)
            self._held = {}

    def _take_back(self, refused: list[Refused]) -> None:
        """Leave nothing of a letter of which a decision was refused: it is whole or not there."""
        letters = {id_: letter for letter, ids in self._written.items() for id_ in ids}
        for each in refused:
            letter = letters[each.id]
            ids = self._written.pop(letter, None)
            if ids is None:  # another of its decisions was refused, too
                continue
            self._refused.append((letter, each.reason))
            self._delete(ids)
            if self._trial:
                self._trial.taken_back(ids)
        self._send()
        self._sending.finish()

    def compact(self) -> None:
        """See Writer; a cluster reclaims what was replaced by itself."""
        self.commit()

    def beginning(self, sought: Sequence[Grouped]) -> list[list[StoredDecision]]:
        """See Writer."""
        return self._patience.over(lambda: self._engine.beginning(sought))

    def commit(self) -> None:
        """See Writer; beside the live generation nothing is seen until the writer is left."""
        self._commit()

    def _commit(self) -> None:
        self._send()
        if refused := self._sending.finish():
            self._take_back(refused)
        self._patience.over(self._target.refresh)
        self._written.clear()

    def __enter__(self) -> Self:
        """The writer itself; leaving it without an error commits."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, unless an error leads out; what was sent into the live index already stays."""
        if self._rebuild is None or self._trial is None:
            self._leave(kind)
            return
        if kind is not None:
            self._leave(kind)
            self._rebuild.give_up()
            return
        with self._rebuild.or_given_up():
            self._leave(kind)
        self._rebuild.take_over(self._trial)

    def _leave(self, kind: type[BaseException] | None) -> None:
        with closing(self._sending):
            if kind is None:
                self._commit()


def _source(document: Document) -> Body:
    source: Body = {
        "id": document.id,
        "determination": document.determination,
        "number": document.number,
        "record": document.record,
        "group": document.grouped.group,
        "bands": list(document.grouped.bands),
        "signs": document.grouped.signs.hex(),
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
