"""The set of decisions that a search counts, for what is asked of all of it."""

from __future__ import annotations

from dataclasses import replace

from imr.engines.protocol import Engine
from imr.errors import BadQueryError
from imr.search.plan import Plan
from imr.search.query import Query
from imr.search.request import Request
from imr.search.run import WIDENED, may_widen, understood


def counted(engine: Engine, request: Request) -> tuple[Query, Plan]:
    """What was understood, and the plan whose matches `search` counts: all decisions for a browse.

    As in `search`, the facts of the cases are searched too where what has to hold does so nowhere
    else; the query's warnings say so.

    Raises:
        BadQueryError: a filter that does not exist, or mode "semantic", which counts nothing.
    """
    if request.mode == "semantic":
        raise BadQueryError("mode=semantic has no matches and so no counted set: leave it out")
    query, plan = understood(engine, request)
    if may_widen(request, plan) and not engine.keyword(plan, 1):
        wider, over_all = understood(engine, replace(request, scope="all"))
        if engine.keyword(over_all, 1):
            return replace(wider, warnings=(WIDENED, *wider.warnings)), over_all
    return query, plan
