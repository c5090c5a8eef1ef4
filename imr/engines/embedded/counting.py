"""Counts over a plan's matches, from columns.

What all decisions have is counted once a commit. The last plans' counts are kept as well: the next
page of a search, or another order, is about the same matches.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from threading import Lock

import numpy as np

from imr.engines.embedded.columns import Column, Rows
from imr.engines.embedded.groups import Groups
from imr.engines.embedded.letters import Letters
from imr.engines.embedded.masks import Masks
from imr.engines.embedded.tallies import Tallier
from imr.engines.protocol import Counts
from imr.engines.tally import Tallies
from imr.search.plan import Plan

KEPT = 100
"""Plans whose counts are kept; those of twelve facets are some ten thousand numbers at most."""


class Counting:
    """The counts of one commit."""

    def __init__(
        self, columns: Mapping[str, Column], letters: Letters, groups: Groups, masks: Masks
    ) -> None:
        self._columns, self._letters, self._groups, self._masks = columns, letters, groups, masks
        self._of_all: dict[str, dict[str, int]] = {}
        self._tallied: dict[tuple[str, ...], Tallies] = {}
        self._last_values: dict[tuple[str, ...], dict[str, dict[str, int]]] = {}
        self._last: OrderedDict[tuple[Plan, tuple[str, ...]], Counts] = OrderedDict()
        self._lock = Lock()

    def count(self, plan: Plan, facets: Collection[str]) -> Counts:
        """See Engine."""
        key = plan, tuple(facets)
        with self._lock:
            if (kept := self._last.get(key)) is not None:
                self._last.move_to_end(key)
                return kept
        made = self._count(plan, facets)
        with self._lock:
            self._last[key] = made
            if len(self._last) > KEPT:
                self._last.popitem(last=False)
        return made

    def _count(self, plan: Plan, facets: Collection[str]) -> Counts:
        chosen = self._chosen(plan)
        counted = {}
        for name in facets:
            others = plan.filters_counting(name)
            rows = chosen
            if len(others) != len(plan.filters):
                rows = np.flatnonzero(self._masks.matches(plan, others))
            counted[name] = self._values(name, rows)
        letters = self._all_letters if chosen is self._all else self._letters.distinct(chosen)
        return Counts(matches=len(chosen), determinations=letters, facets=counted)

    def tallies(self, plan: Plan, by: Sequence[str]) -> Tallies:
        """See Engine."""
        rows = self._chosen(plan)
        if len(rows) != len(self._all) or len(by) > 1:
            return self._tallier.tallies(rows, by)
        if tuple(by) not in self._tallied:
            self._tallied[tuple(by)] = self._tallier.tallies(rows, by)
        return self._tallied[tuple(by)]

    def of_all(self, names: Collection[str]) -> Mapping[str, Mapping[str, int]]:
        """How many decisions have each value; the same object for the same names."""
        asked = tuple(names)
        if asked not in self._last_values:
            self._last_values = {asked: {name: self.values(name) for name in asked}}
        return self._last_values[asked]

    def values(self, name: str) -> dict[str, int]:
        """How many decisions have each value of a field."""
        return self._values(name, self._all)

    def _chosen(self, plan: Plan) -> Rows:
        """The rows of the plan's matches."""
        return self._all if plan.bare else np.flatnonzero(self._masks.matching(plan))

    def _values(self, name: str, rows: Rows) -> dict[str, int]:
        """How many of these rows have each value."""
        if len(rows) != len(self._all):
            return self._columns[name].counts(rows)
        if name not in self._of_all:
            self._of_all[name] = self._columns[name].counts(rows)
        return self._of_all[name]

    @cached_property
    def _all(self) -> Rows:
        """The rows alive."""
        return np.flatnonzero(self._letters.alive)

    @cached_property
    def _all_letters(self) -> int:
        return self._letters.distinct(self._all)

    @cached_property
    def _tallier(self) -> Tallier:
        return Tallier(self._columns, self._letters, self._groups)
