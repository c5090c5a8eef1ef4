"""`field:value` in a query → what it asks of a field that is no text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import inf

from imr import fields
from imr.errors import BadQueryError
from imr.search import filters
from imr.search.filters import Values
from imr.search.function_words import OUTCOME_WORDS
from imr.search.plan import Bound, Clause, Filter
from imr.search.syntax import Token, shortened
from imr.text.analysis import tokens, words

MOST_VALUES = 40
"""How many values one field term may stand for."""
_SAID = 4

_COMPARED = re.compile(r"([<>]=?)\s*(.+)")
_YEARS_COMPARED = re.compile(r"([<>]=?)\s*(\d{1,9})")
_YEARS_BETWEEN = re.compile(r"(\d{1,9}|\*)\.\.(\d{1,9}|\*)")
_FROM_TO = re.compile(r"(\d+)\s*-\s*(\d+)")
_MARKS = ".,;:!?'"


def read(field: fields.Field, token: Token, values: Values, warnings: list[str]) -> Clause | None:
    """The clause; None where the field can't have this value, and a warning says so."""
    wanted = token.text.strip().strip(_MARKS) if token.kind == "word" else token.text.strip()
    asked = (_keyword if field.type == "keyword" else _ranged)(field, wanted, values, warnings)
    if asked is None:
        said = wanted.replace("..", " TO ") if token.kind == "range" else wanted
        instead = "was left out" if token.kind == "range" else "is searched as text"
        warnings.append(f"{field.name} has no value {shortened(said)!r}, so it {instead}")
        return None
    return Clause("field", worded(asked), hard=True, filter=asked)


def worded(asked: Filter) -> str:
    """A filter as people read it: "drug: Gabapentin or Tramadol", "age: 40 to 60"."""
    field = fields.BY_NAME[asked.field]
    told = [
        " and ".join(fields.label(field, value) for value in several)
        for several in asked.alternatives
    ]
    told += [_range_worded(low, high) for low, high in asked.ranges]
    return f"{asked.field}: {' or '.join(told)}"


def _range_worded(low: Bound, high: Bound) -> str:
    if low is None and high is None:
        return "any"
    if low == high:
        return _end_worded(low, "", "").strip()
    told = [] if low is None else [_end_worded(low, "from", "over")]
    told += [] if high is None else [_end_worded(high, "to" if told else "up to", "under")]
    return " ".join(told)


def _end_worded(end: Bound, word: str, beyond: str) -> str:
    """An end; `beyond` tells the number that lies next to what a person wrote."""
    if not isinstance(end, float):
        return f"{word} {end}"
    short = f"{end:.6g}"
    return f"{word if float(short) == end else beyond} {short}"


def _ranged(
    field: fields.Field, wanted: str, _values: Values, warnings: list[str]
) -> Filter | None:
    if wanted.replace("..", " ").replace("*", " ").strip() == "" and "*" in wanted:
        return Filter(field.name, ranges=((None, None),))
    try:
        if compared := _COMPARED.fullmatch(wanted):
            return Filter(field.name, ranges=(filters.compared(field, *compared.groups()),))
        if field.type == "number" and (between := _FROM_TO.fullmatch(wanted)):
            wanted = "..".join(between.groups())
        low, high = filters.span(field, wanted)
        # both of one type: a field's ends are days or numbers
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            warnings.append(f"{field.name}:[{wanted.replace('..', ' TO ')}] runs backwards")
            first, _, last = wanted.partition("..")
            low, high = filters.span(field, f"{last}..{first}")
    except BadQueryError:
        return None
    return Filter(field.name, ranges=((low, high),))


def _keyword(
    field: fields.Field, wanted: str, values: Values, warnings: list[str]
) -> Filter | None:
    if numbers := _numbers(wanted):
        low, high = numbers
        held = sorted(value for value in values(field.name) if value.isdecimal())
        found = [value for value in held if low <= int(value) <= high]
        return Filter(field.name, tuple((value,) for value in found)) if found else None
    exact = filters.exact(field, wanted, values)
    if exact is not None:
        return Filter(field.name, (exact,))
    if field.name == "outcome" and wanted.lower() in OUTCOME_WORDS:
        found = [OUTCOME_WORDS[wanted.lower()]]
    else:
        found = _containing(field, wanted, values(field.name))
    if not found:
        return None
    labels = [fields.label(field, value) for value in found]
    more = f" or {len(found) - _SAID} more" if len(found) > _SAID else ""
    said = f'{field.name}:"{wanted}"' if " " in wanted else f"{field.name}:{wanted}"
    warnings.append(f"{said} is read as {' or '.join(labels[:_SAID])}{more}")
    if len(found) > MOST_VALUES:
        warnings.append(f"only the first {MOST_VALUES} values of {said} are asked for")
    return Filter(field.name, tuple((value,) for value in found[:MOST_VALUES]))


def _numbers(wanted: str) -> tuple[float, float] | None:
    """The ends of a range of whole numbers, as years are, which are keywords."""
    if compared := _YEARS_COMPARED.fullmatch(wanted):
        sign, number = compared[1], int(compared[2])
        if sign[0] == ">":
            return number + (sign == ">"), inf
        return -inf, number - (sign == "<")
    if between := _YEARS_BETWEEN.fullmatch(wanted):
        low, high = between.groups()
        return -inf if low == "*" else int(low), inf if high == "*" else int(high)
    return None


def _containing(field: fields.Field, wanted: str, held: Iterable[str]) -> list[str]:
    """The values that hold all these words, in any form; a last one with a star begins a word."""
    starred = words(wanted)[-1:] if wanted.endswith("*") else []
    stems = tokens(wanted)[: len(tokens(wanted)) - len(starred)]
    if not stems and not starred:
        return []
    # most values are ruled out by letters alone, which is quick; a stem may end in another letter
    letters = [stem[:-1] if len(stem) > 3 else stem for stem in stems] + starred
    return sorted(
        value
        for value in held
        if (label := _searchable(field, value))
        and all(each in label for each in letters)
        and _holds(label, stems, starred)
    )


def _searchable(field: fields.Field, value: str) -> str:
    label = fields.label(field, value) if field.concept else value
    return label.casefold() if label.casefold() == value else f"{label} {value}".casefold()


def _holds(label: str, stems: Sequence[str], starred: Sequence[str]) -> bool:
    found = tokens(label)
    return all(stem in found for stem in stems) and all(
        any(word.startswith(start) for word in words(label)) for start in starred
    )
