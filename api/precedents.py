"""What is asked of precedents beyond a search: how sets ended, what is like a case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from api import parameters, uploads
from api.examples import DECISION_ID
from api.parameters import AskedMatch, AskedSubject, Fold
from api.problems import PROBLEM_RESPONSES
from api.service import Service, Serving
from imr.errors import BadQueryError
from imr.precedents import case as cases
from imr.precedents import conflicts, outcomes, similar
from imr.precedents.conflicts import ConflictsResponse
from imr.precedents.outcomes import OutcomesResponse
from imr.precedents.similar import SimilarResponse
from imr.search import request as search_request
from imr.search.request import AskedScope

router = APIRouter(responses=PROBLEM_RESPONSES, tags=["precedents"])

FILTERED = (
    ("/v1/outcomes", "get"),
    ("/v1/decisions/{decision_id}/similar", "get"),
    ("/v1/similar", "post"),
    ("/v1/decisions/{decision_id}/conflicts", "get"),
    ("/v1/conflicts", "get"),
)
"""Paths and methods that take filters as parameters."""

AskedText = Annotated[
    str,
    Query(max_length=20_000, description="Which decisions, as in `/v1/search`; empty: all."),
]
AskedScopeParameter = Annotated[
    AskedScope, Query(description="The decision's own texts, the facts of the case, or both.")
]
_OUTCOMES = frozenset("q match subject scope by least size".split())


@router.get("/v1/outcomes", summary="How decisions ended, in all and by a field or two")
def outcome_balance(
    request: Request,
    serving: Serving,
    q: AskedText = "",
    match: AskedMatch = "default",
    subject: AskedSubject = "default",
    scope: AskedScopeParameter = "default",
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
    asked = outcomes.Asked(wanted, parameters.listed(by) or (), size, least)
    return outcomes.outcomes(serving.engine(), asked)


_SIMILAR = frozenset("size fold item".split())
Item = Annotated[
    int | None, Query(ge=1, description="Which disputed item of a letter; default the first.")
]
Size = Annotated[int, Query(ge=1, le=similar.MAX_SIZE, description="Decisions at most.")]


@router.get("/v1/decisions/{decision_id}/similar", summary="Decisions like one of the index")
def similar_decisions(
    request: Request,
    serving: Serving,
    decision_id: Annotated[str, parameters.path_id(DECISION_ID)],
    size: Size = 10,
    fold: Fold = True,  # noqa: FBT002
    item: Item = None,
) -> SimilarResponse:
    """Near by request, rationale, facts of the case, and what the decisions share; each says why.

    Decisions of the same letter are left out. Filters are as in `/v1/search`.
    """
    asked = _similar_asked(request, size, fold=fold)
    engine = serving.engine()
    return similar.similar(engine, cases.stored(engine, decision_id, item), asked)


@router.post(
    "/v1/similar",
    summary="Decisions like a case that is sent",
    openapi_extra=uploads.DESCRIPTION,
)
async def similar_to_sent(
    request: Request,
    serving: Serving,
    size: Size = 10,
    fold: Fold = True,  # noqa: FBT002
    item: Item = None,
) -> SimilarResponse:
    """As `/v1/decisions/{id}/similar`, for a letter (at most 20 MB), a record or plain text.

    A letter is read in a process with limits, and nothing of it is stored.
    """
    asked = _similar_asked(request, size, fold=fold)
    sent = await uploads.sent(request)
    return await run_in_threadpool(_similar_to, serving, sent, item, asked)


def _similar_asked(request: Request, size: int, *, fold: bool) -> similar.Asked:
    filters = parameters.filters_of(request.query_params.multi_items(), _SIMILAR)
    return similar.Asked(filters, size, fold)


def _similar_to(
    serving: Service, sent: uploads.Sent, item: int | None, asked: similar.Asked
) -> SimilarResponse:
    engine, embedder = serving.engine(), serving.embedder
    if sent.described is not None and sent.described.text is not None:
        if item is not None:
            raise BadQueryError(cases.ITEM_OF_TEXT)
        return similar.similar(engine, cases.of_text(engine, sent.described.text, embedder), asked)
    record = sent.described.record if sent.described else None
    letter = record or serving.read(sent.letter or b"")
    case, warnings = cases.of_letter(engine, letter, item, embedder)
    return similar.similar(engine, case, asked, warnings)


_CONFLICTS = frozenset("q match subject scope size".split())
Pairs = Annotated[int, Query(ge=1, le=conflicts.MAX_SIZE, description="Pairs at most.")]


@router.get("/v1/decisions/{decision_id}/conflicts", summary="Decisions that ended otherwise")
def conflicts_of_decision(
    request: Request,
    serving: Serving,
    decision_id: Annotated[str, parameters.path_id(DECISION_ID)],
    size: Pairs = 10,
) -> ConflictsResponse:
    """Close in facts and about the same drug or treatment, opposite in outcome; the closest first.

    Each pair has both decisions' reasons and guideline sections. Filters are as in `/v1/search`.
    """
    filters = parameters.filters_of(request.query_params.multi_items(), frozenset({"size"}))
    engine = serving.engine()
    return conflicts.of_decision(engine, cases.stored(engine, decision_id), filters, size)


@router.get("/v1/conflicts", summary="Pairs of matches that ended differently")
def conflicts_of_query(
    request: Request,
    serving: Serving,
    q: AskedText = "",
    match: AskedMatch = "default",
    subject: AskedSubject = "default",
    scope: AskedScopeParameter = "default",
    size: Pairs = 10,
) -> ConflictsResponse:
    """The closest pairs of an overturned and an upheld decision among a query's first matches."""
    filters = parameters.filters_of(request.query_params.multi_items(), _CONFLICTS)
    wanted = search_request.Request(
        text=q, match=match, subject=subject, scope=scope, filters=filters
    )
    return conflicts.over_query(serving.engine(), wanted, size)
