"""What follows a document's name → section titles and pages.

Commas part sections, and many titles hold commas themselves ("NSAIDs, GI symptoms &
cardiovascular risk"): the taxonomy knows those of the MTUS and ODG, and rules know the rest.
"""

from __future__ import annotations

import re
from functools import cache

from imr.letters.citation_split import odg_heading
from imr.text.taxonomy.guidelines import load_guidelines, title_key

_RANGE = r"\d+(?:\ ?[-\u2013]\ ?\d+)?"
# as in: page(s) 98-99; Page(s): 63-66, 74; p 301; pg. 64; Page 78 of 127
_PAGES = re.compile(
    rf"""\(?\b(?:page\(s\)|(?:pages?|pgs?|pp?)\b)[.:]*\ ?
    (?P<pages>{_RANGE}(?:\ ?(?:,|;|&|and)\ ?{_RANGE}(?![\d.]*[.\w]\w))*)(?:\ of\ \d+)?\)?""",
    re.IGNORECASE | re.VERBOSE,
)
# "Section(s):" of the form letters; "section:" and "topic:" of hand-written ones
_MARKER = re.compile(r"\bSection(?:\(s\)|s)?:|\bSection\(s\)|\b(?:Sub)?topics?:", re.IGNORECASE)
# A sentence end parts titles; "vs. nonmalignant" and "Harris J. Occupational" are no sentence end.
_SENTENCE = re.compile(r"(?<=[a-z)]{3})\. (?=[A-Z\d])")
_STOP = re.compile(r"[()]|;|,(?!\d{3})")
# Opioid Treatment 2016 numbers its titles: "3.3.1.2 Opioids for …, Prior to …: Screening …"
_NUMBERED = re.compile(r"\d+(?:\.\d+)+\s")
# "x-rays" is a title although it begins in lower case
_CONTINUES = re.compile(r"[a-z](?!-)|\(")
_ENDS = " .,;:\u2013-/&"
# "Pain Chapter, under Opioids", "Pillow, and Massage"
_LEAD = re.compile(r"^(?:under|see|and) ")
# What is left of the name of the work, and no title
_NO_TITLE = re.compile(
    r"(?:treatment |medical )*guidelines?|(?:procedure summary|chapters?|sections?|citations?"
    r"|online|version|edition|web|twc|etc|and|the|\d{1,2}/\d{1,2}/\d{2,4}|\W)*",
    re.IGNORECASE,
)


def pages_of(text: str) -> tuple[str, str | None]:
    """The text with a hard break where pages stood, and the pages."""
    found = [" ".join(m["pages"].replace("\u2013", "-").split()) for m in _PAGES.finditer(text)]
    if not found:
        return text, None
    return _PAGES.sub(";", text), ", ".join(found)


def titles(text: str, *, joined_by_ampersand: bool = False) -> tuple[str, ...]:
    """Section titles in the order of the letter.

    `joined_by_ampersand`: "Surgery for … & Surgery for …" are two (free wording after ODG).
    """
    text = unwrap(_SENTENCE.sub("; ", _MARKER.sub(" ", text)).strip(_ENDS))
    if "ODG " in text:
        text = odg_heading().sub(lambda heading: f"; {heading.group()}", text)
    pieces = _pieces(text)
    found: list[str] = []
    start = 0
    while start < len(pieces):
        end = _title_end(pieces, start)
        title = ", ".join(piece for _, piece in pieces[start:end])
        found.extend(_halves(title) if joined_by_ampersand else [title])
        start = end
    cleaned = (_LEAD.sub("", title).strip(_ENDS) for title in found)
    return tuple(title for title in cleaned if not _NO_TITLE.fullmatch(title))


def unwrap(text: str) -> str:
    """Without brackets around the whole: "Low Back (Shock wave therapy)", "ODG (Pain Chapter)"."""
    bare = text.strip()
    if bare.startswith("(") and bare.endswith(")") and ")" not in bare[1:-1]:
        return bare[1:-1]
    return text


def _pieces(text: str) -> list[tuple[bool, str]]:
    """What stands between commas and semicolons outside brackets, with: is it after a comma?"""
    brackets_match = text.count("(") == text.count(")")
    pieces: list[tuple[bool, str]] = []
    depth, start, after_comma = 0, 0, False
    for stop in _STOP.finditer(text):
        match stop.group():
            case "(":
                depth += 1
            case ")":
                depth -= 1
            case mark if depth <= 0 or not brackets_match:
                pieces.append((after_comma, text[start : stop.start()].strip()))
                start, after_comma = stop.end(), mark == ","
    pieces.append((after_comma, text[start:].strip()))
    return [(comma, piece) for comma, piece in pieces if piece]


def _title_end(pieces: list[tuple[bool, str]], start: int) -> int:
    end = _known_title_end(pieces, start) or start + 1
    numbered = _NUMBERED.match(pieces[start][1])
    while end < len(pieces):
        after_comma, piece = pieces[end]
        goes_on = _CONTINUES.match(piece) or (numbered and not _NUMBERED.match(piece))
        if not after_comma or not goes_on or (numbered and _known_title_end(pieces, end)):
            break
        end += 1
    return end


def _known_title_end(pieces: list[tuple[bool, str]], start: int) -> int | None:
    """Where a title of the taxonomy that holds commas ends, the longest first."""
    if start + 1 >= len(pieces) or title_key(pieces[start][1]) not in _title_beginnings():
        return None
    for end in range(min(len(pieces), start + 4), start + 1, -1):
        commas = all(after_comma for after_comma, _ in pieces[start + 1 : end])
        written = ", ".join(piece for _, piece in pieces[start:end])
        if commas and title_key(written) in load_guidelines().titles:
            return end
    return None


@cache
def _title_beginnings() -> frozenset[str]:
    return frozenset(title.split(",")[0] for title in load_guidelines().titles)


def _halves(title: str) -> list[str]:
    """Titles joined by "&", known by their common first word."""
    first, *further = title.split(" & ")
    word = first.partition(" ")[0].lower()
    if " " in first and further and all(half.lower().startswith(word + " ") for half in further):
        return [first, *further]
    return [title]
