"""Finds the taxonomy's concepts in any text: letters, request headings, queries."""

from __future__ import annotations

import gc
import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from imr.text.taxonomy.concept import Kind, Mention, Tag
from imr.text.taxonomy.fold import Folded, fold, lower
from imr.text.taxonomy.hit import Hit, Trace, apart
from imr.text.taxonomy.load import Taxonomy, load
from imr.text.taxonomy.nearby import Terse, objection
from imr.text.taxonomy.products import join_products
from imr.text.taxonomy.spelling import spellings

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

_TAGGED: frozenset[Kind] = frozenset({"drug", "drug-class", "treatment", "body-part", "condition"})
_DOSE_MAY_FOLLOW = 4
"""Letters a drug's name must have for a dose to be read off its end ("Norco10/325")."""

_HYPHEN = re.compile(r"[-\u2010\u2011]\s*(?=([^\W\d_]{2,}))")
_LAST_LETTERS = re.compile(r"[^\W\d_]{2,20}$")
_CUT_FROM = 7
"""Letters a name must have to be known where a hyphen cuts it ("cyclobenza-prine")."""


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
                for spelling in spellings(mention.text):
                    patterns[spelling].append(mention)
        self._patterns = [
            [_pattern(mention, spelling, patterns) for mention in mentions]
            for spelling, mentions in patterns.items()
        ]
        self._automaton = AhoCorasick(list(patterns))
        self._cut = {
            spelling: [mention for mention in mentions if "-" not in mention.text]
            for spelling, mentions in patterns.items()
            if len(spelling) >= _CUT_FROM and spelling.isalpha()
        }

    def tag(
        self, text: str, *, query: bool = False, heading: bool = False, trace: Trace | None = None
    ) -> tuple[Tag, ...]:
        """The concepts named in a text, in order of where they stand.

        Within a kind tags do not overlap: the leftmost wins, then the longest. Drugs that are
        written together and sold together are one tag ("hydrocodone/APAP").

        Args:
            text: any text; spans are offsets into it.
            query: a person's query: names that running text must write in capitals or beside
                certain words ("PT", "RFA") count without.
            heading: a request heading: as for a query, and names count that are too general
                elsewhere ("visit", "bed"), as they do where they are all of a query.
            trace: where to write down what became of each name; its spans are of folded text.
        """
        folded = fold(text)
        terse: Terse = "heading" if heading else "query" if query else None
        found: dict[Kind, list[Hit]] = defaultdict(list)
        for hit in self._admitted(text, folded, terse, trace):
            found[hit.concept.kind].append(hit)
        tags: list[Tag] = []
        for kind, hits in found.items():
            kept = apart(hits, trace)
            if kind == "drug":
                kept = join_products(folded.text, kept, self.taxonomy.products)
            for hit in kept:
                first, last = folded.origin(hit.start, hit.end)
                tags.append(Tag(hit.concept, first, last, text[first:last]))
        tags.sort(key=lambda tag: (tag.start, tag.end))
        return tuple(tags)

    def _admitted(
        self, text: str, folded: Folded, terse: Terse, trace: Trace | None
    ) -> Iterator[Hit]:
        """Names that stand as words of their own and that their guards let through."""
        for hit in self._found(text, folded):
            guard = hit.mention.guard if hit.mention else None
            if guard is not None and hit.mention is not None:
                spans = (hit.start, hit.end)
                why = objection(guard, hit.mention.text, (text, folded), spans, terse=terse)
                if why is not None:
                    if trace is not None:
                        trace.refused.append((hit, why))
                    continue
            if trace is not None:
                trace.admitted.append(hit)
            yield hit

    def _found(self, text: str, folded: Folded) -> Iterator[Hit]:
        """Names that stand as words of their own."""
        words = f"{folded.text} "
        for number, start, end in self._automaton.find_matches_as_indexes(
            folded.text, overlapping=True
        ):
            if start and words[start - 1].isalnum():
                continue
            inside = words[end].isalnum()
            for pattern in self._patterns[number]:
                stop = _stretched(words, end, pattern) if inside else end
                if stop:
                    yield Hit(start, stop, pattern.mention.concept, pattern.mention)
        yield from self._found_cut(text, folded)

    def _found_cut(self, text: str, folded: Folded) -> Iterator[Hit]:
        """Names of one word that a hyphen cuts, at a line's end or in a line."""
        for hyphen in _HYPHEN.finditer(text):
            head = _LAST_LETTERS.search(text, max(0, hyphen.start() - 20), hyphen.start())
            if head is None:
                continue
            for mention in self._cut.get(lower(head[0] + hyphen[1]), ()):
                start, end = head.start(), hyphen.end(1)
                if folded.offsets is not None:
                    start = bisect_left(folded.offsets, start)
                    end = bisect_left(folded.offsets, end)
                yield Hit(start, end, mention.concept, mention)


def _stretched(words: str, end: int, pattern: _Pattern) -> int:
    """Where a name ends that a letter or digit follows: a plural, a dose; 0 if it is no name."""
    if pattern.plural and words[end] == "s" and not words[end + 1].isalnum():
        return end + 1
    if pattern.plural and words.startswith("es", end) and not words[end + 2].isalnum():
        return end + 2
    return end if pattern.dose_may_follow and words[end].isdigit() else 0


def _pattern(mention: Mention, spelling: str, known: Container[str]) -> _Pattern:
    """A name that is another's plural keeps its own meaning: CRPS is no two CRP tests."""
    last_is_letter = spelling[-1].isalpha()
    return _Pattern(
        mention,
        plural=(
            last_is_letter
            and spelling[-1] != "s"
            and len(spelling) > 2
            and f"{spelling}s" not in known
        ),
        dose_may_follow=(
            mention.concept.kind == "drug" and last_is_letter and len(spelling) >= _DOSE_MAY_FOLLOW
        ),
    )


@cache
def default_tagger() -> Tagger:
    """The tagger over the vocabularies that come with the package."""
    made = Tagger(load())
    # a hundred thousand objects that stay as long as the process: to walk them again and again
    # would stop every twentieth search for 30 ms
    gc.freeze()
    return made
