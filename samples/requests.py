"""What is asked for, worded as headings word it, with the facts that wording states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from samples.cases import Case, written_date
from samples.catalogue import Compound, Drug, Item, adjuncts, compounds, drugs, items, load
from samples.templates import Skewed, fill, pick, sentence_case

if TYPE_CHECKING:
    from random import Random

    from imr.model import Category, Side

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
FORMS = load("drugs")["forms"]
COUNTED = Skewed(FORMS["counted"], steepness=0.8)
VISITS = Skewed((6, 12, 8, 4, 10, 3, 2, 18, 16, 24), steepness=0.6)
SCHEDULES = Skewed(((2, 6), (2, 4), (3, 4), (1, 6), (2, 3), (1, 4), (3, 6)), steepness=0.6)


@dataclass(frozen=True, slots=True)
class Request:
    """A disputed item: its heading and the facts the heading states, and no others.

    `name` is what the rationale calls it, `theme` picks guideline and prose, `odg` the ODG's entry.
    """

    text: str
    name: str
    theme: str
    category: Category
    odg: str = ""
    other: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    side: Side | None = None
    levels: tuple[str, ...] = ()
    quantity: int | None = None


def draw_request(rng: Random, case: Case) -> Request:
    """A drug in about four of ten cases, else a treatment that fits the site of the injury."""
    draw = rng.random()
    if draw < 0.36:
        return _drug(rng, drugs().draw(rng), case)
    if draw < 0.40:
        return _compound(compounds().draw(rng))
    return _item(rng, items(case.site).draw(rng), case)


def draw_adjunct(rng: Random, case: Case) -> Request:
    """Something that is wanted only around the operation this letter asks for."""
    request = _item(rng, adjuncts().draw(rng), case)
    if rng.random() < 0.6:
        return _reworded(request, f"Associated surgical service: {request.text}")
    return request


def _reworded(request: Request, text: str) -> Request:
    return Request(text, request.name, request.theme, request.category, request.odg, request.other)


def _compound(row: Compound) -> Request:
    name = row.words.split(":")[0].split(",")[0]
    return Request(
        row.words,
        f"the topical {name}" if "%" in name else name,
        "topical",
        "compounded-topical",
        drugs=row.generics,
    )


def _drug(rng: Random, row: Drug, case: Case) -> Request:
    name = pick(rng, row.names)
    strength = Skewed(row.strengths).draw(rng)
    count: int | None = Skewed(row.counts).draw(rng)
    draw = rng.random()
    dispensed = case.decided - timedelta(days=120)
    slots = {
        "name": name,
        "strength": strength,
        "n": count,
        "unit": row.unit,
        "refills": pick(rng, (2, 3, 5)),
        "when": written_date(dispensed, "/"),
        "generic": "/".join(row.generics),
    }
    if draw < 0.1:
        text, count = fill(rng, pick(rng, FORMS["uncounted"]), slots), None
    elif row.unit:
        text = fill(rng, pick(rng, FORMS["boxed"]), slots)
    elif draw < 0.18:
        text, count = _partial_drug(rng, f"{name} {strength}")
    else:
        form = COUNTED.draw(rng)
        if name.lower() in row.generics:
            form = form.replace(" ({generic})", "")
        text = fill(rng, form, slots)
    return Request(
        text,
        name,
        row.theme,
        "medication",
        drugs=tuple(sorted(row.generics)),
        classes=row.classes,
        quantity=count,
    )


def _partial_drug(rng: Random, dose: str) -> tuple[str, int]:
    """A heading that tells what was authorized, and the amount that stays in dispute."""
    whole, part = pick(rng, ((90, 60), (120, 60), (60, 30), (120, 90), (180, 90)))
    text = (
        f"{dose} #{whole} was the original request. {dose} #{part} was authorized by the Claims "
        "Administrator. The remaining IMR eligible portion of the original request, "
        f"{dose} #{whole - part} is"
    )
    return text, whole - part


def _item(rng: Random, row: Item, case: Case) -> Request:
    side = case.side if case.side or not case.site.sided else "left"
    slots = _places(rng, case, side)
    slots["when"] = written_date(case.decided - timedelta(days=90), "/")
    if row.partial and rng.random() < 0.12:
        form, text, quantity = _partial_visits(rng, fill(rng, row.partial, slots), row.partial)
    else:
        form = pick(rng, row.forms)
        quantity = _amounts(rng, form, slots, few=row.few)
        text = sentence_case(fill(rng, form, slots))
    parts, named_side = _named(form, case, side, str(slots["limb"]))
    return Request(
        text,
        row.name,
        row.theme,
        row.category,
        odg=row.odg,
        other=row.other,
        drugs=row.drugs,
        classes=row.classes,
        body_parts=parts,
        side=named_side,
        levels=_levels(form, str(slots["levels"])),
        quantity=quantity,
    )


def _places(rng: Random, case: Case, side: Side | None) -> dict[str, object]:
    """The site in all the shapes a form may use it."""
    site = case.site
    name = pick(rng, site.names)
    if side == "bilateral":
        name = "bilateral feet" if name == "foot" else f"bilateral {name}s"
    elif side:
        name = f"{side} {name}"
    limb_side = side or "bilateral"
    ending = "ies" if limb_side == "bilateral" else "y"
    if site.levels and rng.random() < 0.2:
        levels = f"{site.levels[0]} and {site.levels[1]}"
    else:
        levels = Skewed(site.levels or ("",)).draw(rng)
    if rng.random() < 0.25:
        levels = levels.replace("-L", "-").replace("-S", "-S").replace("-C", "-")
    return {
        "site": name,
        "Site": sentence_case(name),
        "region": site.region,
        "Region": sentence_case(site.region),
        "Side": sentence_case(side or ""),
        "limb": f"{limb_side} {site.limb} extremit{ending}",
        "levels": levels,
    }


def _levels(form: str, written: str) -> tuple[str, ...]:
    """Levels in full: "L4-5 and L5-S1" is L4-L5 and L5-S1."""
    if "{levels}" not in form or not written:
        return ()
    pairs = [level.split("-") for level in written.split(" and ")]
    return tuple(f"{a}-{b if b[0].isalpha() else a[0] + b}" for a, b in pairs)


def _named(
    form: str, case: Case, side: Side | None, limb: str
) -> tuple[tuple[str, ...], Side | None]:
    """The body part and side that the form's wording names."""
    if "{limb}" in form:
        return ("leg" if "lower" in limb else "arm",), side or "bilateral"
    if "{site}" in form.lower() or "{side}" in form.lower():
        return (case.site.part,), side
    if "{region}" in form.lower():
        return (case.site.part,), None
    return (), None


