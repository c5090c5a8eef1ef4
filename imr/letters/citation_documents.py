"""What is cited of one source → its documents: name, year and what follows each name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from imr.letters.citation_names import GUIDELINES
from imr.letters.citation_words import (
    ADDRESS,
    DATED_YEAR,
    EDITION,
    IN_PRINT,
    MONTH,
    UPDATED,
    YEAR,
    in_brackets,
    trim,
    trim_end,
)
from imr.text.taxonomy.guidelines import load_guidelines, names_pattern, title_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import GuidelineSource


@dataclass(frozen=True, slots=True)
class Document:
    """A document as cited.

    Attributes:
        name: without year, edition, date, "Guidelines" and "Chapter"; None where only the
            source is named.
        rest: what follows the name: sections and pages.
        cited: the wording from the name (of the first: from the end of the source's name) on.
    """

    name: str | None
    year: int | None
    rest: str
    cited: str


_EFFECTIVE = rf"\(?effective:?\ (?:date:?\ )?(?:{MONTH}\ \d{{1,2}},?\ )?(?:[\d/]+/)?{YEAR}\)?"
# "8 C.C.R. §§9792.20 - 9792.26 (Effective July 18, 2009)": where the MTUS stands in the law
_REGULATION = r"""\(?(?:Title\ )?8,?\ (?:C\.?C\.?R\.?|California\ Code\ of\ Regulations?)
    (?:,?\ Title\ 8)?,?\ ?(?:§+|sections?|secs?\.)?[\d.§\s\u2013&,-]*(?:MTUS\b)?\)?"""
_COMPENSATION = r"""(?:(?:Integrated\ )?Treatment\ (?:Guidelines?\ )?(?:in|for|of)\ )?
    Worker\S{0,3}\ Comp(?:ensation|\b\.?)(?!\ Drug)(?:,?\ \(?(?:ODG[-/ ]?)?TWC\)?)?"""
_PUBLISHER = (
    r"Work\ Loss\ Data\ Institute(?:,?\ LLC)?|LLC\b|Corpus\ Christi,?\ \(?(?:TX|Texas)\b\)?"
)
# Between the name of the source and the name of the document
_PREAMBLE = re.compile(
    rf"""(?:(?:California|CA)\ )?(?: [\s,;:/.&\u2013\u2014-]+
      | {UPDATED} | {EDITION} | {IN_PRINT} | {_EFFECTIVE} | {DATED_YEAR} | {_REGULATION}
      | {_COMPENSATION} | {_PUBLISHER} | \(?{ADDRESS}
      | \((?:(?:ODG|ACOEM|MTUS)(?:[-/ ]TWC)?|TWC|web|online)\)
      | (?:the|for|under|from|in|on|regarding|and|TWC|citations?|by|chapters|online)\b | sections?:\s
      | (?:OMPG|APG)(?:\ I\b)?(?:\ Plus)? | Plus\b
      | (?:Integrated\ )?Treatment/Disability\ Duration\ Guidelines
      | (?:Occupational\ Medicine\ )?(?:Practice\ )?(?:Medical\ )?(?:Treatment\ )?Guidelines?\b
      | Treatment\ Index | Integrated\ Treatment(?:\ Guidelines?\b)?
      | \(?(?:current|latest|most\ recent|web-?based|internet|online|web)\b
            (?:\ (?:internet|online|web|version|edition|guidelines?)\b)*\)? )*""",
    re.IGNORECASE | re.VERBOSE,
)
# After the name of the document: "Low Back (Thoracic and Lumbar, Acute and Chronic) Chapter" is
# "Low Back", and so with "Pain (Chronic)", "Low back, Lumbar & Thoracic (Acute & Chronic)",
# "Head section" and "Pain Procedure Summary (updated …)". The head and diabetes chapters have
# long forms of their own: "Head (Trauma, headaches, etc.)", "Diabetes (Type 1, 2, and Gestational)".
# "Low Back Complaints (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 12)" is of 2013.
_SCOPE = r"(?:(?:sub)?acute|chronic|lumbar|thoracic|cervical|type|gestational|[12]|and|[&,/\s-])"
_QUALIFIER = re.compile(
    rf"""(?: \s*\(?(?:Chapters?|Sections?(?!\s?\(s\)|:|\ (?:on|for|\d))|Procedures?\ Summary
             |(?:Medical\ )?Treatment\ Guidelines?|Guidelines?)\b\)?
      | ,?\s*[(\[]{_SCOPE}+[)\]] | [\s,:\u2013-]*acute\ (?:and|&)\ chronic\b
      | \s*\(trauma,\ headaches[^()]*\)
      | \s*\((?=[^()]*(?:ACOEM|ODG|MTUS))[^()]*(?:\([^()]*\)[^()]*)*\)
      | [\s,:\u2013-]*(?:Lumbar\ (?:and|&)\ Thoracic|Thoracic\ (?:and|&)\ Lumbar)\b
      | [\s,;:\u2013-]*(?:{UPDATED}|{EDITION}|{IN_PRINT}|{DATED_YEAR}|{_EFFECTIVE}|{_REGULATION}|{_PUBLISHER})
      | \s*\(\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\) )*""",
    re.IGNORECASE | re.VERBOSE,
)
# "(updated 12/12/16)", addresses and years of their own further on
_DATED = re.compile(
    rf"""[\s,;]*{UPDATED} | [\s,;:]*\(?{ADDRESS}
    | (?:(?<=[,;])|(?<=\.))\s*(?:{DATED_YEAR}|{EDITION})(?=\s*(?:[,;.]|$))
    | \s+\(?{MONTH},?\ {YEAR}\)?(?=\s*(?:[,;.]|$))""",
    re.IGNORECASE | re.VERBOSE,
)
_NO_YEAR = re.compile(rf"{UPDATED}|{ADDRESS}", re.IGNORECASE | re.VERBOSE)
_YEAR_ALONE = re.compile(rf"(?<![/\d.-]){YEAR}(?![/\d-]|\.\d)")
# before the name, as in "Chapter 12 (Low Back Complaints)" and "Chapter: Knee", or instead of it
_CHAPTER = re.compile(
    r"(?:Chapter\b|Ch\.|Ch(?=\s\d)):?\s*\(?(?P<number>\d{1,2}\b)?\)?[\s,:.(\u2013\u2014-]*",
    re.IGNORECASE,
)
_OPENING, _CLOSING = re.compile(r"\(\s*"), re.compile(r"\s*\)")
# Documents that the taxonomy doesn't know, by what stands after them
_UNKNOWN_MTUS = re.compile(
    rf"(?P<name>[A-Z][^;:()]{{2,80}}?)(?=\ \(?{YEAR}\)?(?:[,.;]|$))"
    r"|(?P<title>[A-Z][^,;:.()]{2,60}?)(?=\ Guidelines?\b)",
    re.VERBOSE,
)
_UNKNOWN_CHAPTER = re.compile(
    r"(?P<name>[A-Z][^,;:.()]{1,60}?)(?= (?:Chapter|Procedures? Summary)\b)"
)
_NAME_ENDS = re.compile(r"\s?[,;:./\u2013-]|\s*$")
_GOES_ON = re.compile(r" (?!and\b|or\b)[a-z]")
_WORDS = re.compile(r"[^,;:.()]*")
_STATE = re.compile(r"(?:(?:California|CA)(?:['\u2019]s)?\s|\()?", re.IGNORECASE)


@cache
def _known(source: GuidelineSource) -> re.Pattern[str]:
    guidelines = load_guidelines()
    names = {
        "MTUS": guidelines.mtus_documents + guidelines.mtus_collections,
        "ACOEM": guidelines.acoem_chapters,
        "ODG": guidelines.odg_chapters,
    }
    return re.compile(f"(?P<name>{names_pattern(names[source])})", re.IGNORECASE)


@cache
def _collection() -> re.Pattern[str]:
    return re.compile(names_pattern(load_guidelines().mtus_collections), re.IGNORECASE)


# What shows that a body part is meant as the name of a chapter
_MARKED = (
    r"\s(?:Chapters?|Sections?|Procedures?\sSummary)\b"
    r"|\s?\((?:(?:sub)?acute\b|chronic\)|(?:web:?\s|last\s)?updated)"
    r"|[\s,:\u2013-]+(?:Lumbar|Thoracic)\s(?:and|&)\s(?:Lumbar|Thoracic)\b"
)
_ENDED = r"(?=\s?[,;:]|\s?[\u2013\u2014-]\s|\s-|\.\s|\.?\s*$)"
_JOINED = r"(?:[,;.]\s(?:and\s|&\s)?|\s(?:and|&|or)\s|\s?/\s?)(?:(?:in|from|on|per)\s)?(?:the\s)?"
_BY_NUMBER = r"|(?:[,;.]\s(?:and\s)?|\s(?:and|&)\s)(?P<chapter>Ch(?:apter|\.)?\s\d)"


@cache
def _further(source: GuidelineSource) -> re.Pattern[str]:
    """Where a further document of the same source begins."""
    written = _further_mtus() if source == "MTUS" else _further_chapter(source)
    return re.compile(written + _BY_NUMBER, re.IGNORECASE)


def _further_mtus() -> str:
    unmistakable = names_pattern(
        name
        for name in load_guidelines().mtus_documents
        if re.search("Complaints|Conditions|(?:Medical|Pain|gical) Treatment$", name)
    )
    return (
        # form letters: ", and Knee Complaints 2004, Section(s): …";
        # 2013 to 2015: "Page(s): 303-305, Chronic Pain Treatment Guidelines …"
        rf"(?:{_JOINED}|(?<=[\d)])\s|:\s){_known('MTUS').pattern}"
        rf"(?=\s\(?{YEAR}\b|\s(?:Medical\s)?(?:Treatment\s)?Guidelines?\b|,?\sSection\s?\(s\))"
        rf"|[,;.]\s(?:and\s|&\s)?(?P<bare>{unmistakable})(?=\s?[,;:(.]|\s*$|\s(?:pages?|pg|p)\b)"
        # a document that the taxonomy doesn't know, by its year
        r"|[,;.]\s(?:and\s)?(?P<unknown>(?-i:[A-Z])[^,;:()]{2,80}?)"
        rf"(?=\s{YEAR}(?:[,;.]?\s(?:and\b|Sections?\b|pages?\b)|[,;.]?$))"
    )


def _further_chapter(source: GuidelineSource) -> str:
    name = _known(source).pattern
    bare = name.replace("?P<name>", "")
    return (
        rf"(?:{_JOINED}|\s(?=(?-i:[A-Z])(?:\w+\W{{1,3}}){{1,5}}Chapter\b)){name}(?={_MARKED})"
        # "ODG, Neck, Low Back": without a mark only as a whole piece
        rf"|(?:[,;.]\s(?:and\s|&\s)?|\s(?:and|&)\s(?=(?-i:[A-Z])))(?P<bare>{bare}){_ENDED}"
        # a chapter that the taxonomy doesn't know, by what stands after it
        rf"|[,;.]\s(?:and\s)?(?:the\s)?(?![^,;:.()]{{1,40}}\s(?:and|&)\s{bare}(?:{_MARKED}))"
        r"(?P<unknown>(?-i:[A-Z])[^,;:.()]{1,40}?)"
        r"(?=\s(?:Chapter\b|Procedures?\sSummary|\((?:last\s)?updated))"
    )


def known_source(text: str) -> GuidelineSource | None:
    """The source of a wording that names none: whose document it begins with."""
    return next((source for source in GUIDELINES if _begins_with_document(source, text)), None)


def is_document(source: GuidelineSource, name: str) -> bool:
    """Whether a source is known to have a document of this name."""
    return bool(_known(source).fullmatch(name))


def _begins_with_document(source: GuidelineSource, text: str) -> bool:
    known = _known(source).match(text, _end(_STATE, text, 0))
    if known is None:
        return False
    qualified = _end(_QUALIFIER, text, known.end()) > known.end()
    return qualified or bool(_NAME_ENDS.match(text, known.end()))


def documents(source: GuidelineSource, body: str) -> list[Document]:
    """The documents in what follows the source's name; one without a name if there is none."""
    first = _document(source, body)
    starts = [0, *_starts(source, body, first)]
    if len(starts) == 1:
        return [_without_dates(first)]
    found = [
        _document(source, trim_end(body[start:end]))
        for start, end in zip(starts, [*starts[1:], len(body)], strict=True)
    ]
    return [_without_dates(document) for document in _titles_first(found)]


def _starts(source: GuidelineSource, body: str, first: Document) -> Iterator[int]:
    inside = in_brackets(body)
    collection = first.name is not None and _collection().fullmatch(first.name)
    for head in _further(source).finditer(body, len(body) - len(first.rest)):
        start = head.start(head.lastgroup or 0)
        bare = head.lastgroup == "bare"
        if inside[start] or (bare and (collection or _ends_title(body, start, head["bare"]))):
            continue
        yield start


def _ends_title(text: str, end: int, name: str) -> bool:
    """Is what looks like a chapter the end of a known title ("TENS, chronic pain")?"""
    before = trim_end(text[max(0, end - 80) : end])
    start = max(before.rfind(mark) for mark in ",;:")
    return title_key(f"{trim(before[start + 1 :])}, {name}") in load_guidelines().titles


def _titles_first(found: list[Document]) -> list[Document]:
    """Titles that stand before the name of their chapter: "ODG, Zolpidem, Pain Chapter"."""
    first, second, *further = found
    if first.name or not trim(first.rest) or trim(_DATED.sub(" ", second.rest)):
        return found
    cited = f"{first.cited} {second.cited}"
    year = first.year or second.year
    return [replace(second, rest=trim_end(first.rest), year=year, cited=cited), *further]


def _without_dates(document: Document) -> Document:
    rest = _DATED.sub(" ", document.rest)
    if rest == document.rest:
        return document
    return replace(document, rest=rest, year=document.year or _last_year(document.rest))


def _last_year(text: str) -> int | None:
    """The year that stands alone among sections: "Pain Chapter, Opioids, 2015"."""
    years = [_year(found[0]) for found in _DATED.finditer(text)]
    return next((year for year in years if year), None)


def _document(source: GuidelineSource, text: str) -> Document:
    preamble_end = _end(_PREAMBLE, text, 0)
    found = _document_name(source, text, preamble_end)
    if found is None:
        return Document(None, _year(text[:preamble_end]), text[preamble_end:], text)
    name, name_start, name_end = found
    qualifier_end = _end(_QUALIFIER, text, name_end)
    year = _year(text[name_end:qualifier_end]) or _year(text[:name_start])
    return Document(name, year, text[qualifier_end:], text)


def _document_name(source: GuidelineSource, text: str, start: int) -> tuple[str, int, int] | None:
    """The document's name at `start`, and where it begins and ends."""
    chapter = _CHAPTER.match(text, start)
    bracket = None if chapter else _OPENING.match(text, start)
    opened = chapter or bracket
    name_start = opened.end() if opened else start
    numbered = bool(chapter and chapter["number"])
    known = _known(source).match(text, name_start)
    if known is None and numbered and source != "ODG":
        # "Chapter 12 Low Back", "Chapter 8, Neck"
        known = _known("ACOEM").match(text, name_start) or _known("ODG").match(text, name_start)
    if known and (chapter or not _is_start_of_title(text, *known.span())):
        end = _end(_QUALIFIER, text, known.end()) if bracket else known.end()
        closing = _CLOSING.match(text, end) if chapter or bracket else None
        return known["name"], name_start, (closing or known).end()
    if chapter and numbered and source != "ODG":
        number = int(chapter["number"])
        names = load_guidelines().acoem_numbered
        if 1 <= number <= len(names):
            return names[number - 1], name_start, name_start
    unknown = (_UNKNOWN_MTUS if source == "MTUS" else _UNKNOWN_CHAPTER).match(text, start)
    if unknown:
        return unknown.group(), start, unknown.end()
    return None


def _is_start_of_title(text: str, start: int, end: int) -> bool:
    """Is a chapter's name only the beginning of a title ("Shoulder surgery", "Knee brace")?"""
    if _end(_QUALIFIER, text, end) != end:
        return False
    words = text[start : _end(_WORDS, text, start)].rstrip()
    if len(words) > end - start and title_key(words) in load_guidelines().titles:
        return True
    return " " not in text[start:end] and bool(_GOES_ON.match(text, end))


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where a pattern that may be empty ends."""
    match = pattern.match(text, start)
    return match.end() if match else start


def _year(text: str) -> int | None:
    year = _YEAR_ALONE.search(_NO_YEAR.sub(" ", text))
    return int(year.group()) if year else None
