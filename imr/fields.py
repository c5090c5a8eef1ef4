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

from imr import taken
from imr.model import Decision, Determination
from imr.text.taxonomy import load as taxonomies
from imr.text.taxonomy.concept import Kind

FieldType = Literal["keyword", "number", "date", "text"]
Scope = Literal["decision", "facts", "all"]
Value = str | float | None
Take = Callable[[Determination, Decision], Iterable[Value]]

ABSENT = "\u2d63\u2d63none"
"""Stands for an empty text, so that both engines count every decision in a field's statistics.

Its letters (Tifinagh) occur in no letter and no query meant for this index.
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One row.

    Attributes:
        take: the field's values for a decision; None values are left out. Keywords may have any
            number, numbers and dates (ISO 8601) one at most.
        filtered: may be a filter, `FIELD=value` and `not.FIELD=value`; numbers and dates by
            `FIELD.min` and `FIELD.max`, too.
        facet: counted by value: flat, or a tree whose broader values are among the values taken.
        shown: the facet is counted unless others are asked for.
        sorted: results may be ordered by it.
        weight: how much a match in this text counts; None for fields that hold no searched text.
        scopes: where the text is searched.
        concept: the vocabulary whose names a filter's value may use (`drug=norco`), all of a
            concept's codes being required.
        exported: a column of exports.
        single: a keyword field that has one value at most.
    """

    name: str
    label: str
    type: FieldType
    take: Take
    filtered: bool = False
    facet: Literal["flat", "tree"] | None = None
    shown: bool = False
    sorted: bool = False
    weight: float | None = None
    scopes: tuple[Scope, ...] = ()
    concept: Kind | None = None
    exported: bool = True
    single: bool = False


DECISION: tuple[Scope, ...] = ("decision", "all")
FACTS: tuple[Scope, ...] = ("facts", "all")
EVERYWHERE: tuple[Scope, ...] = ("decision", "facts", "all")

FIELDS: tuple[Field, ...] = (
    Field(
        "outcome", "Outcome", "keyword", lambda _, d: (d.outcome,),
        filtered=True, facet="flat", shown=True, single=True,
    ),
    Field(
        "category", "Category", "keyword", lambda _, d: (d.category,),
        filtered=True, facet="flat", shown=True, single=True,
    ),
    Field(
        "drug", "Drug", "keyword", lambda _, d: d.drugs,
        filtered=True, facet="flat", shown=True, concept="drug",
    ),
    Field("brand", "Brand requested", "keyword", taken.brands, filtered=True, facet="flat"),
    Field(
        "drug_class", "Drug class", "keyword", lambda _, d: d.drug_classes,
        filtered=True, facet="flat", shown=True, concept="drug-class",
    ),
    Field(
        "treatment", "Treatment", "keyword",
        lambda _, d: taken.with_broader("treatment", d.treatments),
        filtered=True, facet="tree", shown=True, concept="treatment",
    ),
    Field(
        "body_part", "Body part", "keyword", lambda _, d: d.body_parts,
        filtered=True, facet="flat", shown=True, concept="body-part",
    ),
    Field("body_region", "Body region", "keyword", taken.regions, filtered=True, facet="flat"),
    Field(
        "side", "Side", "keyword", lambda _, d: (d.side,),
        filtered=True, facet="flat", single=True,
    ),
    Field(
        "level", "Level of the spine", "keyword", lambda _, d: d.levels,
        filtered=True, facet="flat",
    ),
    Field("quantity", "Quantity in dispute", "number", lambda _, d: (d.quantity,), filtered=True),
    Field(
        "condition", "Condition of the patient", "keyword", taken.conditions,
        filtered=True, facet="flat", shown=True, concept="condition",
    ),
    Field(
        "guideline", "Guideline the reviewer applied", "keyword",
        lambda _, d: taken.guidelines(d.reviewer_guidelines),
        filtered=True, facet="flat", shown=True,
    ),
    Field(
        "guideline_source", "Source of the reviewer's guideline", "keyword",
        lambda _, d: taken.sources(d.reviewer_guidelines), filtered=True, facet="flat",
    ),
    Field(
        "guideline_section", "Section the reviewer applied", "keyword",
        lambda _, d: taken.sections(d.reviewer_guidelines), filtered=True, facet="flat",
    ),
    Field(
        "guideline_document", "Guideline the reviewer applied, under one name",
        "keyword", lambda _, d: taken.documents(d.reviewer_guidelines),
        filtered=True, facet="flat",
    ),
    Field(
        "guideline_part", "Section of which guideline the reviewer applied", "keyword",
        lambda _, d: taken.parts(d.reviewer_guidelines), filtered=True, facet="flat",
    ),
    Field(
        "guideline_edition", "Edition of the guideline the reviewer applied", "keyword",
        lambda _, d: taken.editions(d.reviewer_guidelines), filtered=True, facet="flat",
    ),
    Field(
        "administrator_guideline", "Guideline the claims administrator cited", "keyword",
        lambda _, d: taken.guidelines(d.administrator_guidelines),
        filtered=True, facet="flat", shown=True,
    ),
    Field(
        "administrator_guideline_source", "Source of the administrator's guideline", "keyword",
        lambda _, d: taken.sources(d.administrator_guidelines), filtered=True, facet="flat",
    ),
    Field(
        "administrator_guideline_section", "Section the administrator cited", "keyword",
        lambda _, d: taken.sections(d.administrator_guidelines), filtered=True, facet="flat",
    ),
    Field(
        "administrator_guideline_document", "Guideline the administrator cited, under one name",
        "keyword", lambda _, d: taken.documents(d.administrator_guidelines),
        filtered=True, facet="flat",
    ),
    Field(
        "administrator_guideline_part", "Section of which guideline the administrator cited",
        "keyword", lambda _, d: taken.parts(d.administrator_guidelines),
        filtered=True, facet="flat",
    ),
    Field(
        "administrator_guideline_edition", "Edition of the guideline the administrator cited",
        "keyword", lambda _, d: taken.editions(d.administrator_guidelines),
        filtered=True, facet="flat",
    ),
    Field(
        "cited_nothing", "Cited no guideline", "keyword", taken.cited_nothing,
        filtered=True, facet="flat",
    ),
    Field(
        "reason", "Reason for the decision", "keyword", lambda _, d: (r.code for r in d.reasons),
        filtered=True, facet="flat", shown=True, concept="reason",
    ),
    Field(
        "specialty", "Reviewer's specialty", "keyword", taken.specialties,
        filtered=True, facet="flat", shown=True,
    ),
    Field(
        "licensure_state", "Reviewer's state of licensure", "keyword",
        lambda letter, _: letter.reviewer.licensure_states, filtered=True, facet="flat",
    ),
    Field("age", "Age", "number", lambda letter, _: (letter.patient.age,), filtered=True),
    Field(
        "age_band", "Age band", "keyword", taken.age_bands,
        filtered=True, facet="flat", single=True,
    ),
    Field(
        "sex", "Sex", "keyword", lambda letter, _: (letter.patient.sex,),
        filtered=True, facet="flat", single=True,
    ),
    Field(
        "priority", "Priority", "keyword", lambda letter, _: (letter.priority,),
        filtered=True, facet="flat", single=True,
    ),
    Field(
        "year", "Year decided", "keyword", lambda letter, _: taken.years(letter.dates.decision),
        filtered=True, facet="flat", shown=True, single=True,
    ),
    Field(
        "decided", "Day decided", "date", lambda letter, _: taken.days_of(letter.dates.decision),
        filtered=True, sorted=True,
    ),
    Field(
        "injury_year", "Year of injury", "keyword",
        lambda letter, _: taken.years(letter.dates.injury),
        filtered=True, facet="flat", single=True,
    ),
    Field(
        "injured", "Day of injury", "date", lambda letter, _: taken.days_of(letter.dates.injury),
        filtered=True,
    ),
    Field("days", "Days from injury to decision", "number", taken.days_between, filtered=True),
    Field(
        "request", "Request", "text", lambda _, d: (d.request,), weight=3.0, scopes=EVERYWHERE,
    ),
    Field(
        "rationale", "Rationale", "text", lambda _, d: (d.rationale,), weight=1.0, scopes=DECISION,
    ),
    Field(
        "cited", "Cited guidelines", "text", taken.cited_text,
        weight=1.0, scopes=DECISION, exported=False,
    ),
    Field(
        "summary", "Clinical summary", "text", lambda letter, _: (letter.clinical_summary,),
        weight=1.0, scopes=FACTS, exported=False,
    ),
)  # fmt: skip

