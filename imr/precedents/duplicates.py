"""Rationales that are equal but for names and numbers, as letters are loaded.

The first rationale of its kind begins a group and keeps the keys by which later ones find it; a
later one joins the group when it is near to that first one. So groups stay as they are when more
letters come, and one load or several give the same groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from imr.engines.document import StoredDecision
from imr.model import Decision, Determination
from imr.text.sketch import Grouped, Sketch, alone, likely

Lookup = Callable[[Sequence[Grouped]], Iterable[Iterable[StoredDecision]]]
"""What rationales are found by → for each the committed ones that begin a group and may be near."""


class Grouper:
    """Gives each decision of a load its group."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._pending: dict[str, list[tuple[str, Grouped, Sketch]]] = {}
        self._bands_of: dict[str, list[str]] = {}

    def groups(self, letters: Sequence[Determination]) -> Iterator[list[Grouped]]:
        """The groups of each letter's decisions, which will take the place of its stored ones.

        What was committed is looked up once for all the letters, so they are all to be taken
        before `committed` is told.
        """
        sketches = [[_sketched(decision) for decision in letter.decisions] for letter in letters]
        begun = [each.beginning for several in sketches for each in several if each is not None]
        stored = iter(zip(begun, self._lookup(begun), strict=True))
        for letter, several in zip(letters, sketches, strict=True):
            for band in self._bands_of.pop(letter.id, ()):
                self._pending[band] = [each for each in self._pending[band] if each[0] != letter.id]
            yield [
                alone(decision.id)
                if sketch is None
                else self._group(letter.id, sketch, *next(stored))
                for decision, sketch in zip(letter.decisions, several, strict=True)
            ]

    def committed(self) -> None:
        """The writer has committed: what was grouped so far can be looked up from now on."""
        self._pending.clear()
        self._bands_of.clear()

    def _group(
        self, letter: str, sketch: Sketch, begun: Grouped, stored: Iterable[StoredDecision]
    ) -> Grouped:
        firsts = self._firsts(letter, begun, stored)
        near = sorted(first.group for first in firsts if sketch.is_near(first))
        if near:
            # one that is the same but for names and numbers, else whichever is first by name
            return Grouped(begun.group if begun.group in near else near[0])
        for band in begun.bands:
            self._pending.setdefault(band, []).append((letter, begun, sketch))
        self._bands_of.setdefault(letter, []).extend(begun.bands)
        return begun

    def _firsts(
        self, letter: str, begun: Grouped, stored: Iterable[StoredDecision]
    ) -> Iterator[Sketch]:
        """The first ones of groups that share a key."""
        pending = {
            other.group: sketch
            for band in begun.bands
            for _, other, sketch in self._pending.get(band, ())
            if likely(begun.signs, other.signs)
        }
        yield from pending.values()
        for each in stored:
            if each.determination != letter:
                yield Sketch.of(each.decision.rationale, each.decision.outcome)


def _sketched(decision: Decision) -> Sketch | None:
    if not decision.rationale.strip():
        return None
    return Sketch.of(decision.rationale, decision.outcome)
