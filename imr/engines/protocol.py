"""What search asks of an engine, and what a loader asks of its writer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from imr.engines.document import Document, StoredDecision
from imr.engines.signature import Signature
from imr.engines.tally import Tallies
from imr.model import Determination, Span
from imr.search.plan import Plan
from imr.text.embedding import Vectors
from imr.text.sketch import Grouped

SCORE_DIGITS = 5
"""Scores are rounded to so many digits: engines add up in float32, which differs behind them."""


class Hit(NamedTuple):
    """A decision with its score in one leg; `passage` is the nearest one's range (semantic leg).

    `key` is the engine's own name for it, good for the one commit that gave it.
    """

    id: str
    determination: str
    score: float
    passage: Span | None = None
    key: int = -1


@dataclass(frozen=True, slots=True)
class Compared:
    """What a decision is compared by: its group of near-identical rationales, and its vectors.

    `passages` has one row a passage, `facts` one row; both have none where there is no model.
    """

    group: str
    passages: Vectors
    facts: Vectors


@dataclass(frozen=True, slots=True)
class Counts:
    """Over the decisions that match a plan.

    `facets` maps a field to (value, count) pairs, every value, in no order; each facet ignores its
    own filter.
    """

    matches: int
    determinations: int
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some matches on their way out, column by column; all lists are as long as `ids`.

    `ranged` has numbers, and days in ISO 8601; `records` are StoredDecisions' JSON, read, and empty
    where they were not asked for.
    """

    ids: list[str]
    keywords: Mapping[str, list[tuple[str, ...]]]
    ranged: Mapping[str, list[float | str | None]]
    records: list[Mapping[str, Any]]


class Engine(Protocol):
    """One commit of an index: all answers of one search are over the same decisions."""

    def keyword(self, plan: Plan, limit: int, *, matching: bool = False) -> list[Hit]:
        """The best `limit` decisions by BM25 and all that tie with the last, score first, then id.

        Under all hard clauses; `matching` asks for matches only. Scores are on Lucene's scale,
        rounded.
        """

    def nearest(self, plan: Plan, limit: int) -> list[Hit]:
        """The `limit` decisions with the passage nearest to `plan.vector`, and all that tie.

        Under all hard clauses, best first, then by id. Scores are inner products, rounded.
        """

    def count(self, plan: Plan, facets: Collection[str]) -> Counts:
        """Totals and facets of the matches."""

    def tallies(self, plan: Plan, by: Sequence[str]) -> Tallies:
        """How the matches ended, for each combination of values that these keyword fields have.

        No field asks for all matches at once.
        """

    def matching(self, plan: Plan, hits: Sequence[Hit]) -> frozenset[str]:
        """The ids of those hits that are matches."""

    def newest(self, plan: Plan, limit: int, *, oldest: bool = False) -> list[Hit]:
        """The first `limit` matches by date, nulls last, ties by id; scores are 0."""

    def every(self, plan: Plan, names: Collection[str], *, records: bool = True) -> Iterator[Batch]:
        """All matches by their letter's id, then by number, some hundreds at a time.

        `names` are the keyword fields, numbers and days wanted.
        """

    def fetch(self, ids: Sequence[str]) -> dict[str, StoredDecision]:
        """The stored decisions of those ids that exist."""

    def matching_siblings(self, plan: Plan, hits: Sequence[Hit]) -> dict[str, list[str]]:
        """The ids of the matching decisions of each hit's letter, by the letter, in order."""

    def keywords_of(
        self, hits: Sequence[Hit], names: Collection[str]
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        """The named keyword fields' values of each decision, by id."""

    def compared(self, ids: Sequence[str]) -> dict[str, Compared]:
        """What those decisions that exist are compared by."""

    def groups_of(self, hits: Sequence[Hit]) -> dict[str, str]:
        """The group of near-identical rationales of each decision, by the decision's id."""

    def summaries(self, hits: Sequence[Hit]) -> dict[str, str]:
        """The clinical summary of each decision's letter, by the decision's id."""

    def values(self, field: str) -> Collection[str]:
        """The values that a keyword field has; some of them no decision may hold any more."""

    def value_counts(self, names: Collection[str]) -> Mapping[str, Mapping[str, int]]:
        """How many decisions have each value of these keyword fields, over all decisions."""

    def letters_beginning(self, prefix: str, limit: int) -> list[str]:
        """The first ids of letters, in order, that begin with a prefix."""

    def frequency(self, word: str) -> int:
        """In about how many decisions a word stands as it is written, in lower case, unstemmed.

        A decision is counted once for each text that has the word, and until segments merge also
        where it was replaced or removed: good for telling none from few from many.
        """

    def near_words(self, word: str) -> Mapping[str, int]:
        """The words of the index that are one edit away, and how frequent each is (`frequency`).

        A letter left out, put in or changed, or two exchanged, behind the first.
        """

    def determination(self, id_: str) -> Determination | None:
        """The whole letter."""

    def corpus_outcomes(self) -> tuple[int, int]:
        """(upheld, overturned) over all decisions."""

    signature: Signature
    """What the index was built with; without a model it has no semantic leg."""

    def foresee(
        self,
        plan: Plan,
        limit: int,
        facets: Collection[str],
        vector: Callable[[], Vectors] | None,
    ) -> None:
        """Told what `keyword`, `nearest` and `count` will be asked; an engine may ask ahead.

        `vector` gives the plan's vector; None where there will be no semantic leg.
        """

    def notes(self) -> tuple[str, ...]:
        """What has to be said beside the answers so far, as that a part of the index is away."""

    def check(self) -> None:
        """Raise an ImrError where the index can't answer."""


class Index(Protocol):
    """An open index that others may be writing to."""

    def current(self) -> Engine:
        """The newest commit."""


@dataclass(frozen=True, slots=True)
class StoredParts:
    """A letter's decisions in an index, in their order, beside their records.

    `passages` are ranges of the letter's text, `vectors` has one row each, and `facts` one row a
    decision; None where the index was built without a model. `keywords` are the tags it is
    filtered by, `grouped` the groups of near-identical rationales.
    """

    passages: tuple[tuple[Span, ...], ...]
    vectors: tuple[Vectors, ...] | None
    facts: tuple[Vectors, ...] | None
    keywords: tuple[dict[str, tuple[str, ...]], ...]
    grouped: tuple[Grouped, ...]


class Writer(Protocol):
    """One load. Nothing is seen by readers before `commit`.

    A writer opened for retagging takes an index of another taxonomy; its one commit, or on a
    cluster leaving it, makes the index one of this version's.
    """

    def known(self, determinations: Sequence[str]) -> dict[str, Determination]:
        """Those of the letters that are stored, to tell whether new ones change them."""

    def replace(self, determination: str, documents: Iterable[Document]) -> None:
        """Put these decisions in the place of the letter's former ones."""

    def remove(self, determination: str) -> bool:
        """Take a letter out; False where there is none."""

    def letters(self) -> Iterator[Determination]:
        """Every letter of the last commit, whole."""

    def stored(self, determination: Determination) -> StoredParts:
        """What the last commit holds of a letter beside its record."""

    def beginning(self, sought: Sequence[Grouped]) -> list[list[StoredDecision]]:
        """For each sought, decisions of the last commit that begin a group and share a key with it.

        Those that can't be near by their signs may be left out.
        """

    def commit(self) -> None:
        """Make all so far durable and seen."""

    def refused(self) -> list[tuple[str, str]]:
        """The letters that the engine would not take since this was last asked, each with why.

        It is known with a commit; nothing of such a letter is stored.
        """

    def compact(self) -> None:
        """Reclaim the room of what was replaced or removed."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