BY_NAME = {field.name: field for field in FIELDS}
FILTERED = tuple(field for field in FIELDS if field.filtered)
FACETS = tuple(field for field in FIELDS if field.facet)
SHOWN = tuple(field for field in FACETS if field.shown)
KEYWORDS = tuple(field for field in FIELDS if field.type == "keyword")
RANGED = tuple(field for field in FIELDS if field.type in {"number", "date"})
TEXTS = tuple(field for field in FIELDS if field.weight is not None)


def texts(scope: Scope) -> tuple[Field, ...]:
    """The texts that are searched in a scope."""
    return tuple(field for field in TEXTS if scope in field.scopes)


def fingerprint() -> str:
    """Identifies what engines make of the registry; recorded with an index.

    Another row, type or name changes it, labels and weights do not.
    """
    rows = [[field.name, field.type] for field in FIELDS]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def values(field: Field, determination: Determination, decision: Decision) -> tuple[str, ...]:
    """A keyword field's values for a decision, each once, in the order taken."""
    found = [str(v) for v in field.take(determination, decision) if v]
    return tuple(found if len(found) < 2 else dict.fromkeys(found))


def value(field: Field, determination: Determination, decision: Decision) -> float | str | None:
    """The number or day (ISO 8601) of a decision; None where the letter gives none."""
    return next((v for v in field.take(determination, decision) if v is not None), None)


def text_of(field: Field, determination: Determination, decision: Decision) -> str:
    """A searched text as it is indexed: never empty, see ABSENT."""
    return " ".join(values(field, determination, decision)) or ABSENT


def label(field: Field, value: str) -> str:
    """How a value is shown to people."""
    if field.concept:
        concept = taxonomies.load().concepts.get((field.concept, value))
        if concept:
            return concept.label
    if field.name in {"outcome", "category", "side", "sex", "cited_nothing", "body_region"}:
        return value.replace("-", " ").capitalize() if value != "dme" else "DME"
    return value
