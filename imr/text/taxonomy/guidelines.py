"""The names of cited guidelines: documents, chapters and section titles, read from TOML."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from imr.errors import TaxonomyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.resources.abc import Traversable

FILE = "guidelines.toml"
CODES = (
    "mtus-documents",
    "mtus-collections",
    "acoem-chapters",
    "acoem-numbered",
    "odg-chapters",
    "odg-headings",
    "titles",
    "others",
)
_KEYS = {"code", "source", "names"}


@dataclass(frozen=True, slots=True)
class Guidelines:
    """The reviewed names, as the file writes them.

    Attributes:
        mtus_collections: parts of the MTUS whose sections are documents of their own.
        acoem_numbered: chapters of ACOEM's 2nd edition; chapter n is at n - 1.
        odg_headings: headings inside ODG entries that begin with "ODG", given without it.
        titles: `title_key` of section titles.
        others: agencies, references, payers and laws that are cited by name.
    """

    mtus_documents: tuple[str, ...]
    mtus_collections: tuple[str, ...]
    acoem_chapters: tuple[str, ...]
    acoem_numbered: tuple[str, ...]
    odg_chapters: tuple[str, ...]
    odg_headings: tuple[str, ...]
    titles: frozenset[str]
    others: tuple[str, ...]


_PARENTHESIS = re.compile(r"\s*\([^()]*\)")
_NOT_A_LETTER = re.compile(r"[^a-z0-9,]+")
_NAME_PARTS = re.compile(r",? (?:and|&) |, |[- ]|/|'")
_AND = r",? ?(?:and\b|&|/) ?"
_ALSO = rf"(?:{_AND}|, ?)"  # "Forearm, Wrist, Hand Complaints"
_PART_PATTERNS = {", ": "(?:,? |/)", " ": "[- ]", "-": "[- ]?", "/": " ?/ ?", "'": "['\u2019]?"}


def title_key(title: str) -> str:
    """What makes two spellings of a section title the same: case, "&" and brackets don't count.

    "Weaning, opioids (specific guidelines)" and "Weaning, Opioids" have the same key, and so
    have "Forearm, Wrist, & Hand" and "Forearm, Wrist and Hand".
    """
    bare = _PARENTHESIS.sub("", title).lower().replace("&", " and ")
    key = " ".join(_NOT_A_LETTER.sub(" ", bare).replace(" ,", ",").split())
    return key.replace(", and ", " and ") if key.count(",") > 1 else key


def names_pattern(names: Iterable[str]) -> str:
    """A pattern (for IGNORECASE) that matches any of the names as letters spell them."""
    longest_first = sorted(set(names), key=len, reverse=True)
    return "(?:" + "|".join(_name_pattern(name) for name in longest_first) + r")(?!\w)"


def _name_pattern(name: str) -> str:
    pattern, end = "", 0
    for part in _NAME_PARTS.finditer(name):
        pattern += re.escape(name[end : part.start()])
        pattern += _PART_PATTERNS.get(part.group(), _ALSO if "," in part.group() else _AND)
        end = part.end()
    return pattern + re.escape(name[end:])


@cache
def load_guidelines() -> Guidelines:
    """The names that come with the package.

    Raises:
        TaxonomyError: the file breaks its rules.
    """
    return load_guidelines_from(files(__package__) / FILE)


def load_guidelines_from(file: Traversable) -> Guidelines:
    """The names of one file, checked.

    Raises:
        TaxonomyError: with the group and what is wrong in it.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyError(f"{file.name}: not valid TOML: {error}") from error
    if set(content) != {"group"} or not isinstance(content["group"], list):
        raise TaxonomyError(f"{file.name}: holds [[group]] tables and nothing else")
    names: dict[str, list[str]] = {code: [] for code in CODES}
    for number, group in enumerate(content["group"], start=1):
        code = group.get("code") if isinstance(group, dict) else None
        where = f"{file.name}: [[group]] {code or f'number {number}'}"
        if code not in CODES:
            raise TaxonomyError(f"{where}: code must be one of {', '.join(CODES)}")
        # a title may stand in several guidelines: "Acupuncture"
        names[code].extend(_names(where, group, [] if code == "titles" else names[code]))
    if missing := [code for code, found in names.items() if not found]:
        raise TaxonomyError(f"{file.name}: no names for {', '.join(missing)}")
    fields: dict[str, Any] = {code.replace("-", "_"): tuple(found) for code, found in names.items()}
    return Guidelines(**fields | {"titles": frozenset(map(title_key, names["titles"]))})


def _names(where: str, group: Mapping[str, Any], known: list[str]) -> list[str]:
    if unknown := set(group) - _KEYS:
        raise TaxonomyError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    if not isinstance(group.get("source"), str) or not group["source"].strip():
        raise TaxonomyError(f'{where}: say where the names come from: source = "…"')
    values = group.get("names")
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TaxonomyError(f"{where}: names must be a list of strings")
    same = title_key if group["code"] == "titles" else str
    seen = set(known)
    for name in values:
        if not name or name != " ".join(name.split()):
            raise TaxonomyError(f"{where}: {name!r} is empty or has stray blanks: mend or drop it")
        if same(name) in seen:
            raise TaxonomyError(f"{where}: {name!r} is there twice: take one out")
        seen.add(same(name))
    return list(values)
