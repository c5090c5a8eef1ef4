"""Ingredients written together that are sold together are one drug: "oxycodone/APAP"."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imr.text.taxonomy.concept import Concept

_TOGETHER = re.compile(
    r"(?:[ ](?:hcl|er|ir|bitartrate|tartrate|sodium|hydrochloride))?"
    r"(?:[ ]?[(]?\d+(?:[.]\d+)?[ ]?(?:mg|mcg|g|%)?[)]?)?"
    r"(?:[ ]?[/+&][ ]?|[ ]|[ ](?:and|with|w)[ /]{1,2})"
)
"""What stands between: "/", "-" (a blank once folded), "with", and the dose of the first."""


def join_products(
    folded: str,
    hits: list[tuple[int, int, Concept]],
    products: Mapping[frozenset[str], Concept],
) -> list[tuple[int, int, Concept]]:
    """Join neighbours whose ingredients together are a known product; hits are (start, -end, …)."""
    joined: list[tuple[int, int, Concept]] = []
    at = 0
    while at < len(hits):
        width, hit = _widest(folded, hits[at : at + 4], products)
        joined.append(hit)
        at += width
    return joined


def _widest(
    folded: str,
    run: list[tuple[int, int, Concept]],
    products: Mapping[frozenset[str], Concept],
) -> tuple[int, tuple[int, int, Concept]]:
    """The longest start of a run that is one product, and how many hits it took."""
    best = 1, run[0]
    ingredients = set(run[0][2].ingredients)
    for width, (before, hit) in enumerate(pairwise(run), start=2):
        if not _TOGETHER.fullmatch(folded, -before[1], hit[0]):
            break
        if not ingredients.isdisjoint(hit[2].ingredients):
            break
        ingredients |= set(hit[2].ingredients)
        if product := products.get(frozenset(ingredients)):
            best = width, (run[0][0], hit[1], product)
    return best
