"""The parts of the body a request names, and on which side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imr.text.taxonomy.levels import regions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imr.model import Side
    from imr.text.taxonomy.concept import Tag

_BOTH = re.compile(
    r"\b(?:bilateral(?:ly)?|bilat|both (?!of)|b/l|bi-lateral)|\b(?:BUE|BLE)s?\b", re.IGNORECASE
)
_LEFT = re.compile(
    r"\bleft\b(?![- ]hand(?:ed)?[- ]domin)|\blt\b|\(l\)|\bLUE\b|\bLLE\b", re.IGNORECASE
)
_RIGHT = re.compile(
    r"\bright\b(?![- ]hand(?:ed)?[- ]domin)|\brt\b|\(r\)|\bRUE\b|\bRLE\b", re.IGNORECASE
)
_INITIAL = re.compile(r"(?<![A-Za-z0-9/.-])([LR])\.? $")
"""A capital alone before a body part: "R shoulder"; lower case and "L4" are something else."""


def find_body_parts(tags: Sequence[Tag], levels: tuple[str, ...]) -> tuple[str, ...]:
    """Named parts, levels of the spine included, sorted; "spine" only where no region is named."""
    parts = {tag.concept.code for tag in tags if tag.kind == "body-part"} | regions(levels)
    if parts & {"neck", "upper back", "low back"}:
        parts.discard("spine")
    return tuple(sorted(parts))


def find_side(request: str, tags: Sequence[Tag]) -> Side | None:
    """The side, "bilateral" also where both are named of one part; None if two parts differ."""
    if _BOTH.search(request):
        return "bilateral"
    parts = [tag for tag in tags if tag.kind == "body-part"]
    left = [match.end() for match in _LEFT.finditer(request)]
    right = [match.end() for match in _RIGHT.finditer(request)]
    for tag in parts:
        if initial := _INITIAL.search(request[: tag.start]):
            (left if initial[1] == "L" else right).append(tag.start)
    if left and right:
        same = _parts_after(left, parts) & _parts_after(right, parts)
        return "bilateral" if same or len({tag.concept.code for tag in parts}) <= 1 else None
    return "left" if left else "right" if right else None


def _parts_after(ends: Sequence[int], parts: Sequence[Tag]) -> set[str]:
    """The part that each side word stands before."""
    following = (next((tag for tag in parts if tag.end >= end), None) for end in ends)
    return {tag.concept.code for tag in following if tag is not None}
