"""Stage 5: the text after "… guideline:" → the guidelines that it cites.

The rules are DESIGN's "Guideline citations"; `docs/citations.md` tells them with examples.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from imr.letters.citation_documents import documents, is_document, known_source
from imr.letters.citation_imprint import UPDATED
from imr.letters.citation_split import Part, parts
from imr.letters.citation_titles import pages_of, titles, unwrap
from imr.letters.citation_words import ADDRESS, YEAR, trim
from imr.model import Citation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import GuidelineSource

_GUIDELINES = re.compile(r"\s*\bGuidelines?\b", re.IGNORECASE)
# Without a chapter before it, what calls itself guidelines is the document: "ODG, Physical Therapy
# Guidelines"
_NAMED_GUIDELINES = re.compile(r"(\w.*?)\s+Guidelines?", re.IGNORECASE)
_EDITOR = re.compile(r"Harris,? J\.?,? ", re.IGNORECASE)
# "Medicare Physicians Fee Schedule (MPFS); Chapter 12 …": the name ends where its parts begin
_PART_OF_OTHER = re.compile(r"[;,]\s(?=(?:Chapter|Section)\b)", re.IGNORECASE)
_LEAD = re.compile(r"^(?:Articles?|References?|Sources?|Websites?|Study|Journal):\s", re.IGNORECASE)
_LAST_EDITION = re.compile(
    r",?\s\(?(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth"
    r"|ninth|tenth|current|latest|web|online) (?:ed\.?|edition|version)\)?$",
    re.IGNORECASE,
)
_YEAR_WITHIN = re.compile(rf",\s\(?{YEAR}\)?(?=,)")
_LAST_YEAR = re.compile(rf",?\s\(?(?P<year>{YEAR})\)?$")
_YEAR = re.compile(rf"(?<![\d/.-]){YEAR}(?![\d/-]|\.\d)")
# "…, retrieved from https://…": where a reference was found, when there is a name beside it
_LAST_ADDRESS = re.compile(
    rf"""[\s,;:.(]{{0,4}}
    (?:\b(?:retrieved|available|accessed|found|online|at|from|on|see)\b[\s:]{{0,2}}){{0,4}}
    {ADDRESS}\)?$""",
    re.IGNORECASE | re.VERBOSE,
)
_DATED = re.compile(rf"[\s,;]*{UPDATED}", re.IGNORECASE | re.VERBOSE)


@lru_cache(maxsize=2048)  # the decisions of a letter, and thousands of letters, cite alike
def parse_citations(text: str) -> tuple[Citation, ...]:
    """The citations of one block, in the order of the letter; empty where nothing is cited.

    `text` is what follows the label "Claims Administrator guideline:" or "MAXIMUS guideline:",
    with or without the label.
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
    found = documents(searched, unwrap(part.body))
    if part.adopted and _is_beside(part, found[0].name):
        yield Citation(source=searched, year=part.year, cited=trim(part.name))
        part = replace(part, name="", body=trim(part.body))
    for place, document in enumerate(found):
        rest, pages = pages_of(document.rest)
        if pages is None and "(" in document.cited:
            pages = pages_of(document.cited)[1]  # "(ACOEM Practice Guidelines, page 303)"
        name = document.name
        if name is None and part.titled:
            name = _GUIDELINES.sub("", _EDITOR.sub("", part.name))
        sections = titles(rest)
        if name is None and sections and (guide := _NAMED_GUIDELINES.fullmatch(sections[0])):
            name, sections = guide[1], sections[1:]
        own = part.beside_mtus and name is not None and is_document("MTUS", name)
        wording = (part.name if place == 0 else "") + document.cited
        yield Citation(
            source="MTUS" if own and source == "ACOEM" else searched,
            document=name,
            year=document.year or (part.year if place == 0 else None),
            sections=sections,
            pages=pages,
            cited=trim(part.cited if len(found) == 1 else wording),
        )


def _is_beside(part: Part, document: str | None) -> bool:
    """Is the document another than ACOEM's: "ACOEM Practice Guidelines, Chronic Pain …"?"""
    apart = part.body.startswith((",", ";")) or _GUIDELINES.search(part.name)
    return bool(document and apart) and not is_document("ACOEM", document or "")


def _other(cited: str) -> Citation:
    unpaged, pages = pages_of(cited)
    named, *sections = _PART_OF_OTHER.split(unpaged, maxsplit=1)
    name = _YEAR_WITHIN.sub("", trim(_LAST_ADDRESS.sub("", _DATED.sub("", named))))
    name = _LAST_EDITION.sub("", _LEAD.sub("", name))
    last_year = _LAST_YEAR.search(name)
    years = {int(year) for year in _YEAR.findall(_DATED.sub("", named))}
    return Citation(
        source="other",
        document=trim(_LAST_EDITION.sub("", name[: last_year.start()] if last_year else name))
        or trim(named)
        or None,
        year=int(last_year["year"]) if last_year else min(years) if len(years) == 1 else None,
        sections=tuple(filter(None, map(trim, sections))),
        pages=pages,
        cited=cited,
    )
