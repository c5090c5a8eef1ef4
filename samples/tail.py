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
    {
        "anesthetic",
        "blood-product",
        "contrast",
        "local-anesthetic",
        "neurotoxin",
        "vaccine",
        "viscosupplement",
    }
)
INJECTED_NAMES = re.compile(
    r"insulin|mab$|parin(?:ux)?$|glutide|parat?ide$|exenatide|tirzepatide|octreotide|ziconotide|cept$"
    r"|toxin|vaccine|toxoid|interferon|poetin|filgrastim|globulin|hyaluron|zoledronic|pamidron"
    r"|sucrose|glatiramer|pegloticase|leuprolide|gonadotropin|corticotropin|somatropin|anakinra"
    r"|collagenase|clostridium"
)
"""Ingredients that are given by injection only."""
RUBBED_IN = frozenset({"counterirritant", "dermatologic", "wound-care"})
DROPPED = frozenset({"eye-ear-nose"})
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
    "surgical-adjunct": "adjunct",
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

JOINTS = re.compile(r"[\s/-]+")
NOT_ALONE = re.compile(
    r"\b(?:pre|post|peri|intra)[- ]?(?:op|surg)|[#+&]|\d|ies$"
    r"|\b(?:and|or|with|for|IV|cortisone|pen|depo|left|right|bilateral)\b"
    r"|(?:cervico|thoraco|lumbo|cranio)|\b\w*(?-i:[SF]O)\b",
    re.IGNORECASE,
)
"""A name that says more than what it names, or abbreviates parts of the body (KAFO, TLSO)."""


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
    other_kinds = _words(_all("treatment", "body-part", "drug-class"))
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
    if any(INJECTED_NAMES.search(code) for code in concept.ingredients):
        return "injection"
    if concept.form or "topical" in classes:
        return None
    for codes, form in ((INJECTED, "injection"), (RUBBED_IN, "cream"), (DROPPED, "drops")):
        if classes & codes:
            return form if len(classes) == 1 else None
    return ""


@cache
def rare_treatments() -> tuple[RareTreatment, ...]:
    """Every treatment of the taxonomy, under each of its plain names."""
    drugs = _words(_all("drug", "drug-class"))
    doubtful = _words(mention for mention in _all("body-part") if mention.guard)
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
    left = f" {_apart(name)} {name.lower().replace('-', '')} "
    parts: set[str] = set()
    for words, codes in _longest_first():
        if f" {words} " in left:
            parts |= codes
            left = left.replace(words, "")
    if parts & {"neck", "upper back", "low back"}:
        parts.discard("spine")
    return tuple(sorted(parts))


@cache
def _longest_first() -> tuple[tuple[str, set[str]], ...]:
    names: dict[str, set[str]] = {}
    for mention in _plain("body-part"):
        names.setdefault(_apart(mention.text), set()).add(mention.concept.code)
    return tuple(sorted(names.items(), key=lambda row: -len(row[0])))


@cache
def _plain(*kinds: Kind) -> tuple[Mention, ...]:
    """Names that mean one thing only."""
    return tuple(mention for mention in _all(*kinds) if mention.guard is None)


def _all(*kinds: Kind) -> list[Mention]:
    return [mention for mention in taxonomy().mentions if mention.concept.kind in kinds]


def _words(mentions: Iterable[Mention]) -> frozenset[str]:
    return frozenset(_apart(mention.text) for mention in mentions)


def _apart(name: str) -> str:
    """A name in lower case with blanks for its hyphens and slashes."""
    return JOINTS.sub(" ", name.lower())


def _holds(name: str, others: frozenset[str]) -> bool:
    """Whether a run of the name's words is one of the other names."""
    return any(
        " ".join(words[start:end]) in others
        for words in (_apart(name).split(), name.lower().replace("-", "").split())
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
    )
