"""Ingredients written together that are sold together are one drug: "oxycodone/APAP"."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from imr.text.taxonomy.hit import Hit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imr.text.taxonomy.concept import Concept

_TOGETHER = re.compile(
    r"(?:[ ](?:hcl|er|ir|bitartrate|tartrate|sodium|hydrochloride|phosphate|potassium))?"
    r"(?:[ ]?[(]?\d+(?:[.]\d+)?[ ]?(?:mg|mcg|g|%)?[)]?)?"
    r"(?:[ ]?[/+&][ ]?|[ ]|[ ](?:and|with|w)[ /]{1,2})"
)
"""What stands between: "/", "-" (a blank once folded), "with", and the dose of the first."""

_NUMBER = re.compile(
    r"(?:[ ](?:phosphate|tablets?|tabs?))?"
    r"(?:[ ]?(?:#|no[.]?|number)[ ]?(\d)(?![\d/%]|[.,]\d)"
    r"|[ ](\d)(?=[ ]?(?:$|[,;)(#])|[ ](?:\d+/\d+|\d+[ ]?mg)))"
)
"""The number a strength goes by: "#3", "No. 4"; a bare one before a dose, an amount or the end."""


def join_products(
    folded: str, hits: Sequence[Hit], products: Mapping[frozenset[str], Concept]
) -> list[Hit]:
    """Join neighbours whose ingredients together are a known product, and the number it has."""
    joined: list[Hit] = []
    at = 0
    while at < len(hits):
        width, hit = _widest(folded, hits[at : at + 4], products)
        joined.append(_numbered(folded, hit))
        at += width
    return joined


def _widest(
    folded: str, run: Sequence[Hit], products: Mapping[frozenset[str], Concept]
) -> tuple[int, Hit]:
    """The longest start of a run that is one product, and how many hits it took."""
    best = 1, run[0]
    ingredients = set(run[0].concept.ingredients)
    for width, (before, hit) in enumerate(pairwise(run), start=2):
        if not _TOGETHER.fullmatch(folded, before.end, hit.start):
            break
        if not ingredients.isdisjoint(hit.concept.ingredients):
            break
        ingredients |= set(hit.concept.ingredients)
        if product := products.get(frozenset(ingredients)):
            best = width, Hit(run[0].start, hit.end, product, None)
    return best


def _numbered(folded: str, hit: Hit) -> Hit:
    """The "#3" of "acetaminophen with codeine #3" is part of the name, and no amount."""
    if not hit.concept.numbers or folded[hit.end - 1].isdigit():
        return hit
    number = _NUMBER.match(folded, hit.end)
    if number is None or (number[1] or number[2]) not in hit.concept.numbers:
        return hit
    return hit._replace(end=number.end())
