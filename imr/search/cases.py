"""Letters and decisions by the id that a person writes, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imr.case_numbers import canonical, is_decision
from imr.engines.document import StoredDecision
from imr.engines.protocol import Engine
from imr.model import Determination
from imr.search.plan import Clause


def decision(engine: Engine, id_: str) -> StoredDecision | None:
    """The decision of an id, whatever its letters' case; None where there is none."""
    wanted = canonical(id_)
    return engine.fetch([wanted]).get(wanted)


def letter(engine: Engine, id_: str) -> Determination | None:
    """The letter of an id, whatever its letters' case; None where there is none."""
    return engine.determination(canonical(id_))


def unknown_cases(engine: Engine, clauses: Sequence[Clause]) -> Iterator[str]:
    """A sentence for each case number of a query that the index does not have."""
    for clause in clauses:
        if clause.parts:
            yield from unknown_cases(engine, clause.parts)
        elif clause.kind == "case" and (said := _unknown(engine, clause.text)):
            yield said


def _unknown(engine: Engine, id_: str) -> str | None:
    of, _, item = id_.partition(".")
    if is_decision(id_) and engine.fetch([id_]):
        return None
    if of not in engine.letters_beginning(of, 1):
        return f"there is no letter {of} in this index"
    return f"{of} has no item {item}" if item else None
