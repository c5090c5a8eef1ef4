"""`/v1/export`: the whole counted set of a search as a file."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api import parameters
from api.examples import EXPORT_COLUMNS
from api.problems import PROBLEM_RESPONSES
from api.service import Serving
from imr.export.formats import FORMATS
from imr.export.run import Export, export

router = APIRouter(responses=PROBLEM_RESPONSES)

_FILE = {
    "description": "The file.",
    "content": {each.media_type.partition(";")[0]: {} for each in FORMATS.values()},
    "headers": {
        "X-Total-Count": {
            "description": "How many decisions the file has.",
            "schema": {"type": "integer"},
        },
        "X-Warnings": {
            "description": "What of the query was not understood, percent-encoded; or absent.",
            "schema": {"type": "string"},
        },
        "X-Did-You-Mean": {
            "description": "The query with names spelled right, percent-encoded; or absent.",
            "schema": {"type": "string"},
        },
    },
}
MOST_TOLD = 500
"""Characters of a header: servers between take some thousand bytes of all."""
_PLAIN = " !\"#$&'()*+,-./:;<=>?@[]^_`{|}~"


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
    excel: Annotated[  # noqa: FBT002
        bool, Query(description="Begin CSV with a byte order mark, as Excel needs it.")
    ] = False,
) -> StreamingResponse:
    """The matches of a query and filters as `/v1/search` counts them, or all decisions.

    Related decisions are never among them. The order is by case number and item.
    """
    request = asked.request("format", "columns", "excel")
    wanted = parameters.listed(columns)
    made = export(serving.engine(), request, format_, wanted, excel=excel)
    name = f"decisions{made.format.suffix}"
    return StreamingResponse(
        made.pieces,
        media_type=made.format.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Total-Count": str(made.decisions),
            **_heard(made),
        },
    )


def _heard(made: Export) -> dict[str, str]:
    """What is told of the query, percent-encoded since a header holds no other letters."""
    told = {"X-Warnings": "; ".join(made.warnings)[:MOST_TOLD]}
    if made.did_you_mean and len(made.did_you_mean) <= MOST_TOLD:  # a part would mean another
        told["X-Did-You-Mean"] = made.did_you_mean
    return {name: quote(said, safe=_PLAIN) for name, said in told.items() if said}
