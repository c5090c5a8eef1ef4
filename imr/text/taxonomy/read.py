"""A vocabulary file → checked entries. What is wrong is said with file, entry and key."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from imr.errors import TaxonomyError
from imr.text.taxonomy.concept import Guard
from imr.text.taxonomy.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

_NAME_KEYS = ("names", "brands", "misspellings")
_KEYS: Mapping[str, frozenset[str]] = {
    "class": frozenset({"code", "label", "parent", *_NAME_KEYS}),
    "ingredient": frozenset({"code", "classes", *_NAME_KEYS}),
    "product": frozenset({"ingredients", "form", *_NAME_KEYS}),
    "treatment": frozenset({"code", "label", "parent", "category", "minor", *_NAME_KEYS}),
    "body-part": frozenset({"code", "label", *_NAME_KEYS}),
    "condition": frozenset({"code", "label", "parent", *_NAME_KEYS}),
    "specialty": frozenset({"code", "label", *_NAME_KEYS}),
    "category": frozenset({"code", "label", *_NAME_KEYS}),
}
_GUARD_KEYS = frozenset(rule.name for rule in fields(Guard))
_SWITCHES = frozenset({"exact", "heading"})
_FILE_KEYS = frozenset({"source", "shared"})


@dataclass(frozen=True, slots=True)
class Written:
    """A name as the file has it."""

    text: str
    guard: Guard | None = None
    misspelt: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of a vocabulary file, its keys and types checked."""

    where: str
    table: str
    code: str
    label: str
    written: tuple[Written, ...] = ()
    links: Mapping[str, Any] = field(default_factory=dict)

    def error(self, problem: str) -> TaxonomyError:
        """The error that names this entry."""
        return TaxonomyError(f"{self.where}: {problem}")

    def strings(self, key: str) -> tuple[str, ...]:
        """The value of a list key, empty where it is not given."""
        return tuple(self.links.get(key, ()))


def read(file: Traversable) -> tuple[list[Entry], dict[str, Any]]:
    """The entries of a file and its content as parsed.

    Raises:
        TaxonomyError: with every problem that a stranger's edit is likely to make.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyError(f"{file.name}: not valid TOML: {error}") from error
    if not isinstance(content.get("source"), str):
        raise TaxonomyError(f'{file.name}: say where the names come from: source = "…"')
    entries = list(_entries(file.name, content))
    _refuse_duplicates(file.name, entries, content.get("shared", ()))
    return entries, content


def _entries(file: str, content: Mapping[str, Any]) -> Iterator[Entry]:
    for table, rows in content.items():
        if table in _FILE_KEYS:
            continue
        if table not in _KEYS or not isinstance(rows, list):
            raise TaxonomyError(f"{file}: [[{table}]] is none of {', '.join(_KEYS)}")
        for number, row in enumerate(rows, start=1):
            yield _entry(file, table, number, row)


def _entry(file: str, table: str, number: int, row: Mapping[str, Any]) -> Entry:
    code = row.get("code") or "+".join(sorted(row.get("ingredients", ())))
    where = f"{file}: [[{table}]] {code or f'number {number}'}"
    if not code:
        raise TaxonomyError(f"{where}: has no code")
    if unknown := set(row) - _KEYS[table]:
        raise TaxonomyError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    if "label" in _KEYS[table] and not isinstance(row.get("label"), str):
        raise TaxonomyError(f"{where}: has no label")
    written = tuple(name for key in _NAME_KEYS for name in _names(where, key, row.get(key, ())))
    links = {key: value for key, value in row.items() if key not in _NAME_KEYS}
    return Entry(where, table, code, row.get("label", code), written, links)


def _names(where: str, key: str, values: Iterable[object]) -> Iterator[Written]:
    if not isinstance(values, list | tuple):
        raise TaxonomyError(f"{where}: {key} must be a list")
    for value in values:
        match value:
            case str():
                name, guard = value, None
            case {"name": str(name), **rules}:
                guard = _guard(where, name, {str(rule): words for rule, words in rules.items()})
            case _:
                raise TaxonomyError(f"{where}: {key} holds {value!r}, no name")
        if name != " ".join(name.split()) or not name:
            raise TaxonomyError(f"{where}: {name!r} is empty or has stray blanks")
        yield Written(name, guard, misspelt=key == "misspellings")


def _guard(where: str, name: str, rules: Mapping[str, Any]) -> Guard:
    if unknown := set(rules) - _GUARD_KEYS:
        raise TaxonomyError(f"{where}: {name!r}: unknown rule {', '.join(sorted(unknown))}")
    for key, value in rules.items():
        if key not in _SWITCHES and not _are_words(value):
            raise TaxonomyError(f"{where}: {name!r}: {key} must be a list of words")
    words: dict[str, Any] = {
        rule: tuple(value) for rule, value in rules.items() if rule not in _SWITCHES
    }
    return Guard(exact=rules.get("exact") is True, heading=rules.get("heading") is True, **words)


def _are_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _refuse_duplicates(file: str, entries: Iterable[Entry], shared: Iterable[str]) -> None:
    """A name belongs to one entry of a kind unless the file declares it in `shared`."""
    allowed = {fold(name).text for name in shared}
    owners: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        kind = "drug" if entry.table in {"ingredient", "product"} else entry.table
        for written in entry.written:
            folded = fold(written.text).text
            owner = owners.setdefault((kind, folded), entry)
            if owner is not entry and folded not in allowed:
                raise TaxonomyError(
                    f"{entry.where}: {written.text!r} is already a name of {owner.code!r} "
                    f"({file}): remove one, or declare it in shared"
                )
