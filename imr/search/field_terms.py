"""`field:value` in a query → what it asks of a field that is no text."""

from __future__ import annotations

import re
from math import inf

from imr import fields
from imr.errors import BadQueryError
from imr.search import filters
from imr.search.function_words import OUTCOME_WORDS
from imr.search.held import Held
from imr.search.plan import Bound, Clause, Filter
from imr.search.syntax import Token, shortened

MOST_VALUES = 40
"""How many values one field term may stand for."""
_SAID = 4

_COMPARED = re.compile(r"([<>]=?)\s*(.+)")
_YEARS_COMPARED = re.compile(r"([<>]=?)\s*(\d{1,9})")
_YEARS_BETWEEN = re.compile(r"(\d{1,9}|\*)\.\.(\d{1,9}|\*)")
_FROM_TO = re.compile(r"(\d+)\s*-\s*(\d+)")
_MARKS = ".,;:!?'"


def read(field: fields.Field, token: Token, held: Held, warnings: list[str]) -> Clause | None:
    """The clause; None where the field can't have this value, and a warning says so."""
    wanted = token.text.strip().strip(_MARKS) if token.kind == "word" else token.text.strip()
    asked = (_keyword if field.type == "keyword" else _ranged)(field, wanted, held, warnings)
    if asked is None:
        said = wanted.replace("..", " TO ") if token.kind == "range" else wanted
        instead = "was left out" if is_ordered(token) else "is searched as text"
        warnings.append(f"{field.name} has no value {shortened(said)!r}, so it {instead}")
        return None
    return Clause("field", worded(asked), hard=True, filter=asked)


def is_ordered(token: Token) -> bool:
    """Whether it is a range or a comparison, which say nothing as words."""
    return token.kind == "range" or token.text.startswith(("<", ">"))


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


def _ranged(field: fields.Field, wanted: str, _: Held, warnings: list[str]) -> Filter | None:
    if wanted.replace("..", " ").replace("*", " ").strip() == "" and "*" in wanted:
        return filters.any_value(field)
    try:
        if compared := _COMPARED.fullmatch(wanted):
            return Filter(field.name, ranges=(filters.compared(field, *compared.groups()),))
        if field.type == "number" and (between := _FROM_TO.fullmatch(wanted)):
            wanted = "..".join(between.groups())
        low, high = filters.span(field, wanted)
        # both of one type: a field's ends are days or numbers
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            first, last = wanted.split("..")
            warnings.append(_backwards(field, first, last))
            low, high = filters.span(field, f"{last}..{first}")
    except BadQueryError:
        return None
    return Filter(field.name, ranges=((low, high),))


def _keyword(field: fields.Field, wanted: str, held: Held, warnings: list[str]) -> Filter | None:
    if wanted == "*":
        return filters.any_value(field)
    if numbers := _numbers(wanted):
        low, high = numbers
        if low > high:
            warnings.append(_backwards(field, *wanted.split("..")))
        found = held.between(field, min(numbers), max(numbers))
        return Filter(field.name, tuple((value,) for value in found)) if found else None
    exact = held.exact(field, wanted)
    if exact is not None:
        return Filter(field.name, (exact,))
    if field.name == "outcome" and wanted.lower() in OUTCOME_WORDS:
        found = [OUTCOME_WORDS[wanted.lower()]]
    else:
        found = held.containing(field, wanted, MOST_VALUES + 1)
    if not found:
        known = filters.absent(field, wanted)
        return Filter(field.name, (known,)) if known else None
    said = f'{field.name}:"{wanted}"' if " " in wanted else f"{field.name}:{wanted}"
    if len(found) > MOST_VALUES:
        found.pop()
        warnings.append(f"only the first {MOST_VALUES} values of {said} are asked for")
    labels = [fields.label(field, value) for value in found]
    more = f" or {len(found) - _SAID} more" if len(found) > _SAID else ""
    warnings.append(f"{said} is read as {' or '.join(labels[:_SAID])}{more}")
    return Filter(field.name, tuple((value,) for value in found))


def _backwards(field: fields.Field, first: str, last: str) -> str:
    return (
        f"{field.name}:[{first} TO {last}] runs backwards, so it is read as "
        f"{field.name}:[{last} TO {first}]"
    )


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
