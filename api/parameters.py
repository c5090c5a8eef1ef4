"""The parameters of a search over HTTP, and how they become a request."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any

from fastapi import Path, Query
from fastapi import Request as HttpRequest

from imr import fields
from imr.errors import BadQueryError
from imr.search.plan import Match, Mode, Subject
from imr.search.request import LISTED, MAX_SIZE, AskedScope, Group, Request, Sort

AskedMatch = Annotated[Match, Query(description="How many soft clauses a match needs.")]
AskedSubject = Annotated[
    Subject, Query(description="Whether clauses hold in the request or anywhere.")
]
Highlight = Annotated[bool, Query(description="Give snippets with marks.")]
Fold = Annotated[bool, Query(description="Show near-identical rationales once.")]
Explain = Annotated[bool, Query(description="Tell how each result came about.")]

Text = Annotated[
    str,
    Query(
        max_length=20_000,
        description=(
            'Words, "phrases", "two words"~5, acupunct*, +required, -excluded, '
            "AND, OR, NOT, parentheses, field:value, age:[40 TO 60]; empty means all decisions."
        ),
    ),
]
ScopeOf = Annotated[
    AskedScope,
    Query(
        description=(
            "The decision's own texts, the facts of the case, or both. The default is the "
            "decision's, and both where nothing there holds what must hold."
        )
    ),
]


class CountedParameters:
    """What a route takes that is about the whole counted set of a search."""

    def __init__(
        self,
        request: HttpRequest,
        q: Text = "",
        match: AskedMatch = "default",
        subject: AskedSubject = "default",
        scope: ScopeOf = "default",
    ) -> None:
        self._items = request.query_params.multi_items()
        self._values: dict[str, Any] = {
            "text": q,
            "match": match,
            "subject": subject,
            "scope": scope,
        }

    def request(self, *own: str) -> Request:
        """The search; `own` are the route's other parameters, all others are filters.

        Raises:
            BadQueryError: a parameter that is no filter.
        """
        known = frozenset((*self._values, "q", *own)) - {"text"}
        return Request(**self._values, filters=filters_of(self._items, known))


class SearchParameters:
    """What `/v1/search` takes beside filters; names are DESIGN's."""

    def __init__(
        self,
        q: Text = "",
        mode: Annotated[Mode, Query(description="Which legs take part.")] = "hybrid",
        match: AskedMatch = "default",
        subject: AskedSubject = "default",
        scope: ScopeOf = "default",
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
        highlight: Highlight = True,  # noqa: FBT002
        fold: Fold = True,  # noqa: FBT002
        explain: Explain = False,  # noqa: FBT002
    ) -> None:
        self.values: dict[str, Any] = {
            "text": q,
            "mode": mode,
            "match": match,
            "subject": subject,
            "scope": scope,
            "related": related,
            "facets": listed(facets),
            "sort": sort,
            "group": group,
            "page": page,
            "size": size,
            "highlight": highlight,
            "fold": fold,
            "explain": explain,
        }


_OWN = frozenset(
    "q mode match subject scope related facets sort group page size highlight fold explain".split()
)


def search_request(asked: SearchParameters, items: Sequence[tuple[str, str]]) -> Request:
    """The request, with every other parameter as a filter; errors as in `filters_of`."""
    return Request(**asked.values, filters=filters_of(items, _OWN))


def filters_of(
    items: Sequence[tuple[str, str]], own: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """The parameters that are filters: all but the route's own.

    Raises:
        BadQueryError: a parameter that is no filter; the message names the nearest.
    """
    filters = tuple((name, value) for name, value in items if name not in own)
    known = {f.name for f in fields.FILTERED}
    for name, _ in filters:
        if name.removeprefix("not.").partition(".")[0] not in known:
            near = difflib.get_close_matches(name, [*known, *own], n=3, cutoff=0.5)
            instead = f"did you mean {', '.join(near)}?" if near else "see /v1/fields"
            raise BadQueryError(f"there is no parameter {name!r}: {instead}")
    return filters


def as_described(request: HttpRequest) -> None:
    """Nothing that a request gives may go unheard: its parameters are what `/openapi.json` tells.

    Raises:
        BadQueryError: a parameter that the route does not take, or one given twice that it takes
            once.
    """
    route = request.scope["route"]
    described = request.app.openapi()["paths"].get(getattr(route, "path", ""), {})
    told = described.get(request.method.lower(), {}).get("parameters", ())
    taken = {each["name"]: each["schema"].get("type") for each in told if each["in"] == "query"}
    given = Counter(name for name, _ in request.query_params.multi_items())
    for name, times in given.items():
        if name not in taken and "array" not in taken.values():  # else `filters_of` tells
            near = difflib.get_close_matches(name, taken, n=3, cutoff=0.5) or taken
            instead = f"it takes {', '.join(near)}" if near else "it takes none"
            raise BadQueryError(f"there is no parameter {name!r} here: {instead}")
        if times > 1 and name in taken and taken[name] != "array":
            raise BadQueryError(f"the parameter {name!r} is given {times} times: give it once")


def listed(value: str | None) -> tuple[str, ...] | None:
    """Names that are separated by commas; None where nothing is given."""
    if value is None:
        return None
    return tuple(name for name in (part.strip() for part in value.split(",")) if name)


def path_id(example: str) -> Any:
    """A record's id in a path."""
    return Path(description="Its id.", examples=[example], max_length=100)


def describe(operation: dict[str, Any]) -> None:
    """Tell the filters of a route that takes them in its OpenAPI description."""
    told = operation.setdefault("parameters", [])
    names = {parameter["name"] for parameter in told}
    for field in fields.FILTERED:
        told.extend(each for each in described(field) if each["name"] not in names)


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
