"""Which medicines that go on the skin are compounded, and which are marketed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imr.text.taxonomy.concept import Tag

_RUBBED_IN = re.compile(
    r"\b(?:creams?|gels?|ointments?|lotions?|topical(?:ly|s)?|transdermal|salve|liniment|cmpd|balm)\b",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"\b(?:compound(?:ed|s)?|cmpd)\b", re.IGNORECASE)
_SWALLOWED = re.compile(r"\d\s*mg\b|\b(?:tab(?:let)?s?|cap(?:sule)?s?)\b", re.IGNORECASE)
_STRENGTH = re.compile(r"[^,;/&]{0,25}?(\d+(?:\.\d+)?)\s*%")

_NEVER_MARKETED_TO_RUB_IN = frozenset(
    {"nsaid", "muscle-relaxant", "anticonvulsant", "antidepressant", "opioid", "anesthetic"}
)
"""Creams of these classes are compounded, but for what `_MARKETED_TO_RUB_IN` names."""
_MARKETED_TO_RUB_IN = frozenset(
    {"diclofenac", "doxepin", "fentanyl", "buprenorphine", "selegiline"}
)
_STRONGEST_MARKETED = {"diclofenac": 3.0, "doxepin": 5.0, "lidocaine": 5.0}
"""Percent; what is stronger is mixed. Source: the labels of the marketed gels, creams, patches."""


def is_compounded(request: str, drugs: Sequence[Tag]) -> bool:
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
    strengths = _strengths(request, named)
    if len(strengths) > 1:
        return True
    if not (rubbed_in or strengths) or _SWALLOWED.search(request):
        return False
    ingredients = {code for tag in named for code in tag.codes}
    if len(ingredients) != 1:
        return bool(rubbed_in) and len(ingredients) > 1
    return _is_never_marketed(named, strengths)


def _strengths(request: str, named: Sequence[Tag]) -> dict[tuple[str, ...], float]:
    """In percent, of each drug that is given one."""
    found = ((tag.codes, _STRENGTH.match(request, tag.end)) for tag in named)
    return {codes: float(match[1]) for codes, match in found if match}


def _is_never_marketed(named: Sequence[Tag], strengths: dict[tuple[str, ...], float]) -> bool:
    for tag in named:
        code = tag.codes[0]
        if strengths.get(tag.codes, 0) > _STRONGEST_MARKETED.get(code, 100):
            return True
        if code not in _MARKETED_TO_RUB_IN and _NEVER_MARKETED_TO_RUB_IN & set(tag.concept.classes):
            return True
    return False
