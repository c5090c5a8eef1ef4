"""Decisions and letters one by one: as they are read, and the files they came from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api import parameters
from api.examples import DECISION_ID, DETERMINATION_ID
from api.problems import PROBLEM_RESPONSES
from api.service import Serving
from imr.engines.document import StoredDecision
from imr.engines.protocol import Engine
from imr.errors import NotFoundError
from imr.model import Determination
from imr.reading import Letter, reading
from imr.search import cases

router = APIRouter(responses=PROBLEM_RESPONSES, tags=["records"])

MEDIA_TYPES = {"pdf": "application/pdf", "text": "text/plain"}
_FILE = {"description": "The file.", "content": {each: {} for each in MEDIA_TYPES.values()}}
LetterId = Annotated[str, parameters.path_id(DETERMINATION_ID)]


@router.get("/v1/decisions/{decision_id}", summary="One decision")
def decision(
    serving: Serving, decision_id: Annotated[str, parameters.path_id(DECISION_ID)]
) -> StoredDecision:
    """A decision with its letter's case number and date."""
    found = cases.decision(serving.engine(), decision_id)
    if found is None:
        raise NotFoundError(
            f"there is no decision {decision_id!r}: an id is a case number, a dot and the item's "
            f"number, as {DECISION_ID}"
        )
    return found


@router.get("/v1/determinations/{determination_id}", summary="One letter")
def determination(
    serving: Serving,
    determination_id: LetterId,
    text: Annotated[bool, Query(description="Give the text, its sections and marks.")] = True,  # noqa: FBT002
) -> Letter:
    """The whole letter with all its decisions, its sections, and where in it everything stands."""
    found = _letter(serving.engine(), determination_id)
    if text:
        return reading(found)
    return Letter(**dict(found.model_copy(update={"text": ""})), sections=(), marks=())


@router.get(
    "/v1/determinations/{determination_id}/source",
    summary="The file a letter came from",
    response_class=Response,
    responses={200: _FILE},
)
def source(serving: Serving, determination_id: LetterId) -> Response:
    """The file as it was loaded, where the load was told to keep originals."""
    letter = _letter(serving.engine(), determination_id)
    data = serving.originals.get(letter.source.sha256)
    if data is None:
        raise NotFoundError(
            f"the file of {determination_id} was not kept: load it again with --keep-originals"
        )
    suffix = {"pdf": "pdf", "text": "txt"}[letter.source.format]
    return Response(
        data,
        media_type=MEDIA_TYPES[letter.source.format],
        # a stranger's file: to be saved, and never run as a page of this service
        headers={
            "Content-Disposition": f'attachment; filename="{letter.id}.{suffix}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _letter(engine: Engine, id_: str) -> Determination:
    found = cases.letter(engine, id_)
    if found is None:
        raise NotFoundError(
            f"there is no determination {id_!r}: an id is a case number, as {DETERMINATION_ID}"
        )
    return found
