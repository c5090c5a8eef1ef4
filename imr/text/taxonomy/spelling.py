"""The ways in which one name is written."""

from __future__ import annotations

from imr.text.taxonomy.fold import fold


def spellings(name: str) -> frozenset[str]:
    """The name folded, written without its hyphens ("xray"), and its irregular plurals."""
    written = {fold(name).text}
    if "-" in name:
        written.add(fold(name.replace("-", "")).text)
    for ending, plural in (("y", "ies"), ("sis", "ses")):
        written |= {
            spelling.removesuffix(ending) + plural
            for spelling in tuple(written)
            if len(spelling) > 4 and spelling.endswith(ending) and spelling[-2] not in "aeou"
        }
    return frozenset(written)
