"""The answer of a search: the body of `/v1/search` and of `imr search --json`."""

from __future__ import annotations

from typing import Literal

from imr.model import Outcome, Span, Value
from imr.search.decision_row import DecisionRow
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
    """What the query's wording suggests and was not applied: the filter `field`=`value`.

    `text` are the words it came from, `query` what to search for with it: the query without them.
    Where `field` is null it is another wording only, with an operator in upper case.
    """

    field: str | None
    value: str
    label: str
    text: str
    query: str


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
    """The piece of the rationale nearest to the query, as a range of the letter's text.

    `sentence` is the range of the sentence in it that says most of what was asked.
    """

    text: str
    start: int
    end: int
    sentence: Span | None


class LegView(Value):
    """A decision's place in one leg: its score there, and its rank from 1."""

    score: float
    rank: int


class Why(Value):
    """Why a decision is in the list.

    `keyword` and `semantic` are null where the leg did not bring it or took no part; `clauses`
    tell what of the query holds in it, and where: "mri in request, tag".
    """

    keyword: LegView | None
    semantic: LegView | None
    clauses: tuple[str, ...]


class Holding(Value):
    """A clause, or a part of the group before it, and where it holds.

    `where` has the texts that it stands in, "tag" for a concept that the decision is tagged with,
    and a field term's field.
    """

    kind: ClauseKind
    text: str
    hard: bool
    negated: bool
    holds: bool
    where: tuple[str, ...]


class Explanation(Value):
    """Each clause in one decision; in words, what made it match or not, and what its rank."""

    clauses: tuple[Holding, ...]
    match: str
    rank: str


class Result(DecisionRow):
    """One decision; `matched` tells a match from a related one, which is never counted.

    `highlights` has up to three snippets of each text that anything asked for stands in, HTML but
    for `<em>` escaped. `near_duplicates` are the ids of further decisions of the list, not shown
    themselves, whose rationale is equal but for names and numbers. `explanation` is null unless it
    was asked for.
    """

    matched: bool
    score: float | None
    why: Why
    highlights: dict[str, tuple[str, ...]]
    passage: PassageView | None
    siblings: tuple[Sibling, ...]
    near_duplicates: tuple[str, ...]
    explanation: Explanation | None


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
