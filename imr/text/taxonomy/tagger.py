"""Finds the taxonomy's concepts in any text: letters, request headings, queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from imr.text.taxonomy.concept import Concept, Kind, Mention, Tag
from imr.text.taxonomy.fold import Folded, fold
from imr.text.taxonomy.load import Taxonomy, load
from imr.text.taxonomy.nearby import Terse, admits
from imr.text.taxonomy.products import join_products

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_TAGGED: frozenset[Kind] = frozenset({"drug", "drug-class", "treatment", "body-part", "condition"})
_DOSE_MAY_FOLLOW = 5
"""Letters a drug's name must have for a dose to be read off its end ("Norco10/325")."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    mention: Mention
    plural: bool
    dose_may_follow: bool


class Tagger:
    """One automaton over all names; built once, then only read."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        patterns: dict[str, list[Mention]] = defaultdict(list)
        for mention in taxonomy.mentions:
            if mention.concept.kind in _TAGGED:
                for spelling in _spellings(mention.text):
                    patterns[spelling].append(mention)
        self._patterns = [
            [_pattern(mention, spelling, patterns) for mention in mentions]
            for spelling, mentions in patterns.items()
        ]
        self._automaton = AhoCorasick(list(patterns))

    def tag(self, text: str, *, query: bool = False, heading: bool = False) -> tuple[Tag, ...]:
        """The concepts named in a text, in order of where they stand.

        Within a kind tags do not overlap: the leftmost wins, then the longest. Drugs that are
        written together and sold together are one tag ("hydrocodone/APAP").

        Args:
            text: any text; spans are offsets into it.
            query: a person's query: names that running text must write in capitals or beside
                certain words ("PT", "RFA") count without.
            heading: a request heading: as for a query, and names count that are too general
                elsewhere ("visit", "bed"), as they do where they are all of a query.
        """
        folded = fold(text)
        terse: Terse = "heading" if heading else "query" if query else None
        found: dict[Kind, list[tuple[int, int, Concept]]] = defaultdict(list)
        for mention, start, end in self._hits(text, folded, terse):
            found[mention.concept.kind].append((start, -end, mention.concept))
        if "drug" in found:
            found["drug"] = join_products(
                folded.text, _leftmost_longest(found["drug"]), self.taxonomy.products
            )
        tags: list[Tag] = []
        for hits in found.values():
            for start, end, concept in _leftmost_longest(hits):
                first, last = folded.origin(start, -end)
                tags.append(Tag(concept, first, last, text[first:last]))
        tags.sort(key=lambda tag: (tag.start, tag.end))
        return tuple(tags)

    def _hits(self, text: str, folded: Folded, terse: Terse) -> Iterable[tuple[Mention, int, int]]:
        """Names that stand as words of their own and that their guards let through."""
        words = f"{folded.text} "
        for number, start, end in self._automaton.find_matches_as_indexes(
            folded.text, overlapping=True
        ):
            if start and words[start - 1].isalnum():
                continue
            for pattern in self._patterns[number]:
                stop = end
                if words[end].isalnum():
                    stop = _stretched(words, end, pattern)
                if not stop:
                    continue
                mention = pattern.mention
                if mention.guard is None or admits(
                    mention.guard, mention.text, (text, folded), (start, stop), terse=terse
                ):
                    yield mention, start, stop


def _stretched(words: str, end: int, pattern: _Pattern) -> int:
    """Where a name ends that a letter or digit follows: a plural, a dose; 0 if it is no name."""
    if pattern.plural and words[end] == "s" and not words[end + 1].isalnum():
        return end + 1
    if pattern.plural and words.startswith("es", end) and not words[end + 2].isalnum():
        return end + 2
    return end if pattern.dose_may_follow and words[end].isdigit() else 0


def _leftmost_longest(
    hits: list[tuple[int, int, Concept]],
) -> list[tuple[int, int, Concept]]:
    """Hits that do not overlap: the leftmost, then the longest; hits are (start, -end, concept).

    One exception: a longer name that begins inside a shorter one takes its place, so that
    "cervical epidural steroid injection" is no "cervical epidural" and a "steroid injection".
    """
    kept: list[tuple[int, int, Concept]] = []
    for hit in sorted(hits, key=lambda hit: hit[:2]):
        if not kept or hit[0] >= -kept[-1][1]:
            kept.append(hit)
        elif -hit[1] - hit[0] > -kept[-1][1] - kept[-1][0]:
            kept[-1] = hit
    return kept


def _pattern(mention: Mention, spelling: str, spellings: Container[str]) -> _Pattern:
    """A name that is another's plural keeps its own meaning: CRPS is no two CRP tests."""
    last_is_letter = spelling[-1].isalpha()
    return _Pattern(
        mention,
        plural=(
            last_is_letter
            and spelling[-1] != "s"
            and len(spelling) > 2
            and f"{spelling}s" not in spellings
        ),
        dose_may_follow=(
            mention.concept.kind == "drug" and last_is_letter and len(spelling) >= _DOSE_MAY_FOLLOW
        ),
    )


def _spellings(name: str) -> set[str]:
    """The name folded, written without its hyphens ("xray"), and its irregular plurals."""
    folded = fold(name).text
    spellings = {folded}
    if "-" in name:
        spellings.add(fold(name.replace("-", "")).text)
    for ending, plural in (("y", "ies"), ("sis", "ses")):
        spellings |= {
            spelling.removesuffix(ending) + plural
            for spelling in tuple(spellings)
            if len(spelling) > 4 and spelling.endswith(ending) and spelling[-2] not in "aeou"
        }
    return spellings


@cache
def default_tagger() -> Tagger:
    """The tagger over the vocabularies that come with the package."""
    return Tagger(load())
