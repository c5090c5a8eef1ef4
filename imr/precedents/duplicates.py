"""Rationales that are equal but for names and numbers, as letters are loaded.

The first rationale of its kind begins a group and keeps the keys by which later ones find it; a
later one joins the group when it is near to that first one. So groups stay as they are when more
letters come, and one load or several give the same groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from imr.engines.document import StoredDecision
from imr.model import Decision, Determination
from imr.text.sketch import Grouped, Sketch, alone, likely

Lookup = Callable[[Grouped], Iterable[StoredDecision]]
"""What a rationale is found by → the committed ones that begin a group and may be near it."""


class Grouper:
    """Gives each decision of a load its group."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._pending: dict[str, list[tuple[str, Grouped, Sketch]]] = {}
        self._bands_of: dict[str, list[str]] = {}

    def groups(self, letter: Determination) -> list[Grouped]:
        """The groups of a letter's decisions, which will take the place of its stored ones."""
        for band in self._bands_of.pop(letter.id, ()):
            self._pending[band] = [each for each in self._pending[band] if each[0] != letter.id]
        return [self._group(letter.id, decision) for decision in letter.decisions]

    def committed(self) -> None:
        """The writer has committed: what was grouped so far can be looked up from now on."""
        self._pending.clear()
        self._bands_of.clear()

    def _group(self, letter: str, decision: Decision) -> Grouped:
        if not decision.rationale.strip():
            return alone(decision.id)
        sketch = Sketch.of(decision.rationale, decision.outcome)
        begun = sketch.beginning
        near = sorted(first.group for first in self._firsts(letter, begun) if sketch.is_near(first))
        if near:
            # one that is the same but for names and numbers, else whichever is first by name
            return Grouped(begun.group if begun.group in near else near[0])
        for band in begun.bands:
            self._pending.setdefault(band, []).append((letter, begun, sketch))
        self._bands_of.setdefault(letter, []).extend(begun.bands)
        return begun

    def _firsts(self, letter: str, begun: Grouped) -> Iterator[Sketch]:
        """The first ones of groups that share a key."""
        pending = {
            other.group: sketch
            for band in begun.bands
            for _, other, sketch in self._pending.get(band, ())
            if likely(begun.signs, other.signs)
        }
        yield from pending.values()
        for stored in self._lookup(begun):
            if stored.determination != letter:
                yield Sketch.of(stored.decision.rationale, stored.decision.outcome)
