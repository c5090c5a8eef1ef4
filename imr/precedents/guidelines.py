"""Guidelines as a graph: who cites which with what, and where reviewers set one aside.

Everything is counted over the matches of a query, from fields under which a guideline has one name
(`guideline_document` and the like). "Set aside" means: the claims administrator cited the
guideline, the reviewer applied another and not this one.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from imr import fields, taken
from imr.engines.protocol import Counts, Engine
from imr.errors import NotFoundError
from imr.export import citing
from imr.model import Outcome, Value
from imr.precedents.interval import wilson
from imr.search.counted import counted
from imr.search.plan import Clause, Filter, Plan
from imr.search.request import Request
from imr.text.taxonomy.guideline_names import slug

REVIEWER, ADMINISTRATOR = "guideline", "administrator_guideline"
NEWEST = 5
"""Decisions that are listed for each side."""
FEW = 10
OUTCOME_LEFT_OUT = "The outcome filter was left out: what is told is how decisions ended."
NOTE = (
    "Items of one letter are not independent: `letters` says how many there are. A share of past "
    "decisions is no forecast."
)


class Ended(Value):
    """How many decisions there are, how many were overturned, and the 95 % Wilson interval.

    `few` says that there are fewer than 10.
    """

    decisions: int
    overturned: int
    overturn_rate: float | None
    interval: tuple[float, float] | None
    few: bool


class Node(Value):
    """A guideline: `id` for addresses, `name` as it is counted.

    `document` is null where only the source is cited.
    """

    id: str
    name: str
    source: str
    document: str | None


class Guideline(Node):
    """How the decisions ended in which either side cites it."""

    reviewer: Ended
    administrator: Ended


class GuidelinesResponse(Value):
    """The body of `/v1/guidelines`: `distinct` is the number before the list is cut."""

    guidelines: tuple[Guideline, ...]
    distinct: int
    corpus_rate: float | None
    note: str = NOTE
    took_ms: float


class Counted(Value):
    """A value and how the decisions that have it ended."""

    value: str
    label: str
    ended: Ended


class Linked(Node):
    """Another guideline, and how the decisions that join both ended."""

    ended: Ended


class Cited(Value):
    """A decision that cites the guideline; `wording` is what the letter says."""

    id: str
    citation: str
    request: str
    outcome: Outcome
    wording: tuple[str, ...]


class Side(Value):
    """The decisions in which one side cites the guideline.

    `filter` is the filter of a search that finds them, as FIELD=VALUE.
    """

    ended: Ended
    letters: int
    spellings: tuple[Counted, ...]
    editions: tuple[Counted, ...]
    sections: tuple[Counted, ...]
    treatments: tuple[Counted, ...]
    drugs: tuple[Counted, ...]
    years: tuple[Counted, ...]
    together_with: tuple[Linked, ...]
    newest: tuple[Cited, ...]
    filter: str


class Disagreement(Value):
    """Decisions in which one side used the guideline and the other another one instead."""

    ended: Ended
    letters: int
    guidelines: tuple[Linked, ...]


class GuidelineResponse(Value):
    """The body of `/v1/guidelines/{id}`.

    `set_aside`: the administrator cited it, the reviewer applied others (listed) and not it.
    `preferred`: the reviewer applied it where the administrator cited others (listed) and not it.
    """

    guideline: Node
    reviewer: Side
    administrator: Side
    set_aside: Disagreement
    preferred: Disagreement
    corpus_rate: float | None
    note: str = NOTE
    took_ms: float


@dataclass(frozen=True, slots=True)
class _Both:
    """Counts over some decisions, and over the overturned ones of them."""

    all: Counts
    overturned: Counts

    @property
    def ended(self) -> Ended:
        return _ended(self.all.matches, self.overturned.matches)

    def values(self, field: str) -> dict[str, Ended]:
        """By value, the most frequent first."""
        overturned = self.overturned.facets[field]
        ranked = sorted(self.all.facets[field].items(), key=lambda item: (-item[1], item[0]))
        return {value: _ended(count, overturned.get(value, 0)) for value, count in ranked}


def guidelines(
    engine: Engine, request: Request, *, find: str = "", size: int = 20
) -> GuidelinesResponse:
    """The guidelines that the query's matches cite, the most cited first.

    `find` keeps those whose name has all these words.

    Raises:
        BadQueryError: a filter that does not exist.
    """
    began = time.perf_counter()
    plan, note = _asked(engine, request)
    names = [_field(REVIEWER, "document"), _field(ADMINISTRATOR, "document")]
    both = _count(engine, plan, names)
    applied, cited = (both.values(name) for name in names)
    words = find.casefold().split()
    kept = [name for name in {**applied, **cited} if all(word in name.casefold() for word in words)]
    none = _ended(0, 0)
    ranked = sorted(
        kept,
        key=lambda n: (-applied.get(n, none).decisions - cited.get(n, none).decisions, n),
    )
    return GuidelinesResponse(
        guidelines=tuple(
            Guideline(
                **_node(name).model_dump(),
                reviewer=applied.get(name, none),
                administrator=cited.get(name, none),
            )
            for name in ranked[:size]
        ),
        distinct=len(ranked),
        corpus_rate=_corpus_rate(engine),
        note=note,
        took_ms=_since(began),
    )


def guideline(engine: Engine, request: Request, id_: str, *, size: int = 10) -> GuidelineResponse:
    """One guideline over the query's matches; lists have `size` values at most.

    Raises:
        NotFoundError: no letter cites it; BadQueryError: a filter that does not exist.
    """
    began = time.perf_counter()
    name = _named(engine, id_)
    plan, note = _asked(engine, request)
    applied, cited = (_holding(plan, _is(who, name)) for who in (REVIEWER, ADMINISTRATOR))
    return GuidelineResponse(
        guideline=_node(name),
        reviewer=_side(engine, applied, REVIEWER, name, size),
        administrator=_side(engine, cited, ADMINISTRATOR, name, size),
        set_aside=_disagreement(engine, cited, REVIEWER, name, size),
        preferred=_disagreement(engine, applied, ADMINISTRATOR, name, size),
        corpus_rate=_corpus_rate(engine),
        note=note,
        took_ms=_since(began),
    )


def _named(engine: Engine, id_: str) -> str:
    """The guideline's name behind an id, or the name itself."""
    by_id = {
        slug(name): name
        for who in (REVIEWER, ADMINISTRATOR)
        for name in engine.values(_field(who, "document"))
    }
    wanted = slug(id_)
    if wanted not in by_id:
        near = difflib.get_close_matches(wanted, by_id, n=3, cutoff=0.4)
        instead = f"did you mean {', '.join(near)}?" if near else "/v1/guidelines lists them"
        raise NotFoundError(f"no letter cites a guideline {id_!r}: {instead}")
    return by_id[wanted]


