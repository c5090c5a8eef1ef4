"""The parameters of a search over HTTP, and how they become a request."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import Path, Query

from imr import fields
from imr.errors import BadQueryError
from imr.search.plan import Match, Mode, Subject
from imr.search.request import LISTED, MAX_SIZE, AskedScope, Group, Request, Sort


class SearchParameters:
    """What `/v1/search` takes beside filters; names are DESIGN's."""

    def __init__(
        self,
        q: Annotated[
            str,
            Query(
                max_length=20_000,
                description=(
                    'Words, "phrases", "two words"~5, acupunct*, +required, -excluded, '
                    "AND, OR, NOT, parentheses, field:value, age:[40 TO 60]; "
                    "empty lists the newest."
                ),
            ),
        ] = "",
        mode: Annotated[Mode, Query(description="Which legs take part.")] = "hybrid",
        match: Annotated[
            Match, Query(description="How many soft clauses a match needs.")
        ] = "default",
        subject: Annotated[
            Subject, Query(description="Whether clauses hold in the request or anywhere.")
        ] = "default",
        scope: Annotated[
            AskedScope,
            Query(
                description=(
                    "The decision's own texts, the facts of the case, or both. The default is the "
                    "decision's, and both where nothing there holds what must hold."
                )
            ),
        ] = "default",
        related: Annotated[bool, Query(description="Show related decisions too.")] = True,  # noqa: FBT002
        facets: Annotated[
            str | None, Query(description="Facets to count, separated by commas; default all.")
        ] = None,
        sort: Annotated[Sort, Query(description="By relevance or by date decided.")] = "relevance",
        group: Annotated[
            Group, Query(description="One result a letter, or a decision.")
        ] = "letter",
        page: Annotated[int, Query(ge=1, le=LISTED, description="From 1.")] = 1,
        size: Annotated[
            int, Query(ge=1, le=MAX_SIZE, description="Results a page: letters or decisions.")
        ] = 10,
        highlight: Annotated[bool, Query(description="Give snippets with marks.")] = True,  # noqa: FBT002
        explain: Annotated[bool, Query(description="Tell how each result came about.")] = False,  # noqa: FBT002
    ) -> None:
        self.values: dict[str, Any] = {
            "text": q,
            "mode": mode,
            "match": match,
            "subject": subject,
            "scope": scope,
            "related": related,
            "facets": _listed(facets),
            "sort": sort,
            "group": group,
            "page": page,
            "size": size,
            "highlight": highlight,
            "explain": explain,
        }


_OWN = frozenset(
    "q mode match subject scope related facets sort group page size highlight explain".split()
)


def search_request(asked: SearchParameters, items: Sequence[tuple[str, str]]) -> Request:
    """The request, with every other parameter as a filter.

    Raises:
        BadQueryError: a parameter that is no filter; the message names the nearest.
    """
    filters = tuple((name, value) for name, value in items if name not in _OWN)
    known = {f.name for f in fields.FILTERED}
    for name, _ in filters:
        if name.removeprefix("not.").partition(".")[0] not in known:
            near = difflib.get_close_matches(name, [*known, *_OWN], n=3, cutoff=0.5)
            instead = f"did you mean {', '.join(near)}?" if near else "see /v1/fields"
            raise BadQueryError(f"there is no parameter {name!r}: {instead}")
    return Request(**asked.values, filters=filters)


def _listed(value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(name for name in (part.strip() for part in value.split(",")) if name)


def path_id(example: str) -> Any:
    """A record's id in a path."""
    return Path(examples=[example], max_length=100)


def described(field: fields.Field) -> Iterator[dict[str, Any]]:
    """A field's filters as OpenAPI parameters."""
    named = " A name works too (drug=norco)." if field.concept == "drug" else ""
    for name, sense in ((field.name, "has"), (f"not.{field.name}", "does not have")):
        yield _parameter(
            name, f"{field.label}: the decision {sense} this value;{named} repeat for OR."
        )
    if field in fields.RANGED:
        for end, word in (("min", "least"), ("max", "most")):
            yield _parameter(f"{field.name}.{end}", f"{field.label}: at {word} this.")


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "array", "items": {"type": "string"}},
        "style": "form",
        "explode": True,
    }
