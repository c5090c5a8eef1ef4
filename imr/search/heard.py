"""What is told of a query beside its answer: the same wherever a query is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imr.engines.protocol import Engine
from imr.engines.signature import retagging_due
from imr.search import known_values, misspelling
from imr.search.plan import Plan
from imr.search.query import Query
from imr.search.request import Request

NO_WORD = "the query holds no word to search by, so all decisions are listed"


@dataclass(frozen=True, slots=True)
class Heard:
    """Warnings, and the whole query with misspelt names put right, None where there are none."""

    warnings: tuple[str, ...]
    did_you_mean: str | None


def heard(engine: Engine, request: Request, query: Query, plan: Plan, *, any_: bool) -> Heard:
    """What is to be said once the matches are counted; `any_` says whether there are any."""
    absent = () if any_ else known_values.without_decisions(engine, plan)
    spelled = did_you_mean(engine, query)
    # the last word: what was asked of the engine until here may be over a part of it
    told = (*misread(engine, request, query), *absent, *engine.notes())
    return Heard(tuple(dict.fromkeys(told)), spelled)


def misread(engine: Engine, request: Request, query: Query) -> Iterator[str]:
    """What of the query meant nothing, or not what it seems to mean, in this index."""
    yield from query.warnings
    yield from retagging_due(engine.signature)
    if request.text.strip() and not query.clauses and not query.filters:
        yield NO_WORD


def did_you_mean(engine: Engine, query: Query) -> str | None:
    """The query with misspelt names put right, see `misspelling`."""
    return misspelling.corrected(query.text, query.words, engine.frequency, engine.near_words)
