"""Which clauses of a plan hold in a decision, and where: in which of its texts, or by a tag.

Engines find decisions; this tells of those on a page, by the rules that engines find them by (a
test holds both to the same).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from imr import fields, taken
from imr.engines.document import StoredDecision
from imr.engines.protocol import Engine, Hit
from imr.search.occurrences import Sought, Text
from imr.search.plan import Clause, Plan

TAG = "tag"
"""Where a concept holds that no text names: among the decision's tags."""
CASE_NUMBER = "case number"
"""Where a case number holds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a clause holds in a decision.

    `where` are texts, TAG, CASE_NUMBER, or a field term's field.
    """

    clause: Clause
    holds: bool
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a plan looks for in decisions, made ready once for all of a page."""

    plan: Plan

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """What has to hold or scores; nothing that may not hold."""
        return (*self.plan.must, *self.plan.soft)

    @cached_property
    def leaves(self) -> tuple[Clause, ...]:
        """The clauses, groups taken apart, without what may not hold."""
        return tuple(leaf for clause in self.clauses for leaf in _leaves(clause))

    @cached_property
    def scope(self) -> tuple[str, ...]:
        """The texts that a clause is looked for in, if it is bound to none."""
        return tuple(text.name for text in self.plan.texts)

    @cached_property
    def sought(self) -> Mapping[Clause, Sought]:
        """What each part of a clause looks for, what may not hold included."""
        asked = (*self.clauses, *self.plan.must_not)
        return {part: Sought.by(part) for clause in asked for part in _every(clause)}

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The texts that any clause looks into, in the registry's order."""
        bound = {part.field for part in self.sought}
        looked_into = bound.union(self.scope if None in bound else ())
        return tuple(text.name for text in fields.TEXTS if text.name in looked_into)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The keyword fields that any clause looks into."""
        named = [part.concept.field for part in self.sought if part.concept and part.concept.field]
        named += [part.filter.field for part in self.sought if part.filter]
        keywords = {keyword.name for keyword in fields.KEYWORDS}
        return tuple(name for name in dict.fromkeys(named) if name in keywords)

    @cached_property
    def ranges(self) -> tuple[Clause, ...]:
        """Field terms that ask for a number or day."""
        return tuple(part for part in self.sought if part.filter and part.filter.ranges)

    def found(
        self, engine: Engine, hits: Sequence[Hit], records: Mapping[str, StoredDecision]
    ) -> dict[str, Found]:
        """The texts and tags of a page's decisions, by id."""
        tags = engine.keywords_of(hits, self.tags) if self.tags else {}
        summaries = engine.summaries(hits) if "summary" in self.texts else {}
        within: dict[Clause, frozenset[str]] = {
            clause: engine.matching(Plan(must=(replace(clause, negated=False),)), hits)
            for clause in self.ranges
        }
        return {
            hit.id: Found(
                asked=self,
                ids=frozenset({hit.id, hit.determination}),
                texts={
                    name: Text(_text(name, records[hit.id], summaries.get(hit.id, "")))
                    for name in self.texts
                },
                tags={name: frozenset(values) for name, values in tags.get(hit.id, {}).items()},
                within=frozenset(clause for clause, ids in within.items() if hit.id in ids),
            )
            for hit in hits
            if hit.id in records
        }


@dataclass(frozen=True)
class Found:
    """A decision of a page, as far as a plan looks into it; `ids` are its own and its letter's."""

    asked: Asked
    ids: frozenset[str]
    texts: Mapping[str, Text]
    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    within: frozenset[Clause] = frozenset()

    def standing(self, clause: Clause, scope: Iterable[str]) -> Standing:
        """Whether and where a clause holds, its own negation apart; `scope` are names of texts."""
        if clause.kind in {"any", "all"}:
            return self._group(clause, scope)
        if clause.filter is not None:
            holds = clause in self.within or self._has_value(clause)
            return Standing(clause, holds, (clause.filter.field,) if holds else ())
        if clause.kind == "case":
            holds = clause.text in self.ids
            return Standing(clause, holds, (CASE_NUMBER,) if holds else ())
        sought = self.asked.sought[clause]
        into = scope if clause.field is None else (clause.field,)
        where = [name for name in into if sought.stands_in(self.texts[name])]
        if self._tagged(clause):
            where.append(TAG)
        return Standing(clause, bool(where), tuple(where))

    def _group(self, clause: Clause, scope: Iterable[str]) -> Standing:
        scope = tuple(scope)
        standing = [self.standing(part, scope) for part in clause.parts]
        held = [each.holds != each.clause.negated for each in standing]
        holds = any(held) if clause.kind == "any" else all(held)
        where = dict.fromkeys(
            name
            for each in standing
            if each.holds and not each.clause.negated
            for name in each.where
        )
        return Standing(clause, holds, tuple(where) if holds else ())

    def _tagged(self, clause: Clause) -> bool:
        concept = clause.concept
        if concept is None or concept.field is None or clause.field is not None:
            return False
        return self.tags.get(concept.field, frozenset()).issuperset(concept.codes)

    def _has_value(self, clause: Clause) -> bool:
        asked = clause.filter
        return asked is not None and any(
            self.tags.get(asked.field, frozenset()).issuperset(values)
            for values in asked.alternatives
        )


def _text(name: str, record: StoredDecision, summary: str) -> str:
    decision = record.decision
    return {
        "request": decision.request,
        "rationale": decision.rationale,
        "cited": taken.cited_line(decision),
        "summary": summary,
    }[name]


def _every(clause: Clause) -> Iterator[Clause]:
    """A clause that is no group, or the parts of a group down to those."""
    if not clause.parts:
        yield clause
    for part in clause.parts:
        yield from _every(part)


def _leaves(clause: Clause) -> Iterator[Clause]:
    """The same without what may not hold."""
    if clause.negated:
        return
    if not clause.parts:
        yield clause
    for part in clause.parts:
        yield from _leaves(part)
