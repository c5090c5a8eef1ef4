"""What follows a document's name → section titles and pages.

Commas part sections, and many titles hold commas themselves ("NSAIDs, GI symptoms &
cardiovascular risk"): the taxonomy knows those of the MTUS and ODG, and rules know the rest.
"""

from __future__ import annotations

import re
from functools import cache

from imr.letters.citation_names import odg_heading
from imr.letters.citation_words import in_brackets
from imr.text.taxonomy.guidelines import load_guidelines, title_key

_RANGE = r"\d+(?:\ ?(?:[-\u2013\u2014]|to\b|through\b)\ ?\d+)?"
# as in: page(s) 98-99; Page(s): 63-66, 74; p 301; pg. 64; Page 78 of 127; pages 56 to 57
_PAGES = re.compile(
    rf"""\(?\b(?:page\s?\(s\)|(?:pages?|pgs?|pp?)\b)[.:\#]*\ ?
    (?P<pages>{_RANGE}(?:\ ?(?:,|;|&|and|,\ and)\ ?(?:pages?\ |pgs?\.?\ |pp?\.?\ )?
        {_RANGE}(?![\d.]*[.\w/]\w))*)(?:\ of\ \d+)?\)?""",
    re.IGNORECASE | re.VERBOSE,
)
_AGAIN = re.compile(r"(?:pages?|pgs?\.?|pp?\.?) ", re.IGNORECASE)
# "Section(s):" of the form letters; "section:" and "topic:" of hand-written ones; "Secion(s):"
_MARKER = re.compile(
    r"\bS[ect]{2,4}[ionl1]{2,5}s?\s?(?:\(\s?s\s?\)?\s?:?|:)|\bSect\.|\b(?:Sub)?topics?:",
    re.IGNORECASE,
)
# A sentence end parts titles; "vs. nonmalignant" and "Harris J. Occupational" are no sentence end.
_SENTENCE = re.compile(r"(?<=[a-z)]{3})\. (?=[A-Z\d])")
_STOP = re.compile(r";|,(?!\d{3})")
# Opioid Treatment 2016 numbers its titles: "3.3.1.2 Opioids for …, Prior to …: Screening …"
_NUMBERED = re.compile(r"\d+(?:\.\d+)+\s")
# "x-rays" is a title although it begins in lower case
_CONTINUES = re.compile(r"[a-z](?!-)|\(")
_AND = re.compile(r"(?:and|&) ")
# as in "Special Studies and Summary" and "MRIs (magnetic resonance imaging) Indications for …"
_JOINT = re.compile(r" (?:and|&) |(?<=\)) (?=[A-Z])")
_LONGEST = 200  # characters of a title
_ENDS = " .,;:\u2013\u2014-/&"
# "Pain Chapter, under Opioids", "Pillow, and Massage", "section on Discography"
_LEAD = re.compile(
    r"^(?:(?:under|see|and|for|regarding|re:?|specifically|including)\s(?:the\s)?"
    r"|(?:sub)?(?:section|topic|entry|heading)s?\s(?:on|for|of|about|regarding|entitled)\s"
    r"|(?:sub)?(?:topic|heading)s?[:\s]\s?)+",
    re.IGNORECASE,
)
# What is left of the name of the work, and no title
_NO_TITLE = re.compile(
    r"(?:(?:treatment |medical |practice )*guidelines?"
    r"|no (?:specific )?(?:section|page|topic)s?(?: (?:was |were )?(?:specified|given|cited))?"
    r"|unspecified(?: (?:section|page|topic)s?)?|(?:procedure summary|chapters?|sections?"
    r"|topics?|citations?|online|version|edition|web|based|twc|etc|and|the|pages?|updated?"
    r"|\d{1,2}/\d{1,2}/\d{2,4}|\W)*)",
    re.IGNORECASE,
)


def pages_of(text: str) -> tuple[str, str | None]:
    """The text with a hard break where pages stood, and the pages."""
    found = [_AGAIN.sub("", m["pages"]).replace("\u2013", "-") for m in _PAGES.finditer(text)]
    if not found:
        return text, None
    return _PAGES.sub(";", text), ", ".join(" ".join(pages.split()) for pages in found)


def titles(text: str) -> tuple[str, ...]:
    """Section titles in the order of the letter."""
    text = unwrap(_SENTENCE.sub("; ", _MARKER.sub(" ", text)).strip(_ENDS))
    if "ODG " in text:
        text = odg_heading().sub(lambda heading: f"; {heading.group()}", text)
    pieces = _pieces(text)
    found: list[str] = []
    start = 0
    while start < len(pieces):
        end = _title_end(pieces, start)
        found.extend(_parted(", ".join(piece for _, piece in pieces[start:end])))
        start = end
    bare = (_balanced(_LEAD.sub("", title).strip(_ENDS)).strip(_ENDS) for title in found)
    cleaned = (" ".join(title.split()) for title in bare)
    return tuple(title for title in cleaned if not _NO_TITLE.fullmatch(title))


