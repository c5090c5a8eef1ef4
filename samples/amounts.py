"""How much is asked for: amounts and schedules in words, and requests authorized in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.draws import Skewed, pick
from samples.templates import sentence_case

if TYPE_CHECKING:
    from random import Random

NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
"""Number words; greater amounts are written in digits."""

VISITS = Skewed((6, 12, 8, 4, 10, 3, 2, 18, 16, 24), steepness=0.6)
SCHEDULES = Skewed(((2, 6), (2, 4), (3, 4), (1, 6), (2, 3), (1, 4), (3, 6)), steepness=0.6)


def partial_drug(rng: Random, dose: str) -> tuple[str, int]:
    """A heading that tells what was authorized, and the amount that stays in dispute."""
    whole, part = pick(rng, ((90, 60), (120, 60), (60, 30), (120, 90), (180, 90)))
    text = (
        f"{dose} #{whole} was the original request. {dose} #{part} was authorized by the Claims "
        "Administrator. The remaining IMR eligible portion of the original request, "
        f"{dose} #{whole - part} is"
    )
    return text, whole - part


def set_amount(rng: Random, form: str, slots: dict[str, object], *, few: bool) -> int | None:
    """Sets the amount slots; returns the amount, null where the form has none."""
    if "{plan}" in form:
        slots["plan"], visits = _plan(rng)
        return visits
    if "{n}" not in form and "{N}" not in form:
        return None
    if few:
        number = pick(rng, (2, 3, 4)) if "{N}" in form else pick(rng, (1, 2, 2, 3))
    else:
        number = VISITS.draw(rng)
    slots["n"] = number
    worded = number <= 12 and rng.random() < 0.5
    slots["N"] = sentence_case(NUMBERS[number]) if worded else number
    return number


def _plan(rng: Random) -> tuple[str, int]:
    """A schedule of visits such as "2 times a week for 6 weeks", and how many that makes."""
    times, weeks = SCHEDULES.draw(rng)
    total = times * weeks
    often = "once a week" if times == 1 else f"{times} times a week"
    worded = "once a week" if times == 1 else f"{NUMBERS[times]} times a week"
    plans = (
        f"{often} for {weeks} weeks",
        f"{worded} for {NUMBERS[weeks]} weeks",
        f"{often} for {weeks} weeks ({total} sessions)",
        f"{often} for {weeks} weeks, QTY: {total}",
        f"x {total} sessions",
        f"{worded} times {NUMBERS[weeks]} weeks",
        f"{total} sessions",
    )
    return pick(rng, plans), total


def partial_visits(rng: Random, what: str, form: str) -> tuple[str, str, int]:
    """A heading for visits that were authorized in part: its form, its words, what is disputed."""
    whole, part = pick(rng, ((12, 6), (9, 3), (8, 6), (12, 8), (10, 6), (9, 6)))
    rest = whole - part
    if rng.random() < 0.7:
        numbers = (whole, part, rest)
        a, b, c = (NUMBERS[n] for n in numbers) if rng.random() < 0.5 else numbers
        text = (
            f"{sentence_case(what)} for {a} sessions was the original request. "
            f"{sentence_case(what)} for {b} sessions was authorized by the Claims Administrator. "
            "The remaining IMR eligible portion of the original request, "
            f"{what} for {c} sessions is"
        )
        return form, text, rest
    text = (
        f"{sentence_case(what)} ({whole} sessions) was the original request. The Claims "
        f"Administrator authorized {part} sessions, leaving the original request IMR eligible. "
        f"The original request, {what} ({whole} sessions) is"
    )
    return form, text, whole
