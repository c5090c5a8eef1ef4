"""A case that others are compared with: a stored decision, an item of a letter, or plain text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from imr import fields
from imr.case_numbers import WRITTEN
from imr.engines.protocol import Engine
from imr.engines.signature import check_comparable
from imr.errors import BadQueryError, NotFoundError
from imr.letters import annotate
from imr.letters.facts import LONGEST_REQUEST
from imr.model import Decision, Determination, Outcome, Patient, Source
from imr.search import cases as finding
from imr.search import query as queries
from imr.text.embedding import Embedder, Vectors
from imr.text.passages import facts_text, passage_tokens, passages
from imr.text.sketch import Sketch

COMPARED = ("drug", "drug_class", "treatment", "category", "body_part", "condition",
            "guideline", "age_band")  # fmt: skip
"""The fields by which cases are compared, from the most telling on."""
_SPOKEN = Source(name="text", sha256="", format="text", pages=1)
PASSAGES = 3
"""Passages of a rationale that are compared; the first ones say most."""
MAX_TEXT = 20_000
"""Characters of a described case."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of the case.

    Attributes:
        id: the decision's, None where it is not stored.
        letter: its letter's id, whose other decisions are left out.
        number: which item of the letter it is.
        request: what was asked for, or the text that describes the case.
        rationale: the reviewer's, or the same text.
        outcome: None where it is not known.
        group: that of its near-identical rationales.
        values: those of the fields compared.
        passages: vectors of the rationale, one a row; `facts` of the case; None without a model.
    """

    id: str | None
    letter: str | None
    request: str
    rationale: str
    number: int | None = None
    outcome: Outcome | None = None
    group: str | None = None
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    passages: Vectors | None = None
    facts: Vectors | None = None
    notes: tuple[str, ...] = ()


def stored(engine: Engine, id_: str, item: int | None = None) -> Case:
    """A decision of the index; a letter's id means the item asked for, or its first.

    Raises:
        NotFoundError: there is none of that id; BadQueryError: an item of a decision, or one that
        the letter does not have.
    """
    record = finding.decision(engine, id_)
    if record and item is not None:
        raise BadQueryError(f"{id_} is one item already: item goes with a letter's id")
    letter = finding.letter(engine, record.determination if record else id_)
    if letter is None:
        raise NotFoundError(
            f"there is no decision {id_!r} in this index: an id is a case number, a dot and the "
            "item's number, as CM16-0000042.1"
        )
    decision = record.decision if record else _item(letter, item)
    (held,) = engine.compared([decision.id]).values()
    several = not record and item is None and len(letter.decisions) > 1
    return Case(
        id=decision.id,
        letter=letter.id,
        request=decision.request,
        rationale=decision.rationale,
        number=decision.number,
        outcome=decision.outcome,
        group=held.group,
        values=_values(letter, decision),
        passages=held.passages if len(held.passages) else None,
        facts=held.facts[0] if len(held.facts) else None,
        notes=(_first_of(letter),) if several else (),
    )


def _item(letter: Determination, item: int | None) -> Decision:
    """The item of that number; None: the first."""
    numbers = {decision.number: decision for decision in letter.decisions}
    chosen = min(numbers, default=0) if item is None else item
    if chosen not in numbers:
        told = ", ".join(map(str, numbers)) or "none"
        raise BadQueryError(f"the letter {letter.id} has no item {chosen}: it has {told}")
    return numbers[chosen]


def _first_of(letter: Determination) -> str:
    told = ", ".join(str(decision.number) for decision in letter.decisions)
    return f"the letter has items {told}: this is about item {_item(letter, None).number}"


ITEM_OF_TEXT = "item chooses a disputed item of a letter, and a text has none: leave it out"


def is_id(text: str) -> bool:
    """Whether a text is written as the id of a decision or letter."""
    return WRITTEN.fullmatch(text.strip()) is not None


def of_letter(
    engine: Engine, letter: Determination, item: int | None, embedder: Embedder | None
) -> tuple[Case, tuple[str, ...]]:
    """An item (None: the first) of a letter that need not be stored, and what is to be said of it.

    Raises:
        BadQueryError: the letter has no such item; IndexMismatchError: the index holds vectors of
        another model.
    """
    decision = _item(letter, item)
    several = item is None and len(letter.decisions) > 1
    warnings = (_first_of(letter),) if several else ()
    found = Case(
        id=None,
        letter=letter.id,
        request=decision.request,
        rationale=decision.rationale,
        number=decision.number,
        outcome=decision.outcome,
        group=_group(decision),
        values=_values(letter, decision),
    )
    if not _embeds(engine, embedder) or embedder is None:
        return found, warnings
    most = passage_tokens(embedder.spec.max_tokens)
    # a record may come from anywhere, and be of any length
    short = decision.model_copy(update={"rationale": decision.rationale[:MAX_TEXT]})
    cut = [passage.text for passage in passages(short, embedder.count_tokens, most)][:PASSAGES]
    facts = facts_text(decision.request[:MAX_TEXT], letter.clinical_summary[:MAX_TEXT])
    vectors = embedder.embed([*cut, facts])
    return _with(found, vectors[:-1], vectors[-1]), warnings


def of_text(engine: Engine, text: str, embedder: Embedder | None) -> Case:
    """A case in a person's own words.

    Raises:
        BadQueryError: there is no text, or more than MAX_TEXT characters; IndexMismatchError.
    """
    said = " ".join(queries.readable(text).split())
    if not said or len(text) > MAX_TEXT:
        raise BadQueryError(f"a case is described in 1 to {MAX_TEXT:,} characters that are text")
    facts = annotate.request(said[:LONGEST_REQUEST])
    decision = Decision(
        id="text.1", number=1, request=said, outcome="upheld", category=facts.category,
        treatments=facts.treatments, drugs=facts.drugs, drug_classes=facts.drug_classes,
        body_parts=facts.body_parts,
    )  # fmt: skip
    patient = annotate.patient(Patient(), said)
    letter = Determination(id="text", patient=patient, decisions=(decision,), source=_SPOKEN)
    values = {name: _of_field(name, letter, decision) for name in COMPARED if name != "age_band"}
    if facts.category == "other":
        values["category"] = frozenset()
    found = Case(id=None, letter=None, request=said, rationale=said, values=values)
    if not _embeds(engine, embedder) or embedder is None:
        return found
    (vector,) = embedder.embed([said])
    return _with(found, vector[np.newaxis], vector)


def _with(case: Case, passages_: Vectors, facts: Vectors) -> Case:
    return replace(case, passages=passages_, facts=facts)


def _embeds(engine: Engine, embedder: Embedder | None) -> bool:
    """Whether the case's vectors can be compared with the index's."""
    if embedder is None or engine.signature.model is None:
        return False
    check_comparable(engine.signature, embedder.spec)
    return True


def _group(decision: Decision) -> str | None:
    if not decision.rationale.strip():
        return None
    return Sketch.of(decision.rationale, decision.outcome).group


def _values(letter: Determination, decision: Decision) -> dict[str, frozenset[str]]:
    return {name: _of_field(name, letter, decision) for name in COMPARED}


def _of_field(name: str, letter: Determination, decision: Decision) -> frozenset[str]:
    return frozenset(fields.values(fields.BY_NAME[name], letter, decision))
