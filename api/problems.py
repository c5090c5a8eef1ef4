"""Errors as RFC 9457 problems: stable code in `type`, one sentence in `detail`."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from imr.model import Value

MEDIA_TYPE = "application/problem+json"


class Problem(Value):
    """`type` ends in the error's stable code; `detail` says what was wrong and what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
    for status, description in (
        (404, "No such record"),
        (422, "The request can't be understood; the detail names the nearest valid names"),
        (503, "The index or the engine can't answer now"),
    )
}


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    retry_after: int | None = None,
) -> JSONResponse:
    """The answer that says what went wrong, and in how many seconds it may have passed."""
    body = Problem(
        type=f"urn:imr-precedents:problem:{code}",
        title=title,
        status=status,
        detail=detail,
        instance=request.url.path,
    )
    headers = None if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)
