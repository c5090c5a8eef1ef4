"""What is asked of precedents beyond a search: how sets of them ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from api import parameters
from api.examples import GUIDELINE_ID
from api.problems import PROBLEM_RESPONSES
from api.service import Serving
from imr.precedents import guidelines as graph
from imr.precedents import outcomes
from imr.precedents.guidelines import GuidelineResponse, GuidelinesResponse
from imr.precedents.outcomes import Asked, OutcomesResponse
from imr.search import request as search_request
from imr.search.plan import Match, Subject
from imr.search.request import AskedScope

router = APIRouter(responses=PROBLEM_RESPONSES, tags=["precedents"])

FILTERED = (
    ("/v1/outcomes", "get"),
    ("/v1/guidelines", "get"),
    ("/v1/guidelines/{guideline_id}", "get"),
)
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


Counted = Annotated[parameters.CountedParameters, Depends()]


@router.get("/v1/guidelines", summary="Which guidelines both sides cite, and how it ended")
def all_guidelines(
    serving: Serving,
    asked: Counted,
    find: Annotated[
        str, Query(max_length=200, description="Words of the name.", examples=["chronic pain"])
    ] = "",
    size: Annotated[int, Query(ge=1, le=1000, description="Guidelines at most.")] = 20,
) -> GuidelinesResponse:
    """The guidelines that the matches of a query and filters cite, the most cited first.

    Each is counted under one name, however letters spell it.
    """
    return graph.guidelines(serving.engine(), asked.request("find", "size"), find=find, size=size)


@router.get("/v1/guidelines/{guideline_id}", summary="One guideline and what it is joined to")
def one_guideline(
    serving: Serving,
    asked: Counted,
    guideline_id: Annotated[
        str, Path(description="Its id or name.", examples=[GUIDELINE_ID], max_length=200)
    ],
    size: Annotated[int, Query(ge=1, le=1000, description="Values a list has at most.")] = 10,
) -> GuidelineResponse:
    """Its sections, editions, treatments, years, and the guidelines that are cited with it.

    Also where one side used another guideline instead, and how those decisions ended.
    """
    return graph.guideline(serving.engine(), asked.request("size"), guideline_id, size=size)
