"""Stage 4: the header table, the credentials and the first facts of the summary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Literal, cast

from imr.letters.clean import Cleaned
from imr.letters.sections import Sections
from imr.model import Dates, LetterWarning, Patient, Priority, Reviewer, Sex

_CASE_NUMBER = re.compile(r"\bCM\s*(\d{2})\s*-\s*(\d{7})\b")
_DATE = r"(\d{1,2})\s*[/-]\s*(\d{1,2})\s*[/-]\s*(\d{4}|\d{2})"
_LABELLED = {
    "injury": re.compile(r"date\s+of\s+injury\s*:?\s*" + _DATE, re.IGNORECASE),
    "ur_denial": re.compile(r"ur\s+denial\s+date\s*:?\s*" + _DATE, re.IGNORECASE),
    "assigned": re.compile(r"date\s+assigned\s*:?\s*" + _DATE, re.IGNORECASE),
    "decision": re.compile(r"decision\s+date\s*:?\s*" + _DATE, re.IGNORECASE),
}
# The cell "Application Received:" is wrapped, so its date stands before or behind "Received:".
_RECEIVED = re.compile(
    r"application\s+(?:" + _DATE + r"\s*)?received\s*:?\s*(?:" + _DATE + r")?", re.IGNORECASE
)
_PRIORITY = re.compile(r"priority\s*:?\s*(standard|expedited)", re.IGNORECASE)

# "51 year old", "51-year-old", "51 yr old", "51 y/o", "51 yo", "age 51", "aged 51".
_AGE = re.compile(
    r"\b(\d{1,3})\s*[-\s]?\s*(?:years?|yrs?\.?)\s*[-\s]?\s*olds?\b"
    r"|\b(\d{1,3})\s*[-\s]?\s*(?:y\s*[/.]\s*o\b|yo\b)"
    r"|\bage[d]?\s*(?:of\s*)?(\d{1,3})\b(?!\s*(?:-|to)\s*\d)",
    re.IGNORECASE,
)
_SEX = re.compile(r"\b(female|male|woman|man|gentleman|lady)\b", re.IGNORECASE)
_SEX_OF: dict[str, Sex] = {
    "female": "female",
    "woman": "female",
    "lady": "female",
    "male": "male",
    "man": "male",
    "gentleman": "male",
}
_OLDEST = 110


def case_number(text: str) -> str | None:
    """The letter's own number as "CM16-0000042"; the first one is the letter's."""
    match = _CASE_NUMBER.search(text)
    return f"CM{match[1]}-{match[2]}" if match else None


def dates(text: str, warnings: list[LetterWarning]) -> Dates:
    """The header's dates; a date that can't be one is null and warned of."""
    found: dict[str, date | None] = {}
    for name, pattern in _LABELLED.items():
        match = pattern.search(text)
        found[name] = _date(name, match.groups(), warnings) if match else None
    match = _RECEIVED.search(text)
    if match:
        parts = match.groups()[:3] if match[1] else match.groups()[3:]
        found["received"] = _date("received", parts, warnings) if parts[0] else None
    return Dates(**found)


def _date(name: str, parts: tuple[str | None, ...], warnings: list[LetterWarning]) -> date | None:
    month, day, year = (int(part or 0) for part in parts)
    try:
        return date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        warnings.append(
            LetterWarning(
                code="bad-date", message=f"the {name} date {month}/{day}/{year} is no date"
            )
        )
        return None


def priority(text: str) -> Priority | None:
    """Standard or Expedited, as the header says."""
    match = _PRIORITY.search(text)
    return cast("Literal['Standard', 'Expedited']", match[1].capitalize()) if match else None


def reviewer(cleaned: Cleaned, sections: Sections) -> Reviewer:
    """States and specialties, in the letter's order; commas stand with or without a space."""
    states, specialties = sections.states, sections.specialties
    return Reviewer(
        licensure_states=tuple(_listed(cleaned.text[slice(*states)])) if states else (),
        specialties=tuple(_listed(cleaned.text[slice(*specialties)])) if specialties else (),
    )


def _listed(text: str) -> Iterator[str]:
    for piece in text.split(","):
        name = " ".join(piece.split()).strip(" .;")
        if name:
            yield name


def patient(summary: str) -> Patient:
    """Age and sex as the summary states them in words; conditions come with the annotations."""
    age_match = _AGE.search(summary)
    age = None
    if age_match:
        number = int(next(group for group in age_match.groups() if group))
        age = number if 0 < number <= _OLDEST else None
    sex_match = _SEX.search(summary, age_match.end() if age_match else 0) or _SEX.search(summary)
    return Patient(age=age, sex=_SEX_OF[sex_match[1].lower()] if sex_match else None)
