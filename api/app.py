"""The HTTP service: routes over `imr.search`, problems as RFC 9457 says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api import alerting, described, exporting, guidelines, parameters, precedents, reading
from api.examples import SEARCH_EXAMPLES, SUGGEST_EXAMPLES
from api.heads import Heads
from api.problems import PROBLEM_RESPONSES, problem
from api.service import Service, Serving
from imr import fields
from imr.errors import BadQueryError, ImrError
from imr.model import Value
from imr.search.response import SearchResponse
from imr.search.run import search
from imr.search.suggest import KINDS, MAX_LENGTH, MOST, SuggestResponse
from imr.search.suggest import kinds as read_kinds

VERSION = "0.1.0"


class FieldView(Value):
    """What may be done with a field: the parameters FIELD and not.FIELD, a facet, an order."""

    name: str
    label: str
    type: str
    filtered: bool
    facet: Literal["flat", "tree"] | None
    sorted: bool
    searched: bool


class Health(Value):
    """The process answers."""

    status: Literal["ok"]
    version: str


class Readiness(Value):
    """Whether searches can be answered, and whether by meaning too."""

    status: Literal["ready"]
    engine: Literal["embedded", "opensearch"]
    semantic: bool
    decisions: int


router = APIRouter(responses=PROBLEM_RESPONSES)


@router.get(
    "/v1/search",
    summary="Search precedent decisions",
    tags=["search"],
    response_model=SearchResponse,
)
def search_decisions(
    request: Request,
    serving: Serving,
    asked: Annotated[parameters.SearchParameters, Depends()],
) -> Response:
    """Hybrid keyword and semantic search over decisions, with facets and the outcome balance.

    Filters are parameters named like a field (see `/v1/fields`): `drug=norco`,
    `not.outcome=upheld`; repeat one for OR. Counts are over matches and the same on every page.
    """
    wanted = parameters.search_request(asked, request.query_params.multi_items())
    found = search(serving.engine(), wanted, serving.embedder)
    # written at once: the framework would make values of it first and write those
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/v1/suggest", summary="Complete what is being typed", tags=["search"])
def suggest(
    serving: Serving,
    q: Annotated[
        str,
        Query(
            max_length=MAX_LENGTH,
            description="The beginning of a name at any of its words, or of a case number.",
            examples=list(SUGGEST_EXAMPLES),
        ),
    ],
    kinds: Annotated[
        str | None, Query(description=f"Separated by commas, of {', '.join(KINDS)}; default all.")
    ] = None,
    size: Annotated[int, Query(ge=1, le=MOST, description="Suggestions at most.")] = 10,
) -> SuggestResponse:
    """Names of drugs, treatments, body parts, conditions, guidelines, specialties; case numbers.

    Within one typo, where nothing begins with the text as it is. `field`=`value` is the filter
    for a suggestion; a case number is a letter's id and no filter.
    """
    return serving.suggest(serving.engine(), q, read_kinds(kinds), size)


@router.get("/v1/fields", summary="Fields to filter, count and sort by", tags=["search"])
def all_fields() -> list[FieldView]:
    """The registry of fields."""
    return [
        FieldView(
            name=field.name,
            label=field.label,
            type=field.type,
            filtered=field.filtered,
            facet=field.facet,
            sorted=field.sorted,
            searched=field.weight is not None,
        )
        for field in fields.FIELDS
    ]


@router.get("/health", summary="The process answers", tags=["operation"])
def health() -> Health:
    """Says nothing about the index; see `/ready`."""
    return Health(status="ok", version=VERSION)


@router.get("/ready", summary="Searches can be answered", tags=["operation"])
def ready(serving: Serving) -> Readiness:
    """503 with the reason until an index is there and answers."""
    engine = serving.engine()
    engine.check()
    return Readiness(
        status="ready",
        engine="opensearch" if serving.place.url else "embedded",
        semantic=serving.embedder is not None and engine.signature.model is not None,
        decisions=sum(engine.corpus_outcomes()),
    )


def create_app(serving: Service) -> FastAPI:
    """The service over one index."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        serving.close()

    app = FastAPI(
        lifespan=lifespan,
        title="imr-precedents",
        version=VERSION,
        summary="Precedent decisions in California's Independent Medical Review",
        docs_url=None,
        dependencies=[Depends(parameters.as_described)],
        redoc_url=None,
    )
    app.state.service = serving
    app.add_middleware(Heads)
    for each in (
        router,
        reading.router,
        exporting.router,
        precedents.router,
        guidelines.router,
        alerting.router,
        described.router,
    ):
        app.include_router(each)
    app.add_exception_handler(ImrError, _imr_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
    _describe_filters(app)
    return app


FILTERED = (
    ("/v1/search", "get"),
    ("/v1/export", "get"),
    *precedents.FILTERED,
    *guidelines.FILTERED,
)
"""Routes that take a query and every field of the registry as a filter."""


def _describe_filters(app: FastAPI) -> None:
    """Filters come from the registry, so that a new row is in the OpenAPI text by itself."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        for path, method in FILTERED:
            parameters.describe(schema["paths"][path][method])
            for parameter in schema["paths"][path][method]["parameters"]:
                if parameter["name"] == "q":
                    parameter["examples"] = SEARCH_EXAMPLES
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


async def _imr_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ImrError)  # noqa: S101 - registered for this class
    return problem(request, error.status, error.code, error.title, str(error), error.retry_after)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    said = "; ".join(
        f"{'.'.join(str(at) for at in item['loc'][1:])}: {item['msg']}" for item in error.errors()
    )
    return problem(request, BadQueryError.status, BadQueryError.code, BadQueryError.title, said)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    detail = f"{request.method} {request.url.path}: {error.detail}"
    answer = problem(request, error.status_code, "http-error", str(error.detail), detail)
    answer.headers.update(error.headers or {})
    return answer


async def _unexpected(request: Request, _: Exception) -> JSONResponse:
    return problem(
        request, 500, "internal-error", "Something went wrong",
        "the service failed at this request; the log says more",
    )  # fmt: skip
