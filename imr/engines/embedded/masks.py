"""Which rows a plan's parts hold in, as masks over all rows.

tantivy tells a text clause's rows one by one, 0.12 µs each. Those of frequent words stand ready,
and the rows of each clause and filter are kept, packed to a bit each, for the next search that has
it; everything above single clauses is arithmetic on masks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

import numpy as np
import tantivy
from numpy.typing import NDArray

from imr import fields
from imr.engines.embedded.columns import Column, Mask, NumberColumn
from imr.engines.embedded.frequent import Frequent
from imr.engines.embedded.queries import Queries, sole_words, tag_of
from imr.engines.embedded.text import rows_found
from imr.search.plan import Clause, Filter, Plan

KEPT_BYTES = 64_000_000
"""How many bytes the kept clauses may take in all: 500 clauses of a million decisions."""

Key = tuple[Clause | Filter, tuple[str, ...]]
"""A clause and the texts it is looked for in, or a filter."""


class Masks:
    """The masks of one commit."""

    def __init__(
        self,
        searcher: tantivy.Searcher,
        queries: Queries,
        columns: Mapping[str, Column],
        numbers: Mapping[str, NumberColumn],
        alive: Mask,
        frequent: Frequent,
    ) -> None:
        self._searcher, self._queries, self._frequent = searcher, queries, frequent
        self._columns, self._numbers = columns, numbers
        self.alive = alive
        self._kept: OrderedDict[Key, NDArray[np.uint8]] = OrderedDict()
        self._lock = Lock()
        self._matched: tuple[Plan, Mask] | None = None

    def matches(self, plan: Plan, filters: Sequence[Filter]) -> Mask:
        """The rows where the plan's text and these filters hold."""
        return self.text(plan) & self.filtered(filters)

    def matching(self, plan: Plan) -> Mask:
        """The rows that match; the last plan's are kept, since one search asks several times."""
        kept = self._matched
        if kept is not None and kept[0] == plan:
            return kept[1]
        mask = self.matches(plan, plan.filters)
        self._matched = plan, mask
        return mask

    def text(self, plan: Plan) -> Mask:
        """The rows where the text clauses of a match hold, whatever the filters say."""
        mask = self.hard(plan)
        for group in plan.groups:
            if group.needed == len(group.clauses):
                for clause in group.clauses:
                    mask &= self.holding(clause, plan.scope_of(clause))
                continue
            held = np.zeros(len(mask), dtype=np.uint8)
            for clause in group.clauses:
                held += self.holding(clause, plan.scope_of(clause))
            mask &= held >= group.needed
        return mask

    def hard(self, plan: Plan) -> Mask:
        """The rows alive where all hard text holds."""
        mask = self.alive.copy()
        for clause in plan.must:
            mask &= self.holding(clause, plan.texts)
        for clause in plan.must_not:
            mask &= ~self.holding(clause, plan.texts)
        return mask

    def filtered(self, filters: Sequence[Filter]) -> Mask:
        """The rows where these filters hold."""
        mask = np.ones(len(self.alive), dtype=np.bool_)
        for asked in filters:
            held = self._filter(asked)
            mask &= ~held if asked.negated else held
        return mask

    def _filter(self, asked: Filter) -> Mask:
        return self._remembered((asked, ()), lambda: self._filtered(asked))

    def _filtered(self, asked: Filter) -> Mask:
        held = np.zeros(len(self.alive), dtype=np.bool_)
        for values in asked.alternatives:
            having = self._columns[asked.field].having
            held |= np.logical_and.reduce([having(value) for value in values])
        for low, high in asked.ranges:
            if asked.field in self._columns:  # a keyword that has any value
                held |= self._columns[asked.field].having_any()
            else:
                held |= self._numbers[asked.field].within(low, high)
        return held

    def holding(self, clause: Clause, texts: Sequence[fields.Field]) -> Mask:
        """The rows where a clause holds, its own negation apart; dead rows may be among them."""
        if clause.kind == "field" and clause.filter is not None:
            return self._filter(clause.filter)
        if clause.kind in {"any", "all"}:
            parts = [
                ~self.holding(part, texts) if part.negated else self.holding(part, texts)
                for part in clause.parts
            ]
            join = np.logical_or if clause.kind == "any" else np.logical_and
            joined: Mask = join.reduce(parts)
            return joined
        return self._leaf(clause, texts)

    def _leaf(self, clause: Clause, texts: Sequence[fields.Field]) -> Mask:
        key = clause, tuple(field.name for field in texts)
        return self._remembered(key, lambda: self._found(clause, texts))

    def _found(self, clause: Clause, texts: Sequence[fields.Field]) -> Mask:
        """By its tag's column and by frequent words; tantivy tells the rest."""
        if clause.kind in {"case", "prefix"}:
            return self._rows(self._queries.holds(clause, texts))
        words = sole_words(clause, texts) & self._frequent.places.keys()
        mask = self._rows(self._queries.named(clause, texts, words))
        known = self._frequent.count
        mask[:known] |= self._frequent.having(words)
        if words and known < len(mask):
            mask |= self._rows(self._queries.behind(known, self._queries.named(clause, texts)))
        field, codes = tag_of(clause)
        if codes:
            having = self._columns[field].having
            mask |= np.logical_and.reduce([having(code) for code in codes])
        return mask

    def _rows(self, query: tantivy.Query) -> Mask:
        return rows_found(self._searcher, query, len(self.alive))

    def _remembered(self, key: Key, find: Callable[[], Mask]) -> Mask:
        rows = len(self.alive)
        with self._lock:
            packed = self._kept.get(key)
            if packed is not None:
                self._kept.move_to_end(key)
        if packed is not None:
            return np.unpackbits(packed, count=rows).view(np.bool_)
        mask = find()
        with self._lock:
            self._kept[key] = np.packbits(mask)
            while len(self._kept) * (rows // 8 + 1) > KEPT_BYTES:
                self._kept.popitem(last=False)
        return mask
