"""The case a letter is about: who was hurt, where, when, and what the reviewer knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from imr.model import Dates, Patient, Priority, Reviewer
from imr.text.taxonomy.load import load as taxonomy
from samples.catalogue import Site, drugs, sites
from samples.data_files import load
from samples.draws import Skewed, between, pick, several
from samples.tail import rare_drugs, specialties
from samples.templates import fill, listed

if TYPE_CHECKING:
    from random import Random

    from imr.model import Sex, Side

FIRST_DECISION = date(2013, 3, 1)
DECISION_DAYS = 4680
SITES = Skewed(sites(), steepness=1.2)
STATES = Skewed(load("people")["states"][1:], steepness=0.8)
SPECIALTIES = Skewed(specialties(), steepness=1.0)
DATE_STYLES = (
    "{d.month}-{d.day}-{d.year}",
    "{d.month:02}/{d.day:02}/{d.year}",
    "{d:%B} {d.day}, {d.year}",
)
PRONOUNS: dict[Sex | None, tuple[str, str, str, str]] = {
    "female": ("she", "her", "her", "woman"),
    "male": ("he", "his", "him", "man"),
    None: ("the worker", "their", "them", "worker"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """What all decisions of a letter share. `slots` are facts that its sentences may mention."""

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
    written = _conditions(rng, site)
    dates = _dates(rng)
    age, sex = _person(rng, dates)
    return Case(
        site=site,
        side=side,
        dates=dates,
        priority="Expedited" if rng.random() < 0.03 else "Standard",
        reviewer=_reviewer(rng),
        patient=Patient(age=age, sex=sex, conditions=_labels(written)),
        slots=_slots(rng, site, dates, (age, sex)) | _told(rng, site, written),
    )


def _person(rng: Random, dates: Dates) -> tuple[int | None, Sex | None]:
    """Old enough to have worked on the day of the injury; in a few letters nothing is said."""
    if rng.random() < 0.03:
        return None, None
    years = (dates.decision or FIRST_DECISION).year - (dates.injury or FIRST_DECISION).year
    spread = rng.random() + rng.random() + rng.random()
    return min(78, max(19 + years, round(14 + 22 * spread))), pick(rng, ("female", "male"))


def _conditions(rng: Random, site: Site) -> tuple[str, ...]:
    """One to four diagnoses, now and then one of another part of the body."""
    skewed = _skewed_conditions(site.key)
    chosen = dict.fromkeys(skewed.draw(rng) for _ in range(between(rng, 1, 4)))
    if rng.random() < 0.25:
        chosen[pick(rng, pick(rng, sites()).conditions)] = None
    return tuple(chosen)


@cache
def _skewed_conditions(key: str) -> Skewed[str]:
    site = next(row for row in sites() if row.key == key)
    return Skewed(site.conditions, steepness=0.6)


@cache
def _labels(written: tuple[str, ...]) -> tuple[str, ...]:
    """The taxonomy's labels of the conditions that it knows by these very names."""
    found = (taxonomy().resolve("condition", name) for name in written)
    return tuple(dict.fromkeys(concept.label for concept in found if concept))


def _dates(rng: Random) -> Dates:
    """Injury < denial < received <= assigned < decision."""
    decision = FIRST_DECISION + timedelta(days=between(rng, 0, DECISION_DAYS - 1))
    assigned = decision - timedelta(days=between(rng, 10, 44))
    received = assigned - timedelta(days=between(rng, 0, 11))
    denial = received - timedelta(days=between(rng, 3, 34))
    injury = denial - timedelta(days=20 + int(rng.random() * rng.random() * 3600))
    return Dates(
        injury=injury, ur_denial=denial, received=received, assigned=assigned, decision=decision
    )


def _reviewer(rng: Random) -> Reviewer:
    extra = 0 if rng.random() < 0.6 else between(rng, 1, 2)
    states = dict.fromkeys(STATES.draw(rng) for _ in range(extra))
    if rng.random() < 0.75 or not states:
        states["California"] = None
    wanted = 1 if rng.random() < 0.55 else between(rng, 2, 3)
    chosen = dict.fromkeys(SPECIALTIES.draw(rng) for _ in range(wanted))
    return Reviewer(licensure_states=tuple(states), specialties=tuple(chosen))


def written_date(day: date, style: str = DATE_STYLES[1]) -> str:
    """A date as prose has it; the default is 03/07/2016."""
    return style.format(d=day)


def _slots(
    rng: Random, site: Site, dates: Dates, person: tuple[int | None, Sex | None]
) -> dict[str, object]:
    """Person, dates and numbers, with one value each for the whole letter."""
    style = pick(rng, DATE_STYLES)
    denial, injury = dates.ur_denial or FIRST_DECISION, dates.injury or FIRST_DECISION
    claim = (denial - injury).days
    pain = between(rng, 5, 9)
    age, sex = person
    he, his, him, adult = PRONOUNS[sex]

    def before(low: int, high: int) -> str:
        days = between(rng, low, max(low, min(high, claim - 1)))
        return written_date(denial - timedelta(days=days), style)

    worker = pick(rng, ("the injured worker", "the injured worker", "the patient", "the claimant"))

    def subject(rng: Random) -> str:
        return he if rng.random() < 0.4 else worker

    return {
        "age": age,
        "sex": sex,
        "adult": adult,
        "he": subject,
        "his": his,
        "him": him,
        "worker": worker,
        "injury": written_date(injury, style),
        "denial": written_date(denial, style),
        "rfa": before(2, 8),
        "visit": before(9, 17),
        "study": before(18, 430),
        "stationary": before(15, 400),
        "plain": site.names[0],
        "pain": pain,
        "relief": pain - between(rng, 2, 4),
        "months": between(rng, 2, max(2, min(33, claim // 30))),
        "weeks": between(rng, 6, 15),
        "done": between(rng, 6, 24),
        "allowed": pick(rng, (12, 16, 24, 30)),
        "limit": pick(rng, (10, 15, 20, 25)),
        "level": pick(rng, site.levels) if site.levels else site.region,
        "gap": "",
    }


def _told(rng: Random, site: Site, conditions: tuple[str, ...]) -> dict[str, object]:
    """What the worker told and the examiner found: the same in the summary and the rationales."""
    slots: dict[str, object] = {
        "conditions": listed(conditions),
        "condition": conditions[0],
        "level": pick(rng, site.levels) if site.levels else site.region,
    }
    tellings = {
        "complaint": several(rng, site.complaints, 2),
        "finding": several(rng, site.findings, 3),
        "scan": several(rng, site.scans, 1),
        "past": several(rng, load("lexicon")["treatment_past"][:20], 3),
    }
    for name, rows in tellings.items():
        for place in range(3):
            key = name if place == 0 and name != "past" else f"{name}{place + 1}"
            slots[key] = fill(rng, rows[min(place, len(rows) - 1)], slots)
    slots["drug"] = given_drug
    return slots


def given_drug(rng: Random) -> str:
    """A drug the worker takes, by any of its names, now and then with a strength."""
    if rng.random() < 0.25:
        return pick(rng, rare_drugs()).name
    row = drugs().draw(rng)
    name = pick(rng, row.names)
    if name.islower() or rng.random() < 0.75:
        return name
    return f"{name} {pick(rng, row.strengths)}"
