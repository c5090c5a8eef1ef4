"""What is new to the saved searches in an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imr.alerts.store import Alerts, SavedSearch
from imr.engines.protocol import Engine
from imr.export import citing
from imr.search.counted import counted
from imr.search.heard import Heard, heard
from imr.search.request import Request


def request_of(search: SavedSearch) -> Request:
    """The request that was saved."""
    asked: dict[str, Any] = {
        "match": search.match, "subject": search.subject, "scope": search.scope,
    }  # fmt: skip
    return Request(text=search.text, filters=search.filters, **asked)


def matching(engine: Engine, search: SavedSearch) -> Iterator[list[str]]:
    """The ids that the search counts now, some hundreds at a time.

    Raises:
        BadQueryError: the search is about a field or value that does not exist.
    """
    _, plan = counted(engine, request_of(search))
    for batch in engine.every(plan, (), records=False):
        yield batch.ids


def heard_of(engine: Engine, search: SavedSearch, *, any_: bool) -> Heard:
    """What is told of the search's query; `any_` says whether anything matches now."""
    request = request_of(search)
    query, plan = counted(engine, request)
    return heard(engine, request, query, plan, any_=any_)


def find(engine: Engine, alerts: Alerts, search: SavedSearch) -> None:
    """Make deliveries of the decisions that are new to a search."""
    for ids in matching(engine, search):
        if new := alerts.untold(search.name, ids):
            alerts.put(search.name, told(engine, new))


def told(engine: Engine, ids: list[str]) -> list[dict[str, str | None]]:
    """What a delivery says of some decisions."""
    stored = engine.fetch(ids)
    records = [stored[id_] for id_ in ids if id_ in stored]
    return [
        {
            "id": record.decision.id,
            "citation": citing.line(record.model_dump()),
            "request": record.decision.request,
            "outcome": record.decision.outcome,
            "decided": record.decision_date,
            "category": record.decision.category,
        }
        for record in records
    ]
