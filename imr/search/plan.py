"""What an engine is asked: typed clauses, sorted into what must hold and what scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from imr import case_numbers, fields
from imr.search import bounds
from imr.text.analysis import tokens
from imr.text.embedding import Vectors

ClauseKind = Literal["word", "phrase", "near", "prefix", "concept", "field", "case", "any", "all"]
Scope = fields.Scope
"""Where text is looked for: the decision's own texts, the facts of the case, or both."""
Mode = Literal["hybrid", "keyword", "semantic"]
Match = Literal["default", "all", "any"]
Subject = Literal["default", "requested", "mentioned"]

TAG_SCORE = 3.0
"""What a concept's tag scores, on Lucene's scale: about a rare word in the request."""
CONSTANT_SCORES = {"prefix": 1.0, "near": 2.0, "field": 0.0, "case": 0.0}
"""What clauses of these kinds score wherever they hold, on the same scale.

A prefix names no one word, and engines weigh the words between two near ones differently.
"""
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


Bound = str | float | None
"""An end of a range, which belongs to it: a day as ISO 8601, a number; None is open."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A field must hold one of the alternatives or lie in one of the ranges.

    An alternative is values that must all be held. Fields of numbers and days have ranges only; the
    one range of a keyword field is open at both ends: any value.
    """

    field: str
    alternatives: tuple[tuple[str, ...], ...] = ()
    negated: bool = False
    ranges: tuple[tuple[Bound, Bound], ...] = ()

    @property
    def selected(self) -> frozenset[str]:
        """The values that a facet shows as selected."""
        return frozenset(value for values in self.alternatives for value in values)


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of what a person asked.

    Attributes:
        text: their wording, which words, phrases and prefixes match (a prefix without its star).
        hard: it has to hold.
        negated: it may not hold; inside a group, too.
        concept: what the wording names, for kind "concept".
        field: the one text it is looked for in; None for all in scope.
        slop: how many words may stand between the two of kind "near".
        filter: what kind "field" asks of a field that is no text.
        parts: what kinds "any" and "all" are made of.
        by_words: a soft clause of several words that scores each of them, see `bounds`.
        beside: a concept named beside what is asked for ("therapy after surgery"); it may hold
            anywhere, and being requested scores nothing.
    """

    kind: ClauseKind
    text: str
    hard: bool = False
    negated: bool = False
    concept: ConceptClause | None = None
    field: str | None = None
    slop: int = 0
    filter: Filter | None = None
    parts: tuple[Clause, ...] = ()
    by_words: bool = False
    beside: bool = False


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
        requested: soft clauses of a match hold in the request (tag or text) rather than anywhere,
            but for those named beside what is asked for.
        scope: which texts and which vectors are searched.
        vector: the query's unit vector; None where no semantic leg is wanted or to be had.
    """

    must: tuple[Clause, ...] = ()
    must_not: tuple[Clause, ...] = ()
    soft: tuple[Clause, ...] = ()
    groups: tuple[Group, ...] = ()
    requested: bool = False
    filters: tuple[Filter, ...] = ()
    scope: Scope = "decision"
    vector: Vectors | None = field(default=None, compare=False)

    @property
    def scored(self) -> tuple[Clause, ...]:
        """What the keyword leg adds up."""
        return (*self.soft, *(clause for clause in self.must if scores(clause)))

    @property
    def bare(self) -> bool:
        """Whether every decision is a match."""
        return not (self.filters or self.must or self.must_not or self.groups)

    @property
    def texts(self) -> tuple[fields.Field, ...]:
        """The texts in scope."""
        return fields.texts(self.scope)

    def filters_counting(self, facet: str) -> tuple[Filter, ...]:
        """The filters under which a facet is counted: all but its own.

        What its own filter excludes stays excluded, but for the outcome: the balance of a search
        is the same whatever outcome is filtered by.
        """
        return tuple(
            f for f in self.filters if f.field != facet or (f.negated and facet != "outcome")
        )

    def scope_of(self, clause: Clause) -> tuple[fields.Field, ...]:
        """The texts in which a soft clause of a match may hold."""
        of_request = self.requested and not clause.beside
        return (fields.BY_NAME["request"],) if of_request else self.texts


def scores(clause: Clause) -> bool:
    """Whether a required clause holds text to be scored.

    Fields, case numbers and exclusions do not score.
    """
    if clause.kind in {"any", "all"}:
        return any(scores(part) for part in clause.parts)
    return clause.kind not in {"field", "case"} and not clause.negated


def document_field(clause: Clause) -> str:
    """What a case number is looked for in: a letter's id, or with an item a decision's."""
    return "id" if case_numbers.is_decision(clause.text) else "determination"


def name_weight(name: str) -> float:
    """How much a concept's name counts for each of its words; one word in all."""
    return 1 / max(1, len(tokens(name)))


def word_weight(clause: Clause) -> float:
    """How much each word of such a clause counts; those of a concept are one word in all."""
    return name_weight(clause.text) if clause.concept else 1.0


def needed(count: int) -> int:
    """How many of `count` soft clauses of one sort a match needs: all of up to two, then 70 %."""
    # in whole numbers, since .7 is none: 0.7 * 10 would be 7.000000000000001
    return count if count <= 2 else ceil(count * 7 / 10)


def make(
    clauses: Sequence[Clause],
    filters: Sequence[Filter],
    *,
    match: Match = "default",
    subject: Subject = "default",
    scope: Scope = "decision",
    vector: Vectors | None = None,
) -> Plan:
    """Sort clauses into a plan.

    Raises:
        BadQueryError: it would have more parts than an engine takes.
    """
    clauses = bounds.within(clauses, filters, len(fields.texts(scope)))
    must = tuple(c for c in clauses if c.hard and not c.negated)
    soft = tuple(c for c in clauses if not c.hard and not c.negated)
    # field terms and exclusions leave it open whether the words name the subject
    asked = [c for c in soft if not c.beside]
    about = (
        bool(asked)
        and not any(scores(clause) for clause in must)
        and all(c.concept and c.concept.kind in REQUESTED_KINDS for c in asked)
    )
    requested = about if subject == "default" else subject == "requested"
    return Plan(
        must=must,
        must_not=tuple(c for c in clauses if c.negated),
        soft=soft,
        groups=_groups(soft, match, all_concepts=about),
        requested=requested,
        filters=tuple(filters),
        scope=scope,
        vector=vector,
    )


def _groups(soft: tuple[Clause, ...], match: Match, *, all_concepts: bool) -> tuple[Group, ...]:
    """Concepts, words, and concepts beside what is asked for, each sort apart."""
    if match == "any":
        return (Group(soft, 1),) if soft else ()
    sorts = (
        (tuple(c for c in soft if c.concept and not c.beside), all_concepts),
        (tuple(c for c in soft if not c.concept), False),
        (tuple(c for c in soft if c.beside), False),
    )
    return tuple(
        Group(clauses, len(clauses) if match == "all" or every else needed(len(clauses)))
        for clauses, every in sorts
        if clauses
    )
