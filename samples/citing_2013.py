"""Citations as letters of 2013 put them into sentences; unverified on real letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imr.model import Citation


def named(citation: Citation) -> str:
    """The guideline with all that the record says of it."""
    if citation.source == "MTUS":
        return _mtus(citation)
    if citation.source == "ODG":
        return _odg(citation)
    return citation.cited


def _mtus(citation: Citation) -> str:
    parts = [f"MTUS {citation.document or ''} Guidelines".replace("  ", " ")]
    if citation.year:
        parts.append(str(citation.year))
    if citation.sections:
        parts.append(f"Section(s): {', '.join(citation.sections)}")
    if citation.pages:
        parts.append(f"page(s) {citation.pages}")
    return ", ".join(parts)


def _odg(citation: Citation) -> str:
    parts = ["Official Disability Guidelines (ODG)"]
    if citation.year:
        parts.append(str(citation.year))
    if citation.document:
        parts.append(f"{citation.document} Chapter")
    return ", ".join([*parts, *citation.sections])


def sentences(who: str, whose: str, citations: Sequence[Citation]) -> str:
    """One sentence a guideline: "The Claims Administrator based its decision on the …"."""
    if not citations:
        return f"The {who} did not cite any medical evidence for {whose} decision."
    told = []
    for place, citation in enumerate(citations):
        also = "also " if place else ""
        part = "which is part of" if citation.source == "MTUS" else "which is not part of"
        name = named(citation)
        article = "" if name.lower().startswith("the ") else "the "
        told.append(f"The {who} {also}based {whose} decision on {article}{name}, {part} the MTUS.")
    return " ".join(told)
