"""The names of sources in a citation block: the MTUS, ODG, ACOEM, references, addresses."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from imr.letters.citation_words import YEAR, in_brackets, trim_end
from imr.text.taxonomy.guidelines import load_guidelines, names_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import GuidelineSource

GUIDELINES: tuple[GuidelineSource, ...] = ("ODG", "MTUS", "ACOEM")

_MTUS = r"""(?:MTUS\b(?:\ \(Medical\ Treatment\ Utili[sz]ation\ Schedule\))?
    |Medical\ Treatments?\ Utili[sz]ation\ Schedules?(?:,?\ \(?MTUS\)?)?)"""
_CALIFORNIA = r"""(?:(?:State\ of\ )?(?:CA(?:LIF\.?|LIFORNIA(?:['\u2019]s)?|L\.)?)[-/\ ]?)?
    (?:(?:DWC|Division\ of\ Workers['\u2019]?\ Compensation|Department\ of\ Industrial\ Relations)
       (?:\ \(\w+\))?[-/,\ ]{1,2})?"""
OUTSIDE_MTUS = r"Non-?\ ?MTUS\b(?:\ Citations?\b(?:\(s\))?|\ Guidelines?\b)?:?"
# "…, which is part of the MTUS" is said of ACOEM's chapters and the chronic pain guideline in 2013
PART_OF_MTUS = re.compile(
    rf""",?\ ?\(?\b(?:
      (?:(?:which|that)\ (?:is|are|was|were)|as)
        (?:\ (?!MTUS|California|CA|the)[\w()'\u2019-]+){{0,12}}?\ (?:of|in|into|by|from|outside)
      | (?:not\ )?(?:a\ )?part\ of )
    \ (?:the\ )?{_CALIFORNIA}{_MTUS}(?:\ Guidelines?\b)?\)?""",
    re.IGNORECASE | re.VERBOSE,
)

# "Work Loss Data Institute" publishes ODG; "Harris J." edited ACOEM's second edition, and letters
# cite it by its title alone. "Offical Disablity Guidlines" is seen, too.
_NAMES = rf"""
    (?P<ODG> (?P<publisher>Work\ Loss\ Data\ Institute(?!,?\ (?:ODG|Offic)))
             | (?:Work\ Loss\ Data\ Institute,?\ )?
             (?: Off?i?[cialt]{{3,5}}e?\ (?:Medical\ )?Dis[abilty]{{4,9}}\ Gui[a-z]{{2,8}}
                 (?:['\u2019]s)?(?:,?\ ?\(?ODG\b\)?)?
               | (?:ODG\b|O\.D\.G\.)(?:['\u2019]s)?(?:\ ?\(Official\ Disability\ Guidelines?\))? )
             (?:[-/ ]TWC\b)?(?:\ (?:Treatment\ )?Guidelines?\b)? )
  | (?P<ACOEM> (?: American\ College\ of\ Occupational\ (?:(?:and|&)\ Environmental\ )?Medicine
                   (?:['\u2019]s)?(?:,?\ \(?ACOEM\)?)?
                 | A(?:CO|OC|CE)(?:E|O)M\b(?:['\u2019]s)?
                   (?:\ \(American\ College\ of\ Occupational[^()]*\))? )
               (?:\ (?:Occupational\ Medicine\ )?(?:Practice\ )?Guidelines?\b)?
             | (?P<by_title> (?:Harris,?\ J\.?,?\ )?
                   Occupational\ Medicine\ Practice\ Guidelines?\b) )
  | (?P<MTUS> {_CALIFORNIA}{_MTUS}(?:['\u2019]s)? )
  | (?P<label> Other\ (?:Medical\ )?(?:Treatment\ )?Guidelines?
               (?:\ or\ (?:Medical\ )?(?:Evidence|Literature))?:?
             | (?:Other\ )?Medical\ (?:Evidence|Literature): )
  | (?P<url> (?:https?://|www\.)\S* )
"""
# A reference that has no abbreviation of its own begins a citation only at the start of a clause:
# "FDA" inside "FDA-approved uses" or a section title does not. "U.S." and "vs." end no clause.
_CLAUSE = r"""(?:^|(?<=[,;:]\ )|(?<![ .][A-Za-z]\.\ )(?<!\bvs\.\ )(?<=\.\ )|(?<=\band\ )|(?<=&\ ))
    (?:the\ )?"""
# Whose address it is
_HOSTS: tuple[tuple[str, GuidelineSource], ...] = (
    ("odg", "ODG"),
    ("worklossdata", "ODG"),
    ("acoem", "ACOEM"),
    ("dir.ca.gov", "MTUS"),
)
# Who publishes guidelines: "the American College of Physicians and the American Pain Society"
_SOCIETY = re.compile(
    r"(?:the )?(?:American|National Inst|National Lib|Agency|Cent|U\.?S)", re.IGNORECASE
)
# The paragraphs of the regulations that are the MTUS
SCHEDULE_LAW = re.compile(
    r"[\s,;:§]*(?:Title 8\W*)?(?:(?:section|sec\.?)s?\W+)?9792\.2[\d.\s\u2013&,-]*"
)
_NEW_CITATION = re.compile(r"(?:;|\band|&) $|^$", re.IGNORECASE)


@cache
def _names() -> re.Pattern[str]:
    others = names_pattern(load_guidelines().others).replace(" ", r"\ ")
    return re.compile(
        # inside an address a name is no new source, but "MTUS/ACOEM" is two
        rf"(?:(?<![\w./@-])|(?<=MTUS[/-])|(?<=ACOEM/)|(?<=ODG/))(?:{_NAMES})"
        rf"|{_CLAUSE}(?P<reference>{others})",
        re.IGNORECASE | re.VERBOSE,
    )


@cache
def odg_heading() -> re.Pattern[str]:
    """A heading inside an ODG entry that begins with "ODG": it is a section, no new citation."""
    headings = names_pattern(load_guidelines().odg_headings)
    return re.compile(rf"(?<!\w)ODG (?=(?:{headings}))", re.IGNORECASE)


def source_of(name: re.Match[str]) -> GuidelineSource:
    """The source that a name of `source_names` stands for."""
    if name["url"]:
        return address_of(name["url"]) or "other"
    return next((source for source in GUIDELINES if name[source]), "other")


def address_of(url: str) -> GuidelineSource | None:
    """The guideline whose web address this is."""
    return next((source for host, source in _HOSTS if host in url.lower()), None)


def source_names(text: str) -> Iterator[re.Match[str]]:
    """Where a clause names a source whose citation begins there, in order."""
    inside = in_brackets(text)
    last: re.Match[str] | None = None
    seen: set[GuidelineSource] = set()
    for name in _names().finditer(text):
        source = source_of(name)
        if inside[name.start()] or _belongs(text, name, source, last, seen):
            continue
        seen.add(source)
        last = name
        yield name


def _belongs(
    text: str,
    name: re.Match[str],
    source: GuidelineSource,
    last: re.Match[str] | None,
    seen: set[GuidelineSource],
) -> bool:
    """Is it part of the citation before it?"""
    if name["url"]:
        return source in seen if source != "other" else _is_address(text, name, last)
    if name["ODG"]:
        heading = name["publisher"] or odg_heading().match(text, name.start())
        return "ODG" in seen and bool(heading)
    if name["MTUS"]:
        # as in "Chronic Pain … Guidelines, 8 CCR 9792.20 - 9792.26, MTUS (Effective July …"
        return "MTUS" in seen and bool(SCHEDULE_LAW.search(_between(text, last, name)))
    if not name["reference"]:
        return False
    # as in "California Code of Regulations, sections 9792.20-9792.26"
    return bool(SCHEDULE_LAW.match(text, name.end())) or _is_publisher(text, name, last)


def _is_address(text: str, name: re.Match[str], last: re.Match[str] | None) -> bool:
    """Does an address belong to the reference before it?"""
    if last and not (last["reference"] or last["label"]):
        return False
    named = _between(text, last, name)
    alone = last is None or bool(last["label"])
    return bool(trim_end(named) or not alone) and not _NEW_CITATION.search(named)


def _between(text: str, last: re.Match[str] | None, name: re.Match[str]) -> str:
    """The end of what stands between two names."""
    return text[max(last.end() if last else 0, name.start() - 80) : name.start()]


def _is_publisher(text: str, name: re.Match[str], last: re.Match[str] | None) -> bool:
    """Does a name close a reference: "Guidelines for …, American Society of Anesthesiologists"?"""
    named = _between(text, last, name)
    joint = named.endswith((", ", ". ", "and ", "& ", "the "))
    society = joint and bool(_SOCIETY.match(name[0]))
    if last is None or last["label"]:
        return bool(trim_end(named)) and (society or named.endswith((", ", ". ", "the ")))
    return bool(last["reference"]) and society


# What may stand in "MTUS 2009 ACOEM", "CA MTUS/ACOEM", "MTUS Guidelines: ACOEM"
_BETWEEN = re.compile(
    rf"(?:[\s/:(\u2013-]|\(?{YEAR}\)?|Guidelines?|adopted|from|the)*", re.IGNORECASE
)


def adopts(text: str, name: re.Match[str], following: re.Match[str]) -> bool:
    """Do the two names stand for one source, ACOEM's chapters as the MTUS carries them?"""
    between = text[name.end() : following.start()]
    if name["ACOEM"]:
        return bool(following["MTUS"]) and between.strip() == "/"
    if not (name["MTUS"] and following["ACOEM"]):
        return False
    # "MTUS, ACOEM" may be two, "MTUS, ACOEM, Chapter 12" is one
    chapter = re.match(r",? ?\S* ?Chapter", text[following.end() :], re.IGNORECASE)
    return bool(_BETWEEN.fullmatch(between.replace(",", " ") if chapter else between))
