"""The embedded engine: text in tantivy, filters and counts in columns, vectors in faiss."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import tantivy

from imr import fields
from imr.engines.document import StoredDecision, determination_of
from imr.engines.embedded.columns import Column, Mask, Numbers, union
from imr.engines.embedded.text import SCALE, Queries, open_index, reading_folder, schema
from imr.engines.embedded.vectors import PassageVectors
from imr.engines.protocol import SCORE_DIGITS, Counts, Hit, StoredParts
from imr.engines.signature import Signature, check_readable, stored_signature
from imr.errors import IndexMissingError
from imr.model import Determination
from imr.search.plan import Filter, Plan

SIGNATURE = "signature.json"
LETTERS_AT_ONCE = 500
NO_DAY = np.iinfo(np.int32).min
"""Stands for an unknown date in the column of days."""


class EmbeddedIndex:
    """An index folder, open for reading; notices commits of other processes."""

    def __init__(self, folder: Path) -> None:
        """Open the folder.

        Raises:
            IndexMissingError: there is none; IndexMismatchError: another version built it.
        """
        self.folder = folder
        self.signature = read_signature(folder)
        check_readable(self.signature, f"the index {folder}")
        self._seen: tuple[int, int] | None = None
        self._snapshot: EmbeddedEngine | None = None

    def current(self) -> EmbeddedEngine:
        """The newest commit; the same object until there is a newer one."""
        status = os.stat(self.folder / "text" / "meta.json")  # noqa: PTH116 - one call, no object
        seen = status.st_mtime_ns, status.st_ino
        if self._snapshot is None or seen != self._seen:
            searcher = open_index(reading_folder(self.folder / "text")).searcher()
            self._snapshot = EmbeddedEngine(self.folder, searcher, self.signature)
            self._seen = seen
        return self._snapshot


def read_signature(folder: Path) -> Signature:
    """What the index in the folder was built with."""
    try:
        return stored_signature((folder / SIGNATURE).read_text(encoding="utf-8"), str(folder))
    except FileNotFoundError:
        raise IndexMissingError(
            f"there is no index in {folder}: make one with `imr index PATH… --index {folder}`"
        ) from None


class EmbeddedEngine:
    """One commit, see `imr.engines.protocol.Engine`."""

    def __init__(self, folder: Path, searcher: tantivy.Searcher, signature: Signature) -> None:
        self._searcher = searcher
        self._queries = Queries(schema())
        self.signature = signature
        self._rows, vectors = committed(searcher)
        columns = folder / "columns"
        keyword = [field.name for field in fields.FIELDS if field.type == "keyword"]
        self._columns = {
            name: Column(columns, name, self._rows) for name in [*keyword, "determination"]
        }
        self._numbers = Numbers(columns, "number", self._rows).of_rows
        self._days = Numbers(columns, "decided", self._rows).of_rows
        self._vectors = PassageVectors(folder / "vectors", vectors)

    @cached_property
    def _alive(self) -> Mask:
        """The rows that no later load has replaced."""
        if self._searcher.num_docs == self._rows:
            return np.ones(self._rows, dtype=np.bool_)
        return self._mask(tantivy.Query.all_query())

    def keyword(self, plan: Plan, limit: int, *, matching: bool = False) -> list[Hit]:
        """See Engine."""
        if not plan.scored:
            return []
        query = self._queries.keyword(plan, matching=matching)
        wanted = limit + 50
        while True:
            found = self._searcher.search(query, limit=wanted, count=False).hits
            hits = self._hits(found)
            tie_is_whole = len(hits) < wanted or hits[-1].score < hits[limit - 1].score
            if tie_is_whole:
                cut = hits[limit - 1].score if len(hits) >= limit else float("-inf")
                return sorted((h for h in hits if h.score >= cut), key=lambda h: (-h.score, h.id))
            wanted *= 4

    def _hits(self, found: Sequence[tuple[float, tantivy.DocAddress]]) -> list[Hit]:
        rows = self._searcher.fast_field_values("row", [address for _, address in found])
        return [
            Hit(
                self._id(int(row or 0)),
                self._letter_of(int(row or 0)),
                round(score / SCALE, SCORE_DIGITS),
            )
            for (score, _), row in zip(found, rows, strict=True)
        ]

    def nearest(self, plan: Plan, limit: int) -> list[Hit]:
        """See Engine."""
        if plan.vector is None or not self._vectors.count:
            return []
        allowed = self._hard(plan, plan.filters)
        hits = [
            Hit(self._id(row), self._letter_of(row), score, span)
            for row, score, span in self._vectors.nearest(plan.vector, allowed, limit)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def count(self, plan: Plan, facets: Collection[str], among: Collection[str]) -> Counts:
        """See Engine."""
        text = self._text_mask(plan)
        matched = text & self._filter_mask(plan.filters)
        counted = {}
        for name in facets:
            others = plan.filters_counting(name)
            mask = matched if len(others) == len(plan.filters) else text & self._filter_mask(others)
            counted[name] = self._columns[name].counts(mask)
        return Counts(
            matches=int(np.count_nonzero(matched)),
            determinations=self._columns["determination"].distinct(matched),
            facets=counted,
            matched=frozenset(id_ for id_, row in self._rows_of(among).items() if matched[row]),
        )

    def newest(self, plan: Plan, limit: int, *, oldest: bool = False) -> list[Hit]:
        """See Engine."""
        matched = self._text_mask(plan) & self._filter_mask(plan.filters)
        rows = np.flatnonzero(matched)
        days = self._days[rows].astype(np.int64)
        known = days != NO_DAY
        key = np.where(known, days if oldest else -days, np.iinfo(np.int64).max)
        # more than asked for, so that ties at the cut can go by id
        order = np.argsort(key, kind="stable")
        if len(order) > limit:
            order = order[key[order] <= key[order[limit - 1]]]
        listed = [(int(key[at]), self._id(int(rows[at])), int(rows[at])) for at in order]
        return [Hit(id_, self._letter_of(row), 0.0) for _, id_, row in sorted(listed)[:limit]]

    def fetch(self, ids: Sequence[str]) -> dict[str, StoredDecision]:
        """See Engine."""
        records = (
            StoredDecision.model_validate_json(bytes(document["record"][0]))
            for document in self._stored("id", ids)
        )
        return {record.decision.id: record for record in records}

    def matching_siblings(self, plan: Plan, determinations: Sequence[str]) -> dict[str, list[str]]:
        """See Engine."""
        matched = self._text_mask(plan) & self._filter_mask(plan.filters)
        column = self._columns["determination"]
        siblings: dict[str, list[str]] = {}
        for name in determinations:
            ordinal = column.ordinal_of.get(name, -1)
            rows = np.flatnonzero((column.ordinals == ordinal) & matched)
            siblings[name] = [
                self._id(row) for row in sorted(rows.tolist(), key=lambda r: int(self._numbers[r]))
            ]
        return siblings

    def keywords_of(
        self, ids: Sequence[str], names: Collection[str]
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        """See Engine."""
        return {
            id_: {name: self._columns[name].of_row(row) for name in names}
            for id_, row in self._rows_of(ids).items()
        }

    def determination(self, id_: str) -> Determination | None:
        """See Engine."""
        stored = self._stored("determination", [id_])
        return _whole(stored) if stored else None

    def letters(self) -> Iterator[Determination]:
        """Every letter, in the order they were loaded; some hundreds are held at a time."""
        column = self._columns["determination"]
        names = dict.fromkeys(column.ordinals[self._alive].tolist())
        known = [column.values[ordinal] for ordinal in names]
        for start in range(0, len(known), LETTERS_AT_ONCE):
            several = known[start : start + LETTERS_AT_ONCE]
            stored: dict[str, list[dict[str, list[bytes]]]] = {name: [] for name in several}
            for document in self._stored("determination", several):
                record = StoredDecision.model_validate_json(bytes(document["record"][0]))
                stored[record.determination].append(document)
            yield from (_whole(documents) for documents in stored.values())

    def stored(self, determination: Determination) -> StoredParts:
        """See Writer."""
        ids = [decision.id for decision in determination.decisions]
        rows = self._rows_of(ids)
        parts = [self._vectors.of_row(rows[id_]) for id_ in ids]
        names = [name for name in self._columns if name != "determination"]
        keywords = self.keywords_of(ids, names)
        return StoredParts(
            passages=tuple(spans for spans, _ in parts),
            vectors=tuple(vectors for _, vectors in parts) if self.signature.model else None,
            keywords=tuple(keywords[id_] for id_ in ids),
        )

    def corpus_outcomes(self) -> tuple[int, int]:
        """See Engine."""
        counts = self._columns["outcome"].counts(self._alive)
        return counts.get("upheld", 0), counts.get("overturned", 0)

    def check(self) -> None:
        """See Engine; an open commit always answers."""

    def _stored(self, field: str, values: Sequence[str]) -> list[dict[str, list[bytes]]]:
        if not values:
            return []
        query = self._queries.among(field, values)
        found = self._searcher.search(query, limit=max(1, self._searcher.num_docs), count=False)
        return [self._searcher.doc(address).to_dict() for _, address in found.hits]

    def _id(self, row: int) -> str:
        return f"{self._letter_of(row)}.{self._numbers[row]}"

    def _letter_of(self, row: int) -> str:
        column = self._columns["determination"]
        return column.values[int(column.ordinals[row])]

    def _rows_of(self, ids: Iterable[str]) -> dict[str, int]:
        """The rows of those ids that exist."""
        asked = list(ids)
        if not asked:
            return {}
        found = self._searcher.search(
            self._queries.among("id", asked), limit=len(asked), count=False, order_by_field="row"
        )
        return {self._id(int(row)): int(row) for row, _ in found.hits}

    def _text_mask(self, plan: Plan) -> Mask:
        """The rows where the text clauses of a match hold, whatever the filters say."""
        parts = [self._queries.hard(plan, []), self._queries.groups(plan)]
        queries = [(tantivy.Occur.Must, query) for query in parts if query is not None]
        return self._mask(tantivy.Query.boolean_query(queries)) if queries else self._alive

    def _hard(self, plan: Plan, filters: Sequence[Filter]) -> Mask:
        query = self._queries.hard(plan, [])
        text = self._alive if query is None else self._mask(query)
        return text & self._filter_mask(filters)

    def _filter_mask(self, filters: Sequence[Filter]) -> Mask:
        mask = np.ones(self._rows, dtype=np.bool_)
        for filter_ in filters:
            column = self._columns[filter_.field]
            held = union(
                (
                    np.logical_and.reduce([column.having(value) for value in values])
                    for values in filter_.alternatives
                ),
                self._rows,
            )
            mask &= ~held if filter_.negated else held
        return mask

    def _mask(self, query: tantivy.Query) -> Mask:
        """All rows a query finds."""
        mask = np.zeros(self._rows, dtype=np.bool_)
        if not self._rows:
            return mask
        found = self._searcher.search(
            query, limit=self._rows, count=False, order_by_field="row"
        ).hits
        mask[[row for row, _ in found]] = True
        return mask


def _whole(stored: Sequence[dict[str, list[bytes]]]) -> Determination:
    """The letter of all its stored decisions."""
    records = [StoredDecision.model_validate_json(bytes(d["record"][0])) for d in stored]
    (letter,) = (bytes(d["letter"][0]) for d in stored if d.get("letter"))
    return determination_of(letter.decode(), records)


def committed(searcher: tantivy.Searcher) -> tuple[int, int]:
    """(rows, vectors) of the searcher's commit: what its newest decision says of them."""
    last = searcher.search(
        tantivy.Query.all_query(), limit=1, count=False, order_by_field="row"
    ).hits
    if not last:
        return 0, 0
    row, address = last[0]
    return int(row) + 1, int(searcher.fast_field_values("vectors", [address])[0] or 0)