def unwrap(text: str) -> str:
    """Without brackets around the whole: "Low Back (Shock wave therapy)", "ODG (Pain Chapter)"."""
    bare = text.strip()
    if bare.startswith("(") and bare.endswith(")") and ")" not in bare[1:-1]:
        return bare[1:-1]
    return text


def _balanced(title: str) -> str:
    """With its brackets closed, and without one opened or closed outside of the title."""
    if title.endswith(")") and "(" not in title:
        return title[:-1]
    if title.startswith("(") and ")" not in title:
        return title[1:]
    return title + ")" if title.count("(") > title.count(")") else title


def _pieces(text: str) -> list[tuple[bool, str]]:
    """What stands between commas and semicolons outside brackets, with: is it after a comma?"""
    inside = in_brackets(text)
    pieces: list[tuple[bool, str]] = []
    start, after_comma = 0, False
    for stop in _STOP.finditer(text):
        if not inside[stop.start()]:
            pieces.append((after_comma, text[start : stop.start()].strip()))
            start, after_comma = stop.end(), stop.group() == ","
    pieces.append((after_comma, text[start:].strip()))
    return [(comma, piece) for comma, piece in pieces if piece]


def _title_end(pieces: list[tuple[bool, str]], start: int) -> int:
    known = _known_title_end(pieces, start)
    end = known or start + 1
    numbered = _NUMBERED.match(pieces[start][1])
    # in a list without capitals a small letter does not show that a title goes on
    capitals = numbered or not _CONTINUES.match(pieces[start][1])
    while capitals and end < len(pieces):
        after_comma, piece = pieces[end]
        goes_on = _goes_on(pieces, start, end) or (numbered and not _NUMBERED.match(piece))
        if not after_comma or not goes_on or (numbered and _known_title_end(pieces, end)):
            break
        end += 1
    return end


def _goes_on(pieces: list[tuple[bool, str]], start: int, at: int) -> bool:
    """Is a piece after a comma still part of the title: "Facet joint pain, signs & symptoms"?"""
    piece = pieces[at][1]
    if joined := _AND.match(piece):
        # "canes, crutches, and walkers" is one, "Exercise, and physical medicine" is two
        return at > start + 1 and bool(_CONTINUES.match(piece[joined.end() :]))
    return bool(_CONTINUES.match(piece)) and not _is_known(piece)


def _known_title_end(pieces: list[tuple[bool, str]], start: int) -> int | None:
    """Where a title of the taxonomy that holds commas ends, the longest first."""
    if start + 1 >= len(pieces) or title_key(pieces[start][1]) not in _title_beginnings():
        return None
    for end in range(min(len(pieces), start + 4), start + 1, -1):
        commas = all(after_comma for after_comma, _ in pieces[start + 1 : end])
        if commas and _is_known(", ".join(piece for _, piece in pieces[start:end])):
            return None if _are_two(pieces[start:end]) else end
    return None


def _are_two(pieces: list[tuple[bool, str]]) -> bool:
    """Does a capital show two titles, though they would make one ("Opioids, Dosing" does not)?"""
    return len(pieces) == 2 and all(piece[:1].isupper() and _is_known(piece) for _, piece in pieces)


def _is_known(title: str) -> bool:
    return len(title) <= _LONGEST and title_key(title) in load_guidelines().titles


@cache
def _title_beginnings() -> frozenset[str]:
    return frozenset(title.split(",")[0] for title in load_guidelines().titles)


def _parted(title: str) -> list[str]:
    """Titles joined by "and" or "&": "Special Studies and Surgical Considerations"."""
    inside = in_brackets(title)
    joints = [joint for joint in _JOINT.finditer(title) if not inside[joint.start()]]
    starts = [0, *(joint.end() for joint in joints)]
    ends = [*(joint.start() for joint in joints), len(title)]
    found: list[str] = []
    start = 0
    for at in range(1, len(starts)):
        left = title[starts[start] : ends[at - 1]]
        whole = _begins_with_known(title, starts[start], ends[at : at + 2])
        if not whole and _are_titles(left, title, starts[at], ends[at : at + 3]):
            found.append(left)
            start = at
    return [*found, title[starts[start] :]]


def _begins_with_known(title: str, start: int, ends: list[int]) -> bool:
    return any(_is_known(title[start:end]) for end in ends)


def _are_titles(left: str, title: str, start: int, ends: list[int]) -> bool:
    """Are `left` and what starts at `start` two titles?"""
    right = title[start : ends[0]]
    if _is_known(left) and (left.endswith(")") or _begins_with_known(title, start, ends)):
        return True
    # "Surgery for shoulder dislocation & Surgery for biceps tenodesis"
    word = left[:_LONGEST].partition(" ")[0].lower() + " "
    alike = right[: len(word)].lower() == word
    joined = title[start - 2] in "d&"
    return joined and right[:1].isupper() and (alike or left.endswith(")"))
