"""What is cited of one source → its documents: name, year and what follows each name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from imr.letters.citation_split import GUIDELINES, trim_end
from imr.text.taxonomy.guidelines import load_guidelines, names_pattern

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


_YEAR = r"(?:19|20)\d\d"
_DATE = rf"(?:\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{2,4}}|[A-Z][a-z]+\ (?:\d{{1,2}},?\ )?{_YEAR}|{_YEAR})"
# "(updated 12/12/16)", "last updated 11/21/2016", "(web: updated 5/10/2013)": when the web page
# was changed, no year of the guideline
_UPDATED = rf"""\(?(?:web:?\ |online:?\ |version\ |last\ |as\ of\ )*
    (?:updated?|revised|revision|accessed|reviewed)(?:\ on|\ as\ of)?:?\ ?{_DATE}\)?"""
_EDITION = r"\(?(?:\d+(?:st|nd|rd|th)|first|second|third)\ (?:ed\b\.?|edition\b)(?:\ \(web\))?\)?"
_PLAIN_YEAR = rf"\(?{_YEAR}(?:\ (?:web|online|edition|version))?\)?(?![\d/-])"
_EFFECTIVE = rf"\(?effective:?\ (?:date:?\ )?{_DATE}\)?"
# "8 C.C.R. §§9792.20 - 9792.26 (Effective July 18, 2009)": where the MTUS stands in the law
_REGULATION = r"(?:Title\ )?8,?\ C\.?C\.?R\.?,?\ ?(?:§+|sections?)?[\d.§\s\u2013&,-]*"
_ODG_ADDRESS = r"\(?(?:https?://|www\.)\S*odg\S*"
# Between the name of the source and the name of the document
_PREAMBLE = re.compile(
    rf"""(?: [\s,;:/.&\u2013-]+
      | {_UPDATED} | {_EDITION} | {_PLAIN_YEAR} | {_EFFECTIVE} | {_REGULATION}
      | {_ODG_ADDRESS} | \((?:ODG|ACOEM|MTUS|TWC|web)\) | (?:the|for|under|TWC|ODG|citations?)\b
      | (?:Occupational\ Medicine\ )?(?:Practice\ )?(?:Treatment\ )?Guidelines?\b
      | Treatment\ in\ Workers\S{{0,2}}\ Comp(?:ensation|\b\.?)(?:\ \(TWC\))? | Treatment\ Index
      | (?:Integrated\ )?Treatment/Disability\ Duration\ Guidelines
      | Work\ Loss\ Data\ Institute
      | \(?(?:current\ |latest\ |web-based\ )?(?:internet|online|web)
            (?:\ (?:version|edition))?\)? )*""",
    re.IGNORECASE | re.VERBOSE,
)
# After the name of the document: "Low Back (Thoracic and Lumbar, Acute and Chronic) Chapter" is
# "Low Back", and so with "Pain (Chronic)", "Low back, Lumbar & Thoracic (Acute & Chronic)",
# "Head section" and "Pain Procedure Summary (updated …)". The head and diabetes chapters have
# long forms of their own: "Head (Trauma, headaches, etc.)", "Diabetes (Type 1, 2, and Gestational)"
_SCOPE = r"(?:(?:sub)?acute|chronic|lumbar|thoracic|cervical|type|gestational|[12]|and|[&,/\s-])"
_QUALIFIER = re.compile(
    rf"""(?: \s*\(?(?:Chapters?|Sections?(?!\(s\)|:)|Procedures?\ Summary|Treatment\ Guidelines?
             |Guidelines?)\b\)?
      | ,?\s*\({_SCOPE}+\) | [\s,:\u2013-]*acute\ (?:and|&)\ chronic\b
      | \s*\(trauma,\ headaches[^()]*\)
      | [\s,:\u2013-]*(?:Lumbar\ (?:and|&)\ Thoracic|Thoracic\ (?:and|&)\ Lumbar)\b
      | [\s,;:\u2013-]*
        (?:{_UPDATED}|{_EDITION}|{_PLAIN_YEAR}(?!\.\d)|{_EFFECTIVE}|{_REGULATION}|\(ODG\))
      | \s*\(\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\) )*""",
    re.IGNORECASE | re.VERBOSE,
)
# "(updated 12/12/16)" and addresses further on
DATED = re.compile(rf"[\s,;]*(?:{_UPDATED}|{_ODG_ADDRESS})", re.IGNORECASE | re.VERBOSE)
_NO_YEAR = re.compile(_UPDATED, re.IGNORECASE | re.VERBOSE)
_YEAR_ALONE = re.compile(rf"(?<![/\d-]){_YEAR}(?![/\d-])")
# before the name, as in "Chapter 12 (Low Back Complaints)" and "Chapter: Knee", or instead of it
_CHAPTER = re.compile(r"Chapter\b:?\s*\(?(?P<number>\d{1,2}\b)?\)?[\s,:.(\u2013-]*", re.IGNORECASE)
_CLOSING = re.compile(r"\s*\)")
# Documents that the taxonomy doesn't know, by what stands after them
_UNKNOWN_MTUS = re.compile(
    rf"(?P<name>[A-Z][^;:()]{{2,80}}?)(?=\ \(?{_YEAR}\)?(?:[,.;]|$))"
    r"|(?P<title>[A-Z][^,;:.()]{2,60}?)(?=\ Guidelines?\b)",
    re.VERBOSE,
)
_UNKNOWN_CHAPTER = re.compile(
    r"(?P<name>[A-Z][^,;:.()]{1,60}?)(?= (?:Chapter|Procedures? Summary)\b)"
)
_ADDRESS_OF_ODG = re.compile(_ODG_ADDRESS, re.IGNORECASE | re.VERBOSE)
# What shows that a body part is meant as the name of a chapter
_MARKED = (
    r"\s(?:Chapters?|Sections?|Procedures?\sSummary)\b|\s?\((?:(?:sub)?acute\b|chronic\)|updated)"
)
_NAME_ENDS = re.compile(r"\s?[,;:./\u2013-]|\s*$")
_GOES_ON = re.compile(r" (?!and\b|or\b)[a-z]")


@cache
def _known(source: GuidelineSource) -> re.Pattern[str]:
    guidelines = load_guidelines()
    names = {
        "MTUS": guidelines.mtus_documents,
        "ACOEM": guidelines.acoem_chapters,
        "ODG": guidelines.odg_chapters,
    }
    return re.compile(f"(?P<name>{names_pattern(names[source])})", re.IGNORECASE)


@cache
def _further(source: GuidelineSource) -> re.Pattern[str]:
    """Where a further document of the same source begins."""
    name = _known(source).pattern
    if source == "MTUS":
        return re.compile(
            # form letters: ", and Knee Complaints 2004, Section(s): …";
            # 2013 to 2015: "Page(s): 303-305, Chronic Pain Treatment Guidelines …"
            rf"(?:[,;.]\s(?:and\s|&\s)?|\sand\s|(?<=\d)\s){name}"
            rf"(?=\s\(?{_YEAR}\b|\sGuidelines?\b|,\sSection\(s\))"
            # a document that the taxonomy doesn't know, by its year
            rf"|,\sand\s(?P<unknown>(?-i:[A-Z])[^,;:()]{{2,80}}?)(?=\s{_YEAR}(?:[,.;]|$))"
            r"|[,;.]\s(?:and\s)?(?P<chapter>Chapter\s\d)",
            re.IGNORECASE,
        )
    return re.compile(
        rf"(?:[,;.]\s(?:and\s|&\s)?|\sand\s|\s&\s){name}(?={_MARKED})"
        # "ODG, Neck, Low Back": without a mark only as a whole piece
        rf"|[,;.]\s(?:and\s|&\s)?{name.replace('?P<name>', '?P<bare>')}(?=\s?[,;]|\.?\s*$)"
        r"|[,;.]\s(?:and\s)?(?P<chapter>Chapter\s\d)",
        re.IGNORECASE,
    )


def known_source(text: str) -> GuidelineSource | None:
    """The source of a wording that names none: whose document it begins with."""
    if _ADDRESS_OF_ODG.match(text):
        return "ODG"
    return next((source for source in GUIDELINES if _begins_with_document(source, text)), None)


def _begins_with_document(source: GuidelineSource, text: str) -> bool:
    known = _known(source).match(text)
    if known is None:
        return False
    qualified = _end(_QUALIFIER, text, known.end()) > known.end()
    return qualified or bool(_NAME_ENDS.match(text, known.end()))


def documents(source: GuidelineSource, body: str) -> Iterator[Document]:
    """The documents in what follows the source's name; one without a name if there is none."""
    starts = [0]
    first = _document(source, body)
    starts += [
        head.start(head.lastgroup or 0)
        for head in _further(source).finditer(body, len(body) - len(first.rest))
        if body.count("(", 0, head.start()) <= body.count(")", 0, head.start())
    ]
    if len(starts) == 1:
        yield first
        return
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        yield _document(source, trim_end(body[start:end]))


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
    name_start = chapter.end() if chapter else start
    known = _known(source).match(text, name_start)
    if known and (chapter or " " in known["name"] or not _is_start_of_title(text, known.end())):
        closing = _CLOSING.match(text, known.end()) if chapter else None
        return known["name"], name_start, (closing or known).end()
    if chapter and chapter["number"] and source != "ODG":
        number = int(chapter["number"])
        numbered = load_guidelines().acoem_numbered
        if 1 <= number <= len(numbered):
            return numbered[number - 1], name_start, name_start
    unknown = (_UNKNOWN_MTUS if source == "MTUS" else _UNKNOWN_CHAPTER).match(text, start)
    if unknown:
        return unknown.group(), start, unknown.end()
    return None


def _is_start_of_title(text: str, end: int) -> bool:
    """Is a chapter's name of one word only the beginning of a title ("Shoulder surgery")?"""
    return bool(_GOES_ON.match(text, end)) and _end(_QUALIFIER, text, end) == end


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where a pattern that may be empty ends."""
    match = pattern.match(text, start)
    return match.end() if match else start


def _year(text: str) -> int | None:
    year = _YEAR_ALONE.search(_NO_YEAR.sub(" ", text))
    return int(year.group()) if year else None
