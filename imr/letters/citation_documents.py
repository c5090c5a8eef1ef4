"""What is cited of one source → its documents: name, year and what follows each name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from imr.letters.citation_imprint import preamble_end, qualifier_end, without_dates, year_of
from imr.letters.citation_names import GUIDELINES
from imr.letters.citation_words import YEAR, in_brackets, trim, trim_end
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


# before the name, as in "Chapter 12 (Low Back Complaints)" and "Chapter: Knee", or instead of it
_CHAPTER = re.compile(
    r"(?:Chapter\b|Ch\.|Ch(?=\s\d)):?\s*\(?(?P<number>\d{1,2}\b)?\)?[\s,:.(\u2013\u2014-]*",
    re.IGNORECASE,
)
# "Chapters 8 and 12" are "Chapter 8 and Chapter 12"
_CHAPTERS = re.compile(
    r"\bChapters\s(\d{1,2}(?:(?:,\s(?:and\s)?|\s(?:and|&)\s)\d{1,2}\b)+)", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+")
_ITS_NUMBER = re.compile(
    r"[\s,(]*(?P<number>(?:Chapter|Ch\.)\s\d{1,2}\b\)?)[\s,:(\u2013\u2014-]*", re.IGNORECASE
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
_STOP = re.compile(r"[,;:.()]")
_STATE = re.compile(r"(?:California|CA)(?:['\u2019]s)?\s|\(", re.IGNORECASE)


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
    r"|\s?\((?:(?:sub)?acute\b|chronic\)|chapter\s\d|(?:web:?\s|last\s)?updated)"
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
        rf"|(?:[,;.]\s(?:and\s|&\s)?|\s?/\s?|\s(?:and|&)\s(?=(?-i:[A-Z])))(?P<bare>{bare}){_ENDED}"
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
    state = _STATE.match(text)
    known = _known(source).match(text, state.end() if state else 0)
    if known is None:
        return False
    qualified = qualifier_end(text, known.end()) > known.end()
    return qualified or bool(_NAME_ENDS.match(text, known.end()))


def documents(source: GuidelineSource, body: str) -> list[Document]:
    """The documents in what follows the source's name; one without a name if there is none."""
    body = _CHAPTERS.sub(lambda listed: _NUMBER.sub(r"Chapter \g<0>", listed[1]), body)
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
    named_until = -1  # "Chapter 8, Neck and Upper Back Complaints" is one
    for head in _further(source).finditer(body, len(body) - len(first.rest)):
        start = head.start(head.lastgroup or 0)
        bare = head.lastgroup == "bare"
        if inside[start] or (bare and (collection or _ends_title(body, start, head["bare"]))):
            continue
        if head.lastgroup != "chapter" and start <= named_until:
            continue
        if chapter := _CHAPTER.match(body, start):
            named_until = chapter.end()
        yield start


def _ends_title(text: str, end: int, name: str) -> bool:
    """Is what looks like a chapter the end of a known title ("TENS, chronic pain")?"""
    before = trim_end(text[max(0, end - 80) : end])
    start = max(before.rfind(mark) for mark in ",;:")
    return title_key(f"{trim(before[start + 1 :])}, {name}") in load_guidelines().titles


def _titles_first(found: list[Document]) -> list[Document]:
    """Titles that stand before the name of their chapter: "ODG, Zolpidem, Pain Chapter"."""
    first, second, *further = found
    if first.name or not trim(first.rest) or trim(without_dates(second.rest)[0]):
        return found
    cited = f"{first.cited} {second.cited}"
    year = first.year or second.year
    return [replace(second, rest=trim_end(first.rest), year=year, cited=cited), *further]


def _without_dates(document: Document) -> Document:
    """Without what stands alone among sections: "Pain Chapter, Opioids, 2015"."""
    rest, year = without_dates(document.rest)
    return replace(document, rest=rest, year=document.year or year)


def _document(source: GuidelineSource, text: str) -> Document:
    start = preamble_end(text, 0)
    found = _document_name(source, text, start)
    if found is None:
        return Document(None, year_of(text[:start]), text[start:], text)
    name, name_start, name_end = found
    numbered = source == "ODG" or _CHAPTER.match(text, start)
    end = qualifier_end(text, name_end if numbered else _after_number(source, text, name_end))
    year = year_of(text[name_end:end]) or year_of(text[:name_start])
    return Document(name, year, text[end:], text)


def _after_number(source: GuidelineSource, text: str, name_end: int) -> int:
    """Where the chapter's number after a name ends: "Low Back Complaints (Chapter 12)"."""
    number = _ITS_NUMBER.match(text, qualifier_end(text, name_end))
    if not number or _known(source).match(text, number.end()):
        return name_end  # "…, Chapter 12 Low Back Complaints" is the next document
    return number.end("number")


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
        end = qualifier_end(text, known.end()) if bracket else known.end()
        closing = _CLOSING.match(text, end) if chapter or bracket else None
        return known["name"], name_start, (closing or known).end()
    if chapter and numbered and source != "ODG":
        number = int(chapter["number"])
        names = load_guidelines().acoem_numbered
        if 1 <= number <= len(names):
            return names[number - 1], name_start, chapter.end("number")
    unknown = (_UNKNOWN_MTUS if source == "MTUS" else _UNKNOWN_CHAPTER).match(text, start)
    if unknown:
        return unknown.group(), start, unknown.end()
    return None


def _is_start_of_title(text: str, start: int, end: int) -> bool:
    """Is a chapter's name only the beginning of a title ("Shoulder surgery", "Knee brace")?"""
    if qualifier_end(text, end) != end:
        return False
    words = _STOP.split(text[start:], maxsplit=1)[0].rstrip()
    if len(words) > end - start and title_key(words) in load_guidelines().titles:
        return True
    return " " not in text[start:end] and bool(_GOES_ON.match(text, end))
