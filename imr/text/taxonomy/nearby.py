"""The words around a name with other meanings: do they let it count?"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from imr.text.taxonomy.fold import Folded, fold

if TYPE_CHECKING:
    from imr.text.taxonomy.concept import Guard

_REACH = 40
"""Characters looked at on either side; a neighbouring phrase is shorter."""


def admits(
    guard: Guard, name: str, texts: tuple[str, Folded], span: tuple[int, int], *, query: bool
) -> bool:
    """Whether a name found at span (of the folded text) is meant.

    Args:
        guard: the name's rules.
        name: as the vocabulary writes it, for the rule on its case.
        texts: the text as given and folded.
        span: where the name stands in the folded text.
        query: waive what only running text must observe.
    """
    text, folded = texts
    start, end = span
    before = folded.text[max(0, start - _REACH) : start]
    after = folded.text[end : end + _REACH]
    if guard.unless_after and _ends(guard.unless_after).search(before):
        return False
    if guard.unless_before and _begins(guard.unless_before).match(after):
        return False
    if query:
        return True
    if guard.exact:
        first, last = folded.origin(start, end)
        cased = fold(text[first:last], keep_case=True).text
        if cased.removesuffix("s") != fold(name, keep_case=True).text.removesuffix("s"):
            return False
    if not guard.only_after and not guard.only_before:
        return True
    return bool(
        (guard.only_after and _ends(guard.only_after).search(before))
        or (guard.only_before and _begins(guard.only_before).match(after))
    )


@cache
def _ends(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{_alternatives(phrases)})[^a-z0-9.;]{{0,2}}$")


@cache
def _begins(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"[^a-z0-9.;]{{0,2}}(?:{_alternatives(phrases)})(?![a-z0-9])")


def _alternatives(phrases: tuple[str, ...]) -> str:
    """"#" is any number; "L#" a level of the spine; a blank any blank."""
    return "|".join(re.escape(fold(phrase).text).replace(r"\#", r"\d+") for phrase in phrases)
