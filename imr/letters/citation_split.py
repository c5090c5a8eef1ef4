"""A citation block → its parts, each under the source that it names.

A block is one or more statements ("Decision based on MTUS …. Decision based on Non-MTUS Citation
…."); a statement names one or more sources, and what follows a name up to the next belongs to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from imr.letters.citation_documents import known_source
from imr.letters.citation_names import (
    OUTSIDE_MTUS,
    PART_OF_MTUS,
    SCHEDULE_LAW,
    adopts,
    source_names,
    source_of,
)
from imr.letters.citation_nothing import DECISION, LEADS_UP, WHO, cites_nothing, without_denials
from imr.letters.citation_words import YEAR, trim, trim_end
from imr.text.taxonomy.guidelines import load_guidelines, title_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import GuidelineSource


@dataclass(frozen=True, slots=True)
class Part:
    """What is cited of one source.

    Attributes:
        source: as named; None where the wording begins without a name.
        name: how the letter names it.
        body: what follows, up to the next source.
        year: what stands before the name: "2015 Official Disability Guidelines".
        adopted: an ACOEM guideline cited as part of the MTUS ("MTUS ACOEM Practice Guidelines").
        beside_mtus: cited in one statement after the MTUS, so chapters of the MTUS are meant.
        titled: `name` is the work's title, not its publisher: it is the document, too.
    """

    source: GuidelineSource | None
    name: str
    body: str
    year: int | None = None
    adopted: bool = False
    beside_mtus: bool = False
    titled: bool = False

    @property
    def cited(self) -> str:
        """The wording of the letter."""
        return f"{self.name}{self.body}"


# pdfium's mark for a hyphen at a line's end: "Non" + mark + "MTUS Citation"
_WRAP_HYPHEN = re.compile("[\ufffe\x02]\\s*")
# "anti-" at a line's end and "inflammatory" on the next, or "psycho-" and "logical"
_LINE_HYPHEN = re.compile(r"([A-Za-z]*[a-z])-[ \t]*\n\s*([a-z]+)")
_LEFT_OUT = str.maketrans("", "", '"\u201c\u201d\u00ad')  # quotes, soft hyphens
# "Testing,and Forearm", "2009,Section(s)"; an address is left alone
_TIGHT = re.compile(r"(?:https?://|www\.)\S+|(?<=[\w)\]])[,;](?=[A-Za-z])")

# What opens a statement; "NonMTUS" and "Non MTUS" are seen where a line was wrapped.
_BASED = r"(?:is\ |was\ )?based\ (?:up)?on\b"
_STATEMENT = re.compile(
    rf"""\b(?:
      (?: {WHO}\ (?:
            (?:treatment\ )?guidelines?(?:\(s\))?(?:\ (?:cited|used|relied\ (?:up)?on))?\s?:\ ?
              (?:(?:Decision\ )?{_BASED})?
          | decision\ {_BASED}
          | (?:has\ |have\ |also\ )?
            (?:based\ {DECISION}\ (?:up)?on|relied\ (?:up)?on|cited|used|utilized|referenced)\b )
        | Decision\ {_BASED} | ^Based\ (?:up)?on\b )
      (?:\ (?:the\ )?{OUTSIDE_MTUS})?
    | {OUTSIDE_MTUS} )                                # "…, page 49 and on the Non-MTUS ACOEM …"
    """,
    re.IGNORECASE | re.VERBOSE,
)
# "the Pain Chapter of the Official Disability Guidelines"
_OWNED = re.compile(r"\b(?:of|from|in|per|within)(?: the)? $", re.IGNORECASE)
_AND = re.compile(r"(?:\band|&|;)(?: the)? $", re.IGNORECASE)
_A_YEAR = re.compile(rf"\b{YEAR}\b")
_YEAR_BEFORE = re.compile(rf"(?:^|\s)({YEAR})[,:]? (?:the )?$")


def parts(text: str) -> Iterator[Part]:
    """What the block cites, source by source, in the order of the letter."""
    for statement in _STATEMENT.split(without_denials(_one_line(text))):
        for item in _items(statement.strip()):
            yield from _item(item)


def _item(text: str) -> Iterator[Part]:
    after_mtus = False
    for clause, adopted in _clauses(text):
        for part in _clause(trim(clause), adopted=adopted, after_mtus=after_mtus):
            after_mtus = after_mtus or part.source == "MTUS"
            yield part


def _items(statement: str) -> Iterator[str]:
    """The items of a list that is numbered from 1, or the whole."""
    number, start, begun = 1, 0, 0
    while item := _numbered(number).search(statement, begun):
        if number == 1 and item.start() > 0:
            break
        if number > 1:
            yield statement[start : item.start()]
        number, start, begun = number + 1, item.end(), item.end()
    yield statement[start:]


@cache
def _numbered(number: int) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)\(?{number}[.)]\s(?=[A-Z])")


def _one_line(text: str) -> str:
    text = _WRAP_HYPHEN.sub("-", text.translate(_LEFT_OUT))
    if "\n" in text:
        text = _LINE_HYPHEN.sub(_rejoined, text)
    return _TIGHT.sub(
        lambda found: f"{found[0]} " if len(found[0]) == 1 else found[0], " ".join(text.split())
    )


def _rejoined(wrap: re.Match[str]) -> str:
    """A word that a line's end cut: without the hyphen if the guidelines' titles have it so."""
    joined = wrap[1] + wrap[2]
    return joined if joined.lower() in _words() else f"{wrap[1]}-{wrap[2]}"


@cache
def _words() -> frozenset[str]:
    return frozenset(word for title in load_guidelines().titles for word in title.split())


def _clauses(statement: str) -> Iterator[tuple[str, bool]]:
    """Pieces that end with "which is (not) part of the MTUS", and the rest; are they part of it?"""
    start = 0
    for said in PART_OF_MTUS.finditer(statement):
        words = said[0].lower()
        yield statement[start : said.start()], " not " not in words and "outside" not in words
        start = said.end()
    yield statement[start:], False


def _clause(text: str, *, adopted: bool, after_mtus: bool) -> Iterator[Part]:
    names = list(source_names(text))
    if not names and cites_nothing(text):
        return
    bodies = _bodies(text, names)
    before = text[: names[0].start()] if names else text
    dated = _YEAR_BEFORE.search(before)
    if dated:
        before = before[: dated.start()]
    leading = trim(before)
    if names and LEADS_UP.search(before):
        leading = ""
    if leading:
        if names and _owns(names[0], before):
            rest = text[names[0].end() :]
            ends = names[1].start() - names[0].end() if len(names) > 1 else len(rest)
            # "the Pain Chapter of the ODG, Opioids" and "… of the ODG and the Knee Chapter of …"
            own = rest[:ends] if rest.startswith((",", ":", " -")) else ""
            yield Part(source_of(names[0]), "", leading + trim_end(own))
            yield from _clause(trim(rest[len(own) :]), adopted=adopted, after_mtus=after_mtus)
            return
        law = bool(SCHEDULE_LAW.search(leading))
        if not (law and names and names[0]["MTUS"]):
            yield Part("MTUS" if adopted or law else None, "", leading)
    adopting = None
    for name, following, body in zip(names, [*names, None][1:], bodies, strict=False):
        if following and adopts(text, name, following):
            adopting = adopting or name
            continue
        source = source_of(name)
        start = (adopting or name).start()
        if dated and (adopting or name) is names[0]:
            start = dated.start(1)
        yield Part(
            source,
            "" if name["label"] else text[start : name.end()],
            body,
            year=_first_year(text[start : name.start()]),
            adopted=source == "ACOEM" and (adopted or adopting is not None),
            beside_mtus=after_mtus,
            titled=bool(name["by_title"]),
        )
        after_mtus = after_mtus or source == "MTUS"
        adopting = None


def _owns(name: re.Match[str], before: str) -> bool:
    """Is a name the source of what stands before it: "the Pain Chapter of the ODG"?"""
    source, leading = source_of(name), trim(before)
    if source == "other" or _AND.search(before):
        return False
    title = title_key(leading) in load_guidelines().titles  # "Antiemetics, ODG"
    return bool(_OWNED.search(before)) or title or bool(known_source(leading))


def _first_year(text: str) -> int | None:
    """The year before a name: "2015 Official Disability Guidelines", "MTUS 2017 ACOEM"."""
    year = _A_YEAR.search(text)
    return int(year[0]) if year else None


def _bodies(text: str, names: list[re.Match[str]]) -> list[str]:
    ends = [*(name.start() for name in names), len(text)][1:]
    return [trim_end(text[name.end() : end]) for name, end in zip(names, ends, strict=True)]
