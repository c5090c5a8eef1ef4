"""The vocabularies as one value: concepts by code, by name, as trees, and how text names them."""

from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from imr.errors import TaxonomyError
from imr.text.taxonomy.build import build
from imr.text.taxonomy.fold import fold
from imr.text.taxonomy.read import Entry, read, read_toml
from imr.text.taxonomy.reason_vocabulary import FILE, reason_concepts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from imr.text.taxonomy.concept import Concept, Kind, Mention

FILES = (
    "drugs.toml",
    "treatments.toml",
    "body_parts.toml",
    "conditions.toml",
    "specialties.toml",
    "categories.toml",
)
RULES = 4
"""Raised when rules in code change what the same vocabularies find: tagging, what is requested,
negation, category, quantity, citations, reasons."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All concepts.

    Attributes:
        mentions: every way to write them, for the tagger.
        products: combinations of ingredients that are sold together.
        brands: names that drugs are sold under, by what `brand` compares.
        fingerprint: sha256 over the content (comments apart) of every TOML file of the folder,
            whoever reads it, and `RULES`.
    """

    concepts: Mapping[tuple[Kind, str], Concept]
    mentions: tuple[Mention, ...]
    products: Mapping[frozenset[str], Concept]
    brands: Mapping[str, str]
    fingerprint: str
    _named: Mapping[tuple[Kind, str], Concept] = field(repr=False)
    _children: Mapping[tuple[Kind, str], tuple[Concept, ...]] = field(repr=False)

    def of(self, kind: Kind) -> tuple[Concept, ...]:
        """All concepts of a kind, in the order of the file."""
        return tuple(concept for (of, _), concept in self.concepts.items() if of == kind)

    def get(self, kind: Kind, code: str) -> Concept:
        """The concept of a code.

        Raises:
            KeyError: the code is unknown.
        """
        return self.concepts[kind, code]

    def children(self, kind: Kind, code: str) -> tuple[Concept, ...]:
        """The concepts directly below a code."""
        return self._children.get((kind, code), ())

    def subtree(self, kind: Kind, code: str) -> frozenset[str]:
        """The code and all codes below it."""
        below = (self.subtree(kind, child.code) for child in self.children(kind, code))
        return frozenset({code}).union(*below)

    def ancestors(self, kind: Kind, code: str) -> tuple[str, ...]:
        """The codes above a code, nearest first."""
        parent = self.get(kind, code).parent
        return () if parent is None else (parent, *self.ancestors(kind, parent))

    def classes(self, ingredients: tuple[str, ...]) -> tuple[str, ...]:
        """The classes of all these ingredients, broader ones included, sorted."""
        known = (self.concepts.get(("drug", ingredient)) for ingredient in ingredients)
        return tuple(sorted({code for drug in known if drug for code in drug.classes}))

    def resolve(self, kind: Kind, value: str) -> Concept | None:
        """The concept a person means by a code, label or name of this kind; None if unknown.

        `resolve("drug", "norco").codes` are the ingredients that must all hold. A combination
        may also be written out: "oxycodone/acetaminophen".
        """
        return self._named.get((kind, _key(value))) or (
            self._combination(value) if kind == "drug" else None
        )

    def brand(self, wording: str) -> str | None:
        """The brand of this name, as the vocabulary writes it; None for a generic name."""
        return self.brands.get(_key(wording))

    def nearest(self, kind: Kind, value: str, limit: int = 3) -> tuple[str, ...]:
        """Names that look like this value or hold it, of a concept each, best first.

        One that is not the concept's label has that behind it: "norco (acetaminophen/hydrocodone)".
        """
        key = _key(value)
        misspelt = {_key(each.text) for each in self.mentions if each.misspelt}
        of_kind = {
            name: concept
            for (of, name), concept in self._named.items()
            if of == kind and name not in misspelt
        }
        near = difflib.get_close_matches(key, of_kind, n=3 * limit, cutoff=0.7)
        if not near and len(key) >= SHORTEST_PART:
            near = sorted((name for name in of_kind if key in name), key=len)
        first: dict[str, str] = {}
        for name in near:
            first.setdefault(of_kind[name].code, name)
        told = ((name, of_kind[name].label) for name in first.values())
        return tuple(label if _key(label) == n else f"{n} ({label})" for n, label in told)[:limit]

    def _combination(self, value: str) -> Concept | None:
        parts = [
            self._named.get(("drug", _key(part))) for part in value.replace("+", "/").split("/")
        ]
        ingredients = frozenset(code for part in parts if part for code in part.codes)
        return self.products.get(ingredients) if all(parts) else None


SHORTEST_PART = 4
"""Letters by which a name may be told that holds them."""


@cache
def load() -> Taxonomy:
    """The vocabularies that come with the package.

    Raises:
        TaxonomyError: a file breaks its rules.
    """
    return load_from(files(__package__))


def load_from(folder: Traversable) -> Taxonomy:
    """The vocabularies of a folder that holds all of `FILES`, and of the reasons where it has them.

    Raises:
        TaxonomyError: a file breaks its rules; the message names file, entry and remedy.
    """
    contents = {
        file.name: read_toml(file) for file in folder.iterdir() if file.name.endswith(".toml")
    }
    if missing := set(FILES) - set(contents):
        raise TaxonomyError(f"{folder}: has no {', '.join(sorted(missing))}: put it there")
    entries: list[Entry] = []
    for name in FILES:
        entries.extend(read(name, contents[name]))
    concepts, mentions = build(entries)
    if FILE in contents:
        concepts += reason_concepts(FILE, contents[FILE])
    return Taxonomy(
        concepts={(concept.kind, concept.code): concept for concept in concepts},
        mentions=mentions,
        products={
            frozenset(concept.ingredients): concept
            for concept in concepts
            if len(concept.ingredients) > 1
        },
        brands={_key(name.text): name.text for e in entries for name in e.written if name.brand},
        fingerprint=_fingerprint(contents),
        _named=_by_name(concepts, mentions),
        _children=_by_parent(concepts),
    )


def _fingerprint(contents: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(f"rules {RULES}".encode())
    digest.update(json.dumps(contents, sort_keys=True).encode())
    return digest.hexdigest()


def _by_name(
    concepts: tuple[Concept, ...], mentions: tuple[Mention, ...]
) -> dict[tuple[Kind, str], Concept]:
    """Codes win over labels, labels over names."""
    named: dict[tuple[Kind, str], Concept] = {}
    for concept in concepts:
        named[concept.kind, _key(concept.code)] = concept
    for concept in concepts:
        named.setdefault((concept.kind, _key(concept.label)), concept)
    for mention in mentions:
        named.setdefault((mention.concept.kind, _key(mention.text)), mention.concept)
    return named


def _by_parent(concepts: tuple[Concept, ...]) -> dict[tuple[Kind, str], tuple[Concept, ...]]:
    below: dict[tuple[Kind, str], tuple[Concept, ...]] = {}
    for concept in concepts:
        if concept.parent is not None:
            key = concept.kind, concept.parent
            below[key] = (*below.get(key, ()), concept)
    return below


@lru_cache(maxsize=50_000)
def _key(value: str) -> str:
    return " ".join(fold(value).text.split())
