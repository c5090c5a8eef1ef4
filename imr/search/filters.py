"""Filters as a person writes them → the values an index holds."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from imr import fields, taken
from imr.errors import BadQueryError
from imr.model import Category, Outcome
from imr.search.function_words import OUTCOME_WORDS
from imr.search.plan import Filter
from imr.text.taxonomy import load as taxonomies
from imr.text.taxonomy.concept import Kind

_CLOSED: Mapping[str, tuple[str, ...]] = {
    "outcome": get_args(Outcome),
    "category": get_args(Category),
}


def read(asked: Iterable[tuple[str, str]]) -> tuple[Filter, ...]:
    """Filters from (FIELD or not.FIELD, value) pairs; the same field again adds alternatives.

    Raises:
        BadQueryError: no such field or value; the message names the nearest ones.
    """
    alternatives: dict[tuple[str, bool], list[tuple[str, ...]]] = {}
    for name, value in asked:
        negated = name.startswith("not.")
        field = field_named(name.removeprefix("not."))
        alternatives.setdefault((field.name, negated), []).append(_values(field, value))
    return tuple(
        Filter(name, tuple(dict.fromkeys(values)), negated)
        for (name, negated), values in alternatives.items()
    )


def field_named(name: str) -> fields.Field:
    """The field that may be filtered by, or a BadQueryError."""
    field = fields.BY_NAME.get(name)
    if field is None or not field.filtered:
        names = [f.name for f in fields.FILTERED]
        raise BadQueryError(f"there is no filter {name!r}: {_instead(name, names)}")
    return field


def facets(names: Sequence[str] | None) -> tuple[str, ...]:
    """The facets to count; None means all."""
    known = [field.name for field in fields.FACETS]
    for name in names or ():
        if name not in known:
            raise BadQueryError(f"there is no facet {name!r}: {_instead(name, known)}")
    return tuple(names) if names is not None else tuple(field.name for field in fields.SHOWN)


def _values(field: fields.Field, value: str) -> tuple[str, ...]:
    """What the index must hold for this value, all of it."""
    wanted = value.strip()
    if field.concept is not None:
        return _codes(field, field.concept, wanted)
    if field.name in _CLOSED:
        known = _CLOSED[field.name]
        code = wanted.lower().replace(" ", "-")
        if code not in known:
            # by its letters alone "denied" would be nearest to "overturned"
            meant = OUTCOME_WORDS.get(code, code) if field.name == "outcome" else code
            raise BadQueryError(f"{field.name} has no value {value!r}: {_instead(meant, known)}")
        return (code,)
    if not wanted:
        raise BadQueryError(f"the filter {field.name} has no value")
    return (taken.spelled(wanted) if field.name.endswith("guideline") else wanted,)


def _codes(field: fields.Field, kind: Kind, wanted: str) -> tuple[str, ...]:
    taxonomy = taxonomies.load()
    concept = taxonomy.resolve(kind, wanted)
    if concept is None:
        near = taxonomy.nearest(kind, wanted)
        instead = f"did you mean {', '.join(near)}?" if near else "no name is near to it"
        raise BadQueryError(f"{field.name} has no value {wanted!r}: {instead}")
    return concept.codes


def _instead(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(known)}"
