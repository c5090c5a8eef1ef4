"""Which decisions are like a case: three legs and the facts they share, joined in one sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from imr.engines.protocol import Engine, Hit
from imr.precedents.case import COMPARED, PASSAGES, Case
from imr.search import plan as plans
from imr.search import query as queries
from imr.search.fuse import DIGITS, in_order, min_max, of_best
from imr.search.plain import plain
from imr.search.plan import Filter, Plan, Scope
from imr.text.embedding import Vectors
from imr.text.taxonomy.portion import disputed_portion
from imr.text.taxonomy.tagger import default_tagger

FAR = 0.6
"""The cosine at which cases have nothing in common: unrelated ones lie about there."""
CANDIDATES = 200
"""Decisions that each leg brings."""
LONGEST = 400
"""Characters of a request whose words are looked for."""

WEIGHTS = {"request": 0.2, "rationale": 0.35, "facts": 0.2, "shared": 0.25}
"""What each part counts; parts that a case lacks leave their weight to the others."""
FIELD_WEIGHTS = {
    "drug": 3.0, "drug_class": 1.0, "treatment": 3.0, "category": 1.0, "body_part": 1.0,
    "condition": 1.0, "guideline": 1.0, "age_band": 0.5,
}  # fmt: skip
"""What sharing a field's values counts among what is shared."""

_BESIDE = ThreadPoolExecutor(max_workers=8, thread_name_prefix="similar")


class Parts(NamedTuple):
    """How near a decision is, part by part, each from 0 to 1; None where no part was compared."""

    request: float | None
    rationale: float | None
    facts: float | None
    shared: float | None


@dataclass(frozen=True, slots=True)
class Near:
    """A decision, its hit's score being how near it is, and the values of the fields compared."""

    hit: Hit
    parts: Parts
    values: Mapping[str, frozenset[str]]


def nearest(
    engine: Engine,
    case: Case,
    filters: Sequence[Filter] = (),
    weights: Mapping[str, float] = WEIGHTS,
) -> list[Near]:
    """Decisions like the case under the filters, best first, ties by id.

    Those of the case's own letter are left out.
    """
    words = _BESIDE.submit(by_words, engine, case, filters)
    facts = _BESIDE.submit(by_vectors, engine, rows_of(case.facts), filters, "facts")
    legs = {
        "rationale": by_vectors(engine, case.passages, filters, "decision"),
        "request": words.result(),
        "facts": facts.result(),
    }
    others = {name: _others(case, leg) for name, leg in legs.items() if leg is not None}
    hits = {hit.id: hit for leg in others.values() for hit in leg}
    if not hits:
        return []
    values = values_of(engine, list(hits.values()))
    alike = {id_: shared(case.values, of) for id_, of in values.items()}
    known = bool(others.get("request")) or any(alike.values())
    shares = {name: _shares(name, leg, ranked=known) for name, leg in others.items()}
    shares["shared"] = alike
    if not any(case.values.values()):
        del shares["shared"]
    whole = sum(weights[name] for name in shares) or 1.0
    found = []
    for id_, hit in hits.items():
        parts = Parts(**{
            name: round(shares[name].get(id_, 0.0), DIGITS) if name in shares else None
            for name in Parts._fields
        })  # fmt: skip
        score = sum(
            share * weights[name] / whole for name, share in parts._asdict().items()
            if share is not None
        )  # fmt: skip
        scored = Hit(id_, hit.determination, round(score, DIGITS), hit.passage, hit.key)
        found.append(Near(scored, parts, values[id_]))
    ordered = in_order(found, lambda near: near.hit)
    if not known:  # many are far in the same way: the nearer ones still come first
        cosines: dict[str, float] = defaultdict(float)
        for hit in (hit for leg in others.values() for hit in leg):
            cosines[hit.id] += hit.score
        ordered.sort(key=lambda near: (-near.hit.score, -cosines[near.hit.id]))
    return ordered


def shared(ours: Mapping[str, frozenset[str]], theirs: Mapping[str, frozenset[str]]) -> float:
    """How much both have in common, from 0 to 1: fields the case says nothing of don't count."""
    told = [name for name in COMPARED if ours.get(name)]
    whole = sum(FIELD_WEIGHTS[name] for name in told)
    if not whole:
        return 0.0
    return sum(
        FIELD_WEIGHTS[name] * len(ours[name] & theirs[name]) / len(ours[name] | theirs[name])
        for name in told
    ) / whole  # fmt: skip


def from_far(cosine: float) -> float:
    """A cosine laid from FAR onto [0, 1]."""
    return min(1.0, max(0.0, (cosine - FAR) / (1 - FAR)))


def nothing_shared(found: Sequence[Near]) -> bool:
    """Whether no decision found has a word or a fact of the case."""
    return bool(found) and not any(near.parts.request or near.parts.shared for near in found)


def by_words(engine: Engine, case: Case, filters: Sequence[Filter]) -> list[Hit] | None:
    """By the words and concepts of what is in dispute.

    How it came to be ("was the original request … authorized …") is said of anything.
    """
    text = plain(disputed_portion(case.request).item[:LONGEST])
    query = queries.read(text, default_tagger(), engine.values, "decision")
    plan = plans.make(query.clauses, filters)
    return engine.keyword(plan, CANDIDATES) if plan.scored else None


def by_vectors(
    engine: Engine, vectors: Vectors | None, filters: Sequence[Filter], scope: Scope
) -> list[Hit] | None:
    """By the nearest of some vectors."""
    if vectors is None:
        return None
    plan = plans.make((), filters, scope=scope)
    best: dict[str, Hit] = {}
    for vector in vectors[:PASSAGES]:
        for hit in engine.nearest(_towards(plan, vector), CANDIDATES):
            if hit.id not in best or hit.score > best[hit.id].score:
                best[hit.id] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.id))


def _towards(plan: Plan, vector: Vectors) -> Plan:
    return replace(plan, vector=vector)


def rows_of(vector: Vectors | None) -> Vectors | None:
    """One vector as rows of vectors."""
    return None if vector is None else vector[np.newaxis]


def _others(case: Case, leg: Iterable[Hit]) -> list[Hit]:
    return [hit for hit in leg if hit.determination != case.letter and hit.id != case.id]


def _shares(name: str, leg: Sequence[Hit], *, ranked: bool) -> dict[str, float]:
    """Scores laid onto [0, 1]: by words as shares of the best, by vectors from the last one on.

    So the nearest one always has 1, however far it is. Where nothing but vectors speaks for any
    candidate (not `ranked`), their cosines count as they are, from what unrelated cases have.
    """
    scores = [hit.score for hit in leg]
    if name == "request":
        shares = of_best(scores)
    else:
        shares = min_max(scores) if ranked else [from_far(score) for score in scores]
    return {hit.id: share for hit, share in zip(leg, shares, strict=True)}


def values_of(engine: Engine, hits: Sequence[Hit]) -> dict[str, dict[str, frozenset[str]]]:
    """The values of the fields compared, by the decision's id."""
    found = engine.keywords_of(hits, COMPARED)
    return {
        hit.id: {name: frozenset(found[hit.id][name]) for name in COMPARED}
        for hit in hits if hit.id in found
    }  # fmt: skip
