"""What is asked for, worded as headings word it, with the facts that wording states."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from imr.text.taxonomy.load import load as taxonomy
from samples.amounts import partial_visits, set_amount
from samples.cases import Case, written_date
from samples.catalogue import Item, adjuncts, items, sites
from samples.draws import Skewed, between, pick
from samples.tail import CATEGORY_THEMES, parts_named, rare_treatments
from samples.templates import fill, sentence_case

if TYPE_CHECKING:
    from random import Random

    from imr.model import Category, Side

SAME_REGION = re.compile(r"\b(([LCT])\d+)-\2")
PARTIAL_SINCE = date(2015, 6, 1)
"""From about here headings tell what part of a request had been authorized."""

RARE = 0.1
"""How many of the requests for a treatment are drawn from the taxonomy's whole list."""

VISITS = frozenset({"physical-therapy", "chiropractic", "acupuncture", "massage", "psych"})
PLURALS = {"foot": "feet", "calf": "calves"}
AT_A_SITE = frozenset({"imaging", "injection", "physical-therapy", "chiropractic", "massage"})


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
    treatments: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    drug_classes: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    side: Side | None = None
    levels: tuple[str, ...] = ()
    quantity: int | None = None


def draw_treatment(rng: Random, case: Case) -> Request:
    """A treatment that fits the site of the injury, now and then a rare one."""
    if rng.random() < RARE:
        return _rare(rng, case)
    return _item(rng, items(case.site.key).draw(rng), case)


def draw_adjunct(rng: Random, case: Case) -> Request:
    """Something that is wanted only around the operation this letter asks for."""
    request = _item(rng, adjuncts().draw(rng), case)
    if rng.random() < 0.6:
        return replace(request, text=f"Associated surgical service: {request.text}")
    return request


def _rare(rng: Random, case: Case) -> Request:
    row = pick(rng, rare_treatments())
    text = row.name
    parts, side = row.body_parts, None
    if not parts and row.category in AT_A_SITE:
        side = case.side if case.side or not case.site.sided else "right"
        text = f"{text} for the {_sided(pick(rng, case.site.names), side)}"
        parts = (case.site.part,)
    quantity = None
    if row.category in VISITS and rng.random() < 0.6:
        quantity = between(rng, 2, 12)
        text = f"{text}, {quantity} sessions"
    return Request(
        sentence_case(text),
        row.name,
        CATEGORY_THEMES[row.category],
        row.category,
        treatments=(row.code,),
        body_parts=parts,
        side=side,
        quantity=quantity,
    )


def _item(rng: Random, row: Item, case: Case) -> Request:
    side = case.side if case.side or not case.site.sided else "left"
    slots = _places(rng, case, side)
    slots["when"] = written_date(case.decided - timedelta(days=90))
    second = _second_site(rng, case, slots) if row.partial else ()
    quantity: int | None
    if row.partial and case.decided >= PARTIAL_SINCE and rng.random() < 0.15:
        form, text, quantity = partial_visits(rng, fill(rng, row.partial, slots), row.partial)
    else:
        form = pick(rng, row.forms)
        quantity = set_amount(rng, form, slots, few=row.few)
        text = sentence_case(fill(rng, form, slots))
    parts, named_side = _named(form, case, side, str(slots["limb"]))
    named = {*parts, *parts_named(form), *(second if "{site}" in form else ())}
    return Request(
        text,
        row.name,
        row.theme,
        row.category,
        odg=row.odg,
        other=row.other,
        treatments=(row.treatment,),
        drugs=row.drugs,
        drug_classes=taxonomy().classes(row.drugs),
        body_parts=tuple(sorted(named)),
        side=named_side,
        levels=_levels(form, str(slots["levels"])),
        quantity=quantity,
    )


def _sided(name: str, side: Side | None) -> str:
    """The site with its side: "left knee", "bilateral knees"."""
    if side == "bilateral":
        return f"bilateral {PLURALS.get(name, f'{name}s')}"
    return f"{side} {name}" if side else name


def _places(rng: Random, case: Case, side: Side | None) -> dict[str, object]:
    """The site in all the shapes a form may use it."""
    site = case.site
    plain = pick(rng, site.names)
    name = _sided(plain, side)
    limb_side = side or "bilateral"
    ending = "ies" if limb_side == "bilateral" else "y"
    if site.levels and rng.random() < 0.2:
        levels = f"{site.levels[0]} and {site.levels[1]}"
    else:
        levels = _levels_of(site.levels).draw(rng)
    if rng.random() < 0.25:
        levels = SAME_REGION.sub(r"\1-", levels)
    return {
        "site": name,
        "Site": sentence_case(f"{side} {plain}" if side else plain),
        "region": site.region,
        "Region": sentence_case(site.region),
        "Side": sentence_case(side or ""),
        "limb": f"{limb_side} {site.limb} extremit{ending}",
        "levels": levels,
    }


@cache
def _levels_of(levels: tuple[str, ...]) -> Skewed[str]:
    return Skewed(levels or ("",))


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
