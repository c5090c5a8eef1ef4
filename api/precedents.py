"""What is asked of precedents beyond a search: how sets of them ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api import parameters
from api.problems import PROBLEM_RESPONSES
from api.service import Serving
from imr.precedents import outcomes
from imr.precedents.outcomes import Asked, OutcomesResponse
from imr.search import request as search_request
from imr.search.plan import Match, Subject
from imr.search.request import AskedScope

router = APIRouter(responses=PROBLEM_RESPONSES, tags=["precedents"])

FILTERED = (("/v1/outcomes", "get"),)
"""Paths and methods that take filters as parameters."""

_ASKED = "Which decisions, as in `/v1/search`; empty: all."
_OUTCOMES = frozenset("q match subject scope by least size".split())


@router.get("/v1/outcomes", summary="How decisions ended, in all and by a field or two")
def outcome_balance(
    request: Request,
    serving: Serving,
    q: Annotated[str, Query(max_length=20_000, description=_ASKED)] = "",
    match: Annotated[Match, Query(description="How many soft clauses a match needs.")] = "default",
    subject: Annotated[
        Subject, Query(description="Whether clauses hold in the request or anywhere.")
    ] = "default",
    scope: Annotated[
        AskedScope, Query(description="The decision's own texts, the facts of the case, or both.")
    ] = "default",
    by: Annotated[
        str | None,
        Query(
            description="A facet, or two with a comma between them (see `/v1/fields`).",
            examples=["drug", "drug,guideline"],
        ),
    ] = None,
    least: Annotated[int, Query(ge=1, description="Decisions that a row has at least.")] = 1,
    size: Annotated[int, Query(ge=1, le=outcomes.MAX_ROWS, description="Rows at most.")] = 20,
) -> OutcomesResponse:
    """Overturned of total with 95 % Wilson intervals, by decisions, letters and rationales.

    Over the query's matches under its filters (an outcome filter is left out). Rows are sorted by
    how far the corpus rate lies outside their interval, so what differs most comes first.
    """
    filters = parameters.filters_of(request.query_params.multi_items(), _OUTCOMES)
    wanted = search_request.Request(
        text=q, match=match, subject=subject, scope=scope, filters=filters
    )
    asked = Asked(wanted, parameters.listed(by) or (), size, least)
    return outcomes.outcomes(serving.engine(), asked)
