"""Stage 5: the text after "… guideline:" → the guidelines that it cites.

The rules are DESIGN's "Guideline citations"; `tests/test_citations.py` holds its table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imr.letters.citation_documents import DATED, documents, known_source
from imr.letters.citation_split import Part, parts, trim
from imr.letters.citation_titles import pages_of, titles, unwrap
from imr.model import Citation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import GuidelineSource

_GUIDELINES = re.compile(r"\s*\bGuidelines?\b", re.IGNORECASE)
_EDITOR = re.compile(r"Harris,? J\.?,? ", re.IGNORECASE)
# "Medicare Physicians Fee Schedule (MPFS); Chapter 12 …": the name ends where its parts begin
_PART_OF_OTHER = re.compile(r"[;,]\s(?=(?:Chapter|Section)\b)", re.IGNORECASE)
_LAST_EDITION = re.compile(r",?\s\(?\d+(?:st|nd|rd|th) (?:ed\.?|edition)\)?$", re.IGNORECASE)
_LAST_YEAR = re.compile(r",?\s\(?(?P<year>(?:19|20)\d\d)\)?$")


def parse_citations(text: str) -> tuple[Citation, ...]:
    """The citations of one block, in the order of the letter; empty where nothing is cited.

    `text` is what follows the label "Claims Administrator guideline:" or "MAXIMUS guideline:".
    """
    return tuple(citation for part in parts(text) for citation in _of_part(part))


def _of_part(part: Part) -> Iterator[Citation]:
    source = part.source or known_source(part.body)
    if source is None or source == "other":
        if cited := trim(part.cited):
            yield _other(cited)
        return
    # "MTUS ACOEM Practice Guidelines, Chapter 12": the chapters of 2004 are the MTUS's own
    searched: GuidelineSource = "MTUS" if part.adopted else source
    found = list(documents(searched, unwrap(part.body)))
    for place, document in enumerate(found):
        rest, pages = pages_of(DATED.sub(" ", document.rest))
        name = document.name
        if name is None and part.titled:
            name = _GUIDELINES.sub("", _EDITOR.sub("", part.name))
        wording = (part.name if place == 0 else "") + document.cited
        yield Citation(
            source=searched if name else source,
            document=name,
            year=document.year,
            sections=titles(rest, joined_by_ampersand=source == "ODG"),
            pages=pages,
            cited=trim(part.cited if len(found) == 1 else wording),
        )


def _other(cited: str) -> Citation:
    named, *sections = _PART_OF_OTHER.split(cited, maxsplit=1)
    named, pages = pages_of(named)
    name = _LAST_EDITION.sub("", trim(named))
    year = _LAST_YEAR.search(name)
    return Citation(
        source="other",
        document=_LAST_EDITION.sub("", name[: year.start()] if year else name) or None,
        year=int(year["year"]) if year else None,
        sections=tuple(sections),
        pages=pages,
        cited=cited,
    )
