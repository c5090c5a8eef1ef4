"""Why each decision of a page is there: what holds in it and where, its rank, its highlights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imr import taken
from imr.engines.protocol import Engine
from imr.model import Span
from imr.search import highlight
from imr.search import response as r
from imr.search.fuse import Place
from imr.search.holding import Asked, Found
from imr.search.page import Listed, Shown
from imr.search.plan import Clause, Group
from imr.search.request import Request
from imr.search.wording import worded
from imr.text.passages import sentences

WORDS, MEANING = "words", "meaning"

SCORE_DIGITS = 4
"""Digits of a leg's score that are shown; both engines agree on them."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one row."""

    why: r.Why
    highlights: dict[str, tuple[str, ...]]
    explanation: r.Explanation | None


def told(engine: Engine, request: Request, asked: Asked, shown: Shown) -> Mapping[str, Told]:
    """What is told of each row of a page, by the decision's id."""
    found = asked.found(engine, [row.hit for row in shown.rows], shown.records)
    return {
        row.hit.id: Told(
            why=_why(row, found[row.hit.id]),
            highlights=_highlights(found[row.hit.id]) if request.highlight else {},
            explanation=_explanation(request, row, found[row.hit.id]) if request.explain else None,
        )
        for row in shown.rows
        if row.hit.id in found
    }


def _why(row: Listed, found: Found) -> r.Why:
    standing = (found.standing(leaf, found.asked.scope) for leaf in found.asked.leaves)
    return r.Why(
        keyword=_leg(row.keyword),
        semantic=_leg(row.semantic),
        clauses=tuple(
            dict.fromkeys(
                f"{worded(s.clause)} in {', '.join(s.where)}" for s in standing if s.where
            )
        ),
    )


def _leg(place: Place | None) -> r.LegView | None:
    return r.LegView(score=round(place.score, SCORE_DIGITS), rank=place.rank) if place else None


def _highlights(found: Found) -> dict[str, tuple[str, ...]]:
    """Snippets of each text that has anything to mark."""
    leaves = found.asked.leaves
    snippets = {}
    for name, text in found.texts.items():
        marks = highlight.joined(
            (number, span)
            for number, leaf in enumerate(leaves)
            if leaf.field in {None, name}
            for span in found.asked.sought[leaf].spans(text)
        )
        if marks:
            snippets[name] = highlight.snippets(text.text, marks, list(_pieces(name, text.text)))
    return snippets


def _pieces(name: str, text: str) -> Iterator[Span]:
    """What a snippet should be whole of: sentences, or the names of guidelines."""
    if name != "cited":
        yield from sentences(text)
        return
    start = 0
    for part in text.split(taken.BETWEEN):
        yield start, start + len(part)
        start += len(part) + len(taken.BETWEEN)


def _explanation(request: Request, row: Listed, found: Found) -> r.Explanation:
    plan = found.asked.plan
    asked = (*found.asked.clauses, *plan.must_not)
    return r.Explanation(
        clauses=tuple(holding for clause in asked for holding in _holdings(clause, found)),
        match=_match(row, found),
        rank=_rank(request, row, found),
    )


def _holdings(clause: Clause, found: Found) -> Iterator[r.Holding]:
    """A clause, and behind a group its parts."""
    standing = found.standing(clause, found.asked.scope)
    yield r.Holding(
        kind=clause.kind,
        text=worded(clause),
        hard=clause.hard,
        negated=clause.negated,
        holds=standing.holds,
        where=standing.where,
    )
    for part in clause.parts:
        yield from _holdings(part, found)


def _match(row: Listed, found: Found) -> str:
    """What made it a match or not, in words."""
    head = "A match" if row.matched else "Related, no match"
    counted = [_counted(group, found) for group in found.asked.plan.groups]
    if not counted:
        reason = "all that must hold does" if row.matched else "meaning alone makes none"
        return f"{head}: {reason}."
    return f"{head}: {', '.join(counted)}."


def _counted(group: Group, found: Found) -> str:
    plan = found.asked.plan
    held = sum(
        found.standing(clause, [text.name for text in plan.scope_of(clause)]).holds
        for clause in group.clauses
    )
    concepts = {clause.concept is not None for clause in group.clauses}
    sort = "clauses" if len(concepts) > 1 else "concepts" if True in concepts else "words"
    beside = all(clause.beside for clause in group.clauses)
    where = " anywhere" if beside else " in what was requested" if plan.requested else ""
    return f"{held} of {len(group.clauses)} {sort}{where} ({group.needed} needed)"


def _rank(request: Request, row: Listed, found: Found) -> str:
    """How its score came about, in words and numbers."""
    if row.score is None:
        if request.sort == "relevance" and found.asked.plan.scored:
            return "Behind the candidates of both legs, by words alone and without a score."
        return "By date, without a score."
    legs = {WORDS: row.keyword, MEANING: row.semantic}
    places = [place for place in (*legs.values(), *row.leanings) if place]
    several = any(place.weight < 1 for place in places)
    told = [_leg_told(name, place) for name, place in legs.items() if place or several]
    told += [f"{leaning.told} counts {leaning.share:.2f}" for leaning in row.leanings]
    said = "; ".join(told)
    sum_ = " + ".join(f"{place.weight:.3g} \u00d7 {place.share:.2f}" for place in places)
    return f"{said[0].upper()}{said[1:]}. The score is {sum_} = {row.score:.2f}."


def _leg_told(name: str, place: Place | None) -> str:
    if place is None:
        return f"no candidate by {name}"
    of = "the best score" if name == WORDS else "the way from the last candidate to the first"
    return f"rank {place.rank} by {name} with {place.score:.2f}, which is {place.share:.2f} of {of}"
