"""A request heading → the facts of the record that its words alone give."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imr.text.taxonomy.anatomy import find_body_parts, find_side
from imr.text.taxonomy.asked import asked_for
from imr.text.taxonomy.category import categorize
from imr.text.taxonomy.levels import find_levels
from imr.text.taxonomy.quantity import find_quantity
from imr.text.taxonomy.requested import requested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imr.model import Category, Side
    from imr.text.taxonomy.asked import Asked
    from imr.text.taxonomy.concept import Tag
    from imr.text.taxonomy.load import Taxonomy
    from imr.text.taxonomy.tagger import Tagger

_ON_THE_SKIN = re.compile(
    r"\b(?:creams?|gels?|ointments?|lotions?|topical(?:ly)?|transdermal cream)\b", re.IGNORECASE
)
_PATCH = re.compile(r"\bpatch(?:es)?\b|\bpads?\b", re.IGNORECASE)
_JOINT = re.compile(r"facets?(?:\s+joints?)?", re.IGNORECASE)
"""Asks for an injection where nothing else is asked for; beside an operation it is its place."""

_LOCAL = frozenset({"lidocaine", "capsaicin", "diclofenac", "menthol", "methyl salicylate"})
"""A patch of these works where it sticks; one of fentanyl or clonidine does not."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a heading says; the fields of `imr.model.Decision` of the same names."""

    category: Category
    treatments: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    drug_classes: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    side: Side | None = None
    levels: tuple[str, ...] = ()
    quantity: int | None = None


def annotate_request(request: str, tagger: Tagger) -> RequestFacts:
    """Read a heading (whitespace collapsed or not) by the record's definitions.

    Treatments are the most specific ones named, sorted. A drug that is only tested for
    ("testosterone level") is not requested and left out.
    """
    tags = requested(request, tagger.tag(request, heading=True))
    asked = asked_for(request, tags, tagger.taxonomy)
    category = categorize(request, asked)
    levels = find_levels(request)
    drugs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    if category not in {"diagnostic-test", "imaging"}:
        drugs = tuple(sorted({code for tag in tags if tag.kind == "drug" for code in tag.codes}))
        classes = _classes(request, asked.medicines, drugs, tagger.taxonomy)
    return RequestFacts(
        category=category,
        treatments=_most_specific(_services(tags, asked), tagger.taxonomy),
        drugs=drugs,
        drug_classes=classes,
        body_parts=find_body_parts(request, tags, levels),
        side=find_side(request, tags),
        levels=levels,
        quantity=find_quantity(request, category),
    )


def _services(tags: Sequence[Tag], asked: Asked) -> list[Tag]:
    """Treatments that are asked for, and that they are tied to an operation."""
    around = [tag for tag in tags if tag.concept.code == "surgical-adjunct"]
    wanted = [tag for tag in asked.wanted if tag.kind == "treatment"]
    if any(tag.concept.category == "surgery" for tag in wanted):
        # "radiofrequency ablation L4-5 facet": the joint, no injection of it
        wanted = [tag for tag in wanted if not _JOINT.fullmatch(tag.text)]
    return [*around, *wanted]


def _most_specific(named: Sequence[Tag], taxonomy: Taxonomy) -> tuple[str, ...]:
    codes = {tag.concept.code for tag in named}
    if any(not tag.concept.minor for tag in named):
        codes -= {tag.concept.code for tag in named if tag.concept.minor}
    broader = {above for code in codes for above in taxonomy.ancestors("treatment", code)}
    return tuple(sorted(codes - broader))


def _classes(
    request: str, tags: Sequence[Tag], drugs: tuple[str, ...], taxonomy: Taxonomy
) -> tuple[str, ...]:
    """The ingredients' classes, those named, and "topical" where it goes on the skin."""
    classes = set(taxonomy.classes(drugs))
    classes |= {tag.concept.code for tag in tags if tag.kind == "drug-class"}
    topical = any(tag.concept.form == "topical" for tag in tags) or (
        bool(drugs)
        and (
            _ON_THE_SKIN.search(request)
            or (_PATCH.search(request) and not _LOCAL.isdisjoint(drugs))
        )
    )
    return tuple(sorted(classes | {"topical"} if topical else classes))
