"""What is asked for, worded as headings word it, with the facts that wording states."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from samples.amounts import partial_drug, partial_visits, set_amount
from samples.cases import Case, written_date
from samples.catalogue import Compound, Drug, Item, adjuncts, compounds, drugs, items, load, sites
from samples.templates import Skewed, fill, pick, sentence_case

if TYPE_CHECKING:
    from random import Random

    from imr.model import Category, Side

FORMS = load("drugs")["forms"]
COUNTED = Skewed(FORMS["counted"], steepness=0.8)
SAME_REGION = re.compile(r"\b(([LCT])\d+)-\2")


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
    count = Skewed(row.counts).draw(rng)
    quantity: int | None = count
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
        text = fill(rng, pick(rng, FORMS["uncounted"]), slots)
        quantity = None
    elif row.unit:
        text = fill(rng, pick(rng, FORMS["boxed"]), slots)
    elif draw < 0.18:
        text, quantity = partial_drug(rng, f"{name} {strength}")
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
        quantity=quantity,
    )


def _item(rng: Random, row: Item, case: Case) -> Request:
    side = case.side if case.side or not case.site.sided else "left"
    slots = _places(rng, case, side)
    slots["when"] = written_date(case.decided - timedelta(days=90), "/")
    second = _second_site(rng, case, slots) if row.partial else ()
    quantity: int | None
    if row.partial and rng.random() < 0.12:
        form, text, quantity = partial_visits(rng, fill(rng, row.partial, slots), row.partial)
    else:
        form = pick(rng, row.forms)
        quantity = set_amount(rng, form, slots, few=row.few)
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
        body_parts=(*parts, *second) if "{site}" in form else parts,
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
        levels = SAME_REGION.sub(r"\1-", levels)
    return {
        "site": name,
        "Site": sentence_case(name),
        "region": site.region,
        "Region": sentence_case(site.region),
        "Side": sentence_case(side or ""),
        "limb": f"{limb_side} {site.limb} extremit{ending}",
        "levels": levels,
    }


def _second_site(rng: Random, case: Case, slots: dict[str, object]) -> tuple[str, ...]:
    """Now and then a course of visits is for two sites; adds the second, a part of the spine."""
    others = [site for site in sites() if site.levels and site.part != case.site.part]
    if rng.random() > 0.1:
        return ()
    other = pick(rng, others)
    slots["site"] = f"{slots['site']} and {other.names[0]}"
    return (other.part,)


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
