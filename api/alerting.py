"""`/v1/alerts`: the saved searches, and what the next run of `imr alerts` would tell.

Reading only: who may save a search or have deliveries sent is decided where the command is run
(docs/adr/0021-alerts-by-command.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.examples import ALERT_NAME
from api.problems import PROBLEM_RESPONSES
from api.service import Service, Serving
from imr import settings
from imr.alerts.find import matching, told
from imr.alerts.store import Alerts, SavedSearch, path_of
from imr.errors import NotFoundError
from imr.model import Value

router = APIRouter(responses=PROBLEM_RESPONSES, tags=["alerts"])


class Saved(Value):
    """A saved search; where its deliveries go is not told."""

    name: str
    text: str
    filters: tuple[tuple[str, str], ...]
    created: str


class NewResponse(Value):
    """Decisions that are new to a saved search, at most as many as were asked for."""

    search: Saved
    decisions: tuple[dict[str, str | None], ...]


@contextmanager
def _alerts(serving: Service) -> Iterator[Alerts | None]:
    path = path_of(serving.place, settings.load().cache)
    if not path.exists():
        yield None
        return
    alerts = Alerts(path)
    try:
        yield alerts
    finally:
        alerts.close()


def _saved(search: SavedSearch) -> Saved:
    return Saved(
        name=search.name,
        text=search.text,
        filters=search.filters,
        created=search.created.isoformat(),
    )


@router.get("/v1/alerts", summary="The saved searches")
def saved_searches(serving: Serving) -> list[Saved]:
    """By name. They are saved with `imr alerts add`."""
    with _alerts(serving) as alerts:
        return [_saved(search) for search in alerts.all()] if alerts else []


@router.get("/v1/alerts/{name}/new", summary="What is new to a saved search")
def new_decisions(
    serving: Serving,
    name: Annotated[str, Path(max_length=80, description="Its name.", examples=[ALERT_NAME])],
    size: Annotated[int, Query(ge=1, le=500, description="Decisions at most.")] = 100,
) -> NewResponse:
    """What the next `imr alerts run` would find. Asking changes nothing."""
    with _alerts(serving) as alerts:
        if alerts is None:
            raise NotFoundError(f"there is no saved search {name!r}: there is none yet")
        search, engine = alerts.get(name), serving.engine()
        new = (id_ for ids in matching(engine, search) for id_ in alerts.untold(name, ids))
        return NewResponse(
            search=_saved(search), decisions=tuple(told(engine, list(islice(new, size))))
        )
