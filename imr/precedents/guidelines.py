"""Guidelines as a graph: who cites which with what, and where reviewers set one aside.

Everything is counted over the matches of a query, from fields under which a guideline has one name
(`guideline_document` and the like). "Set aside" means: the claims administrator cited the
guideline, the reviewer applied another and not this one.
"""

from __future__ import annotations

import difflib
import time
from dataclasses import replace

from imr.engines.protocol import Engine
from imr.errors import NotFoundError
from imr.precedents.guideline_counts import (
    ADMINISTRATOR,
    REVIEWER,
    count_both,
    ended_of,
    field_of,
    holding,
    is_about,
)
from imr.precedents.guideline_sides import disagreement, node, side
from imr.precedents.guideline_views import (
    LIST_NOTE,
    NOTE,
    Guideline,
    GuidelineResponse,
    GuidelinesResponse,
)
from imr.search.counted import counted
from imr.search.heard import heard
from imr.search.plan import Plan
from imr.search.query import Query
from imr.search.request import Request
from imr.text.taxonomy.guideline_names import slug

FIND_OF_ONE = "find chooses from the list of guidelines, and this is about one: leave it out"
OUTCOME_LEFT_OUT = "The outcome filter was left out: what is told is how decisions ended."


def guidelines(
    engine: Engine, request: Request, *, find: str = "", size: int = 20
) -> GuidelinesResponse:
    """The guidelines that the query's matches cite, the most cited first.

    `find` keeps those whose name has all these words.

    Raises:
        BadQueryError: a filter that does not exist.
    """
    began = time.perf_counter()
    query, plan, note = _asked(engine, request)
    names = [field_of(REVIEWER, "document"), field_of(ADMINISTRATOR, "document")]
    both = count_both(engine, plan, names)
    applied, cited = (both.values(name) for name in names)
    words = find.casefold().split()
    kept = [name for name in {**applied, **cited} if all(word in name.casefold() for word in words)]
    none = ended_of(0, 0)
    told = heard(engine, request, query, plan, any_=both.all.matches > 0)
    ranked = sorted(
        kept,
        key=lambda n: (-applied.get(n, none).decisions - cited.get(n, none).decisions, n),
    )
    return GuidelinesResponse(
        guidelines=tuple(
            Guideline(
                **node(name).model_dump(),
                reviewer=applied.get(name, none),
                administrator=cited.get(name, none),
            )
            for name in ranked[:size]
        ),
        distinct=len(ranked),
        corpus_rate=_corpus_rate(engine),
        note=f"{LIST_NOTE}{note}",
        did_you_mean=told.did_you_mean,
        warnings=told.warnings,
        took_ms=_since(began),
    )


def guideline(engine: Engine, request: Request, id_: str, *, size: int = 10) -> GuidelineResponse:
    """One guideline over the query's matches; lists have `size` values at most.

    Raises:
        NotFoundError: no letter cites it; BadQueryError: a filter that does not exist.
    """
    began = time.perf_counter()
    name = _named(engine, id_)
    query, plan, note = _asked(engine, request)
    applied, cited = (holding(plan, is_about(who, name)) for who in (REVIEWER, ADMINISTRATOR))
    told = heard(engine, request, query, plan, any_=engine.count(plan, ()).matches > 0)
    return GuidelineResponse(
        guideline=node(name),
        reviewer=side(engine, applied, REVIEWER, name, size),
        administrator=side(engine, cited, ADMINISTRATOR, name, size),
        set_aside=disagreement(engine, cited, REVIEWER, name, size),
        preferred=disagreement(engine, applied, ADMINISTRATOR, name, size),
        corpus_rate=_corpus_rate(engine),
        note=f"{NOTE}{note}",
        did_you_mean=told.did_you_mean,
        warnings=told.warnings,
        took_ms=_since(began),
    )


def _named(engine: Engine, id_: str) -> str:
    """The guideline's name behind an id, or the name itself."""
    held = (engine.values(field_of(who, "document")) for who in (REVIEWER, ADMINISTRATOR))
    names = sorted({name for each in held for name in each})
    by_name = {name.casefold(): name for name in names}
    if id_.casefold() in by_name:
        return by_name[id_.casefold()]
    by_id = {slug(name): name for name in names}
    wanted = id_ if id_ in by_id else slug(id_)  # a cut name's id is none of its own
    if wanted not in by_id:
        near = difflib.get_close_matches(wanted, by_id, n=3, cutoff=0.4)
        instead = f"did you mean {', '.join(near)}?" if near else "/v1/guidelines lists them"
        raise NotFoundError(f"no letter cites a guideline {id_!r}: {instead}")
    return by_id[wanted]


def _asked(engine: Engine, request: Request) -> tuple[Query, Plan, str]:
    """What is counted, and what is to be said of it: a rate under an outcome filter is none."""
    query, plan = counted(engine, request)
    kept = tuple(each for each in plan.filters if each.field != "outcome")
    if len(kept) == len(plan.filters):
        return query, plan, ""
    return query, replace(plan, filters=kept), f" {OUTCOME_LEFT_OUT}"


def _corpus_rate(engine: Engine) -> float | None:
    upheld, overturned = engine.corpus_outcomes()
    return round(overturned / (upheld + overturned), 4) if upheld + overturned else None


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
