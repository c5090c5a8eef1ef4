"""A vocabulary file → checked entries. What is wrong is said with file, entry and remedy."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from imr.errors import TaxonomyError
from imr.text.taxonomy.check import check
from imr.text.taxonomy.concept import Guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

_NAME_KEYS = ("names", "brands", "misspellings")
_EVERY = {"source", *_NAME_KEYS}
_KEYS: Mapping[str, frozenset[str]] = {
    "class": frozenset({"code", "label", "parent", *_EVERY}),
    "ingredient": frozenset({"code", "classes", *_EVERY}),
    "product": frozenset({"ingredients", "form", "numbers", *_EVERY}),
    "treatment": frozenset({"code", "label", "parent", "category", "minor", *_EVERY}),
    "body-part": frozenset({"code", "label", *_EVERY}),
    "condition": frozenset({"code", "label", "parent", *_EVERY}),
    "specialty": frozenset({"code", "label", *_EVERY}),
    "category": frozenset({"code", "label", *_EVERY}),
}
_SWITCHES = frozenset(rule.name for rule in fields(Guard) if rule.type == "bool")
_WORD_RULES = frozenset(rule.name for rule in fields(Guard)) - _SWITCHES
_FILE_KEYS = frozenset({"source", "sources", "shared"})


@dataclass(frozen=True, slots=True)
class Written:
    """A name as the file has it."""

    text: str
    guard: Guard | None = None
    misspelt: bool = False
    brand: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of a vocabulary file, its keys and types checked.

    Attributes:
        sources: where the entry's names come from, as the head of its file describes it.
        links: every key but the names.
    """

    where: str
    table: str
    code: str
    label: str
    sources: tuple[str, ...]
    written: tuple[Written, ...] = ()
    links: Mapping[str, Any] = field(default_factory=dict)

    def error(self, problem: str) -> TaxonomyError:
        """The error that names this entry."""
        return TaxonomyError(f"{self.where}: {problem}")

    def strings(self, key: str) -> tuple[str, ...]:
        """The value of a list key, empty where it is not given."""
        return tuple(self.links.get(key, ()))


def read(file: str, content: Mapping[str, Any]) -> list[Entry]:
    """The entries of a file of this name and content.

    Raises:
        TaxonomyError: with every problem that a stranger's edit is likely to make.
    """
    sources = _sources(file, content)
    entries = list(_entries(file, content, sources))
    shared = content.get("shared", [])
    if not _are_words(shared):
        raise TaxonomyError(f'{file}: shared must be a list of names: shared = ["…"]')
    check(file, entries, shared)
    return entries


def read_toml(file: Traversable) -> dict[str, Any]:
    """A file's content.

    Raises:
        TaxonomyError: it is not TOML.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TaxonomyError(
            f"{file.name}: not valid TOML: {error}; mend it there, or take the last committed state"
        ) from error


def _sources(file: str, content: Mapping[str, Any]) -> Mapping[str, str]:
    """What each code of a source stands for; "" is the source of every entry that names none."""
    sources = content.get("sources", {})
    if isinstance(sources, dict) and "source" in content:
        sources = {**sources, "": content["source"]}
    if not isinstance(sources, dict) or not sources or not _are_words([*sources.values()]):
        raise TaxonomyError(
            f"{file}: say where the names come from: [sources] with a code and a text each, "
            'or source = "…" for all entries'
        )
    return sources


def _entries(file: str, content: Mapping[str, Any], sources: Mapping[str, str]) -> Iterator[Entry]:
    for table, rows in content.items():
        if table in _FILE_KEYS:
            continue
        if table not in _KEYS or not isinstance(rows, list):
            raise TaxonomyError(f"{file}: [[{table}]] is none of {', '.join(_KEYS)}: rename it")
        for number, row in enumerate(rows, start=1):
            yield _entry(file, table, number, row, sources)


def _entry(
    file: str, table: str, number: int, row: Mapping[str, Any], sources: Mapping[str, str]
) -> Entry:
    code = row.get("code") or "+".join(sorted(row.get("ingredients", ())))
    where = f"{file}: [[{table}]] {code or f'number {number}'}"
    if not code:
        named = "ingredients" if table == "product" else "code"
        raise TaxonomyError(f"{where}: has no code: add {named}")
    if unknown := set(row) - _KEYS[table]:
        raise TaxonomyError(
            f"{where}: unknown key {', '.join(sorted(unknown))}: it may have "
            f"{', '.join(sorted(_KEYS[table]))}"
        )
    if "label" in _KEYS[table] and not isinstance(row.get("label"), str):
        raise TaxonomyError(f'{where}: has no label: add label = "…", what people are shown')
    return Entry(
        where=where,
        table=table,
        code=code,
        label=row.get("label", code),
        sources=_own_sources(where, row, sources),
        written=tuple(name for key in _NAME_KEYS for name in _names(where, key, row.get(key, ()))),
        links={key: value for key, value in row.items() if key not in _NAME_KEYS},
    )


def _own_sources(where: str, row: Mapping[str, Any], sources: Mapping[str, str]) -> tuple[str, ...]:
    known = ", ".join(code for code in sources if code)
    if "source" not in row:
        if "" in sources:
            return (sources[""],)
        raise TaxonomyError(f'{where}: has no source: add source = ["…"], of {known}')
    own = row["source"]
    if not _are_words(own) or not own:
        raise TaxonomyError(f'{where}: source must be a list of codes, as ["{known}"]')
    if unknown := set(own) - set(sources):
        raise TaxonomyError(
            f"{where}: source {', '.join(sorted(unknown))} is not described: add it to [sources] "
            f"at the head of the file, or use {known or 'none'}"
        )
    return tuple(sources[code] for code in own)


def _names(where: str, key: str, values: Iterable[object]) -> Iterator[Written]:
    if not isinstance(values, list | tuple):
        raise TaxonomyError(f'{where}: {key} must be a list: {key} = ["…"]')
    for value in values:
        match value:
            case str():
                name, guard = value, None
            case {"name": str(name), **rules}:
                guard = _guard(where, name, {str(rule): words for rule, words in rules.items()})
            case _:
                raise TaxonomyError(
                    f"{where}: {key} holds {value!r}, no name: write a text, "
                    'or { name = "…" } with its rules'
                )
        yield Written(name, guard, misspelt=key == "misspellings", brand=key == "brands")


def _guard(where: str, name: str, rules: Mapping[str, Any]) -> Guard:
    if unknown := set(rules) - _SWITCHES - _WORD_RULES:
        raise TaxonomyError(
            f"{where}: {name!r}: unknown rule {', '.join(sorted(unknown))}: there are "
            f"{', '.join(sorted(_SWITCHES | _WORD_RULES))}"
        )
    if not rules:
        raise TaxonomyError(f"{where}: {name!r} has no rule: write the name alone")
    for key, value in rules.items():
        if key in _SWITCHES and value is not True:
            raise TaxonomyError(f"{where}: {name!r}: {key} can only be true: leave it out")
        if key in _WORD_RULES and not (_are_words(value) and value):
            raise TaxonomyError(f'{where}: {name!r}: {key} must be a list of words: ["…"]')
    checked: dict[str, Any] = {
        rule: True if rule in _SWITCHES else tuple(value) for rule, value in rules.items()
    }
    return Guard(**checked)


def _are_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word for word in value)
