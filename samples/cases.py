"""The case a letter is about: who was hurt, where, when, and what the reviewer knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from imr.model import Dates, Patient, Priority, Reviewer
from samples.catalogue import Site, load, sites
from samples.templates import Skewed, fill, listed, pick, sentence_case

if TYPE_CHECKING:
    from random import Random

    from imr.model import Sex, Side

FIRST_DECISION = date(2013, 3, 1)
DECISION_DAYS = 4200
SITES = Skewed(sites(), steepness=1.0)
PEOPLE = load("cases")["people"]
STATES = Skewed(PEOPLE["states"][1:], steepness=0.8)
SPECIALTIES = Skewed(PEOPLE["specialties"], steepness=1.0)


@dataclass(frozen=True, slots=True)
class Case:
    """What all decisions of a letter share. `plain` is the site without its side."""

    site: Site
    side: Side | None
    dates: Dates
    priority: Priority
    reviewer: Reviewer
    patient: Patient
    slots: dict[str, object]

    @property
    def decided(self) -> date:
        """The day of the decision; a sample always has one."""
        return self.dates.decision or FIRST_DECISION


def draw_case(rng: Random) -> Case:
    """A new case; everything in it agrees with everything else."""
    site = SITES.draw(rng)
    side: Side | None = None
    if site.sided:
        draw = rng.random()
        side = "left" if draw < 0.42 else "right" if draw < 0.88 else "bilateral"
    conditions = _conditions(rng, site)
    dates = _dates(rng)
    age, sex = _person(rng, dates)
    patient = Patient(age=age, sex=sex, conditions=conditions)
    return Case(
        site=site,
        side=side,
        dates=dates,
        priority="Expedited" if rng.random() < 0.03 else "Standard",
        reviewer=_reviewer(rng),
        patient=patient,
        slots=_slots(rng, site, dates, patient),
    )


def written_date(day: date | None, style: Literal["-", "/"]) -> str:
    """A date as the prose of letters has it: 3-7-2016 or 03/07/2016."""
    if day is None:
        return "an unknown date"
    if style == "/":
        return f"{day.month:02}/{day.day:02}/{day.year}"
    return f"{day.month}-{day.day}-{day.year}"


def _person(rng: Random, dates: Dates) -> tuple[int | None, Sex | None]:
    """Old enough to have worked on the day of the injury; in a few letters nothing is said."""
    if rng.random() < 0.03:
        return None, None
    years = (dates.decision or FIRST_DECISION).year - (dates.injury or FIRST_DECISION).year
    return min(78, max(19 + years, round(rng.gauss(47, 11)))), pick(rng, ("female", "male"))


def _conditions(rng: Random, site: Site) -> tuple[str, ...]:
    skewed = Skewed(site.conditions, steepness=0.6)
    wanted = 1 + int(rng.random() * 3)
    chosen = dict.fromkeys(skewed.draw(rng) for _ in range(wanted))
    if rng.random() < 0.25:
        chosen[pick(rng, pick(rng, sites()).conditions)] = None
    return tuple(chosen)


def _dates(rng: Random) -> Dates:
    """Injury < denial < received <= assigned < decision."""
    decision = FIRST_DECISION + timedelta(days=int(rng.random() * DECISION_DAYS))
    assigned = decision - timedelta(days=10 + int(rng.random() * 35))
    received = assigned - timedelta(days=int(rng.random() * 12))
    denial = received - timedelta(days=3 + int(rng.random() * 32))
    injury = denial - timedelta(days=20 + int(rng.random() ** 2 * 3600))
    return Dates(
        injury=injury, ur_denial=denial, received=received, assigned=assigned, decision=decision
    )


def _reviewer(rng: Random) -> Reviewer:
    extra = 0 if rng.random() < 0.6 else 1 + int(rng.random() * 2)
    states = dict.fromkeys(STATES.draw(rng) for _ in range(extra))
    if rng.random() < 0.75 or not states:
        states["California"] = None
    wanted = 1 if rng.random() < 0.55 else 2 + int(rng.random() * 2)
    specialties = dict.fromkeys(SPECIALTIES.draw(rng) for _ in range(wanted))
    return Reviewer(licensure_states=tuple(states), specialties=tuple(specialties))


def _slots(rng: Random, site: Site, dates: Dates, patient: Patient) -> dict[str, object]:
    """The facts that sentences may mention, with one value each for the whole letter."""
    style: Literal["-", "/"] = "-" if rng.random() < 0.6 else "/"
    denial = dates.ur_denial or FIRST_DECISION
    pain = 5 + int(rng.random() * 5)
    worker = pick(rng, ("the injured worker", "the patient", "the claimant"))
    slots: dict[str, object] = {
        "age": patient.age,
        "sex": patient.sex,
        "worker": worker,
        "Worker": sentence_case(worker),
        "trade": pick(rng, PEOPLE["trades"]),
        "mechanism": fill(rng, pick(rng, PEOPLE["mechanisms"]), {}),
        "injury": written_date(dates.injury, style),
        "denial": written_date(denial, style),
        "visit": written_date(denial - timedelta(days=4 + int(rng.random() * 14)), style),
        "study": written_date(denial - timedelta(days=30 + int(rng.random() * 400)), style),
        "stationary": written_date(denial - timedelta(days=15 + int(rng.random() * 300)), style),
        "conditions": listed(patient.conditions),
        "condition": patient.conditions[0],
        "plain": site.names[0],
        "pain": pain,
        "relief": pain - 2 - int(rng.random() * 3),
        "months": 3 + int(rng.random() * 30),
        "weeks": 6 + int(rng.random() * 10),
        "done": 6 + int(rng.random() * 19),
        "allowed": pick(rng, (12, 16, 24, 30)),
        "minutes": pick(rng, (10, 15, 20, 30)),
        "degrees": 20 + 5 * int(rng.random() * 18),
        "score": 14 + int(rng.random() * 30),
        "limit": pick(rng, (10, 15, 20, 25)),
        "mild": pick(rng, ("mild", "moderate", "multilevel", "age-related", "advanced")),
        "gap": "",
    }
    slots["complaint"] = fill(rng, pick(rng, site.complaints), slots)
    first, second = rng.sample(site.findings, 2)
    slots["finding"] = fill(rng, first, slots)
    slots["finding2"] = fill(rng, second, slots)
    return slots
