"""How close two decisions are in facts and treatment, whatever their reviewers made of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from imr.precedents.nearness import from_far, shared
from imr.search.plan import Filter
from imr.text.embedding import Vectors
from imr.text.taxonomy import load as taxonomies

Values = Mapping[str, frozenset[str]]

FACTS = 0.5
"""What the facts' vectors count; the rest is what both share (drug, treatment, condition, …)."""
DIGITS = 4


def treated_by(values: Values) -> tuple[str, frozenset[str]]:
    """The field that says what was asked for, and its values: drugs, treatments, else the category.

    Of treatments the narrowest count: nearly everything is a kind of something.
    """
    if drugs := values.get("drug"):
        return "drug", drugs
    if treatments := values.get("treatment", frozenset()):
        ancestors = taxonomies.load().ancestors
        broader = {code for each in treatments for code in ancestors("treatment", each)}
        return "treatment", treatments - broader
    return "category", values.get("category", frozenset())


def same_treatment(ours: Values) -> Filter:
    """Holds for decisions about any of the same drugs or treatments."""
    name, values = treated_by(ours)
    return Filter(name, tuple((value,) for value in sorted(values)))


def cosines(ours: Vectors, theirs: Vectors) -> NDArray[np.float64]:
    """Of each of ours with each of theirs, as both engines round them."""
    return np.round(ours.astype(np.float64) @ theirs.astype(np.float64).T, 5)


def closeness(ours: Values, theirs: Values, cosine: float | None) -> float:
    """From 0 to 1, the same either way round; without a cosine only what both share counts."""
    both = (shared(ours, theirs) + shared(theirs, ours)) / 2
    if cosine is None:
        return round(both, DIGITS)
    return round(FACTS * from_far(cosine) + (1 - FACTS) * both, DIGITS)
