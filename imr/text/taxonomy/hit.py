"""Names found in a text, before and after it is settled which of them count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imr.text.taxonomy.concept import Concept, Mention
    from imr.text.taxonomy.nearby import Objection


class Hit(NamedTuple):
    """A name at folded[start:end]; `mention` is None where several names were joined."""

    start: int
    end: int
    concept: Concept
    mention: Mention | None


@dataclass(slots=True)
class Trace:
    """What became of the names that were found, written down for who asks.

    Attributes:
        admitted: names that stand as words of their own and that their guards let through.
        refused: names that their guards did not let through, and by which rule.
        overlapped: names that gave way, each with the one that stands there instead.
    """

    admitted: list[Hit] = field(default_factory=list)
    refused: list[tuple[Hit, Objection]] = field(default_factory=list)
    overlapped: list[tuple[Hit, Hit]] = field(default_factory=list)


def apart(hits: Iterable[Hit], trace: Trace | None = None) -> list[Hit]:
    """Hits of one kind that do not overlap: the leftmost, then the longest.

    One exception: a longer name that begins inside a shorter one takes its place, so that
    "cervical epidural steroid injection" is no "cervical epidural" and a "steroid injection".
    """
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
            continue
        last = kept[-1]
        if longer := hit.end - hit.start > last.end - last.start:
            kept[-1] = hit
        if trace is not None:
            trace.overlapped.append((last, hit) if longer else (hit, last))
    return kept
