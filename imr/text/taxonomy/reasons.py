"""Finds why a reviewer decided as they did: codes of reasons, each with the sentence shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from imr.text.passages import sentences
from imr.text.taxonomy.fold import fold
from imr.text.taxonomy.reason_rules import Sentence
from imr.text.taxonomy.reason_vocabulary import ASIDE, CASE, NAMED, NORM, REQUESTS, load_reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imr.model import Outcome, Span
    from imr.text.taxonomy.reason_signs import Hits, Signs
    from imr.text.taxonomy.reason_vocabulary import Side

FEW = 2
"""Where so many reasons are shown, what else is said to be missing is seldom one more."""
LONGEST = 2000
"""Characters of a sentence; what goes on without a full stop is cut, so that time stays linear."""

_WORD = re.compile(r"[a-z]{3,}")
_COMMON = frozenset(
    "additional administrator all and associated authorized bilateral body claims daily day days"
    " each eight eligible every five for four from imr leaving left lower medical mg month months"
    " nine not one original other outpatient part per physical portion post pre procedure purchase"
    " qty quantity refill refills remaining rental request right service services session sessions"
    " seven six spine surgical tablet tablets tabs ten the therapy three time times treatment"
    " treatments twelve two unit units unknown unspecified upper use visit visits was week weeks"
    " weekly with year".split()
)
"""Words of request headings that say nothing of what is asked for."""


class _Read(NamedTuple):
    """A sentence of a rationale with where it stands, and whether it is a guideline's own words."""

    sentence: Sentence
    span: Span
    recital: bool


def find_reasons(rationale: str, outcome: Outcome, about: str = "") -> tuple[tuple[str, Span], ...]:
    """The codes that a rationale shows, each once, with the sentence that shows it.

    Where several sentences show a code, one about the case is given before a guideline's own
    words, and a later one before an earlier one.

    Args:
        rationale: the text of one decision's rationale; spans are offsets into it.
        outcome: only reasons for this outcome are looked for.
        about: the request's heading and other names of what is requested (drugs, classes), for
            rules that ask whether a sentence speaks of it.

    Returns:
        (code, (start, end)) in the order of the sentences.
    """
    vocabulary = load_reasons()
    side = vocabulary.sides[outcome]
    read = list(_read(rationale, about, side.signs))
    found = _found(read, side)
    entries = vocabulary.entries
    kept = [code for code in found if found.keys().isdisjoint(entries[code].yields_to)]
    order = list(entries)
    kept.sort(key=lambda code: (found[code].span, order.index(code)))
    return tuple((code, found[code].span) for code in kept)


def _found(read: Sequence[_Read], side: Side) -> dict[str, _Read]:
    """The codes shown, each with its sentence."""
    found: dict[str, _Read] = {}
    silent: list[_Read] = []
    for each in read:
        said = set() if each.recital else side.said.shown(each.sentence)
        shown = said | side.recited.shown(each.sentence)
        for code in shown:
            if code not in found or code in said or found[code].recital:
                found[code] = each
        if not shown and not each.recital:
            silent.append(each)
    if len(found) < FEW:
        for each in silent:
            found |= dict.fromkeys(side.otherwise.shown(each.sentence) - found.keys(), each)
    if not found:
        for each in read:
            found |= dict.fromkeys(side.last.shown(each.sentence), each)
    return found


def _read(rationale: str, about: str, signs: Signs) -> Iterator[_Read]:
    """The sentences that may show a reason; an aside (what others said, set closings) may not."""
    asked = {_singular(word) for word in _WORD.findall(fold(about).text) if word not in _COMMON}
    asked |= {f"{word}s" for word in asked}
    spans = [span for whole in sentences(rationale) for span in _cut(rationale, whole)]
    texts = [fold(rationale[slice(*span)]).text for span in spans]
    hits = [_find(text, signs, asked) for text in texts]
    kinds = [REQUESTS[sign] for sign in signs.find(fold(about).text) if sign in REQUESTS]
    for each in hits:
        each.update((kind, [(0, 0)]) for kind in kinds)
    behind = [frozenset[str]()]
    for each in reversed(hits):
        behind.append(behind[-1].union(each))
    before: frozenset[str] = frozenset()
    for text, span, each in zip(texts, spans, hits, strict=True):
        behind.pop()
        if ASIDE not in each:
            recital = NORM in each and CASE not in each
            yield _Read(Sentence(text, each, before, behind[-1]), span, recital)
        before = before.union(each)


def _find(text: str, signs: Signs, asked: set[str]) -> Hits:
    """The signs in a sentence, and the words in it that the request's heading has too."""
    hits = signs.find(text)
    words = _WORD.finditer(text)
    named = [word.span() for word in words if word[0] in asked]
    return hits | {NAMED: named} if named else hits


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _cut(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    while end - start > LONGEST:
        at = text.rfind(" ", start + 1, start + LONGEST)
        at = at if at > start else start + LONGEST
        yield start, at
        start = at
    yield start, end
