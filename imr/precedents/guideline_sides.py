"""One guideline as either side uses it, and where the sides disagree.

"Set aside" means: the claims administrator cited the guideline, the reviewer applied another and
not this one.
"""

from __future__ import annotations

from collections.abc import Mapping

from imr import fields, taken
from imr.engines.protocol import Engine
from imr.export import citing
from imr.precedents.guideline_counts import (
    ADMINISTRATOR,
    REVIEWER,
    count_both,
    field_of,
    has,
    holding,
)
from imr.precedents.guideline_views import Cited, Counted, Disagreement, Ended, Linked, Node, Side
from imr.search.plan import Plan
from imr.text.taxonomy.guideline_names import slug

NEWEST = 5
"""Decisions that are listed for each side."""


def side(engine: Engine, plan: Plan, who: str, name: str, size: int) -> Side:
    """What the decisions have in which one side cites the guideline."""
    document, part, edition = (field_of(who, what) for what in ("document", "part", "edition"))
    both = count_both(engine, plan, [who, document, part, edition, "treatment", "drug", "year"])
    own = {each: ended for each, ended in both.values(who).items() if _same_document(each, name)}
    return Side(
        ended=both.ended,
        letters=both.all.determinations,
        spellings=_told(own, size),
        editions=_told(_behind(f"{name} ", both.values(edition), digits=True), size),
        sections=_told(_behind(f"{name}{taken.WITHIN}", both.values(part)), size),
        treatments=_told(both.values("treatment"), size, fields.BY_NAME["treatment"]),
        drugs=_told(both.values("drug"), size, fields.BY_NAME["drug"]),
        years=tuple(
            sorted(_told(both.values("year"), len(both.all.facets["year"])), key=lambda y: y.value)
        ),
        together_with=_linked(both.values(document), size, without={name}),
        newest=_newest(engine, plan, who, name),
        filter=f"{document}={name}",
    )


def _same_document(spelling: str, name: str) -> bool:
    """Whether a guideline as it is spelled is the one of that name."""
    source, _, document = spelling.partition(": ")
    return taken.one_name(source, document or None) == name


def _behind(head: str, values: Mapping[str, Ended], *, digits: bool = False) -> dict[str, Ended]:
    """The values that begin so, without their beginning."""
    found = {
        value.removeprefix(head): each for value, each in values.items() if value.startswith(head)
    }
    return {value: each for value, each in found.items() if not digits or value.isdigit()}


def _told(
    values: Mapping[str, Ended], size: int, field: fields.Field | None = None
) -> tuple[Counted, ...]:
    return tuple(
        Counted(value=value, label=fields.label(field, value) if field else value, ended=ended)
        for value, ended in list(values.items())[:size]
    )


def _linked(values: Mapping[str, Ended], size: int, *, without: set[str]) -> tuple[Linked, ...]:
    kept = [(name, ended) for name, ended in values.items() if name not in without][:size]
    return tuple(Linked(**node(name).model_dump(), ended=ended) for name, ended in kept)


def _newest(engine: Engine, plan: Plan, who: str, name: str) -> tuple[Cited, ...]:
    hits = engine.newest(plan, NEWEST)
    stored = engine.fetch([hit.id for hit in hits])
    found = []
    for record in (stored[hit.id] for hit in hits if hit.id in stored):
        decision = record.decision
        sides = {
            REVIEWER: decision.reviewer_guidelines,
            ADMINISTRATOR: decision.administrator_guidelines,
        }
        found.append(
            Cited(
                id=decision.id,
                citation=citing.line(record.model_dump()),
                request=decision.request,
                outcome=decision.outcome,
                wording=tuple(
                    dict.fromkeys(c.cited for c in sides[who] if taken.document(c) == name)
                ),
            )
        )
    return tuple(found)


def disagreement(engine: Engine, plan: Plan, other: str, name: str, size: int) -> Disagreement:
    """The plan's decisions in which the other side used other guidelines and not this one."""
    document = field_of(other, "document")
    nothing = "reviewer" if other == REVIEWER else "administrator"
    plan = holding(
        plan,
        has(document, _agreeing(engine, document, name), negated=True),
        has("cited_nothing", [nothing], negated=True),
    )
    both = count_both(engine, plan, [document])
    return Disagreement(
        ended=both.ended,
        letters=both.all.determinations,
        guidelines=_linked(both.values(document), size, without=set()),
    )


def _agreeing(engine: Engine, document: str, name: str) -> list[str]:
    """What the other side may cite without setting the guideline aside.

    The guideline itself, its source without a document (any of it may be meant) and, where only
    the source is cited, all of the source. The MTUS took chapters of ACOEM over, so the same
    chapter of either is the same.
    """
    source, _, title = name.partition(": ")
    if not title:
        held = engine.values(document)
        return [source, *(each for each in held if each.startswith(f"{source}: "))]
    twins = {"MTUS": "ACOEM", "ACOEM": "MTUS"}
    also = [f"{twins[source]}: {title}"] if source in twins else []
    return [name, source, *also]


def node(name: str) -> Node:
    """A guideline by the name it is counted under."""
    source, _, document = name.partition(": ")
    return Node(id=slug(name), name=name, source=source, document=document or None)
