"""Where a clause stands in a text: what engines match, told with places.

Engines say which decisions hold a clause but not where (or each in a way of its own). This reads
the stored text with the index's own tokens, so it is the same on every engine.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from imr.model import Span
from imr.search.plan import Clause
from imr.text.analysis import tokens, words
from imr.text.located import Located


class Text(Located):
    """A text with its tokens; they are read when first asked for."""

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Each stem's places among the tokens."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for at, stem in enumerate(self.stems):
            found[stem].append(at)
        return dict(found)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a clause that is no group looks for in texts: any of the phrases, or the prefix."""

    phrases: tuple[tuple[str, ...], ...] = ()
    prefix: str | None = None
    slop: int = 0

    @classmethod
    def by(cls, clause: Clause) -> Sought:
        """What engines look for; nothing for groups, case numbers and fields that hold no text."""
        if clause.kind in {"any", "all", "field", "case"}:
            return cls()
        if clause.kind == "prefix":
            found = words(clause.text)
            return cls(prefix=found[0] if len(found) == 1 else None)
        named = clause.concept.names if clause.concept else (clause.text,)
        phrases = dict.fromkeys(tuple(tokens(name)) for name in named)
        return cls(tuple(filter(None, phrases)), slop=clause.slop)

    def spans(self, text: Text) -> Iterator[Span]:
        """Every range of the text where it stands, in no order; ranges may overlap.

        A phrase is one range, words that stand near each other are one each.
        """
        for stems in self.phrases:
            if stems[0] not in text.places:
                continue
            if self.slop and len(stems) == 2:
                yield from (text.span(at, at) for at in _near(stems, self.slop, text))
            else:
                yield from (text.span(at, at + len(stems) - 1) for at in _phrase(stems, text))
        if self.prefix is not None:
            for at, word in enumerate(text.words):
                if word.startswith(self.prefix):
                    yield text.span(at, at)

    def stands_in(self, text: Text) -> bool:
        """Whether it stands anywhere in the text."""
        return next(self.spans(text), None) is not None


def _phrase(stems: tuple[str, ...], text: Text) -> Iterator[int]:
    """The places where these stems stand one behind the other."""
    for at in text.places.get(stems[0], ()):
        if len(stems) == 1 or tuple(text.stems[at : at + len(stems)]) == stems:
            yield at


def _near(stems: tuple[str, ...], slop: int, text: Text) -> Iterator[int]:
    """The places of two words where either has the other near it.

    As engines count: `slop` words may stand between them in the order given, two less in the other.
    """
    first, second = (text.places.get(stem, []) for stem in stems)
    found: set[int] = set()
    for at in first:
        low, high = bisect_left(second, at + 1 - slop), bisect_right(second, at + 1 + slop)
        beside = [other for other in second[low:high] if other != at]
        if beside:
            found.update(beside, (at,))
    return iter(sorted(found))
