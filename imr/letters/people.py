"""Stage 4: what the letter says of its reviewer and of the injured worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from imr.letters import sections
from imr.letters.clean import Cleaned
from imr.model import Patient, Reviewer, Sex, Span
from imr.text.taxonomy.load import load

# "51 year old", "51-year-old", "51 yr old", "51 years of age", "51 y/o", "51 yo", "aged 51".
_AGE = re.compile(
    r"\b(\d{1,3})[-\s]{0,3}(?:years?|yrs?\.?)[-\s]{0,3}(?:olds?\b|of\sage\b)"
    r"|\b(\d{1,3})[-\s]{0,3}(?:y\s?[/.]\s?o\b|yo\b)"
    r"|\baged?\s?(?:of\s|:\s?|is\s|was\s)?(\d{1,3})\b(?!\s?(?:-|to)\s?\d)",
    re.IGNORECASE,
)
_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
# "sixty-two-year-old"
_AGE_IN_WORDS = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[-\s](?P<ones>{'|'.join(_ONES)}))?"
    rf"|(?P<teens>{'|'.join(_TEENS)}))[-\s]{{1,3}}years?[-\s]{{0,3}}(?:old\b|of\sage\b)",
    re.IGNORECASE,
)
_OLDEST = 110

_SEX = re.compile(r"\b(female|male|woman|man|gentleman|lady)\b", re.IGNORECASE)
_SEX_OF: dict[str, Sex] = {
    "female": "female",
    "woman": "female",
    "lady": "female",
    "male": "male",
    "man": "male",
    "gentleman": "male",
    "f": "female",
    "m": "male",
}
# as in "51 y/o (M)" and "51-year-old F who"
_SEX_LETTER = re.compile(r"[.,]?\s?(?:\((?P<bracketed>[MF])\)|(?P<bare>[MF])(?![\w./-]))")

_INTRODUCTION = re.compile(
    r"the\s(?:expert|physician|professional|medical)\sreviewer\sdeveloped\sthe\sfollowing"
    r"\s(?:clinical\s)?case\ssummary\sbased\son\sa\sreview\sof\sthe\scase\sfile,?"
    r"\sincluding\sall\smedical\srecords\s?[:.]?\s?",
    re.IGNORECASE,
)
"""The fixed sentence that opens the summary."""

_CERTIFIED = re.compile(
    r"(?:board[-\s]certified\sin|subspecialt(?:y|ies)(?:\scertification)?\sin"
    r"|(?:holds|with)\sa\ssubspecialty\sof|specializ(?:es|ing)\sin|specialt(?:y|ies)\s?:)\s"
    r"(?P<names>[^.;:]{2,200}?)(?=,?\s(?:and\s)?(?:has|is|holds|with|who|he|she|he/she)\b|[.;]|\Z)",
    re.IGNORECASE,
)
_LICENSED = re.compile(
    r"\blicensed\s(?:to\spractice\s(?:medicine\s)?)?in\s(?:the\s)?(?:states?\sof\s)?"
    r"(?P<names>[^.;:]{2,300}?)(?=,?\s(?:and\s)?(?:has|is|holds|with|who|he|she|he/she)\b|[.;]|\Z)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
_LEADING_AND = re.compile(r"\Aand\s", re.IGNORECASE)


def reviewer(cleaned: Cleaned, qualifications: Span | None) -> Reviewer:
    """States and specialties, in the letter's order, from their labels or else from prose.

    Behind labels commas stand with or without a space.
    """
    prose = cleaned.text[slice(*qualifications)] if qualifications else ""
    states = _labelled(cleaned, "states") or _states(prose)
    specialties = _labelled(cleaned, "specialties") or _specialties(prose)
    return Reviewer(licensure_states=states, specialties=specialties)


def _labelled(cleaned: Cleaned, part: str) -> tuple[str, ...]:
    span = sections.labelled(cleaned, part)
    return tuple(_listed(cleaned.text[slice(*span)])) if span else ()


def _listed(text: str) -> Iterator[str]:
    for piece in re.split(r"[,;]", text):
        name = _LEADING_AND.sub("", " ".join(piece.split()).strip(" ."))
        if name:
            yield name


def _states(prose: str) -> tuple[str, ...]:
    """Of "licensed to practice in California, New York and Texas"."""
    names = (
        name
        for match in _LICENSED.finditer(prose)
        for piece in _listed(match["names"])
        for name in _AND.split(piece)
    )
    return tuple(dict.fromkeys(names))


def _specialties(prose: str) -> tuple[str, ...]:
    """Of "Board Certified in Physical Medicine and Rehabilitation and Pain Management"."""
    names = (
        name
        for match in _CERTIFIED.finditer(prose)
        for piece in _listed(match["names"])
        for name in _known(piece)
    )
    return tuple(dict.fromkeys(names))


def _known(piece: str) -> tuple[str, ...]:
    """The names that "and" joins, cut only between names that are known specialties."""
    if piece.lower() in _specialty_names():
        return (piece,)
    for joint in _AND.finditer(piece):
        left = piece[: joint.start()]
        right = _known(piece[joint.end() :])
        if left.lower() in _specialty_names() and right[0].lower() in _specialty_names():
            return (left, *right)
    return (piece,)


@cache
def _specialty_names() -> frozenset[str]:
    return frozenset(
        name.lower()
        for concept in load().of("specialty")
        for name in (concept.label, *concept.names)
    )


def summary(cleaned: Cleaned, span: Span | None) -> Span | None:
    """The summary without the sentence that introduces it."""
    introduction = _INTRODUCTION.match(cleaned.text, *span) if span else None
    if span is None or introduction is None:
        return span
    return sections.trim(cleaned.text, introduction.end(), span[1])


def patient(text: str) -> Patient:
    """Age and sex as the summary states them in words; conditions come with the annotations."""
    age, end = _age(text)
    letter = _SEX_LETTER.match(text, end) if age else None
    if letter:
        return Patient(age=age, sex=_SEX_OF[(letter["bracketed"] or letter["bare"]).lower()])
    sex = _SEX.search(text, end) or _SEX.search(text)
    return Patient(age=age, sex=_SEX_OF[sex[1].lower()] if sex else None)


def _age(text: str) -> tuple[int | None, int]:
    """The first age and where it ends; (None, 0) where there is none."""
    digits, words = _AGE.search(text), _AGE_IN_WORDS.search(text)
    if words and (digits is None or words.start() < digits.start()):
        return _in_words(words), words.end()
    if digits is None:
        return None, 0
    age = int(next(group for group in digits.groups() if group))
    return (age if 0 < age <= _OLDEST else None), digits.end()


def _in_words(match: re.Match[str]) -> int:
    if match["teens"]:
        return 10 + _TEENS.index(match["teens"].lower())
    ones = _ONES.index(match["ones"].lower()) + 1 if match["ones"] else 0
    return 10 * (_TENS.index(match["tens"].lower()) + 2) + ones
