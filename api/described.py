"""`/docs`: what `/openapi.json` says, as a page without scripts, so that it needs no other host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter()

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#eee;padding:0 .2em}h2{margin:2.5rem 0 0;font-size:1.1rem}"
    "table{border-collapse:collapse}td{border-top:1px solid #ccc;padding:.2rem .8rem .2rem 0;"
    "vertical-align:top}td p{margin:0}input{font:inherit;width:30rem;max-width:70%}"
)


@router.get("/docs", include_in_schema=False)
def page(request: Request) -> HTMLResponse:
    """The routes with their parameters; where a route takes a query, a box to try it."""
    schema = request.app.openapi()
    info = schema["info"]
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(info['title'])}</title>",
        f"<style>{_STYLE}</style><h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{escape(info['summary'])}. For programs: <a href=openapi.json>openapi.json</a>.</p>",
    ]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parts += _operation(path, method, operation)
    return HTMLResponse(
        "".join(parts),
        headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
            "form-action 'self'"
        },
    )


def _operation(path: str, method: str, told: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {escape(path)}</code> {escape(told.get('summary', ''))}</h2>"
    for paragraph in told.get("description", "").split("\n\n"):
        yield f"<p>{_marked(paragraph)}</p>"
    parameters = told.get("parameters", [])
    own = [each for each in parameters if each["schema"].get("type") != "array"]
    filters = [each["name"] for each in parameters if each not in own]
    if method == "get" and any(each["name"] == "q" for each in own):
        yield (
            f'<form action="{escape(path.lstrip("/"))}"><input name=q aria-label="query" '
            f'value="{escape(_example(own))}"> <button>try it</button></form>'
        )
    if own:
        yield "<table>"
        for each in own:
            text = each.get("description", "")
            yield f"<tr><td><code>{escape(each['name'])}</code><td>{_values(each['schema'])}"
            yield f"<td>{_marked(text)}"
        yield "</table>"
    if filters:
        yield "<details><summary>filters, each may be repeated</summary><p>"
        yield " ".join(f"<code>{escape(name)}</code>" for name in filters) + "</details>"
    if body := told.get("requestBody", {}).get("content"):
        yield f"<p>Takes a body: {', '.join(f'<code>{escape(kind)}</code>' for kind in body)}</p>"


def _example(parameters: list[dict[str, Any]]) -> str:
    """The first example of a query."""
    asked = next(each for each in parameters if each["name"] == "q").get("examples", {})
    first: Any = next(iter(asked.values()), {}) if isinstance(asked, dict) else {}
    return str(first.get("value", "")) if isinstance(first, dict) else ""


def _values(schema: Mapping[str, Any]) -> str:
    choices = [str(each) for each in schema.get("enum", ())]
    default = schema.get("default")
    told = " | ".join(choices) or str(schema.get("type", ""))
    return escape(told if default in {None, ""} else f"{told} = {default}")


def _marked(text: str) -> str:
    """Text in which what stands between backticks is code."""
    pieces = [escape(piece) for piece in text.split("`")]
    return "".join(f"<code>{p}</code>" if at % 2 else p for at, p in enumerate(pieces))
