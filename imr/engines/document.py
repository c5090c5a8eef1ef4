"""What both engines store of a decision, and how it is made from a determination."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from imr import fields
from imr.model import Decision, Determination, Span, Value
from imr.text.embedding import Vectors
from imr.text.sketch import Grouped, alone


class StoredDecision(Value):
    """A decision with what its letter says of it, as answers need it."""

    determination: str
    case_number: str | None
    decision_date: str | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class Document:
    """One decision on its way into an engine.

    `keywords`, `ranged` (numbers, and days in ISO 8601) and `texts` are keyed by field name.
    `vectors` has one row a passage, whose ranges in the letter's text are `passages`, `facts` is
    the vector of the case's facts; both None where no model was at hand. `letter` is the
    determination without its decisions, carried by the letter's first decision only. `grouped` is
    the decision's group of near-identical rationales.
    """

    id: str
    determination: str
    number: int
    keywords: dict[str, tuple[str, ...]]
    ranged: dict[str, float | str | None]
    texts: dict[str, str]
    passages: tuple[Span, ...]
    vectors: Vectors | None
    facts: Vectors | None
    record: str
    letter: str | None
    grouped: Grouped


def documents(
    determination: Determination,
    passages: Sequence[Sequence[Span]],
    vectors: Sequence[Vectors] | None,
    facts: Sequence[Vectors] | None = None,
    grouped: Sequence[Grouped] | None = None,
) -> Iterator[Document]:
    """One document a decision; all but the letter run beside the decisions.

    Without `grouped` each rationale is a group of its own.
    """
    for index, decision in enumerate(determination.decisions):
        decided = determination.dates.decision
        yield Document(
            id=decision.id,
            determination=determination.id,
            number=decision.number,
            keywords={
                field.name: fields.values(field, determination, decision)
                for field in fields.KEYWORDS
            },
            ranged={
                field.name: fields.value(field, determination, decision) for field in fields.RANGED
            },
            texts={
                field.name: fields.text_of(field, determination, decision) for field in fields.TEXTS
            },
            passages=tuple(passages[index]),
            vectors=as_stored(vectors[index]) if vectors is not None else None,
            facts=as_stored(facts[index]) if facts is not None else None,
            record=StoredDecision(
                determination=determination.id,
                case_number=determination.case_number,
                decision_date=decided.isoformat() if decided else None,
                decision=decision,
            ).model_dump_json(),
            letter=letter_json(determination) if index == 0 else None,
            grouped=grouped[index] if grouped is not None else alone(decision.id),
        )


def as_stored(vectors: Vectors) -> Vectors:
    """Rounded to float16, which one engine stores, so that all compare the same vectors."""
    return vectors.astype(np.float16).astype(np.float32)


def letter_json(determination: Determination) -> str:
    """The determination without its decisions, which are stored one by one."""
    return determination.model_copy(update={"decisions": ()}).model_dump_json()


def determination_of(letter: str, records: Sequence[StoredDecision]) -> Determination:
    """The whole record again."""
    decisions = tuple(
        record.decision for record in sorted(records, key=lambda r: r.decision.number)
    )
    return Determination.model_validate_json(letter).model_copy(update={"decisions": decisions})
