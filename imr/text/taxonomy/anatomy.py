"""The parts of the body a request names, and on which side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imr.text.taxonomy.levels import regions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imr.model import Side
    from imr.text.taxonomy.concept import Tag

_TOGETHER: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), parts)
    for pattern, parts in (
        (r"\bthora(?:co|cic)[- ]?lumbar|\bTL(?:SO|[- ]spine)\b", ("upper back", "low back")),
        (r"\bcervic(?:o|al)[- ]?thoracic", ("neck", "upper back")),
        (r"\bcranio-?cervical\b", ("head", "neck")),
        (r"\bupper\s*(?:and|&|/|,|or)\s*lower\s+(?:ext|limb)", ("arm", "leg")),
        (r"\blower\s*(?:and|&|/|,|or)\s*upper\s+(?:ext|limb)", ("arm", "leg")),
        (r"\b(?:four|4|all)\s+(?:extremities|limbs)\b", ("arm", "leg")),
        (r"\b(?:upper|mid)\s*(?:and|&|/|,)\s*low(?:er)?[- ]back\b", ("upper back", "low back")),
        (r"\blow(?:er)?\s*(?:and|&|/|,)\s*(?:upper|mid)[- ]back\b", ("upper back", "low back")),
        (r"\bankle[- ]foot\b|\bAFOs?\b", ("ankle", "foot")),
        (r"\bKAFOs?\b", ("knee", "ankle", "foot")),
    )
)
"""Words that name several parts at once."""

_REGIONS = re.compile(r"\b([CTL](?:\s*(?:[/&+,-]|and)\s*[CTL])+)[- ]*(?:spines?|S)\b")
_REGION = {"C": "neck", "T": "upper back", "L": "low back"}
"""Letters for the regions of the spine: "C/T/L spine"."""

_BOTH = re.compile(
    r"\b(?:bilateral(?:ly)?|bilat|both (?!of)|b/l|bi-lateral)|\b(?:BUE|BLE)s?\b"
    r"|\bR\s*(?:/|&|and)\s*L\b|\bL\s*(?:/|&|and)\s*R\b",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"\bleft\b(?![- ]hand(?:ed)?[- ]domin)|\blt\b|\(l\)|\bLUE\b|\bLLE\b", re.IGNORECASE
)
_RIGHT = re.compile(
    r"\bright\b(?![- ]hand(?:ed)?[- ]domin)(?! (?:away|now)\b)|\brt\b|\(r\)|\bRUE\b|\bRLE\b",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"(?<![A-Za-z0-9/.-])([LR])\.? $")
"""A capital alone before a body part: "R shoulder"; lower case and "L4" are something else."""


def find_body_parts(request: str, tags: Sequence[Tag], levels: tuple[str, ...]) -> tuple[str, ...]:
    """Named parts, levels of the spine included, sorted; "spine" only where no region is named."""
    parts = {tag.concept.code for tag in tags if tag.kind == "body-part"} | regions(levels)
    for pattern, several in _TOGETHER:
        if pattern.search(request):
            parts.update(several)
    for letters in _REGIONS.finditer(request):
        parts.update(_REGION[letter] for letter in letters[1] if letter in _REGION)
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
