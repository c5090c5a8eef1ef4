"""What a door asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imr.search.plan import Match, Mode, Scope, Subject

LISTED = 1000
"""How many decisions can be paged through; beyond that lies export."""
MAX_SIZE = 100
"""Results a page may have."""

Sort = Literal["relevance", "newest", "oldest"]
Group = Literal["letter", "none"]
AskedScope = Literal["default", "decision", "facts", "all"]
"""The default is the decision's own texts, and where nothing in them holds what must hold, all."""


@dataclass(frozen=True, slots=True)
class Request:
    """A search; `page` counts from 1.

    `filters` are pairs of FIELD, not.FIELD, FIELD.min or FIELD.max and a value. `fold` shows
    near-identical rationales once.
    """

    text: str = ""
    mode: Mode = "hybrid"
    match: Match = "default"
    subject: Subject = "default"
    scope: AskedScope = "default"
    related: bool = True
    filters: tuple[tuple[str, str], ...] = ()
    facets: tuple[str, ...] | None = None
    sort: Sort = "relevance"
    group: Group = "letter"
    page: int = 1
    size: int = 10
    highlight: bool = True
    explain: bool = False
    fold: bool = True

    @property
    def searched(self) -> Scope:
        """The scope to begin with."""
        return "decision" if self.scope == "default" else self.scope