def _amounts(rng: Random, form: str, slots: dict[str, object], *, few: bool) -> int | None:
    """Sets the amount slots; returns the amount, null where the form has none."""
    if "{plan}" in form:
        slots["plan"], visits = _plan(rng)
        return visits
    if "{n}" not in form and "{N}" not in form:
        return None
    number = pick(rng, (1, 2, 2, 3)) if few and "{N}" not in form else VISITS.draw(rng)
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


def _partial_visits(rng: Random, what: str, form: str) -> tuple[str, str, int]:
    """A heading for visits that were authorized in part: its form, its words, what is disputed."""
    whole, part = pick(rng, ((12, 6), (9, 3), (8, 6), (12, 8), (10, 6), (9, 6)))
    rest = whole - part
    if rng.random() < 0.7:
        numbers = (whole, part, rest)
        a, b, c = (NUMBERS[n] for n in numbers) if rng.random() < 0.5 else numbers
        return (
            form,
            f"{sentence_case(what)} for {a} sessions was the original request. "
            f"{sentence_case(what)} for {b} sessions was authorized by the Claims Administrator. "
            "The remaining IMR eligible portion of the original request, "
            f"{what} for {c} sessions is",
            rest,
        )
    return (
        form,
        f"{sentence_case(what)} ({whole} sessions) was the original request. The Claims "
        f"Administrator authorized {part} sessions, leaving the original request IMR eligible. "
        f"The original request, {what} ({whole} sessions) is",
        whole,
    )
