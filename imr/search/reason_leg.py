"""The third leg: decisions whose reviewer gave the reason that a query seems to ask about.

"simple treatment hasn't run its course" shares no word with the rationales it means, and little of
their meaning: they tell of one worker's records, each in its own way. What they have in common is
the reason they were tagged with. So the query is compared with a few plain phrases of each reason,
and candidates with a near reason score by how near it is. Nothing is filtered by it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from imr.engines.protocol import Engine, Hit
from imr.search.fuse import Lean
from imr.text.embedding import Embedder, Vectors

PHRASES: Mapping[str, tuple[str, ...]] = {
    "no-functional-improvement": (
        "earlier treatment brought no functional improvement",
        "no benefit was shown from the sessions already done",
        "the drug has not reduced pain or improved function",
    ),
    "exceeds-guideline": (
        "more visits than the guideline allows",
        "the amount or duration requested is excessive",
        "exceeds the recommended number of sessions",
    ),
    "conservative-care-not-tried": (
        "conservative treatment has not been tried first",
        "premature before simpler measures have failed",
        "no trial of therapy, exercise or first-line medication yet",
    ),
    "no-red-flags-or-deficit": (
        "no red flags",
        "no neurological deficit on examination",
        "no objective findings to support it",
    ),
    "criteria-not-met": (
        "the criteria for it are not met",
        "no surgery is planned",
        "the worker does not have the condition it is meant for",
    ),
    "not-recommended": (
        "the guideline does not recommend it",
        "there is no good evidence that it works",
        "experimental and unproven",
    ),
    "ingredient-not-recommended": (
        "a compounded cream with an ingredient that is not recommended",
        "one component makes the whole compound not recommended",
    ),
    "guideline-silent": ("the guidelines do not address it",),
    "risk-or-side-effects": (
        "the risks and side effects outweigh the benefit",
        "harmful to the stomach, kidneys or heart, or addictive",
    ),
    "monitoring-not-documented": (
        "opioid monitoring was not documented",
        "no urine drug screens, pain agreement or review of misuse",
    ),
    "weaning-advised": ("the medication should be weaned or tapered",),
    "home-program-suffices": (
        "a home exercise program is enough",
        "no need for supervised therapy any more",
    ),
    "alternative-available": (
        "another option is safer, cheaper or to be tried instead",
        "an over-the-counter or oral form would do",
    ),
    "no-information": (
        "documentation is missing",
        "a vague request that does not say the dose, quantity, frequency or body part",
        "too little information to decide",
    ),
    "duplicate-care": (
        "already provided or authorized",
        "a repeat is not needed since one was done recently",
    ),
    "primary-not-necessary": ("not needed because the surgery it goes with is not approved",),
    "not-medical-treatment": (
        "not a medical treatment",
        "a convenience or household help rather than medical care",
    ),
    "indication-documented": ("approved because the findings show it is indicated",),
    "failed-conservative-care": ("approved after conservative treatment failed",),
    "functional-improvement-shown": ("approved because earlier treatment improved function",),
    "within-guideline": ("approved because it stays within the guideline's number",),
    "monitoring-documented": ("approved because opioid use is monitored and helps",),
    "primary-necessary": ("approved because it goes with an approved surgery",),
}
"""How people put each reason, by its code; written here."""

WEIGHT = 0.3
"""Beside those of the two legs; it counts only where a candidate has a reason that is asked about.
"""
SURE = 3.0
"""Standard deviations above the mean cosine of unrelated phrases at which a reason is surely meant.

At the mean it surely is not. Both are taken from the phrases themselves, so that another model
needs no other number.
"""


@dataclass(frozen=True, slots=True)
class _Known:
    """The phrases' vectors, one row each, whose rows belong to which reason, and the scale."""

    vectors: Vectors
    reasons: tuple[str, ...]
    floor: float
    sure: float


_KNOWN: WeakKeyDictionary[Embedder, _Known] = WeakKeyDictionary()


def _known(embedder: Embedder) -> _Known:
    """Made once for each model."""
    known = _KNOWN.get(embedder)
    if known is None:
        known = _KNOWN[embedder] = _made(embedder)
    return known


def _made(embedder: Embedder) -> _Known:
    reasons = tuple(code for code, phrases in PHRASES.items() for _ in phrases)
    vectors = embedder.embed([phrase for phrases in PHRASES.values() for phrase in phrases])
    code = np.array(reasons)
    unrelated = (vectors @ vectors.T)[code[:, None] != code[None, :]]
    floor = float(unrelated.mean())
    return _Known(vectors, reasons, floor, floor + SURE * float(unrelated.std()))


def meant(vector: Vectors, embedder: Embedder) -> dict[str, float]:
    """How surely each reason is meant by the query of that vector, in (0, 1]; others are left out.

    To five digits, as the legs' scores.
    """
    known = _known(embedder)
    cosines = np.vecdot(known.vectors, vector)  # not by `@`, see StoredVectors
    found: dict[str, float] = {}
    for code, cosine in zip(known.reasons, cosines.tolist(), strict=True):
        share = round(min(1.0, (cosine - known.floor) / (known.sure - known.floor)), 5)
        if share > found.get(code, 0.0):
            found[code] = share
    return found


def lean(engine: Engine, hits: Sequence[Hit], vector: Vectors, embedder: Embedder) -> Lean:
    """What candidates have of the reasons that are asked about."""
    found = shares(engine, hits, vector, embedder)
    return Lean("the nearest reason that is asked about", found, WEIGHT)


def shares(
    engine: Engine, hits: Sequence[Hit], vector: Vectors, embedder: Embedder
) -> dict[str, float]:
    """Each decision's nearest reason's share, by id; decisions without one are left out."""
    reasons = {id_: of["reason"] for id_, of in engine.keywords_of(hits, ("reason",)).items()}
    if not any(reasons.values()):
        return {}
    asked = meant(vector, embedder)
    return {id_: share for id_, of in reasons.items() if (share := _best(of, asked))}


def _best(reasons: Collection[str], asked: Mapping[str, float]) -> float:
    return max((asked.get(code, 0.0) for code in reasons), default=0.0)
