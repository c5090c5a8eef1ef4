"""The answer of a search: the body of `/v1/search` and of `imr search --json`."""

from __future__ import annotations

from typing import Literal

from imr.model import Outcome, Value
from imr.search.plan import ClauseKind, Mode


class ClauseView(Value):
    """One part of the query as understood; hard ones must hold, negated ones must not.

    `text` tells a group, a field term and a proximity as a person would write it.
    """

    kind: ClauseKind
    text: str
    hard: bool
    negated: bool = False


class ConceptView(Value):
    """A concept recognised in the query; `text` is the wording it came from."""

    code: str
    kind: str
    label: str
    text: str


class Suggestion(Value):
    """A filter that the query's wording suggests but that was not applied."""

    field: str
    value: str
    label: str


class QueryView(Value):
    """How the query was understood; `did_you_mean` is the whole query with names spelled right."""

    text: str
    mode: Mode
    clauses: tuple[ClauseView, ...]
    concepts: tuple[ConceptView, ...]
    suggestions: tuple[Suggestion, ...]
    did_you_mean: str | None = None
    warnings: tuple[str, ...]


class Total(Value):
    """Decisions that match, related ones shown, letters of the matches, decisions listed."""

    matches: int
    related: int
    determinations: int
    listed: int


class OutcomeBalance(Value):
    """How the counted decisions ended.

    `interval` is the 95 % Wilson interval of the overturn rate; rate and interval are null where
    only related decisions were counted or there are none. An outcome filter is ignored.
    """

    upheld: int
    overturned: int
    overturn_rate: float | None
    interval: tuple[float, float] | None
    corpus_rate: float | None


class FacetValue(Value):
    """A value, how many counted decisions have it, and whether a filter asks for it."""

    value: str
    label: str
    count: int
    selected: bool


class Sibling(Value):
    """Another matching decision of the same letter."""

    id: str
    request: str
    outcome: Outcome


class PassageView(Value):
    """The piece of the rationale nearest to the query, as a range of the letter's text."""

    text: str
    start: int
    end: int


class Result(Value):
    """One decision; `matched` tells a match from a related one, which is never counted."""

    id: str
    case_number: str | None
    number: int
    request: str
    outcome: Outcome
    decision_date: str | None
    category: str
    drugs: tuple[str, ...]
    body_parts: tuple[str, ...]
    guidelines: tuple[str, ...]
    matched: bool
    score: float | None
    passage: PassageView | None
    siblings: tuple[Sibling, ...]


class Page(Value):
    """`number` counts from 1; `size` counts letters or decisions; `next` is null on the last."""

    number: int
    size: int
    next: int | None


class SearchResponse(Value):
    """See docs/search.md for each part."""

    query: QueryView
    total: Total
    counted: Literal["matches", "related"]
    outcomes: OutcomeBalance
    facets: dict[str, tuple[FacetValue, ...]]
    results: tuple[Result, ...]
    page: Page
    took_ms: float
