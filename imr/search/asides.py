"""What a query says beside what is looked for: when it was decided, how old the patient is.

No rationale holds "since 2015" or "51 year old", so these are no clauses; each becomes a suggested
filter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from imr import taken


@dataclass(frozen=True, slots=True)
class Aside:
    """text[start:end] of a query says that `field` is `value`; a range is "2015..*"."""

    field: str
    value: str
    start: int
    end: int


_IN_WORDS = re.compile(r"([a-z]{3})[a-z]*\.?\s+(?:(\d{1,2})\D*\s+)?(\d{4})", re.IGNORECASE)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_YEAR = r"(?:19|20)\d\d(?![\d/])"
_POINT = (
    r"(?:\d{1,2}/\d{1,2}/(?:19|20)\d\d|(?:19|20)\d\d-\d\d(?:-\d\d)?(?!\d)|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?\s+"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?{_YEAR}|{_YEAR})"
)
_INJURED = r"(?:date\s+of\s+injury|doi|injured|injury)\s*:?"
_DECIDED = r"(?:date\s+of\s+decision|decision\s+date|decided|decisions?)\s*:?"
_LEAD = rf"(?:(?P<injured>{_INJURED})|(?P<decided>{_DECIDED}))\s+"
_BETWEEN = rf"(?:between|from)\s+(?P<first>{_POINT})\s+(?:and|to|through|until|till|-)\s+"
_HOW = (
    r"(?P<since>since|starting|as\s+of)|(?P<after>after|later\s+than)|"
    r"(?P<before>before|prior\s+to|earlier\s+than)|(?P<until>until|till|up\s+to|through)|"
    r"(?P<at>in|during|from|of|on|for)(?:\s+the\s+year)?"
)
_ON = r"(?P<on>\s+(?:on|onwards?|forward|(?:or|and)\s+(?:later|after|newer)))"
_SAID = re.compile(
    rf"(?<![\w/.-])(?:{_LEAD})?(?:{_BETWEEN}(?P<last>{_POINT})|(?:(?:{_HOW})\s+)?"
    rf"(?P<point>{_POINT}){_ON}?)(?![\w/]|-\w)",
    re.IGNORECASE,
)
_SPAN = re.compile(
    rf"(?<![\w/.-])(?P<first>{_YEAR})\s?(?:-|\u2013|to|through)\s?(?P<last>{_YEAR})(?![\w/-])",
    re.IGNORECASE,
)
_OF_A_GUIDELINE = re.compile(
    r"(?:mtus|odg|acoem|guidelines?|edition|version|chapter|schedule|treatment|complaints)"
    r"\W+(?:\w+\W+)?$",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"(?<![\w.-])(?:(?P<right>R|[Rr]t)|L|[Ll]t)\b\.?(?=\s+(?:shoulder|elbow|wrist|hand|thumb|finger|arm|"
    r"hip|knee|leg|ankle|foot)\b)"
)
_AGE = re.compile(
    r"(?<![\w.#/-])(?P<age>\d{1,3})(?:[\s-]?(?:years?|yrs?)[\s.-]*olds?|\s?-?(?:yo|y/o|y\.o\.))"
    r"(?:\s*(?P<sex>females?|males?|wom[ae]n|m[ae]n|[FM])(?![\w-]))?(?!\w)",
    re.IGNORECASE,
)
_AGES = re.compile(
    r"(?<!\w)(?:patients?\s+|workers?\s+)?(?:(?P<over>over|above|older\s+than|at\s+least)|"
    r"under|below|younger\s+than)\s+(?:(?:the\s+)?age\s+(?:of\s+)?(?P<a>\d{1,3})|"
    r"(?P<b>\d{1,3})\s*(?:(?:years?|yrs?)(?:\s+old|\s+of\s+age)|yo|y/o))(?!\w)",
    re.IGNORECASE,
)


_FDA = r"(?:FDA|F\.D\.A\.|food\s+and\s+drug\s+administration)"
_OF_FDA = re.compile(
    rf"\b{_FDA}\W+(?:(?:has|have|had|is|was|not|never|yet|been|hasn't)\s+)*$", re.IGNORECASE
)
_BY_FDA = re.compile(rf"\s+by\s+(?:the\s+)?(?:US\s+|U\.S\.\s+)?{_FDA}", re.IGNORECASE)


def of_a_drug(text: str, start: int, end: int) -> bool:
    """Whether "approved" at that place is what the FDA did with a drug, and no decision's end."""
    before = text[max(0, start - 80) : start]
    return bool(_OF_FDA.search(before) or _BY_FDA.match(text, end))


