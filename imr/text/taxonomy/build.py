"""Checked entries → concepts with the names to search for, and the mentions that name them."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import permutations
from typing import TYPE_CHECKING, cast, get_args

from imr.model import Category
from imr.text.taxonomy.concept import Concept, Kind, Mention
from imr.text.taxonomy.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imr.text.taxonomy.read import Entry

MOST_NAMES = 40
"""A query clause of more names costs more than the last of them find."""

_WORD = re.compile(r"[a-z0-9]+")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLAIN_CODE = re.compile(r"[a-z0-9]+([ -][a-z0-9]+)*")
_TREES: Mapping[str, Kind] = {
    "class": "drug-class",
    "treatment": "treatment",
    "body-part": "body-part",
    "condition": "condition",
    "specialty": "specialty",
    "category": "category",
}
_PLAIN_CODES = {"ingredient", "body-part"}
"""Their codes are the values users see ("valproic acid", "low back"), blanks and all."""


def build(entries: Iterable[Entry]) -> tuple[tuple[Concept, ...], tuple[Mention, ...]]:
    """All concepts and mentions.

    Raises:
        TaxonomyError: codes repeated or malformed, or a link that leads nowhere.
    """
    tables: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in entries:
        code = entry.code + (f" ({form})" if (form := entry.links.get("form")) else "")
        if code in tables[entry.table]:
            raise entry.error("the code is used twice: make one entry of both")
        _refuse_bad_code(entry)
        tables[entry.table][code] = entry
    concepts: list[Concept] = []
    mentions: list[Mention] = []
    for table, kind in _TREES.items():
        below = _below(tables[table])
        for entry in tables[table].values():
            concept = _tree_concept(entry, kind, tables[table], below[entry.code])
            concepts.append(concept)
            mentions.extend(_mentions(entry, concept))
    for concept, own in _drugs(tables):
        if concept.form is None or len(concept.ingredients) > 1:
            concepts.append(concept)
        mentions.extend(mention for entry in own for mention in _mentions(entry, concept))
    return tuple({(c.kind, c.code): c for c in reversed(concepts)}.values())[::-1], tuple(mentions)


def _refuse_bad_code(entry: Entry) -> None:
    if entry.table in _PLAIN_CODES and not _PLAIN_CODE.fullmatch(entry.code):
        raise entry.error("the code is shown as it is: write it as lower-case words")
    if entry.table not in {"product", *_PLAIN_CODES} and not _CODE.fullmatch(entry.code):
        raise entry.error("write the code as lower-case words joined by hyphens")


def _mentions(entry: Entry, concept: Concept) -> list[Mention]:
    named = [Mention(name.text, concept, name.guard, name.misspelt) for name in entry.written]
    if entry.table == "ingredient" and entry.code not in {name.text for name in entry.written}:
        named.append(Mention(entry.code, concept))
    return named


def _tree_concept(
    entry: Entry, kind: Kind, siblings: Mapping[str, Entry], below: Iterable[Entry]
) -> Concept:
    parent = entry.links.get("parent")
    if parent is not None and parent not in siblings:
        raise entry.error(f"parent {parent!r} is no code of this table: add it, or mend it")
    line = [entry, *(siblings[code] for code in _above(entry.code, siblings))]
    category = next((c for member in line if (c := member.links.get("category"))), None)
    if category is not None and category not in get_args(Category):
        raise entry.error(
            f"category {category!r} is none of the record's: {', '.join(get_args(Category))}"
        )
    if parent is not None and entry.code in _above(parent, siblings):
        raise entry.error("is its own ancestor: give it another parent")
    names = [name for member in (entry, *below) for name in _searched(member)]
    return Concept(
        entry.code,
        kind,
        entry.label,
        names=_fewest(names),
        parent=parent,
        category=cast("Category | None", category),
        minor=bool(entry.links.get("minor", False)),
    )


def _below(siblings: Mapping[str, Entry]) -> Mapping[str, list[Entry]]:
    """Each code's descendants, in the order of the file."""
    below: dict[str, list[Entry]] = defaultdict(list)
    for entry in siblings.values():
        for code in _above(entry.code, siblings):
            below[code].append(entry)
    return below


def _above(code: str, siblings: Mapping[str, Entry]) -> list[str]:
    """The code's ancestors; a loop ends where it closes."""
    above: list[str] = []
    while code in siblings:
        parent = siblings[code].links.get("parent")
        if not isinstance(parent, str) or parent in above:
            break
        above.append(parent)
        code = parent
    return above


