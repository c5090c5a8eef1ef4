"""The outcome balance: how decisions ended, in all and by what they have.

Decisions of one letter, and decisions with near-identical rationales, are not independent: an
interval over decisions is narrower than it should be. So letters and rationales are counted too,
each once (docs/adr/0018-letters-count-once.md).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from imr import fields
from imr.engines.protocol import Engine
from imr.engines.tally import Ended, Tallies, Tally
from imr.errors import BadQueryError
from imr.model import Value
from imr.precedents.interval import wilson
from imr.search import filters
from imr.search.heard import heard
from imr.search.plan import Plan
from imr.search.request import Request
from imr.search.response import QueryView
from imr.search.run import WIDENED, may_widen, understood
from imr.search.view import query_view

FEW = 10
"""Decisions, and letters, below which a rate says little."""
MOST_FIELDS = 2
MAX_ROWS = 1_000
FIELDS = tuple(field for field in fields.FACETS if field.name != "outcome")
"""What a balance may be broken down by."""
READ_BY_OUTCOME = ("reason",)
NOTE = (
    "Items of one letter and near-identical rationales are not independent: letters and "
    "rationales count once each, one that has both outcomes as half overturned."
)
BY_OUTCOME = (
    "Reasons are read by outcome: a reason to uphold is looked for in upheld decisions only, and "
    "one to overturn in overturned ones. So a balance by reason, or over one, is 0 or 100 % by the "
    "reading itself and says nothing of how such cases end."
)
OUTCOME_IGNORED = "a balance is over both outcomes: the outcome filter was left out"


@dataclass(frozen=True, slots=True)
class Asked:
    """`request` has the query and its filters; `by` has up to two fields, no field for all.

    Rows have at least `least` decisions, and there are `size` at most.
    """

    request: Request
    by: tuple[str, ...] = ()
    size: int = 20
    least: int = 1


class Balance(Value):
    """Upheld and overturned units, and the 95 % Wilson interval of the rate.

    Of letters and rationales one that has both outcomes is half upheld and half overturned.
    """

    total: int
    upheld: int | float
    overturned: int | float
    overturn_rate: float | None
    interval: tuple[float, float] | None


class Named(Value):
    """A value of a field, as the index has it and as people read it."""

    field: str
    value: str
    label: str


class Row(Value):
    """The balance of the decisions that have these values.

    `distance` is how far the corpus rate lies outside the interval over decisions, 0 inside; `few`
    says that there are fewer than 10 decisions, or that they are of fewer than 10 letters.
    """

    values: tuple[Named, ...]
    decisions: Balance
    letters: Balance
    rationales: Balance
    distance: float
    few: bool


class OutcomesResponse(Value):
    """The body of `/v1/outcomes` and of `imr outcomes --json`.

    `all` is the whole counted set; `rows` are sorted by distance, and `distinct` is their number
    before it is cut.
    """

    query: QueryView
    by: tuple[str, ...]
    corpus: Balance
    all: Row
    rows: tuple[Row, ...]
    distinct: int
    note: str = NOTE
    took_ms: float


def outcomes(engine: Engine, asked: Asked) -> OutcomesResponse:
    """The balance of the query's matches, and of each value of the fields asked for.

    Raises:
        BadQueryError: a filter or field that does not exist, or more than two fields.
    """
    began = time.perf_counter()
    by = tuple(map(_field, asked.by))
    if len(set(by)) < len(by) or len(by) > MOST_FIELDS:
        raise BadQueryError(f"by={','.join(by)}: name one field, or two different ones")
    request, warnings = asked.request, []
    query, plan = understood(engine, request)
    if any(each.field == "outcome" for each in plan.filters):
        warnings.append(OUTCOME_IGNORED)
    counted = replace(plan, filters=plan.filters_counting("outcome"))
    whole = engine.tallies(counted, ())
    if not whole and may_widen(request, plan):
        # as a search does, see `imr.search.run`
        _, plan = understood(engine, replace(request, scope="all"))
        counted = replace(plan, filters=plan.filters_counting("outcome"))
        whole = engine.tallies(counted, ())
        warnings += [WIDENED] if whole else []
    upheld, overturned = engine.corpus_outcomes()
    corpus = _balance(Ended(upheld + overturned, upheld, overturned))
    found = engine.tallies(counted, by) if by else {}
    kept = {values: each for values, each in found.items() if each.decisions.total >= asked.least}
    ranked = _ranked(kept, corpus)
    none = Tally(Ended(), Ended(), Ended())
    told = heard(engine, request, query, counted, any_=bool(whole))
    return OutcomesResponse(
        query=query_view(request, query, plan, (*told.warnings, *warnings), told.did_you_mean),
        by=by,
        corpus=corpus,
        all=_row((), (), whole.get((), none), corpus),
        rows=tuple(_row(by, values, tally, corpus) for values, tally in ranked[: asked.size]),
        distinct=len(ranked),
        note=f"{NOTE} {BY_OUTCOME}" if _is_circular(by, counted) else NOTE,
        took_ms=round((time.perf_counter() - began) * 1000, 1),
    )


def _is_circular(by: Sequence[str], plan: Plan) -> bool:
    """Whether the balance is by something that was itself read by outcome."""
    told = {*by, *(each.field for each in plan.filters if not each.negated)}
    return not told.isdisjoint(READ_BY_OUTCOME)


def _field(name: str) -> str:
    """The field of that name, which must be one that is counted by value."""
    known = [field.name for field in FIELDS]
    if name not in known:
        raise BadQueryError(f"outcomes can't be told by {name!r}: {filters.instead(name, known)}")
    return name


def _ranked(found: Tallies, corpus: Balance) -> list[tuple[tuple[str, ...], Tally]]:
    """By how far their interval lies from the corpus rate, then the larger ones first."""
    return sorted(
        found.items(),
        key=lambda each: (
            -_distance(each[1].decisions, corpus), -each[1].decisions.total, each[0]
        ),
    )  # fmt: skip


def _distance(ended: Ended, corpus: Balance) -> float:
    """From the corpus rate to the nearer end of the interval over decisions."""
    interval, rate = wilson(ended.overturned, ended.total), corpus.overturn_rate
    if interval is None or rate is None:
        return 0.0
    low, high = interval
    return round(max(low - rate, rate - high, 0.0), 4)


def _balance(ended: Ended) -> Balance:
    """The balance of units; those with both outcomes count half on either side."""
    half = ended.both / 2
    overturned = ended.overturned - half
    return Balance(
        total=ended.total,
        upheld=_plain(ended.upheld - half),
        overturned=_plain(overturned),
        overturn_rate=round(overturned / ended.total, 4) if ended.total else None,
        interval=wilson(overturned, ended.total),
    )


def _plain(count: float) -> int | float:
    return int(count) if count == int(count) else count


def _row(by: Sequence[str], values: Sequence[str], tally: Tally, corpus: Balance) -> Row:
    named = (
        Named(field=name, value=value, label=fields.label(fields.BY_NAME[name], value))
        for name, value in zip(by, values, strict=True)
    )
    return Row(
        values=tuple(named),
        decisions=_balance(tally.decisions),
        letters=_balance(tally.letters),
        rationales=_balance(tally.rationales),
        distance=_distance(tally.decisions, corpus),
        few=min(tally.decisions.total, tally.letters.total) < FEW,
    )