def of_a_guideline(text: str, at: int) -> bool:
    """Whether a year that begins there is that of a guideline: "MTUS 2009"."""
    return _OF_A_GUIDELINE.search(text, max(0, at - 60), at) is not None


def find(text: str) -> list[Aside]:
    """The asides of a text in order; several may have one place ("51 year old female")."""
    found: list[Aside] = []
    for each in (*_dates(text), *_ages(text), *_sides(text)):
        if not any(
            o.start < each.end
            and each.start < o.end
            and o.field != each.field
            and o.field not in {"age_band", "sex"}
            for o in found
        ):
            found.append(each)
    return sorted(found, key=lambda aside: aside.start)


def _dates(text: str) -> Iterator[Aside]:
    taken_: list[tuple[int, int]] = []
    for said in (*_SPAN.finditer(text), *_SAID.finditer(text)):
        given = said.groupdict()
        if any(said.start() < end and start < said.end() for start, end in taken_):
            continue
        named = given.get("injured") or given.get("decided")
        if not named and of_a_guideline(text, said.start()):
            continue
        value = _span(given) if given["first"] else _asked(given)
        if value is None:
            continue
        taken_.append((said.start(), said.end()))
        yield Aside("injured" if given.get("injured") else "decided", value, *said.span())


def _span(given: dict[str, str | None]) -> str | None:
    first, last = _point(given["first"] or ""), _point(given["last"] or "")
    return f"{first}..{last}" if first and last and first <= last else None


def _asked(given: dict[str, str | None]) -> str | None:
    """The range of one date with its preposition; None for a date that merely stands there."""
    point = _point(given["point"] or "")
    how = next((name for name in ("since", "after", "before", "until", "at") if given[name]), None)
    if point is None or (
        how is None and not (given["injured"] or given["decided"]) and not given["on"]
    ):
        return None
    if how == "since" or given["on"]:
        return f"{point}..*"
    if how == "after":
        return f"{_next(point, 1)}..*"
    if how == "before":
        return f"*..{_next(point, -1)}"
    return f"*..{point}" if how == "until" else point


def _point(written: str) -> str | None:
    """A day, month or year as filters take it: "2016", "2016-05", "2016-05-31"."""
    if american := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", written):
        month, day, year = (int(part) for part in american.groups())
    elif named := _IN_WORDS.fullmatch(written):
        month, year = _MONTHS.index(named[1].lower()) + 1, int(named[3])
        day = int(named[2] or 0)
    else:
        year, month, day = (*(int(part) for part in written.split("-")), 0, 0)[:3]
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return f"{year}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if day else "")


def _next(point: str, way: int) -> str:
    """The year, month or day behind or before one."""
    parts = [int(part) for part in point.split("-")]
    if len(parts) == 1:
        return str(parts[0] + way)
    if len(parts) == 2:
        months = parts[0] * 12 + parts[1] - 1 + way
        return f"{months // 12}-{months % 12 + 1:02}"
    return date.fromordinal(date(*parts).toordinal() + way).isoformat()


def _ages(text: str) -> Iterator[Aside]:
    for said in _AGES.finditer(text):
        age = said["a"] or said["b"]
        yield Aside("age", f"{age}..*" if said["over"] else f"*..{age}", *said.span())
    for said in _AGE.finditer(text):
        yield Aside("age_band", taken.age_band(int(said["age"])), *said.span())
        if said["sex"]:
            female = said["sex"][0] in "fFwW"
            yield Aside("sex", "female" if female else "male", *said.span())


def _sides(text: str) -> Iterator[Aside]:
    for said in _SIDE.finditer(text):
        yield Aside("side", "right" if said["right"] else "left", *said.span())
