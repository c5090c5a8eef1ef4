"""The rest of the taxonomy: drugs, treatments and specialties that are seldom disputed.

What the data files of this package do not list is read through the taxonomy's loader, so that any
name it knows can occur in a letter. A name that also holds the name of something else (a body part
with several meanings, a second drug) is left out: a sample states facts that no one can doubt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from imr.text.taxonomy.load import load as taxonomy
from samples.data_files import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imr.model import Category
    from imr.text.taxonomy.concept import Concept, Kind, Mention

INJECTED = frozenset(
    {"anesthetic", "blood-product", "contrast", "neurotoxin", "vaccine", "viscosupplement"}
)
RUBBED_IN = frozenset({"dermatologic"})
DROPPED = frozenset({"eye-ear-nose"})
NO_TABLET = frozenset({"wound-care", "topical", "antidote", "local-anesthetic", "counterirritant"})
THEMES = {
    "opioid": "opioid",
    "nsaid": "nsaid",
    "muscle-relaxant": "muscle-relaxant",
    "anticonvulsant": "neuropathic",
    "antidepressant": "neuropathic",
    "benzodiazepine": "sedative",
    "sedative-hypnotic": "sedative",
    "ppi": "ppi",
    "h2-blocker": "ppi",
}
"""The theme of a drug by its class."""

CATEGORY_THEMES: dict[Category, str] = {
    "imaging": "imaging",
    "diagnostic-test": "test",
    "physical-therapy": "therapy",
    "chiropractic": "manual",
    "massage": "manual",
    "acupuncture": "acupuncture",
    "injection": "injection",
    "surgery": "surgery",
    "electrical-stimulation": "stimulation",
    "dme": "dme",
    "psych": "psych",
    "home-health": "home-health",
    "program": "program",
    "consultation": "consultation",
    "transportation": "transportation",
    "other": "other",
}
BY_DEFINITION: dict[str, Category] = {"gym-membership": "other"}
"""Programs are functional restoration, work hardening, weight loss and detoxification."""

NOT_ALONE = re.compile(
    r"\b(?:pre|post|peri|intra)[- ]?(?:op|surg)|[#+&]|\d|\b(?:and|or|with|for)\b", re.IGNORECASE
)
"""A name that says more than what it names."""


@dataclass(frozen=True, slots=True)
class RareDrug:
    """A drug by one of its names. `form` is how it is given, empty for tablets."""

    name: str
    ingredients: tuple[str, ...]
    theme: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class RareTreatment:
    """A treatment by one of its names, with the body parts that name holds."""

    name: str
    code: str
    category: Category
    body_parts: tuple[str, ...]


@cache
def specialties() -> tuple[str, ...]:
    """All specialties, those that decide most letters first."""
    usual = load("people")["specialties"]
    return (*usual, *(row.label for row in taxonomy().of("specialty") if row.label not in usual))


@cache
def rare_drugs() -> tuple[RareDrug, ...]:
    """Every drug and product of the taxonomy, under each of its plain names."""
    other_kinds = _words(_plain("treatment", "body-part", "drug-class"))
    rows = []
    for mention in _plain("drug"):
        concept = mention.concept
        if NOT_ALONE.search(mention.text) or _holds(mention.text, other_kinds):
            continue
        form = _form(concept)
        if form is not None:
            theme = next((THEMES[code] for code in concept.classes if code in THEMES), "drug")
            rows.append(RareDrug(mention.text, concept.ingredients, theme, form))
    return tuple(rows)


def _form(concept: Concept) -> str | None:
    """How a drug of these classes is given: tablets unless they say otherwise; None if unclear."""
    classes = set(concept.classes)
    if concept.form or classes & NO_TABLET:
        return None
    for codes, form in ((INJECTED, "injection"), (RUBBED_IN, "cream"), (DROPPED, "drops")):
        if classes & codes:
            return form if len(classes) == 1 else None
    return ""


@cache
def rare_treatments() -> tuple[RareTreatment, ...]:
    """Every treatment of the taxonomy, under each of its plain names."""
    drugs = _words(_plain("drug", "drug-class"))
    doubtful = _words(m for m in taxonomy().mentions if m.guard and m.concept.kind == "body-part")
    rows = []
    for mention in _plain("treatment"):
        concept, name = mention.concept, mention.text
        theme = CATEGORY_THEMES.get(concept.category or "other")
        if concept.minor or theme is None or NOT_ALONE.search(name) or _holds(name, drugs):
            continue
        if not _holds(name, doubtful):
            category = BY_DEFINITION.get(concept.code, concept.category or "other")
            rows.append(RareTreatment(name, concept.code, category, parts_named(name)))
    return tuple(rows)


@cache
def parts_named(name: str) -> tuple[str, ...]:
    """The body parts that words name plainly; the spine only where no region of it is named."""
    left = f" {name.lower()} "
    parts = set()
    for mention in _longest_first():
        if f" {mention.text.lower()} " in left:
            parts.add(mention.concept.code)
            left = left.replace(mention.text.lower(), "")
    if parts & {"neck", "upper back", "low back"}:
        parts.discard("spine")
    return tuple(sorted(parts))


@cache
def _longest_first() -> tuple[Mention, ...]:
    return tuple(sorted(_plain("body-part"), key=lambda mention: -len(mention.text)))


@cache
def _plain(*kinds: Kind) -> tuple[Mention, ...]:
    """Names that mean one thing only."""
    return tuple(m for m in taxonomy().mentions if m.guard is None and m.concept.kind in kinds)


def _words(mentions: Iterable[Mention]) -> frozenset[str]:
    return frozenset(mention.text.lower() for mention in mentions)


def _holds(name: str, others: frozenset[str]) -> bool:
    """Whether a run of the name's words is one of the other names."""
    words = re.split(r"[\s/-]+", name.lower())
    return any(
        " ".join(words[start:end]) in others
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
    )
