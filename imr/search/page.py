"""Cuts the list into pages, by letter or by decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from imr.engines.document import StoredDecision
from imr.engines.protocol import Counts, Engine, Hit
from imr.search.fuse import Leaning, Place
from imr.search.plan import Plan


class Listed(NamedTuple):
    """A decision in the list; `score` is None behind the candidates and in a browse.

    `keyword` and `semantic` are its places in the legs, None where a leg didn't find it; `leanings`
    are as in `Candidate`. `near` are the decisions folded under it, see `folded`.
    """

    hit: Hit
    score: float | None
    matched: bool
    keyword: Place | None = None
    semantic: Place | None = None
    leanings: tuple[Leaning, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The whole list before it is cut into pages, with its counts."""

    listed: tuple[Listed, ...]
    counts: Counts
    counted: Literal["matches", "related"]
    related: int
    total: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A page's rows with what they need to be drawn; `siblings` are other matches of the letter."""

    rows: tuple[Listed, ...]
    records: dict[str, StoredDecision]
    siblings: dict[str, tuple[str, ...]]
    number: int
    size: int
    next: int | None


def cut(
    engine: Engine, plan: Plan, listed: Sequence[Listed], group: str, number: int, size: int
) -> Shown:
    """Page `number` (from 1). A letter stands where its best decision does.

    Where no listed decision is a match, none has siblings: those are matches too.
    """
    listed_rows = rows(listed, group)
    start = (number - 1) * size
    page = tuple(listed_rows[start : start + size])
    siblings: dict[str, tuple[str, ...]] = {}
    if group == "letter" and any(row.matched for row in listed):
        matching = engine.matching_siblings(plan, [row.hit for row in page])
        siblings = {
            row.hit.id: tuple(
                id_ for id_ in matching.get(row.hit.determination, ()) if id_ != row.hit.id
            )
            for row in page
        }
    wanted = [row.hit.id for row in page] + [id_ for ids in siblings.values() for id_ in ids]
    return Shown(
        rows=page,
        records=engine.fetch(wanted),
        siblings=siblings,
        number=number,
        size=size,
        next=number + 1 if start + size < len(listed_rows) else None,
    )


def folded(engine: Engine, listed: Sequence[Listed], group: str) -> list[Listed]:
    """The list without decisions whose rationale is near-identical to an earlier one's.

    They are told with the earlier one. Matches and related decisions are folded apart, and items
    of one letter stay beside each other where the list is by letter.
    """
    group_of = engine.groups_of([item.hit for item in listed])
    first: dict[tuple[str, bool], Listed] = {}
    under: dict[str, list[str]] = {}
    kept = []
    for item in listed:
        # one that a commit in between took away is in no group
        key = group_of.get(item.hit.id, item.hit.id), item.matched
        lead = first.setdefault(key, item)
        same_letter = lead.hit.determination == item.hit.determination
        if lead is item or (group == "letter" and same_letter):
            kept.append(item)
        else:
            under.setdefault(lead.hit.id, []).append(item.hit.id)
    return [
        item._replace(near=tuple(under[item.hit.id])) if item.hit.id in under else item
        for item in kept
    ]


def rows(listed: Sequence[Listed], group: str) -> list[Listed]:
    """What pages are cut of: decisions, or of each letter the first."""
    if group != "letter":
        return list(listed)
    best: dict[str, Listed] = {}
    for item in listed:
        best.setdefault(item.hit.determination, item)
    return list(best.values())
