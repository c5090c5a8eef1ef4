"""Completes what a person begins to type: names of the vocabularies and values of the index."""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Literal, get_args

from imr import fields
from imr.engines.protocol import Engine
from imr.errors import BadQueryError
from imr.model import Value
from imr.search.names import Beginning, Name, Names, chosen, comparable
from imr.text.taxonomy import load as taxonomies
from imr.text.taxonomy.concept import Concept, Kind

SuggestKind = Literal[
    "drug", "drug-class", "treatment", "body-part", "condition", "guideline", "specialty",
    "case-number",
]  # fmt: skip
KINDS: tuple[SuggestKind, ...] = get_args(SuggestKind)
MOST = 50
"""Suggestions an answer may have."""
MAX_LENGTH = 200
"""Characters a text may have."""
LEAST = 2
"""Letters and digits from which names are completed: fewer begin too many."""

Counts = Mapping[str, Mapping[str, int]]

_CONCEPTS: tuple[Kind, ...] = ("drug", "drug-class", "treatment", "body-part", "condition")
_FIELD = {f.concept: f.name for f in fields.FILTERED if f.concept} | {
    "guideline": "guideline",
    "specialty": "specialty",
}
"""The field that filters by a kind."""
_COUNTED = tuple(dict.fromkeys(_FIELD[kind] for kind in KINDS if kind in _FIELD))
# "CM16-0000042", however the hyphen is written
_CASE_NUMBER = re.compile(r"\s*([A-Za-z]{2}\d{2})[\s\-\u2010-\u2015]*(\d{0,7})\s*")


class Completion(Value):
    """What may be meant: `field`=`value` is the filter for it, null for a letter to be opened."""

    kind: SuggestKind
    value: str
    label: str
    field: str | None


class SuggestResponse(Value):
    """The body of `/v1/suggest`."""

    text: str
    suggestions: tuple[Completion, ...]
    took_ms: float


class Suggester:
    """Completes over one index; keeps the names of the values that it last held."""

    def __init__(self) -> None:
        self._last: tuple[Counts, Names] | None = None

    def __call__(
        self, engine: Engine, text: str, kinds: Sequence[SuggestKind] = KINDS, limit: int = 10
    ) -> SuggestResponse:
        """What the text may become: case numbers, then by nearness, the commonest first.

        A typo is looked for only where nothing begins with the text as it is.
        """
        began = time.perf_counter()
        found = [*_letters(engine, text, limit)] if "case-number" in kinds else []
        typed = comparable(text)
        if len(typed) >= LEAST and set(kinds) != {"case-number"}:
            found += self._named(engine, typed, set(kinds))[: limit - len(found)]
        took = round((time.perf_counter() - began) * 1000, 1)
        return SuggestResponse(text=text, suggestions=tuple(found), took_ms=took)

    def _named(self, engine: Engine, typed: str, kinds: Collection[str]) -> list[Completion]:
        counts = engine.value_counts(_COUNTED)
        sources = (_vocabularies(), self._values(counts))
        for look in (Names.beginning, Names.nearly_beginning):
            found = [each for names in sources for each in look(names, typed)]
            if best := chosen(each for each in found if each.name.kind in kinds):
                return [_completion(b.name) for b in sorted(best, key=lambda b: _rank(b, counts))]
        return []

    def _values(self, counts: Counts) -> Names:
        last = self._last
        if last is None or (last[0] is not counts and last[0] != counts):
            last = self._last = counts, Names(_values(counts))
        return last[1]


def kinds(names: str | None) -> tuple[SuggestKind, ...]:
    """The kinds that a text names, separated by commas; None is all.

    Raises:
        BadQueryError: there is no such kind; the message names those there are.
    """
    wanted = [name.strip() for name in (names or "").split(",") if name.strip()]
    for name in wanted:
        if name not in KINDS:
            near = difflib.get_close_matches(name, KINDS, n=1, cutoff=0.6) or KINDS
            raise BadQueryError(f"there is no kind {name!r}: there is {', '.join(near)}")
    return tuple(kind for kind in KINDS if kind in wanted) or KINDS


@cache
def _vocabularies() -> Names:
    """All names of the vocabularies that mean one thing, rightly spelled."""
    taxonomy = taxonomies.load()
    labels = [_name(concept, concept.label) for kind in _CONCEPTS for concept in taxonomy.of(kind)]
    # "hydrocodone/acetaminophen" is no mention: letters are read for each of the two
    combinations = [
        _name(drug, text)
        for drug in taxonomy.of("drug")
        for text in drug.names
        if len(drug.codes) > 1 and "/" in text
    ]
    mentions = [
        _name(mention.concept, mention.text)
        for mention in taxonomy.mentions
        if mention.concept.kind in _CONCEPTS
        and not mention.misspelt
        and not (mention.guard and mention.guard.rare)
    ]
    return Names(dict.fromkeys((*labels, *combinations, *mentions)))


def _name(concept: Concept, text: str) -> Name:
    return Name(
        kind=concept.kind,
        # a drug's label names it as well as its code, whose "+" would be a blank in an address
        value=concept.label if concept.kind == "drug" else concept.code,
        text=text,
        label=concept.label,
        codes=concept.codes,
        own=text == concept.label,
    )


def _values(counts: Counts) -> Iterator[Name]:
    """Values that are their own names."""
    for kind in ("guideline", "specialty"):
        for value in counts[_FIELD[kind]]:
            yield Name(kind, value, value, value, (value,), own=True)


def _letters(engine: Engine, text: str, limit: int) -> Iterator[Completion]:
    begun = _CASE_NUMBER.fullmatch(text)
    if begun:
        for id_ in engine.letters_beginning(f"{begun[1].upper()}-{begun[2]}", limit):
            yield Completion(kind="case-number", value=id_, label=id_, field=None)


def _rank(found: Beginning, counts: Counts) -> tuple[object, ...]:
    """Nearest first, what the index has, labels before other names, then the commonest.

    Brands are what people call drugs, so they stand with the labels. A combination is as common
    as its rarest part.
    """
    name = found.name
    common = min(counts[_FIELD[name.kind]].get(code, 0) for code in name.codes)
    other = not name.own and name.kind != "drug"
    last = name.label.lower(), name.kind, name.value
    return found.typo, found.longer, found.inner, not common, other, -common, *last


def _completion(name: Name) -> Completion:
    called = name.label if name.own else f"{name.text} ({name.label})"
    return Completion.model_validate(
        {"kind": name.kind, "value": name.value, "label": called, "field": _FIELD[name.kind]}
    )
