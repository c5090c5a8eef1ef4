"""What is stored of each decision and letter, read by id from the text index."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence

import tantivy

from imr.engines.document import StoredDecision, determination_of
from imr.engines.embedded.columns import Rows
from imr.engines.embedded.letters import Letters
from imr.engines.embedded.queries import Queries
from imr.model import Determination

LETTERS_AT_ONCE = 500

Stored = dict[str, list[bytes]]
"""A decision's stored fields."""


class Records:
    """The stored decisions of one commit."""

    def __init__(
        self, searcher: tantivy.Searcher, queries: Queries, letters: Letters, rows: int
    ) -> None:
        self._searcher, self._queries = searcher, queries
        self._letters, self._rows = letters, rows

    def rows_of(self, ids: Iterable[str], field: str = "id") -> dict[str, int]:
        """The rows of those ids that exist; `field` "determination" takes letters' ids."""
        # most letters of a load are new, and a search for none takes long
        asked = [id_ for id_ in ids if self._searcher.doc_freq(field, id_)]
        if not asked:
            return {}
        hits = self._searcher.search(
            self._queries.among(field, asked), limit=self._rows, count=False, order_by_field="row"
        ).hits
        return {self._letters.decision(int(row)): int(row) for row, _ in hits}

    def decisions(self, ids: Sequence[str]) -> dict[str, StoredDecision]:
        """The decisions of those ids that exist."""
        records = (_record(stored) for stored in self._stored("id", ids))
        return {record.decision.id: record for record in records}

    def of_rows(self, rows: Rows) -> list[StoredDecision]:
        """The decisions of those rows that are committed and alive."""
        known = rows[rows < self._rows]
        ids = [id_ for _, id_ in self._letters.named(known[self._letters.alive[known]])]
        return [*self.decisions(ids).values()] if ids else []

    def summaries(self, determinations: Collection[str]) -> dict[str, str]:
        """The clinical summaries of these letters, by their ids."""
        letters = (
            json.loads(bytes(stored["letter"][0]))
            for stored in self._stored("determination", list(determinations))
            if stored.get("letter")
        )
        return {letter["id"]: letter["clinical_summary"] for letter in letters}

    def letter(self, id_: str) -> Determination | None:
        """A whole letter; None where there is none of that id."""
        stored = self._stored("determination", [id_])
        return _whole(stored) if stored else None

    def letters(self) -> Iterator[Determination]:
        """Every letter, in the order they were loaded; some hundreds are held at a time."""
        known = self._letters.names()
        for start in range(0, len(known), LETTERS_AT_ONCE):
            several = known[start : start + LETTERS_AT_ONCE]
            stored: dict[str, list[Stored]] = {name: [] for name in several}
            for each in self._stored("determination", several):
                stored[_record(each).determination].append(each)
            yield from (_whole(parts) for parts in stored.values())

    def some_letters(self, number: int) -> Iterator[Determination]:
        """About so many letters from all over the index."""
        known = self._letters.names()
        for id_ in known[:: max(1, len(known) // number)]:
            if letter := self.letter(id_):
                yield letter

    def _stored(self, field: str, values: Sequence[str]) -> list[Stored]:
        if not values or not self._rows:
            return []
        query = self._queries.among(field, values)
        found = self._searcher.search(query, limit=self._rows, count=False, order_by_field="row")
        return [self._searcher.doc(address).to_dict() for _, address in found.hits]


def _record(stored: Stored) -> StoredDecision:
    return StoredDecision.model_validate_json(bytes(stored["record"][0]))


def _whole(stored: Sequence[Stored]) -> Determination:
    """The letter of all its stored decisions."""
    (letter,) = (bytes(each["letter"][0]) for each in stored if each.get("letter"))
    return determination_of(letter.decode(), [_record(each) for each in stored])
