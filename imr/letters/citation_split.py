"""A citation block → its parts, each under the source that it names.

A block is one or more statements ("Decision based on MTUS …. Decision based on Non-MTUS Citation
…."); a statement names one or more sources, and what follows a name up to the next belongs to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from imr.text.taxonomy.guidelines import load_guidelines, names_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import GuidelineSource


GUIDELINES: tuple[GuidelineSource, ...] = ("ODG", "MTUS", "ACOEM")


@dataclass(frozen=True, slots=True)
class Part:
    """What is cited of one source.

    Attributes:
        source: as named; None where the wording begins without a name.
        name: how the letter names it.
        body: what follows, up to the next source.
        adopted: an ACOEM guideline cited as part of the MTUS ("MTUS ACOEM Practice Guidelines").
        titled: `name` is the work's title, not its publisher: it is the document, too.
    """

    source: GuidelineSource | None
    name: str
    body: str
    adopted: bool = False
    titled: bool = False

    @property
    def cited(self) -> str:
        """The wording of the letter."""
        return f"{self.name}{self.body}"


# pdfium's mark for a hyphen at a line's end: "Non" + mark + "MTUS Citation"
_WRAP_HYPHEN = re.compile("[\ufffe\x02]\\s*")
# Who decided, as the letters of 2013 to 2017 call them.
_WHO = r"(?:The\ )?(?:Claims\ Administrator|(?:(?:Expert|Physician|Medical)\ )?Reviewer)"
_DECISION = r"(?:its|their|his|her|his/her|his\ or\ her|the)\ (?:medical\ )?decisions?"

# Sentences that cite nothing, though they name the MTUS or evidence:
_CITES_NOTHING = re.compile(
    rf"""
      {_WHO}\ based\ {_DECISION}\ on\ recommendation(?:\(s\)|s)?\ outside\ of\ the\ MTUS
          (?:\ Guidelines)?\.?                        # before every "Non-MTUS Citation"
    | {_WHO}\ did\ not\ (?:cite|provide|rely|use|identify)\b[^.]*\.?
    | {_WHO}\ found\ (?:that\ )?no\ (?:section|guideline)[^.]*\.?      # "... was applicable."
    | {_WHO}\ found\ the\ (?:above\ )?guidelines?\ used\ by\ the\ Claims\ Administrator[^.]*\.?
    | Per\ the\ Strength\ of\ Evidence\ hierarchy[^.]*?Workers.?\ Compensation,?
    | ,?\ ?\b(?:which|that)\ (?:is|are|was|were)\ (?:not\ )?(?:a\ )?part\ of\ the
          \ (?:CA\ |California\ )?(?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ \(MTUS\))?
    | ^(?:No|None|N/A|Not)\b(?:\ (?:medical|evidence|based|guidelines?|citations?|applicable
          |criteria|evidence-based|was|were|is|are|cited|provided|given|listed|specified|stated
          |mentioned|used|by|the|claims|administrator|reviewer|available|or|in|for|its|decision))*
          \W*$                                        # the whole block
    """,
    re.IGNORECASE | re.VERBOSE,
)

_OUTSIDE = r"Non-?\ ?MTUS\b(?:\ Citations?\b|\ Guidelines?\b)?:?"
# What opens a statement; "NonMTUS" and "Non MTUS" are seen where a line was wrapped.
_STATEMENT = re.compile(
    rf"""
    (?: \bDecision\ (?:is\ |was\ )?based\ (?:up)?on\b
      | {_WHO}\ (?:has\ |have\ )?(?:based\ {_DECISION}|relied)\ (?:up)?on\b )
    (?:\ (?:the\ )?{_OUTSIDE})?
  | \b{_OUTSIDE}                                      # "…, page 49 and on the Non-MTUS ACOEM …"
    """,
    re.IGNORECASE | re.VERBOSE,
)

# "Work Loss Data Institute" publishes ODG; "Harris J." edited ACOEM's second edition, and letters
# cite it by its title alone.
_NAMES = r"""
    (?P<ODG> (?:Work\ Loss\ Data\ Institute,?\ )?
             (?: Official\ Disabilit(?:y|ies)\ (?:Guidelines?|Guides?)(?:,?\ ?\(?ODG\)?)?
               | ODG(?:\ \(Official\ Disability\ Guidelines?\))? )
             (?:[-/ ]TWC\b)?(?:\ (?:Treatment\ )?Guidelines?\b)? )
  | (?P<ACOEM> (?: American\ College\ of\ Occupational\ (?:and|&)\ Environmental\ Medicine
                   (?:['\u2019]s)?(?:\ \(ACOEM\))?
                 | ACOEM(?:['\u2019]s)? )
               (?:\ (?:Occupational\ Medicine\ )?(?:Practice\ )?Guidelines?\b)?
             | (?P<by_title> (?:Harris,?\ J\.?,?\ )?
                   Occupational\ Medicine\ Practice\ Guidelines?\b) )
  | (?P<MTUS> (?:CA[-\ ]|California(?:['\u2019]s)?\ )?
              (?:MTUS|Medical\ Treatment\ Utilization\ Schedule(?:\ \(MTUS\))?) )
  | (?P<label> Other\ (?:Medical\ )?(?:Treatment\ )?Guidelines?
               (?:\ or\ (?:Medical\ )?(?:Evidence|Literature))?:? )
  | (?P<url> (?:https?://|www\.) )
"""
# "the Pain Chapter of the Official Disability Guidelines"
_OWNED = re.compile(r"\b(?:of|from|in)(?: the)? $", re.IGNORECASE)
# A reference that has no abbreviation of its own begins a citation only at the start of a clause:
# "FDA" inside "FDA-approved uses" or a section title does not.
_CLAUSE = r"(?:^|(?<=[,;.:]\ )|(?<=\band\ )|(?<=&\ ))(?:the\ )?"


@cache
def _names() -> re.Pattern[str]:
    others = names_pattern(load_guidelines().others).replace(" ", r"\ ")
    return re.compile(
        # inside an address or after a bracket a name is no new source, but "MTUS/ACOEM" is two
        rf"(?:(?<![\w(./@-])|(?<=MTUS[/-]))(?:{_NAMES})|{_CLAUSE}(?P<reference>{others})",
        re.IGNORECASE | re.VERBOSE,
    )


@cache
def odg_heading() -> re.Pattern[str]:
    """A heading inside an ODG entry that begins with "ODG": it is a section, no new citation."""
    headings = names_pattern(load_guidelines().odg_headings)
    return re.compile(rf"(?<!\w)ODG (?=(?:{headings}))", re.IGNORECASE)


def parts(text: str) -> Iterator[Part]:
    """What the block cites, source by source, in the order of the letter."""
    collapsed = " ".join(_WRAP_HYPHEN.sub("-", text.replace("\u00ad", "")).split())
    for statement in _STATEMENT.split(_CITES_NOTHING.sub(" ", collapsed)):
        yield from _statement(trim(statement))


def _statement(text: str) -> Iterator[Part]:
    names = list(_source_names(text))
    before = text[: names[0].start()] if names else text
    if leading := trim(before):
        owned = names and _OWNED.search(before) and not _bodies(text, names)[0]
        yield Part(_source(names.pop(0)) if owned else None, "", leading)
    adopting = None
    bodies = _bodies(text, names)
    for name, following, body in zip(names, [*names, None][1:], bodies, strict=True):
        if following and _adopts(text, name, following):
            adopting = name
            continue
        start = (adopting or name).start()
        written = "" if name["label"] else text[start : name.end()]
        yield Part(_source(name), written, body, bool(adopting), bool(name["by_title"]))
        adopting = None


def _adopts(text: str, name: re.Match[str], following: re.Match[str]) -> bool:
    """Does nothing but a blank or slash stand in "MTUS ACOEM", "CA MTUS/ACOEM"?"""
    between = text[name.end() : following.start()]
    return bool(name["MTUS"] and following["ACOEM"]) and not between.strip(" /:-")


def _bodies(text: str, names: list[re.Match[str]]) -> list[str]:
    ends = [*(name.start() for name in names), len(text)][1:]
    return [trim_end(text[name.end() : end]) for name, end in zip(names, ends, strict=True)]


def _source_names(text: str) -> Iterator[re.Match[str]]:
    heading = odg_heading()
    seen_odg = False
    for name in _names().finditer(text):
        if text.count("(", 0, name.start()) > text.count(")", 0, name.start()):
            continue
        if seen_odg and name["ODG"] and heading.match(text, name.start()):
            continue
        if name["url"] and "odg" in text[name.start() :].split(" ", 1)[0].lower():
            continue
        seen_odg = seen_odg or bool(name["ODG"])
        yield name


def _source(name: re.Match[str]) -> GuidelineSource:
    return next((source for source in GUIDELINES if name[source]), "other")


_GLUE_WORDS = ("and", "as well as", "also", "on", "per", "the", "of", "in", "from", "upon")
_GLUE = " ,;:.&\u2013-/"


def trim(text: str) -> str:
    """Without what joins citations ("…, and the") at either end."""
    text = trim_end(text)
    while True:
        bare = text.lstrip(_GLUE)
        word = next((w for w in _GLUE_WORDS if bare[: len(w) + 1].lower() == w + " "), "")
        if not word and bare == text:
            return text
        text = bare[len(word) :]


def trim_end(text: str) -> str:
    """Without what joins citations at the end."""
    while True:
        bare = text.rstrip(_GLUE)
        word = next((w for w in _GLUE_WORDS if bare[-len(w) - 1 :].lower() == " " + w), "")
        if not word and bare == text:
            return text
        text = bare[: len(bare) - len(word)]