def _searched(entry: Entry) -> list[str]:
    """Names that mean the same thing wherever they stand, and are spelt as writers spell them.

    A drug's name that means something else only beside certain words ("Norco, California") is one.
    """
    drugs = entry.table in {"class", "ingredient", "product"}
    return [
        name.text
        for name in entry.written
        if not name.misspelt and (name.guard is None or (drugs and not name.guard.rare))
    ]


def _fewest(names: Iterable[str]) -> tuple[str, ...]:
    """The first `MOST_NAMES` that find something the names before them do not."""
    kept: list[str] = []
    seen: list[str] = []
    for name in names:
        words = "".join(f" {word.removesuffix('s')} " for word in _WORD.findall(fold(name).text))
        if not any(earlier in words for earlier in seen):
            kept.append(name)
            seen.append(words)
        if len(kept) == MOST_NAMES:
            break
    return tuple(kept)


def _drugs(tables: Mapping[str, Mapping[str, Entry]]) -> list[tuple[Concept, list[Entry]]]:
    """Every drug concept with the entries whose names mean it."""
    ingredients = tables["ingredient"]
    products = list(tables["product"].values())
    for product in products:
        _refuse_bad_product(product, ingredients)
    for entry in ingredients.values():
        if unknown := set(entry.strings("classes")) - set(tables["class"]):
            raise entry.error(
                f"no such drug class: {', '.join(sorted(unknown))}: add a [[class]], or mend it"
            )
    made_of: dict[str, list[Entry]] = defaultdict(list)
    for product in products:
        for code in product.strings("ingredients"):
            made_of[code].append(product)
    found = [
        (_drug((code,), entry, made_of[code], tables), [entry])
        for code, entry in ingredients.items()
    ]
    for product in products:
        codes = tuple(sorted(product.strings("ingredients")))
        single = ingredients[codes[0]] if len(codes) == 1 else None
        found.append((_drug(codes, single, made_of[codes[0]], tables, product), [product]))
    return found


def _refuse_bad_product(product: Entry, ingredients: Mapping[str, Entry]) -> None:
    codes = product.strings("ingredients")
    if unknown := set(codes) - set(ingredients):
        raise product.error(
            f"no such ingredient: {', '.join(sorted(unknown))}: add an [[ingredient]], or mend it"
        )
    if len(set(codes)) < len(codes):
        raise product.error("names an ingredient twice: remove one")
    if product.links.get("form") not in {None, "topical"}:
        raise product.error('the only form is "topical": write that, or leave it out')
    if len(codes) == 1 and "form" not in product.links:
        raise product.error("is one ingredient without a form: put its names there as brands")
    if not product.written:
        raise product.error("has no name: add brands, or remove it")
    if not all(number.isdigit() for number in product.strings("numbers")):
        raise product.error('numbers are digits: numbers = ["3", "4"]')


def _drug(
    codes: tuple[str, ...],
    ingredient: Entry | None,
    products: Iterable[Entry],
    tables: Mapping[str, Mapping[str, Entry]],
    product: Entry | None = None,
) -> Concept:
    """The concept of these ingredients; `products` are those that hold the first of them."""
    same = [entry for entry in products if set(entry.strings("ingredients")) == set(codes)]
    wider = [entry for entry in products if set(entry.strings("ingredients")) > set(codes)]
    names = [codes[0], *_searched(ingredient)] if ingredient else _joined(codes)
    names += [name for entry in same for name in _searched(entry)]
    if len(codes) == 1:
        names += [name for entry in wider for name in _searched(entry)]
    classes: set[str] = set()
    for code in codes:
        for drug_class in tables["ingredient"][code].strings("classes"):
            classes |= {drug_class, *_above(drug_class, tables["class"])}
    return Concept(
        "+".join(codes),
        "drug",
        "/".join(codes),
        names=_fewest(names),
        ingredients=codes,
        classes=tuple(sorted(classes)),
        form=product.links.get("form") if product else None,
        numbers=product.strings("numbers") if product else (),
    )


def _joined(codes: tuple[str, ...]) -> list[str]:
    """The ingredients together, as they are written out: "oxycodone/acetaminophen", "…/APAP"."""
    orders = permutations(codes) if len(codes) <= 3 else [codes]
    joined = ["/".join(order) for order in orders]
    return joined + [name.replace("acetaminophen", "APAP") for name in joined if "aceta" in name]
