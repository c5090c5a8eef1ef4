"""The vocabulary of reasons: codes with their meaning and rules, read from TOML and checked."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, get_args

from imr.errors import TaxonomyError
from imr.model import Outcome
from imr.text.taxonomy.concept import Concept
from imr.text.taxonomy.read import read_toml
from imr.text.taxonomy.reason_rules import CONDITION, TURN, Rule, RuleBook, parse_rule
from imr.text.taxonomy.reason_signs import Signs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

FILE = "reasons.toml"
NORM, CASE, ASIDE = "norm", "case", "aside"
"""Signs by which the finder tells what kind of sentence it reads."""
NAMED = "named"
"""A sign that no file lists: a word of what is requested."""
REQUESTS = {
    "adjunct-request": "for-adjunct",
    "care-request": "for-care",
    "test-request": "for-test",
}
"""Where what is requested holds a sign, every sentence holds the other, which no file lists."""
KINDS = ("said", "absent", "recited", "otherwise", "last")
"""What a sentence must be for a rule, see the head of reasons.toml."""

_CODE = re.compile(r"[a-z]+(-[a-z]+)*")
_TEXTS = ("code", "label", "outcome", "definition")
_ABSENT = ("none {}", "{} none 3 shown", "{} wanting")
_FINDERS = frozenset({NORM, CASE, ASIDE, TURN, CONDITION, *REQUESTS})
_MADE = frozenset({NAMED, *REQUESTS.values()})


@dataclass(frozen=True, slots=True)
class ReasonEntry:
    """One code: the outcome it explains, what it means, the codes that are told instead of it."""

    code: str
    label: str
    outcome: Outcome
    definition: str
    yields_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """The rules of one outcome, by what a sentence must be for them, and the signs they need."""

    signs: Signs
    said: RuleBook[str]
    recited: RuleBook[str]
    otherwise: RuleBook[str]
    last: RuleBook[str]


@dataclass(frozen=True, slots=True)
class Reasons:
    """The vocabulary: entries by code, in the file's order, and what finds them."""

    entries: Mapping[str, ReasonEntry]
    sides: Mapping[Outcome, Side]


@cache
def load_reasons() -> Reasons:
    """The vocabulary that comes with the package.

    Raises:
        TaxonomyError: the file breaks its rules.
    """
    return load_reasons_from(files(__package__) / FILE)


def load_reasons_from(file: Traversable) -> Reasons:
    """The vocabulary of one file, checked.

    Raises:
        TaxonomyError: with the entry and what is wrong in it.
    """
    content = read_toml(file)
    if set(content) != {"source", "signs", "reason"}:
        raise TaxonomyError(f"{file.name}: holds source, [signs] and [[reason]], nothing else")
    if not isinstance(content["source"], str) or not content["source"].strip():
        raise TaxonomyError(f'{file.name}: say where the phrases come from: source = "…"')
    entries = _entries(file.name, content)
    phrases = _phrases(file.name, content["signs"])
    rules: dict[Outcome, dict[str, list[tuple[Rule, str]]]] = {
        side: defaultdict(list) for side in get_args(Outcome)
    }
    for table in content["reason"]:
        for kind, rule in _rules(f"{file.name}: [[reason]] {table['code']}", table):
            rules[table["outcome"]][kind].append((rule, table["code"]))
    _refuse_loose_ends(file.name, entries, phrases, rules)
    return Reasons(entries, {side: _side(file.name, rules[side], phrases) for side in rules})


def reason_concepts(file: str, content: Mapping[str, Any]) -> tuple[Concept, ...]:
    """The codes and labels of a file's content as concepts, for filters and facets.

    Raises:
        TaxonomyError: an entry that `load_reasons_from` would refuse; rules are not read.
    """
    entries = _entries(file, content).values()
    return tuple(Concept(entry.code, "reason", entry.label) for entry in entries)


def _entries(file: str, content: Mapping[str, Any]) -> dict[str, ReasonEntry]:
    entries: dict[str, ReasonEntry] = {}
    for number, table in enumerate(content["reason"], start=1):
        where = f"{file}: [[reason]] {table.get('code') or f'number {number}'}"
        entry = _entry(where, table)
        if entry.code in entries:
            raise TaxonomyError(f"{where}: the code is used twice")
        entries[entry.code] = entry
    return entries


