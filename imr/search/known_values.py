"""The values that a keyword field can have, whether any decision of an index has them or not.

A value that vocabularies or the record know is no mistake where the index has no decision of it:
the answer is empty then, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cache, partial
from typing import get_args

from imr import fields, taken
from imr.engines.protocol import Engine
from imr.model import Category, GuidelineSource, Outcome, Priority, Sex, Side
from imr.search.plan import Clause, Filter, Plan
from imr.text.taxonomy import load as taxonomies
from imr.text.taxonomy.guidelines import load_guidelines
from imr.text.taxonomy.levels import find_levels

CLOSED: Mapping[str, tuple[str, ...]] = {
    "outcome": get_args(Outcome),
    "category": get_args(Category),
}
"""Fields that have no other values."""

FIRST_YEAR, FIRST_YEAR_OF_INJURY = 2013, 1950
"""Independent Medical Review began in 2013, over injuries of long before."""
_STATES = (
    "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut",
    "Delaware", "District of Columbia", "Florida", "Georgia", "Hawaii", "Idaho", "Illinois",
    "Indiana", "Iowa", "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland", "Massachusetts",
    "Michigan", "Minnesota", "Mississippi", "Missouri", "Montana", "Nebraska", "Nevada",
    "New Hampshire", "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota",
    "Ohio", "Oklahoma", "Oregon", "Pennsylvania", "Rhode Island", "South Carolina",
    "South Dakota", "Tennessee", "Texas", "Utah", "Vermont", "Virginia", "Washington",
    "West Virginia", "Wisconsin", "Wyoming",
)  # fmt: skip


_POSTAL = dict(
    zip(
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
        "NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY".split(),
        _STATES,
        strict=True,
    )
)


def of(field: str) -> Collection[str]:
    """The values that are known of a field by themselves; what else it may have is the index's."""
    return CLOSED.get(field) or (_LISTED[field]() if field in _LISTED else ())


def formed(field: str, value: str) -> str | None:
    """A value of a field whose values are many but of one form; None where it is none."""
    if field in {"year", "injury_year"}:
        first = FIRST_YEAR if field == "year" else FIRST_YEAR_OF_INJURY
        is_year = value.isascii() and value.isdecimal() and len(value) == 4
        return value if is_year and first <= int(value) <= date.today().year else None  # noqa: DTZ011
    if field == "licensure_state":
        return _POSTAL.get(value.upper())
    if field == "level":
        found = find_levels(value)
        return found[0] if len(found) == 1 and len(value) <= len("L4-L5") + 1 else None
    return None


@cache
def _brands() -> tuple[str, ...]:
    return tuple(dict.fromkeys(taxonomies.load().brands.values()))


@cache
def _specialties() -> tuple[str, ...]:
    return tuple(taken.spelled(each.label) for each in taxonomies.load().of("specialty"))


@cache
def _guidelines(*, one_name: bool) -> tuple[str, ...]:
    """Sources and their documents, as citations of them are counted: see `imr/taken.py`."""
    known = load_guidelines()
    by_source = {
        "MTUS": known.mtus_documents,
        "ACOEM": known.acoem_chapters,
        "ODG": known.odg_chapters,
    }
    named = (
        taken.one_name(source, name) if one_name else taken.spelled(f"{source}: {name}")
        for source, names in by_source.items()
        for name in names
    )
    return tuple(dict.fromkeys((*_sources(), *named)))


def _sources() -> tuple[str, ...]:
    return get_args(GuidelineSource)


_LISTED: Mapping[str, Callable[[], tuple[str, ...]]] = {
    "brand": _brands,
    "specialty": _specialties,
    "side": lambda: get_args(Side),
    "sex": lambda: get_args(Sex),
    "priority": lambda: get_args(Priority),
    "body_region": lambda: tuple(taken.REGIONS),
    "age_band": lambda: taken.AGE_BANDS,
    "licensure_state": lambda: _STATES,
    "cited_nothing": lambda: ("reviewer", "administrator"),
    **{
        f"{who}guideline{what}": values
        for who in ("", "administrator_")
        for what, values in (
            ("", partial(_guidelines, one_name=False)),
            ("_document", partial(_guidelines, one_name=True)),
            ("_source", _sources),
        )
    },
}


def without_decisions(engine: Engine, plan: Plan) -> Iterator[str]:
    """A sentence for each value asked for that no decision of the index has."""
    asked = [
        each
        for each in dict.fromkeys((*plan.filters, *_in_clauses(plan.must)))
        if each.alternatives and not each.negated
    ]
    counts = engine.value_counts(sorted({each.field for each in asked})) if asked else {}
    for each in asked:
        for values in each.alternatives:
            if not all(counts[each.field].get(value) for value in values):
                field = fields.BY_NAME[each.field]
                told = " and ".join(fields.label(field, value) for value in values)
                yield f"no decision in this index has {each.field} {told}{_of_source(each, told)}"


def _of_source(asked: Filter, told: str) -> str:
    """Where a source was asked for as a guideline, which only a citation of no more than it is."""
    if asked.field.endswith("guideline") and told in _sources():
        return f"; {asked.field}_source={told} finds all that is cited of it"
    return ""


def _in_clauses(clauses: Iterable[Clause]) -> Iterator[Filter]:
    for clause in clauses:
        if not clause.negated:
            yield from _in_clauses(clause.parts)
            if clause.filter:
                yield clause.filter
