"""`/v1/guidelines`: which guidelines both sides cite, and how it ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api import parameters
from api.examples import GUIDELINE_ID
from api.problems import PROBLEM_RESPONSES
from api.service import Serving
from imr.precedents import guidelines as graph
from imr.precedents.guideline_views import GuidelineResponse, GuidelinesResponse

router = APIRouter(responses=PROBLEM_RESPONSES, tags=["precedents"])

FILTERED = (("/v1/guidelines", "get"), ("/v1/guidelines/{guideline_id}", "get"))
"""Paths and methods that take filters as parameters."""

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
