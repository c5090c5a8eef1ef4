"""Filters as a person writes them → the values an index holds."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from imr import fields, taken
from imr.errors import BadQueryError
from imr.search import known_values
from imr.search.function_words import OUTCOME_WORDS
from imr.search.plan import Bound, Filter
from imr.text.taxonomy import load as taxonomies

Values = Callable[[str], Collection[str]]
"""A keyword field's name → the values that an index holds of it."""

_ENDS = {"min": 0, "max": 1}


def read(asked: Iterable[tuple[str, str]], values: Values) -> tuple[Filter, ...]:
    """Filters from (FIELD, not.FIELD, FIELD.min or FIELD.max, value) pairs.

    The same field again adds alternatives; a least and a most value make one range.

    Raises:
        BadQueryError: no such field or value; the message names the nearest ones.
    """
    alternatives: dict[tuple[str, bool], list[tuple[str, ...]]] = {}
    ranges: dict[tuple[str, bool], list[tuple[Bound, Bound]]] = {}
    ends: dict[tuple[str, bool], list[str]] = {}
    for name, value in asked:
        negated = name.startswith("not.")
        bare, _, end = name.removeprefix("not.").partition(".")
        field = field_named(bare)
        key = field.name, negated
        if value.strip() == "*" and not end:
            ranges.setdefault(key, []).append((None, None))
        elif end:
            if field.type == "keyword" or end not in _ENDS:
                raise BadQueryError(f"there is no filter {name!r}: {_ranged(field)}")
            bound(field, value)
            ends.setdefault(key, ["", ""])[_ENDS[end]] = value
        elif field.type == "keyword":
            alternatives.setdefault(key, []).append(keyword(field, value, values))
        else:
            ranges.setdefault(key, []).append(_forwards(field, value))
    for key, given in ends.items():
        ranges.setdefault(key, []).append(_forwards(field_named(key[0]), "..".join(given)))
    return tuple(
        Filter(
            name,
            tuple(dict.fromkeys(alternatives.get((name, negated), ()))),
            negated,
            tuple(dict.fromkeys(ranges.get((name, negated), ()))),
        )
        for name, negated in dict.fromkeys((*alternatives, *ranges))
    )


def any_value(field: fields.Field) -> Filter:
    """That the decision has the field at all."""
    return Filter(field.name, ranges=((None, None),))


def field_named(name: str) -> fields.Field:
    """The field that may be filtered by, or a BadQueryError."""
    field = fields.BY_NAME.get(name)
    if field is None or not field.filtered:
        names = [f.name for f in fields.FILTERED]
        raise BadQueryError(f"there is no filter {name!r}: {instead(name, names)}")
    return field


def facets(names: Sequence[str] | None) -> tuple[str, ...]:
    """The facets to count; None means those that are shown."""
    known = [field.name for field in fields.FACETS]
    for name in names or ():
        if name not in known:
            raise BadQueryError(f"there is no facet {name!r}: {instead(name, known)}")
    return tuple(names) if names is not None else tuple(field.name for field in fields.SHOWN)


def keyword(field: fields.Field, value: str, values: Values) -> tuple[str, ...]:
    """What the index must hold for this value of a keyword field, all of it."""
    wanted = value.strip()
    if not wanted:
        raise BadQueryError(f"the filter {field.name} has no value")
    found = exact(field, wanted, lambda: spellings(field, values)) or absent(field, wanted)
    if found is not None:
        return found
    if wanted.endswith("*"):
        raise BadQueryError(
            f"{field.name} has no value {wanted!r}: a star is read in a query only, as "
            f"{field.name}:{wanted}"
        )
    if field.concept is not None:
        near = taxonomies.load().nearest(field.concept, wanted)
        nearest = f"did you mean {', '.join(near)}?" if near else "no name is near to it"
        raise BadQueryError(f"{field.name} has no value {wanted!r}: {nearest}")
    # by its letters alone "denied" would be nearest to "overturned"
    meant = OUTCOME_WORDS.get(wanted.lower(), wanted) if field.name == "outcome" else wanted
    held = known(field, values)
    if not _near(meant, held) and _near(meant, known_values.of(field.name)):
        held = known_values.of(field.name)
    nearest = instead(meant, held)
    raise BadQueryError(f"{field.name} has no value {value!r}: {nearest}")


def exact(
    field: fields.Field, wanted: str, spellings_: Callable[[], Mapping[str, str]]
) -> tuple[str, ...] | None:
    """What the index must hold for a value that is spelled as the index or a vocabulary does."""
    if field.concept is not None:
        concept = taxonomies.load().resolve(field.concept, wanted)
        return concept.codes if concept else None
    by_spelling = spellings_()
    found = by_spelling.get(_key(wanted)) or by_spelling.get(_key(taken.spelled(wanted)))
    return None if found is None else (found,)


def absent(field: fields.Field, wanted: str) -> tuple[str, ...] | None:
    """A value that the vocabularies know, though no decision of the index may have it."""
    by_spelling = {_key(each): each for each in known_values.of(field.name)}
    found = by_spelling.get(_key(wanted)) or known_values.formed(field.name, wanted)
    return None if found is None else (found,)


