"""What a request brings along: a letter as a file, or JSON; never more than a letter may have."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from imr.errors import BadQueryError, LetterTooLargeError
from imr.model import Determination

MOST_BYTES = 20_000_000
"""Of a letter that is sent."""
JSON_BYTES = 2_000_000
"""Of a text or a record that is sent."""
_ROUND_THE_FILE = 10_000  # bytes of a form beside the letter in it

_HOW = (
    'send a letter as application/pdf or text/plain, as "file" of multipart/form-data, or JSON '
    'with "text" or "record"'
)
_PIECE = {"schema": {"type": "string", "format": "binary"}}


class Described(BaseModel):
    """A case in a person's words (`text`), or a record as `imr parse` prints it (`record`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str | None = None
    record: Determination | None = None

    @model_validator(mode="after")
    def _one(self) -> Described:
        if (self.text is None) == (self.record is None):
            raise ValueError("give either text or record")
        return self


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter's bytes, or what JSON describes."""

    letter: bytes | None = None
    described: Described | None = None


async def sent(request: Request) -> Sent:
    """What the request's body holds.

    Raises:
        BadQueryError: it can't be understood; LetterTooLargeError: it is too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in {"application/pdf", "text/plain", "application/octet-stream"}:
        return Sent(letter=_some(await _body(request, MOST_BYTES)))
    if kind == "multipart/form-data":
        body = await _body(request, MOST_BYTES + _ROUND_THE_FILE)
        return Sent(letter=_some(await _file(request, body)))
    if kind == "application/json":
        return Sent(described=_described(await _body(request, JSON_BYTES)))
    raise BadQueryError(f"a body of type {kind or 'none'!r} can't be read: {_HOW}")


async def _body(request: Request, most: int) -> bytes:
    """The body, read no further than it may be long."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise _too_large(most)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> LetterTooLargeError:
    return LetterTooLargeError(f"what was sent has more than {most // 1_000_000} MB")


def _some(letter: bytes) -> bytes:
    if not letter:
        raise BadQueryError(f"the request has no letter in it: {_HOW}")
    return letter


async def _file(request: Request, body: bytes) -> bytes:
    """The form's file."""

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        form = await Request(request.scope, receive).form(max_files=1, max_fields=10)
    except HTTPException as error:
        raise BadQueryError(f"the form can't be read ({error.detail}): {_HOW}") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise BadQueryError(f'the form has no file named "file": {_HOW}')
        return await file.read()
    finally:
        await form.close()


def _described(body: bytes) -> Described:
    try:
        return Described.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"])) or "the body"
        raise BadQueryError(f"{at}: {first['msg']}; {_HOW}") from error


DESCRIPTION: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string", "description": "A case in your own words."},
                        "record": {
                            "type": "object",
                            "description": "A letter's record, as `imr parse` prints it.",
                        },
                    },
                },
                "examples": {
                    "text": {
                        "summary": "A case in your own words",
                        "value": {
                            "text": "Norco #90 for chronic low back pain, no functional "
                            "improvement, no urine drug screen"
                        },
                    }
                },
            },
            "application/pdf": _PIECE,
            "text/plain": _PIECE,
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": _PIECE["schema"]}}
            },
        },
    }
}
"""The body in the OpenAPI description."""