def _field(who: str, what: str) -> str:
    return f"{who}_{what}"


def _is(who: str, name: str) -> Clause:
    return _has(_field(who, "document"), [name])


def _has(field: str, values: Iterable[str], *, negated: bool = False) -> Clause:
    asked = Filter(field, tuple((value,) for value in values))
    return Clause("field", field, hard=True, negated=negated, filter=asked)


def _holding(plan: Plan, *clauses: Clause) -> Plan:
    """The plan with more that has to hold; facets don't ignore it, as they do filters."""
    return replace(
        plan,
        must=(*plan.must, *(clause for clause in clauses if not clause.negated)),
        must_not=(*plan.must_not, *(clause for clause in clauses if clause.negated)),
    )


def _asked(engine: Engine, request: Request) -> tuple[Plan, str]:
    """What is counted, and what is to be said of it: a rate under an outcome filter is none."""
    _, plan = counted(engine, request)
    kept = tuple(each for each in plan.filters if each.field != "outcome")
    if len(kept) == len(plan.filters):
        return plan, NOTE
    return replace(plan, filters=kept), f"{NOTE} {OUTCOME_LEFT_OUT}"


def _count(engine: Engine, plan: Plan, names: Sequence[str]) -> _Both:
    overturned = _holding(plan, _has("outcome", ["overturned"]))
    return _Both(engine.count(plan, names), engine.count(overturned, names))


def _ended(total: int, overturned: int) -> Ended:
    return Ended(
        decisions=total,
        overturned=overturned,
        overturn_rate=round(overturned / total, 4) if total else None,
        interval=wilson(overturned, total),
        few=total < FEW,
    )


def _node(name: str) -> Node:
    source, _, document = name.partition(": ")
    return Node(id=slug(name), name=name, source=source, document=document or None)


def _side(engine: Engine, plan: Plan, who: str, name: str, size: int) -> Side:
    """What the decisions have in which one side cites the guideline."""
    document, part, edition = (_field(who, what) for what in ("document", "part", "edition"))
    both = _count(engine, plan, [who, document, part, edition, "treatment", "drug", "year"])
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
    return tuple(Linked(**_node(name).model_dump(), ended=ended) for name, ended in kept)


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


def _disagreement(engine: Engine, plan: Plan, other: str, name: str, size: int) -> Disagreement:
    """The plan's decisions in which the other side used other guidelines and not this one."""
    document = _field(other, "document")
    nothing = "reviewer" if other == REVIEWER else "administrator"
    plan = _holding(
        plan,
        _has(document, _agreeing(engine, document, name), negated=True),
        _has("cited_nothing", [nothing], negated=True),
    )
    both = _count(engine, plan, [document])
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


def _corpus_rate(engine: Engine) -> float | None:
    upheld, overturned = engine.corpus_outcomes()
    return round(overturned / (upheld + overturned), 4) if upheld + overturned else None


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
