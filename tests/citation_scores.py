"""Counts how far cited guidelines that were found agree with labelled ones.

Compared are (source, document) pairs and (source, document, section) triples; letter case,
"&" for "and" and blanks don't count. A field that a label calls `open` is one on which the
definitions leave two readings: it is not scored.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imr.model import Citation

BLOCKS = Path(__file__).parent / "citation_blocks.json"

Label = Mapping[str, Any]


@dataclass(slots=True)
class Count:
    """What was found and is right, was found and is wrong, was missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 1 where nothing was to be found or was."""
        whole = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / whole if whole else 1.0


@dataclass(slots=True)
class Score:
    """Counts over any number of blocks."""

    pairs: Count = field(default_factory=Count)
    sections: Count = field(default_factory=Count)

    def add(self, found: Sequence[Citation], labelled: Sequence[Label]) -> bool:
        """Count one block; True where all of it is right."""
        before = self.errors
        for citation, label in _matched(list(found), list(labelled)):
            self._pair(citation, label)
        return self.errors == before

    @property
    def errors(self) -> tuple[int, int, int, int]:
        """Wrong and missed pairs, wrong and missed sections."""
        return self.pairs.wrong, self.pairs.missed, self.sections.wrong, self.sections.missed

    def _pair(self, citation: Citation | None, label: Label | None) -> None:
        found = Counter(map(key, citation.sections if citation else ()))
        wanted = Counter(map(key, label["sections"] if label else ()))
        if citation and label:
            self.pairs.right += 1
            if "sections" in label.get("open", ()):
                return
        else:
            self.pairs.wrong += citation is not None
            self.pairs.missed += label is not None
        self.sections.right += (found & wanted).total()
        self.sections.wrong += (found - wanted).total()
        self.sections.missed += (wanted - found).total()


def key(name: str | None) -> str:
    """What makes two names the same."""
    return "".join((name or "").lower().replace("&", "and").split())


def _matched(
    found: list[Citation], labelled: list[Label]
) -> Iterable[tuple[Citation | None, Label | None]]:
    """Each label with a citation that names the same; those with sections in common first."""
    for agrees in (_all_agrees, _agrees):
        for label in list(labelled):
            citation = next((c for c in found if agrees(c, label)), None)
            if citation:
                found.remove(citation)
                labelled.remove(label)
                yield citation, label
    yield from ((citation, None) for citation in found)
    yield from ((None, label) for label in labelled)


def _agrees(citation: Citation, label: Label) -> bool:
    free = label.get("open", ())
    source = "source" in free or citation.source == label["source"]
    return source and ("document" in free or key(citation.document) == key(label["document"]))


def _all_agrees(citation: Citation, label: Label) -> bool:
    same = sorted(map(key, citation.sections)) == sorted(map(key, label["sections"]))
    return same and _agrees(citation, label)


def blocks(half: str) -> list[Mapping[str, Any]]:
    """The labelled blocks of one half, those left out on whose citations labels are open."""
    content = json.loads(BLOCKS.read_text(encoding="utf-8"))
    return [block for block in content[half] if "citations" not in block.get("open", ())]
