"""Drugs as headings ask for them: a name, a strength, an amount."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from imr.text.taxonomy.load import load as taxonomy
from samples.amounts import partial_drug
from samples.cases import Case, written_date
from samples.catalogue import Compound, Drug, compounds, drugs
from samples.data_files import load
from samples.draws import Skewed, pick
from samples.requests import PARTIAL_SINCE, Request
from samples.tail import rare_drugs
from samples.templates import fill, sentence_case

if TYPE_CHECKING:
    from random import Random

FORMS = load("drugs")["forms"]
COUNTED = Skewed(FORMS["counted"], steepness=0.8)
RARE = 0.1
RARE_STRENGTHS = Skewed(("10mg", "20mg", "50mg", "100mg", "25mg", "5mg", "500mg", "250mg", "2.5mg"))
RARE_COUNTS = Skewed((30, 60, 90, 10, 20, 14, 45))


def draw_drug(rng: Random, case: Case) -> Request:
    """A drug, by how often drugs are disputed; now and then any other of the taxonomy."""
    return _rare(rng) if rng.random() < RARE else _usual(rng, drugs().draw(rng), case)


def draw_compound(rng: Random) -> Request:
    """A compounded cream or a combination topical."""
    row: Compound = compounds().draw(rng)
    name = row.words.split(":")[0].split(",")[0]
    return Request(
        row.words,
        f"the topical {name}" if "%" in name else name,
        "topical",
        "compounded-topical",
        drugs=row.generics,
        drug_classes=_classes(row.generics, on_the_skin=True),
    )


def _classes(ingredients: tuple[str, ...], *, on_the_skin: bool) -> tuple[str, ...]:
    """Classes of the ingredients, and "topical" for what goes on the skin and works there."""
    classes = set(taxonomy().classes(ingredients))
    return tuple(sorted(classes | {"topical"} if on_the_skin else classes))


def _rare(rng: Random) -> Request:
    row = pick(rng, rare_drugs())
    skin = row.form == "cream"
    quantity = None
    text = f"{sentence_case(row.name)} {row.form}".strip()
    if not row.form:
        text = f"{text} {RARE_STRENGTHS.draw(rng)}"
        if rng.random() < 0.85:
            quantity = RARE_COUNTS.draw(rng)
            text = fill(rng, pick(rng, FORMS["rare"]), {"text": text, "n": quantity})
    return Request(
        text,
        row.name,
        "topical" if skin else row.theme,
        "injection" if row.form == "injection" else "medication",
        treatments=("injection",) if row.form == "injection" else (),
        drugs=tuple(sorted(row.ingredients)),
        drug_classes=_classes(row.ingredients, on_the_skin=skin),
        quantity=quantity,
    )


def _usual(rng: Random, row: Drug, case: Case) -> Request:
    name = pick(rng, row.names)
    strength = Skewed(row.strengths).draw(rng)
    text, quantity = _worded(rng, row, name, strength, case)
    return Request(
        text,
        name,
        row.theme,
        "medication",
        drugs=tuple(sorted(row.generics)),
        drug_classes=_classes(row.generics, on_the_skin=row.theme == "topical"),
        quantity=quantity,
    )


def _worded(rng: Random, row: Drug, name: str, strength: str, case: Case) -> tuple[str, int | None]:
    """The heading and the amount it gives."""
    count = Skewed(row.counts).draw(rng)
    slots = {
        "name": name,
        "strength": strength,
        "n": count,
        "unit": row.unit,
        "refills": pick(rng, (2, 3, 5)),
        "when": written_date(case.decided - timedelta(days=120)),
        "generic": "/".join(row.generics),
    }
    draw = rng.random()
    if draw < 0.1:
        return fill(rng, pick(rng, FORMS["uncounted"]), slots), None
    if row.unit:
        return fill(rng, pick(rng, FORMS["boxed"]), slots), count
    if draw < 0.18 and case.decided >= PARTIAL_SINCE:
        return partial_drug(rng, f"{name} {strength}")
    form = COUNTED.draw(rng)
    if name.lower() in row.generics:
        form = form.replace(" ({generic})", "")
    return fill(rng, form, slots), count
