"""The one registry of fields.

A row says what a field is called, how it is taken from a decision, and what it is used for.
Mappings, the embedded schema and columns, API parameters, facets and the docs' table of fields all
come from these rows: adding a field is adding one row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from imr.model import Citation, Decision, Determination
from imr.text.taxonomy import load as taxonomies
from imr.text.taxonomy.concept import Kind

FieldType = Literal["keyword", "date", "text"]
Take = Callable[[Determination, Decision], Iterable[str | None]]

ABSENT = "\u2d63\u2d63none"
"""Stands for an empty text, so that both engines count every decision in a field's statistics.

Its letters (Tifinagh) occur in no letter and no query meant for this index.
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One row.

    Attributes:
        take: the field's values for a decision; None values are left out.
        filtered: may be a filter, `FIELD=value` and `not.FIELD=value`.
        facet: counted by value: flat, or a tree whose broader values are among the values taken.
        sorted: results may be ordered by it.
        weight: how much a match in this text counts; None for fields that hold no searched text.
        concept: the vocabulary whose names a filter's value may use (`drug=norco`), all of a
            concept's codes being required.
        exported: a column of exports.
    """

    name: str
    label: str
    type: FieldType
    take: Take
    filtered: bool = False
    facet: Literal["flat", "tree"] | None = None
    sorted: bool = False
    weight: float | None = None
    concept: Kind | None = None
    exported: bool = True


def guideline_name(citation: Citation) -> str:
    """A citation as one facet value: "MTUS: Chronic Pain Medical Treatment", "ODG"."""
    return spelled(
        f"{citation.source}: {citation.document}" if citation.document else citation.source
    )


_SMALL_WORDS = frozenset(
    {"a", "an", "and", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)


def spelled(name: str) -> str:
    """A guideline's name in one spelling, so that a facet counts it once.

    "ODG: Neck & upper back" is "ODG: Neck and Upper Back"; the record keeps the letter's wording.
    """
    words = " ".join(name.replace("&", " and ").split()).split(" ")
    source = {"mtus:": "MTUS:", "odg:": "ODG:", "acoem:": "ACOEM:", "other:": "other:"}
    bare = {"mtus": "MTUS", "odg": "ODG", "acoem": "ACOEM", "other": "other"}
    first = (source if len(words) > 1 else bare).get(words[0].lower(), words[0])
    return " ".join([first, *(_capital(word) for word in words[1:])])


def _capital(word: str) -> str:
    return word.lower() if word.lower() in _SMALL_WORDS else word[:1].upper() + word[1:]


def _guidelines(citations: Iterable[Citation]) -> Iterable[str]:
    return dict.fromkeys(guideline_name(citation) for citation in citations)


def _cited_text(_: Determination, decision: Decision) -> Iterable[str]:
    """All cited names and sections as one text: scores stay equal on both engines only so."""
    cited = [*decision.reviewer_guidelines, *decision.administrator_guidelines]
    names = dict.fromkeys(
        name
        for citation in cited
        for name in (citation.source, citation.document, *citation.sections)
        if name and name != "other"
    )
    yield " \u00b7 ".join(names)


def _with_broader(kind: Kind, codes: Iterable[str]) -> Iterable[str]:
    """The codes and all broader ones, each once: a parent is counted once a decision."""
    taxonomy = taxonomies.load()
    return dict.fromkeys(name for code in codes for name in (code, *taxonomy.ancestors(kind, code)))


def _decided(determination: Determination, _: Decision) -> Iterable[str | None]:
    yield determination.dates.decision.isoformat() if determination.dates.decision else None


def _year(determination: Determination, _: Decision) -> Iterable[str | None]:
    yield str(determination.dates.decision.year) if determination.dates.decision else None


FIELDS: tuple[Field, ...] = (
    Field("outcome", "Outcome", "keyword", lambda _, d: (d.outcome,), filtered=True, facet="flat"),
    Field(
        "category", "Category", "keyword", lambda _, d: (d.category,), filtered=True, facet="flat",
    ),
    Field(
        "drug", "Drug", "keyword", lambda _, d: d.drugs,
        filtered=True, facet="flat", concept="drug",
    ),
    Field(
        "drug_class", "Drug class", "keyword", lambda _, d: d.drug_classes,
        filtered=True, facet="flat", concept="drug-class",
    ),
    Field(
        "treatment", "Treatment", "keyword", lambda _, d: _with_broader("treatment", d.treatments),
        filtered=True, facet="tree", concept="treatment",
    ),
    Field(
        "body_part", "Body part", "keyword", lambda _, d: d.body_parts,
        filtered=True, facet="flat", concept="body-part",
    ),
    Field(
        "guideline", "Guideline the reviewer applied", "keyword",
        lambda _, d: _guidelines(d.reviewer_guidelines), filtered=True, facet="flat",
    ),
    Field(
        "administrator_guideline", "Guideline the claims administrator cited", "keyword",
        lambda _, d: _guidelines(d.administrator_guidelines), filtered=True, facet="flat",
    ),
    Field(
        "reason", "Reason for the decision", "keyword", lambda _, d: (r.code for r in d.reasons),
        filtered=True, facet="flat", concept="reason",
    ),
    Field("year", "Year decided", "keyword", _year, filtered=True, facet="flat"),
    Field("decided", "Decided", "date", _decided, sorted=True),
    Field("request", "Request", "text", lambda _, d: (d.request,), weight=3.0),
    Field("rationale", "Rationale", "text", lambda _, d: (d.rationale,), weight=1.0),
    Field("cited", "Cited guidelines", "text", _cited_text, weight=1.0, exported=False),
)  # fmt: skip

BY_NAME = {field.name: field for field in FIELDS}
FILTERED = tuple(field for field in FIELDS if field.filtered)
FACETS = tuple(field for field in FIELDS if field.facet)
TEXTS = tuple(field for field in FIELDS if field.weight is not None)


def fingerprint() -> str:
    """Identifies what engines make of the registry; recorded with an index.

    Another row, type or name changes it, labels and weights do not.
    """
    rows = [[field.name, field.type] for field in FIELDS]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def values(field: Field, determination: Determination, decision: Decision) -> tuple[str, ...]:
    """The field's values for a decision, each once, in the order taken."""
    return tuple(dict.fromkeys(value for value in field.take(determination, decision) if value))


def text_of(field: Field, determination: Determination, decision: Decision) -> str:
    """A searched text as it is indexed: never empty, see ABSENT."""
    return " ".join(values(field, determination, decision)) or ABSENT


def label(field: Field, value: str) -> str:
    """How a value is shown to people."""
    if field.concept:
        concept = taxonomies.load().concepts.get((field.concept, value))
        if concept:
            return concept.label
    if field.name in {"outcome", "category"}:
        return value.replace("-", " ").capitalize() if value != "dme" else "DME"
    return value
