"""The words around a name with other meanings: do they let it count?"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Literal

from imr.text.taxonomy.fold import Folded, fold

if TYPE_CHECKING:
    from imr.text.taxonomy.concept import Guard

Terse = Literal["query", "heading"] | None
"""Queries and request headings are carelessly cased and leave words out; None is running text."""

Objection = Literal[
    "heading", "unless_after", "unless_before", "exact", "measured", "mixed", "only"
]
"""The rule of a guard that a name fails; "only" stands for both `only_` rules."""

_REACH = 40
"""Characters looked at on either side; a neighbouring phrase is shorter."""

_STRENGTH = r"\d+(?:[.,]\d+)?[ ]?(?:%|mg|mcg|milligrams?|gms?|g(?![a-z]))"
_STRENGTH_AFTER = re.compile(rf"[ ]?[(:]?[ ]?(?:{_STRENGTH}|\d+/\d+)")
_STRENGTH_BEFORE = re.compile(rf"{_STRENGTH}[ ](?:of[ ])?$")
_MIXED_AFTER = re.compile(r"[ ]?[/+][ ]?[a-z]")
_MIXED_BEFORE = re.compile(r"[a-z%)][ ]?[/+][ ]?$")


def objection(
    guard: Guard, name: str, texts: tuple[str, Folded], span: tuple[int, int], *, terse: Terse
) -> Objection | None:
    """What speaks against a name found at span (of the folded text); None if it is meant.

    Args:
        guard: the name's rules.
        name: as the vocabulary writes it, for the rule on its case.
        texts: the text as given and folded.
        span: where the name stands in the folded text.
        terse: what kind of text this is, if it is not running text.
    """
    text, folded = texts
    start, end = span
    general = guard.heading and terse != "heading"
    if general and (terse is None or span != (0, len(folded.text))):
        return "heading"
    before = folded.text[max(0, start - _REACH) : start]
    after = folded.text[end : end + _REACH]
    if guard.unless_after and _ends(guard.unless_after).search(before):
        return "unless_after"
    if guard.unless_before and _begins(guard.unless_before).match(after):
        return "unless_before"
    if guard.measured or guard.mixed:
        measured = _STRENGTH_AFTER.match(after) or _STRENGTH_BEFORE.search(before)
        mixed = guard.mixed and (_MIXED_AFTER.match(after) or _MIXED_BEFORE.search(before))
        if not (measured or mixed):
            return "mixed" if guard.mixed else "measured"
    if guard.exact and not terse and not _same_case(name, text[slice(*folded.origin(*span))]):
        return "exact"
    only = guard.only_after or guard.only_before
    return "only" if only and not terse and not _beside(guard, before, after) else None


def culprit(guard: Guard, rule: Objection, folded: str, span: tuple[int, int]) -> str:
    """The word that an objection is about: the one that stands there, or those that are missing."""
    start, end = span
    before, after = folded[max(0, start - _REACH) : start], folded[end : end + _REACH]
    if rule == "unless_after":
        return next(repr(word) for word in guard.unless_after if _ends((word,)).search(before))
    if rule == "unless_before":
        return next(repr(word) for word in guard.unless_before if _begins((word,)).match(after))
    return ", ".join(repr(word) for word in (*guard.only_after, *guard.only_before))


def _beside(guard: Guard, before: str, after: str) -> bool:
    """Whether one of the words that a name needs stands beside it."""
    return bool(
        (guard.only_after and _ends(guard.only_after).search(before))
        or (guard.only_before and _begins(guard.only_before).match(after))
    )


def _same_case(name: str, written: str) -> bool:
    """Whether a text writes the name as the vocabulary does; a plural s is lower case."""
    plain = fold(name, keep_case=True).text
    return fold(written, keep_case=True).text in {plain, f"{plain}s"}


@cache
def _ends(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{_alternatives(phrases)})[^a-z0-9.;]{{0,2}}$")


@cache
def _begins(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"[^a-z0-9.;]{{0,2}}(?:{_alternatives(phrases)})(?![a-z0-9])")


def _alternatives(phrases: tuple[str, ...]) -> str:
    """A pattern for the phrases, in which "#" is any number ("L#": a level of the spine)."""
    return "|".join(re.escape(fold(phrase).text).replace(r"\#", r"\d+") for phrase in phrases)
