"""What kind of treatment a request is, by DESIGN's definitions: the first thing named decides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imr.model import Category
    from imr.text.taxonomy.concept import Tag

_AROUND_SURGERY = re.compile(
    r"\bassociated surgical (?:service|procedure|item)s?\b"
    r"|\b(?:pre|post|peri|intra)[- ]?(?:op|operative|operatively|surgical|surgery)\b",
    re.IGNORECASE,
)
_ASSOCIATED = re.compile(r"\bassociated surgical|\bpre[- ]?(?:op|surg)", re.IGNORECASE)
_ADJUNCT_WHEN_AROUND: frozenset[Category] = frozenset(
    {"dme", "electrical-stimulation", "imaging", "diagnostic-test", "other"}
)
_RUBBED_IN = re.compile(
    r"\b(?:creams?|gels?|ointments?|lotions?|topical(?:ly|s)?|transdermal|salve|liniment|cmpd)\b",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"\b(?:compound(?:ed|s)?|cmpd)\b", re.IGNORECASE)
_SWALLOWED = re.compile(r"\d\s*mg\b|\b(?:tab(?:let)?s?|cap(?:sule)?s?)\b", re.IGNORECASE)
_STRENGTH = re.compile(r"[^,;/&]{0,25}?\d(?:\.\d+)?\s*%")
_MEDICINE = re.compile(
    r"\d\s*(?:mg|mcg)\b|\b(?:tab(?:let)?s?|capsules?|medications?|prescriptions?|refills?|rx"
    r"|cream|ointment|gel|lotion|patch(?:es)?|solution|oral|drops?)\b",
    re.IGNORECASE,
)
_VISIT = re.compile(r"\b(?:consult\w*|evaluat\w*|visits?|referral|follow[- ]?up)\b", re.IGNORECASE)
_INJECTED = re.compile(r"\b(?:inject\w*|infusion|intramuscular|IM shot)\b", re.IGNORECASE)

_NEVER_MARKETED_TO_RUB_IN = frozenset(
    {"nsaid", "muscle-relaxant", "anticonvulsant", "antidepressant", "opioid", "anesthetic"}
)
"""Creams of these classes are compounded, but for what `_MARKETED_TO_RUB_IN` names."""
_MARKETED_TO_RUB_IN = frozenset(
    {"diclofenac", "doxepin", "fentanyl", "buprenorphine", "selegiline"}
)


def categorize(request: str, tags: Sequence[Tag]) -> Category:
    """The category of a request heading, from its tags and words.

    The leading concept decides, minor ones only where there is nothing else. A consultation gives
    way to what is more specific (psychology), equipment and tests to the operation they serve.
    """
    treatments = [
        tag for tag in tags if tag.kind == "treatment" and tag.concept.code != "surgical-adjunct"
    ]
    drugs = medicines(tags, treatments)
    lead = min((*treatments, *drugs), key=_prominence, default=None)
    if lead is None:
        return _by_words(request)
    category = _own_category(request, lead, treatments, drugs)
    if category == "consultation" and any(tag.concept.category == "psych" for tag in treatments):
        category = "psych"
    if _AROUND_SURGERY.search(request) and (
        category in _ADJUNCT_WHEN_AROUND
        or (category == "consultation" and _ASSOCIATED.search(request))
    ):
        return "surgical-adjunct"
    return category


def medicines(tags: Iterable[Tag], treatments: Iterable[Tag]) -> list[Tag]:
    """Drugs and drug classes that are not part of a treatment's name ("epidural steroid …")."""
    taken = [(tag.start, tag.end) for tag in treatments]
    return [
        tag
        for tag in tags
        if tag.kind in {"drug", "drug-class"}
        and not any(start < tag.end and tag.start < end for start, end in taken)
    ]


def _prominence(tag: Tag) -> tuple[bool, int, int]:
    return tag.concept.minor, tag.start, -tag.end


def _own_category(
    request: str, lead: Tag, treatments: Sequence[Tag], drugs: Sequence[Tag]
) -> Category:
    if lead.kind == "treatment":
        return lead.concept.category or "other"
    injected = any(tag.concept.category == "injection" for tag in treatments)
    if injected or _INJECTED.search(request):
        return "injection"
    return "compounded-topical" if _is_compounded(request, drugs) else "medication"


def _is_compounded(request: str, drugs: Sequence[Tag]) -> bool:
    """Whether what is rubbed in or stuck on is mixed; a marketed single drug is medication."""
    if any(len(tag.concept.ingredients) > 1 and tag.concept.form for tag in drugs):
        return True
    named = [tag for tag in drugs if tag.kind == "drug"]
    rubbed_in = _RUBBED_IN.search(request)
    says_so = any(
        not any(tag.start <= word.start() < tag.end for tag in named)  # "Soma Compound"
        for word in _COMPOUND.finditer(request)
    )
    if says_so and (rubbed_in or named):
        return True
    strengths = {tag.codes for tag in named if _STRENGTH.match(request, tag.end)}
    if len(strengths) > 1:
        return True
    if not rubbed_in or _SWALLOWED.search(request):
        return False
    ingredients = {code for tag in named for code in tag.codes}
    if len(ingredients) != 1:
        return len(ingredients) > 1
    return not ingredients & _MARKETED_TO_RUB_IN and any(
        _NEVER_MARKETED_TO_RUB_IN & set(tag.concept.classes) for tag in named
    )


def _by_words(request: str) -> Category:
    """Nothing known is named: what do the words say?"""
    if _INJECTED.search(request):
        return "injection"
    if _MEDICINE.search(request):
        return "compounded-topical" if _COMPOUND.search(request) else "medication"
    if _VISIT.search(request):
        return "consultation"
    return "surgical-adjunct" if _AROUND_SURGERY.search(request) else "other"
