"""The embedded engine: text in tantivy, filters and counts in columns, vectors in faiss."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import tantivy

from imr import fields
from imr.engines.document import StoredDecision
from imr.engines.embedded.columns import Column, Days, Mask, NumberColumn, Rows
from imr.engines.embedded.commit import Commit
from imr.engines.embedded.counting import Counting
from imr.engines.embedded.every import every
from imr.engines.embedded.frequent import Frequent
from imr.engines.embedded.groups import Groups
from imr.engines.embedded.letters import Letters
from imr.engines.embedded.masks import Masks
from imr.engines.embedded.queries import SCALE, Queries
from imr.engines.embedded.stored import Records
from imr.engines.embedded.text import schema, words_field
from imr.engines.embedded.vectors import StoredVectors
from imr.engines.protocol import SCORE_DIGITS, Batch, Compared, Counts, Hit, StoredParts
from imr.engines.signature import Signature
from imr.engines.tally import Tallies
from imr.model import Determination
from imr.search.plan import Plan
from imr.text.edits import one_edit_away


class EmbeddedEngine:
    """One commit, see `imr.engines.protocol.Engine`."""

    def __init__(
        self, folder: Path, searcher: tantivy.Searcher, commit: Commit, signature: Signature
    ) -> None:
        self._searcher = searcher
        self._queries = Queries(schema())
        self.signature = signature
        self._rows, files = commit.rows, commit.files
        columns, vectors = folder / "columns", folder / "vectors"
        self._columns = {f.name: Column(columns, f.name, files) for f in fields.KEYWORDS}
        self._numbers = {f.name: NumberColumn(columns, f.name, files) for f in fields.RANGED}
        self._letters = Letters(columns, self._rows, files)
        self._groups = Groups(columns, files)
        self._passages = StoredVectors(vectors, "passages", commit.passages, files)
        self._facts = StoredVectors(vectors, "facts", commit.facts, files)
        alive, frequent = self._letters.alive, Frequent.find(columns, self._rows)
        self._masks = Masks(searcher, self._queries, self._columns, self._numbers, alive, frequent)
        self._records = Records(searcher, self._queries, self._letters, self._rows)
        self._gone = commit.gone
        self._counting = Counting(self._columns, self._letters, self._groups, self._masks)

    def keyword(self, plan: Plan, limit: int, *, matching: bool = False) -> list[Hit]:
        """See Engine."""
        if not plan.scored:
            return []
        query = self._queries.keyword(plan, matching=matching)
        wanted = limit + 50
        while True:
            hits = self._hits(self._searcher.search(query, limit=wanted, count=False).hits)
            tie_is_whole = len(hits) < wanted or hits[-1].score < hits[limit - 1].score
            if tie_is_whole:
                least = hits[limit - 1].score if len(hits) >= limit else float("-inf")
                kept = (hit for hit in hits if hit.score >= least)
                return sorted(kept, key=lambda hit: (-hit.score, hit.id))
            wanted *= 4

    def _hits(self, found: Sequence[tuple[float, tantivy.DocAddress]]) -> list[Hit]:
        rows = self._searcher.fast_field_values("row", [address for _, address in found])
        named = self._letters.named(np.array(rows, dtype=np.int64))
        return [
            Hit(id_, letter, round(score / SCALE, SCORE_DIGITS), None, int(row or 0))
            for (score, _), row, (letter, id_) in zip(found, rows, named, strict=True)
        ]

    def _near(
        self, vectors: StoredVectors, plan: Plan, allowed: Mask | None, limit: int
    ) -> Iterator[Hit]:
        if plan.vector is None:
            return
        found = vectors.nearest(plan.vector, allowed, limit)
        named = self._letters.named(np.array([row for row, _, _ in found], dtype=np.int64))
        for (row, score, span), (letter, id_) in zip(found, named, strict=True):
            yield Hit(id_, letter, score, span if vectors is self._passages else None, row)

    def nearest(self, plan: Plan, limit: int) -> list[Hit]:
        """See Engine."""
        if plan.vector is None:
            return []
        bare = not (plan.filters or plan.must or plan.must_not or self._gone)
        allowed = None if bare else self._masks.hard(plan) & self._masks.filtered(plan.filters)
        best: dict[int, Hit] = {}
        if plan.scope != "facts":
            best = {hit.key: hit for hit in self._near(self._passages, plan, allowed, limit)}
        if plan.scope != "decision":
            for hit in self._near(self._facts, plan, allowed, limit):
                if hit.key not in best or hit.score > best[hit.key].score:
                    best[hit.key] = hit
        hits = sorted(best.values(), key=lambda hit: (-hit.score, hit.id))
        least = hits[limit - 1].score if len(hits) >= limit else float("-inf")
        return [hit for hit in hits if hit.score >= least]

    def count(self, plan: Plan, facets: Collection[str]) -> Counts:
        """See Engine."""
        return self._counting.count(plan, facets)

    def tallies(self, plan: Plan, by: Sequence[str]) -> Tallies:
        """See Engine."""
        return self._counting.tallies(plan, by)

    def matching(self, plan: Plan, hits: Sequence[Hit]) -> frozenset[str]:
        """See Engine."""
        matched = self._masks.matching(plan)
        return frozenset(hit.id for hit in hits if matched[hit.key])

    def newest(self, plan: Plan, limit: int, *, oldest: bool = False) -> list[Hit]:
        """See Engine."""
        matched = self._masks.matching(plan)
        order = self._oldest_first if oldest else self._newest_first
        days = self._numbers["decided"].of_rows
        rows: Rows = self._first(order, days, matched, limit)
        sign = 1.0 if oldest else -1.0
        hits = [
            (_key(day, sign), id_, Hit(id_, letter, 0.0, None, row))
            for day, row, (letter, id_) in zip(
                days[rows].tolist(), rows.tolist(), self._letters.named(rows), strict=True
            )
        ]
        return [hit for _, _, hit in sorted(hits, key=lambda each: each[:2])[:limit]]

    def _first(self, order: Rows, days: Days, matched: Mask, limit: int) -> Rows:
        """The first `limit` matching rows of an order, and all others of the last one's day.

        The order is looked at piece by piece. So ties at the cut can go by id.
        """
        rows = np.empty(0, dtype=np.int64)
        step = max(10_000, 2 * limit)
        for start in range(0, len(order), step):
            piece = order[start : start + step]
            rows = np.concatenate([rows, piece[matched[piece]]])
            if len(rows) > limit:
                others = ~_equal(days[rows[limit:]], days[rows[limit - 1]])
                if others.any():
                    return rows[: limit + int(others.argmax())]
        return rows

    @cached_property
    def _newest_first(self) -> Rows:
        """All rows, unknown days last."""
        return np.argsort(-self._numbers["decided"].of_rows, kind="stable")

    @cached_property
    def _oldest_first(self) -> Rows:
        return np.argsort(self._numbers["decided"].of_rows, kind="stable")

    def every(self, plan: Plan, names: Collection[str], *, records: bool = True) -> Iterator[Batch]:
        """See Engine."""
        return every(
            np.flatnonzero(self._masks.matching(plan)),
            self._letters,
            {name: self._columns[name] for name in names if name in self._columns},
            {name: self._numbers[name] for name in names if name in self._numbers},
            self._searcher if records else None,
        )

    def fetch(self, ids: Sequence[str]) -> dict[str, StoredDecision]:
        """See Engine."""
        return self._records.decisions(ids)

    def matching_siblings(self, plan: Plan, hits: Sequence[Hit]) -> dict[str, list[str]]:
        """See Engine."""
        matched = self._masks.matching(plan)
        return {
            hit.determination: [
                self._letters.decision(row)
                for row in self._letters.rows_beside(hit.key)
                if matched[row]
            ]
            for hit in hits
        }

    def keywords_of(
        self, hits: Sequence[Hit], names: Collection[str]
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        """See Engine."""
        rows = np.array([hit.key for hit in hits], dtype=np.int64)
        held = {name: self._columns[name].of_rows(rows) for name in names}
        return {
            hit.id: {name: values[at] for name, values in held.items()}
            for at, hit in enumerate(hits)
        }

    def compared(self, ids: Sequence[str]) -> dict[str, Compared]:
        """See Engine."""
        return {
            id_: Compared(
                self._groups.of_row(row), self._passages.of_row(row)[1], self._facts.of_row(row)[1]
            )
            for id_, row in self.rows_of(ids).items()
        }

    def groups_of(self, hits: Sequence[Hit]) -> dict[str, str]:
        """See Engine."""
        groups = self._groups.of_rows(np.array([hit.key for hit in hits], dtype=np.int64))
        return {hit.id: group for hit, group in zip(hits, groups, strict=True)}

    def records(self, rows: Rows) -> list[StoredDecision]:
        """The stored decisions of those rows that are committed and alive."""
        return self._records.of_rows(rows)

    def summaries(self, hits: Sequence[Hit]) -> dict[str, str]:
        """See Engine."""
        summaries = self._records.summaries([hit.determination for hit in hits])
        return {hit.id: summaries[hit.determination] for hit in hits}

    def values(self, field: str) -> Collection[str]:
        """See Engine."""
        return self._columns[field].values

    def value_counts(self, names: Collection[str]) -> Mapping[str, Mapping[str, int]]:
        """See Engine; the same object for the same names, since a commit never changes."""
        return self._counting.of_all(names)

    def letters_beginning(self, prefix: str, limit: int) -> list[str]:
        """See Engine."""
        return self._letters.beginning(prefix, limit)

    def frequency(self, word: str) -> int:
        """See Engine."""
        return sum(self._searcher.doc_freq(words_field(f.name), word) for f in fields.TEXTS)

    def near_words(self, word: str) -> Mapping[str, int]:
        """See Engine."""
        found = {near: self.frequency(near) for near in one_edit_away(word)}
        return {near: count for near, count in found.items() if count}

    def determination(self, id_: str) -> Determination | None:
        """See Engine."""
        return self._records.letter(id_)

    def some_letters(self, number: int) -> Iterator[Determination]:
        """About so many letters from all over the index."""
        return self._records.some_letters(number)

    def letters(self) -> Iterator[Determination]:
        """Every letter, in the order they were loaded; some hundreds are held at a time."""
        return self._records.letters()

    def stored(self, determination: Determination) -> StoredParts:
        """See Writer."""
        ids = [decision.id for decision in determination.decisions]
        rows = self.rows_of(ids)
        parts = [self._passages.of_row(rows[id_]) for id_ in ids]
        with_model = self.signature.model is not None
        return StoredParts(
            passages=tuple(spans for spans, _ in parts),
            vectors=tuple(vectors for _, vectors in parts) if with_model else None,
            facts=tuple(self._facts.of_row(rows[id_])[1] for id_ in ids) if with_model else None,
            keywords=tuple(
                {name: column.of_row(rows[id_]) for name, column in self._columns.items()}
                for id_ in ids
            ),
            grouped=tuple(self._groups.begun(rows[id_]) for id_ in ids),
        )

    def corpus_outcomes(self) -> tuple[int, int]:
        """See Engine."""
        return self._corpus_outcomes

    @cached_property
    def _corpus_outcomes(self) -> tuple[int, int]:
        counts = self._counting.values("outcome")
        return counts.get("upheld", 0), counts.get("overturned", 0)

    @property
    def alive(self) -> Mask:
        """The rows that no later load has replaced."""
        return self._letters.alive

    def disagreements(self) -> Iterator[str]:
        """Where columns and vectors speak of other rows than there are."""
        for name, column in self._columns.items():
            if column.rows != self._rows:
                yield f"{name}: {column.rows} rows have values of {self._rows}"
        for name, numbers in self._numbers.items():
            if len(numbers.of_rows) != self._rows:
                yield f"{name}: {len(numbers.of_rows)} values of {self._rows} rows"
        if len(self._groups) != self._rows:
            yield f"groups: {len(self._groups)} of {self._rows} rows"
        for name, vectors in (("passages", self._passages), ("facts", self._facts)):
            rows = vectors.rows()
            if len(rows) != vectors.count or np.any(np.diff(rows) < 0):
                yield f"{name}: vectors and their rows disagree"
            elif self.signature.model is not None and self.alive[: self._rows].any():
                missing = np.setdiff1d(np.flatnonzero(self.alive), rows)
                if len(missing) and vectors.count:
                    yield f"{name}: {len(missing)} decisions have no vector"

    def check(self) -> None:
        """See Engine; an open commit always answers."""

    def foresee(self, *_: object) -> None:
        """See Engine; nothing is gained by asking ahead here."""

    def notes(self) -> tuple[str, ...]:
        """See Engine; an open commit always answers as a whole."""
        return ()

    def rows_of(self, ids: Iterable[str], field: str = "id") -> dict[str, int]:
        """The rows of those ids that exist; `field` "determination" takes letters' ids."""
        return self._records.rows_of(ids, field)


def _equal(days: np.ndarray, day: np.float32) -> Mask:
    equal: Mask = np.isnan(days) if np.isnan(day) else days == day
    return equal


def _key(day: float, sign: float) -> float:
    return float("inf") if np.isnan(day) else sign * day
