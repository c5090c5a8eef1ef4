"""`/v1/export`: the whole counted set of a search as a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api import parameters
from api.examples import EXPORT_COLUMNS
from api.problems import PROBLEM_RESPONSES
from api.service import Serving
from imr.export.formats import FORMATS
from imr.export.run import export

router = APIRouter(responses=PROBLEM_RESPONSES)

_FILE = {
    "description": "The file.",
    "content": {each.media_type.partition(";")[0]: {} for each in FORMATS.values()},
    "headers": {
        "X-Total-Count": {
            "description": "How many decisions the file has.",
            "schema": {"type": "integer"},
        }
    },
}


@router.get(
    "/v1/export",
    summary="All decisions that a search counts, as a file",
    tags=["export"],
    response_class=StreamingResponse,
    responses={200: _FILE},
)
def export_decisions(
    serving: Serving,
    asked: Annotated[parameters.CountedParameters, Depends()],
    format_: Annotated[
        str, Query(alias="format", description=f"One of {', '.join(FORMATS)}.")
    ] = "csv",
    columns: Annotated[
        str | None,
        Query(
            description="Columns in their order, separated by commas; default all.",
            examples=[EXPORT_COLUMNS],
        ),
    ] = None,
) -> StreamingResponse:
    """The matches of a query and filters as `/v1/search` counts them, or all decisions.

    Related decisions are never among them. The order is by case number and item.
    """
    request = asked.request("format", "columns")
    made = export(serving.engine(), request, format_, parameters.listed(columns))
    name = f"decisions{made.format.suffix}"
    return StreamingResponse(
        made.pieces,
        media_type=made.format.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Total-Count": str(made.decisions),
        },
    )
