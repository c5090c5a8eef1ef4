"""Stage 4: the header table: case number, dates, priority."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import cast

from imr.model import Dates, LetterWarning, Priority

_CASE_NUMBER = re.compile(r"\bCM\s?(\d{2})\s?[-\u2010-\u2013]\s?(\d{7})\b", re.IGNORECASE)
# In prose another letter's number may be quoted; behind this label it is the letter's own.
_CASE_LABEL = re.compile(r"\bcase\s?(?:number|no\.?|#)\s?:?\s?", re.IGNORECASE)

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DATE = r"""(?:
    (?P<month>\d{1,2})\s?[/.-]\s?(?P<day>\d{1,2})\s?[/.-]\s?(?P<year>\d{4}|\d{2})
  | (?P<iso>\d{4}-\d{1,2}-\d{1,2})
  | (?P<named>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s\d{1,2},?\s\d{4})
  )(?![\d/])"""

# A cell of the table. "Application Received:" may be wrapped, its date standing between its words.
_CELL = re.compile(
    rf"""(?<!\w)(?:
        (?P<application>application(?=\s{_DATE.replace("?P<", "?P<early_")}\sreceived\b))
      | (?P<injury>date\sof\sinjur(?:y|ies)|injury\sdate)
      | (?P<ur_denial>(?:ur|utilization\sreview)\s(?:denial|decision|determination)\sdated?
            |date\sof\s(?:the\s)?(?:ur|utilization\sreview)\s(?:denial|decision|determination))
      | (?P<received>(?:date\s)?(?:imr\s)?application\s(?:was\s)?received(?:\sdate)?)
      | (?P<assigned>date\s(?:case\s)?assigned|date\sof\sassignment|assign(?:ed|ment)\sdate)
      | (?P<decision>(?:decision|determination)\sdate|date\sof\s(?:decision|determination)
            |dated(?=\s?:))
      | (?P<priority>priority)
      | (?P<standing>standard|expedited)
      | {_DATE}
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_LABELS = ("injury", "ur_denial", "received", "assigned", "decision", "priority")
_COLUMN_GAP = 40  # characters between two values of a column
_LATEST = 2049  # for years of two digits, where no date of the header has four
_BETWEEN = re.compile(r"[\s:.]{0,8}")


def case_number(text: str) -> str | None:
    """The first number in the text as "CM16-0000042"."""
    match = _CASE_NUMBER.search(text)
    return f"CM{match[1]}-{match[2]}" if match else None


def own_number(text: str, header: str, furniture: Sequence[str]) -> str | None:
    """The letter's own number: in its header, a running title, or behind "Case Number:"."""
    places = [header, *furniture]
    places += [text[label.end() : label.end() + 20] for label in _CASE_LABEL.finditer(text)]
    return next((number for place in places if (number := case_number(place))), None)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A label or a value of the table and where it stands."""

    name: str
    """The field of a label; "date" or "priority" for a value."""
    is_value: bool
    match: re.Match[str]

    @property
    def kind(self) -> str:
        return "priority" if self.name == "priority" else "date"


def fields(text: str, warnings: list[LetterWarning]) -> tuple[Dates, Priority | None]:
    """The header's dates and priority; a date that can't be one is null and warned of."""
    values = _paired(text, [_cell(match) for match in _CELL.finditer(text)], warnings)
    standing = values.pop("priority", None)
    priority = cast("Priority", standing["standing"].capitalize()) if standing else None
    written = {name: _numbers(match) for name, match in values.items()}
    latest = max((year for year, _, _ in written.values() if year > 99), default=_LATEST)
    dates = {name: _date(name, parts, latest, warnings) for name, parts in written.items()}
    return Dates(**dates), priority


def _cell(match: re.Match[str]) -> _Cell:
    label = next((name for name in _LABELS if match[name]), None)
    if match["application"]:
        return _Cell("received", is_value=False, match=match)
    if label:
        return _Cell(label, is_value=False, match=match)
    return _Cell("priority" if match["standing"] else "date", is_value=True, match=match)


def _paired(
    text: str, cells: Sequence[_Cell], warnings: list[LetterWarning]
) -> dict[str, re.Match[str]]:
    """The value of each label: it stands behind it, or in a column of values."""
    values: dict[str, re.Match[str]] = {}
    for label, value in pairwise(cells):
        if not label.is_value and value.is_value and label.kind == value.kind:
            between = text[label.match.end() : value.match.start()]
            if _BETWEEN.fullmatch(between):
                values.setdefault(label.name, value.match)
    for labels, column in _columns(cells):
        for kind in ("date", "priority"):
            names = [cell.name for cell in labels if cell.kind == kind]
            found = [cell.match for cell in column if cell.kind == kind]
            if len(labels) > 1 and len(names) == len(found):
                values |= dict(zip(names, found, strict=True))
            elif len(names) > 1 and len(found) > 1:
                values = {name: match for name, match in values.items() if name not in names}
                message = f"the header has {len(found)} dates for {', '.join(names)}"
                warnings.append(LetterWarning(code="unclear-header", message=message))
    return values


def _columns(cells: Sequence[_Cell]) -> Iterator[tuple[list[_Cell], list[_Cell]]]:
    """Runs of labels, each with the run of values behind it.

    Some converters write a column of labels and then the column of their values.
    """
    runs = [list(run) for _, run in groupby(cells, key=lambda cell: cell.is_value)]
    for labels, values in pairwise(runs):
        if not labels[0].is_value:
            near = [values[0]]
            for value in values[1:]:
                if value.match.start() - near[-1].match.end() > _COLUMN_GAP:
                    break
                near.append(value)
            yield labels, near


def _numbers(match: re.Match[str]) -> tuple[int, int, int]:
    """Year (of two or four digits), month, day."""
    if match["iso"]:
        year, month, day = match["iso"].split("-")
    elif match["named"]:
        name, day, year = match["named"].replace(",", " ").split()
        month = str(_MONTHS.index(name[:3].lower()) + 1)
    else:
        year, month, day = match["year"], match["month"], match["day"]
    return int(year), int(month), int(day)


def _date(
    name: str, written: tuple[int, int, int], latest: int, warnings: list[LetterWarning]
) -> date | None:
    """A year of two digits is of this century unless that lies behind the letter's `latest`."""
    year, month, day = written
    if year < 100:
        year += 2000 if 2000 + year <= latest else 1900
    try:
        return date(year, month, day)
    except ValueError:
        message = f"the {name} date {month}/{day}/{written[0]} is no date"
        warnings.append(LetterWarning(code="bad-date", message=message))
        return None
