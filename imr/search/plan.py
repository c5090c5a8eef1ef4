"""What an engine is asked: typed clauses, sorted into what must hold and what scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

from imr import fields
from imr.text.analysis import tokens
from imr.text.embedding import Vectors

ClauseKind = Literal["word", "phrase", "concept"]
Mode = Literal["hybrid", "keyword", "semantic"]
Match = Literal["default", "all", "any"]
Subject = Literal["default", "requested", "mentioned"]

TAG_SCORE = 3.0
"""What a concept's tag scores, on Lucene's scale: about a rare word in the request."""
REQUESTED_KINDS = frozenset({"drug", "drug-class", "treatment", "body-part"})
"""Kinds of concepts that a request is about."""


@dataclass(frozen=True, slots=True)
class ConceptClause:
    """A recognised concept: it holds by its tag (all `codes` in `field`) or any of its names.

    `field` is None for concepts that decisions are not tagged with (conditions).
    """

    code: str
    kind: str
    label: str
    field: str | None
    codes: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of what a person asked. `text` is their wording; words and phrases match it."""

    kind: ClauseKind
    text: str
    hard: bool = False
    negated: bool = False
    concept: ConceptClause | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A field must hold one of the alternatives; an alternative is values that must all be held."""

    field: str
    alternatives: tuple[tuple[str, ...], ...]
    negated: bool = False

    @property
    def selected(self) -> frozenset[str]:
        """The values that a facet shows as selected."""
        return frozenset(value for values in self.alternatives for value in values)


@dataclass(frozen=True, slots=True)
class Group:
    """At least `needed` of these soft clauses hold in a match."""

    clauses: tuple[Clause, ...]
    needed: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A query as engines see it.

    Attributes:
        must: hard text that has to hold; it scores.
        must_not: what may not hold anywhere in scope.
        soft: what scores; enough of it, by `groups`, makes a match.
        requested: soft clauses of a match hold in the request (tag or text) rather than anywhere.
        vector: the query's unit vector; None where no semantic leg is wanted or to be had.
    """

    must: tuple[Clause, ...] = ()
    must_not: tuple[Clause, ...] = ()
    soft: tuple[Clause, ...] = ()
    groups: tuple[Group, ...] = ()
    requested: bool = False
    filters: tuple[Filter, ...] = ()
    vector: Vectors | None = field(default=None, compare=False)

    @property
    def scored(self) -> tuple[Clause, ...]:
        """What the keyword leg adds up."""
        return (*self.soft, *self.must)

    def filters_counting(self, facet: str) -> tuple[Filter, ...]:
        """The filters under which a facet is counted: all but its own.

        What its own filter excludes stays excluded, but for the outcome: the balance of a search
        is the same whatever outcome is filtered by.
        """
        return tuple(
            f for f in self.filters if f.field != facet or (f.negated and facet != "outcome")
        )

    @property
    def match_scope(self) -> tuple[fields.Field, ...]:
        """The texts in which the soft clauses of a match may hold."""
        return (fields.BY_NAME["request"],) if self.requested else fields.TEXTS


def name_weight(name: str) -> float:
    """How much a concept's name counts for each of its words; one word in all."""
    return 1 / max(1, len(tokens(name)))


def needed(count: int) -> int:
    """How many of `count` soft clauses of one sort a match needs: all of up to two, then 70 %."""
    # in whole numbers, since .7 is none: 0.7 * 10 would be 7.000000000000001
    return count if count <= 2 else ceil(count * 7 / 10)


NAMES = 100
"""How many names the concepts of a query may look for in all.

A cluster takes 1,024 clauses a query, and each name is one in each text, to score and to match.
"""


def _named_within_bounds(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """The clauses, their concepts with the most useful names that fit."""
    concepts = sum(clause.concept is not None for clause in clauses)
    share = max(1, NAMES // concepts) if concepts else 0
    return tuple(
        replace(c, concept=replace(c.concept, names=c.concept.names[:share])) if c.concept else c
        for c in clauses
    )


def make(
    clauses: Sequence[Clause],
    filters: Sequence[Filter],
    *,
    match: Match = "default",
    subject: Subject = "default",
    vector: Vectors | None = None,
) -> Plan:
    """Sort clauses into a plan."""
    clauses = _named_within_bounds(clauses)
    must = tuple(c for c in clauses if c.hard and not c.negated)
    soft = tuple(c for c in clauses if not c.hard and not c.negated)
    concepts = tuple(c for c in soft if c.concept)
    words = tuple(c for c in soft if not c.concept)
    about = (
        bool(soft)
        and not must
        and all(c.concept and c.concept.kind in REQUESTED_KINDS for c in soft)
    )
    requested = about if subject == "default" else subject == "requested"
    return Plan(
        must=must,
        must_not=tuple(c for c in clauses if c.negated),
        soft=soft,
        groups=_groups(concepts, words, match, all_concepts=about),
        requested=requested,
        filters=tuple(filters),
        vector=vector,
    )


def _groups(
    concepts: tuple[Clause, ...], words: tuple[Clause, ...], match: Match, *, all_concepts: bool
) -> tuple[Group, ...]:
    if match == "any":
        soft = (*concepts, *words)
        return (Group(soft, 1),) if soft else ()
    return tuple(
        Group(clauses, len(clauses) if match == "all" or every else needed(len(clauses)))
        for clauses, every in ((concepts, all_concepts), (words, False))
        if clauses
    )