def spellings(field: fields.Field, values: Values) -> dict[str, str]:
    """The values that a keyword field has, by what their spellings have in common."""
    return {_key(each): each for each in known(field, values)}


def known(field: fields.Field, values: Values) -> Collection[str]:
    """The values that a keyword field has in the index; all where these are few and closed."""
    return known_values.CLOSED.get(field.name) or values(field.name)


def span(field: fields.Field, value: str) -> tuple[Bound, Bound]:
    """A number or day, or a range of them: "40", "40..60", "2016", "2016-05..2017"."""
    low, dots, high = value.partition("..")
    if not dots:
        high = low
    least, most = _end(field, low, 0), _end(field, high, 1)
    if least is None and most is None:
        raise BadQueryError(f"the filter {field.name} has no value: {_ranged(field)}")
    return least, most


def _forwards(field: fields.Field, value: str) -> tuple[Bound, Bound]:
    """A span whose first end does not lie behind its second."""
    low, high = span(field, value)
    # both of one type: a field's ends are days or numbers
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        least, most = (end.strip() for end in value.split("..", 1))
        raise BadQueryError(
            f"the range of {field.name} runs backwards, from {least} to {most}: change its ends "
            f"about, as in {field.name}={most}..{least}"
        )
    return low, high


def bound(field: fields.Field, value: str) -> Bound:
    """One end of a range."""
    least = _end(field, value, 0)
    if least is None:
        raise BadQueryError(f"the filter {field.name} has no value: {_ranged(field)}")
    return least


def compared(field: fields.Field, sign: str, value: str) -> tuple[Bound, Bound]:
    """The range of a comparison: ">=", ">", "<=" or "<" and a number or day."""
    bound(field, value)
    end = _end(field, value, int(sign in {">", "<="}))
    if sign in {">", "<"}:
        end = _beyond(field, end, 1 if sign == ">" else -1)
    return (end, None) if sign[0] == ">" else (None, end)


def _beyond(field: fields.Field, end: Bound, way: int) -> Bound:
    """The next day, or the next number as engines store them (float32)."""
    if isinstance(end, str):
        try:
            return date.fromordinal(date.fromisoformat(end).toordinal() + way).isoformat()
        except (ValueError, OverflowError):
            raise BadQueryError(f"{field.name} has no day beyond {end}: {_ranged(field)}") from None
    return float(np.nextafter(np.float32(end or 0), np.float32(way * np.inf)))


def merged(filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """One filter a field, and one that is negated: it asks for any of what they ask for."""
    by_field: dict[tuple[str, bool], Filter] = {}
    for each in filters:
        first = by_field.get((each.field, each.negated), replace(each, alternatives=(), ranges=()))
        by_field[each.field, each.negated] = replace(
            first,
            alternatives=tuple(dict.fromkeys((*first.alternatives, *each.alternatives))),
            ranges=tuple(dict.fromkeys((*first.ranges, *each.ranges))),
        )
    return tuple(by_field.values())


def _end(field: fields.Field, value: str, end: int) -> Bound:
    """A range's end; an open one (nothing or a star) is None, a month or year ends with its day."""
    wanted = value.strip()
    if wanted in {"", "*"}:
        return None
    try:
        return _day(wanted, end) if field.type == "date" else _number(wanted)
    except (ValueError, OverflowError):
        raise BadQueryError(f"{field.name} has no value {value!r}: {_ranged(field)}") from None


def _number(value: str) -> float:
    # float() takes "nan" and "1_0", too
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", value):
        raise ValueError(value)
    return float(value)


def _day(value: str, end: int) -> str:
    parts = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", value)
    if parts is None:
        raise ValueError(value)
    year, month, day = (int(part) if part else None for part in parts.groups())
    assert year is not None  # noqa: S101 - the expression has it
    if day is not None and month is not None:
        return date(year, month, day).isoformat()
    if not end:
        return date(year, month or 1, 1).isoformat()
    following = date(year + 1, 1, 1) if month in {None, 12} else date(year, (month or 0) + 1, 1)
    return date.fromordinal(following.toordinal() - 1).isoformat()


def _ranged(field: fields.Field) -> str:
    if field.type == "keyword":
        return f"{field.name} takes values, {field.name}=VALUE"
    example = "2016-05-31" if field.type == "date" else "40"
    return (
        f"write {field.name}={example}, {field.name}={example}..*, "
        f"{field.name}.min={example} or {field.name}.max={example}"
    )


def _key(value: str) -> str:
    return " ".join(value.casefold().replace("-", " ").replace("_", " ").split())


def instead(name: str, known: Collection[str]) -> str:
    """The nearest names; all of them where they are few."""
    if near := _near(name, known):
        return f"did you mean {', '.join(near)}?"
    if len(known) <= MANY:
        return f"there are {', '.join(sorted(known))}" if known else "there is none"
    return "no value is near to it"


def _near(name: str, known: Collection[str]) -> list[str]:
    key = _key(name)
    by_key = {_key(each): each for each in known}
    near = difflib.get_close_matches(key, by_key, n=3, cutoff=0.5)
    if not near and len(key) >= taxonomies.SHORTEST_PART:
        near = sorted((each for each in by_key if key in each), key=len)[:3]
    return [by_key[each] for each in near]


MANY = 40
"""So many values are named one by one where none is near."""