def _phrases(file: str, signs: Mapping[str, object]) -> dict[str, list[str]]:
    for sign, phrases in signs.items():
        if not isinstance(phrases, list) or not all(isinstance(each, str) for each in phrases):
            raise TaxonomyError(f"{file}: sign {sign!r} must be a list of phrases")
        if len(set(phrases)) < len(phrases):
            raise TaxonomyError(f"{file}: sign {sign!r} has a phrase twice")
    return {sign: list(map(str, phrases)) for sign, phrases in signs.items()}  # type: ignore[call-overload]


def _entry(where: str, table: Mapping[str, Any]) -> ReasonEntry:
    if unknown := set(table) - {*_TEXTS, *KINDS, "never", "yields-to"}:
        raise TaxonomyError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    for key in _TEXTS:
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise TaxonomyError(f"{where}: {key} must be a text")
    if not _CODE.fullmatch(table["code"]):
        raise TaxonomyError(f"{where}: a code is lower-case words joined by hyphens")
    if table["outcome"] not in get_args(Outcome):
        raise TaxonomyError(f"{where}: outcome must be one of {', '.join(get_args(Outcome))}")
    if not any(table.get(kind) for kind in KINDS):
        raise TaxonomyError(f"{where}: no rule finds it")
    texts = {key: table[key] for key in _TEXTS}
    return ReasonEntry(**texts, yields_to=tuple(table.get("yields-to", ())))


def _rules(where: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Rule]]:
    """(kind, rule) of every rule of an entry; what is absent is said in three ways."""
    never = "".join(f" -{sign}" for sign in table.get("never", ()))
    for kind in KINDS:
        for text in table.get(kind, ()):
            head, _, rest = text.partition(" ")
            absent = kind == "absent"
            for form in [f"{form.format(head)} {rest}" for form in _ABSENT] if absent else [text]:
                try:
                    yield "said" if absent else kind, parse_rule(form + never)
                except ValueError as error:
                    raise TaxonomyError(f"{where}: {kind} rule {text!r}: {error}") from error


def _refuse_loose_ends(
    file: str,
    entries: Mapping[str, ReasonEntry],
    phrases: Mapping[str, object],
    rules: Mapping[Outcome, Mapping[str, list[tuple[Rule, str]]]],
) -> None:
    """Every sign that a rule names is listed, and every listed one is used; codes exist."""
    used = set(_FINDERS)
    for of_side in rules.values():
        for rule, code in (each for of_kind in of_side.values() for each in of_kind):
            if unknown := rule.signs - set(phrases) - _MADE:
                raise TaxonomyError(
                    f"{file}: [[reason]] {code}: rule {rule.text!r}: "
                    f"no such sign: {', '.join(sorted(unknown))}"
                )
            used |= rule.signs
    if missing := _FINDERS - set(phrases):
        raise TaxonomyError(f"{file}: the finder needs the signs {', '.join(sorted(missing))}")
    if idle := set(phrases) - used:
        raise TaxonomyError(f"{file}: no rule uses the signs {', '.join(sorted(idle))}")
    for entry in entries.values():
        if unknown_codes := set(entry.yields_to) - set(entries):
            raise TaxonomyError(
                f"{file}: [[reason]] {entry.code}: yields-to names no code of this file: "
                f"{', '.join(sorted(unknown_codes))}"
            )


def _side(
    file: str, rules: Mapping[str, list[tuple[Rule, str]]], phrases: Mapping[str, list[str]]
) -> Side:
    books = {kind: rules.get(kind, []) for kind in ("said", "recited", "otherwise", "last")}
    used = _FINDERS.union(*(rule.signs for book in books.values() for rule, _ in book))
    try:
        signs = Signs({sign: phrases[sign] for sign in sorted(used - _MADE)})
    except ValueError as error:
        raise TaxonomyError(f"{file}: {error}") from error
    return Side(signs, **{kind: RuleBook(book) for kind, book in books.items()})
