"""What every layout's reader gives: the letter's disputed items and where its other parts lie."""

from __future__ import annotations

from dataclasses import dataclass, field

from imr.model import LetterWarning, Outcome, Span


@dataclass(frozen=True, slots=True)
class Item:
    """A disputed item as ranges of the cleaned text, before its facts are read."""

    number: int
    """Its place in the letter from 1; items that were left out keep theirs."""
    request: Span
    outcome: Outcome
    outcome_span: Span
    administrator: Span | None
    reviewer: Span | None
    rationale: Span | None


@dataclass(slots=True)
class Found:
    """The parts of a letter of one layout; None where the letter has no such part."""

    summary: Span | None = None
    qualifications: Span | None = None
    """Prose that tells the reviewer's specialties and states."""
    items: list[Item] = field(default_factory=list)
    warnings: list[LetterWarning] = field(default_factory=list)

    def add(self, item: Item) -> None:
        """Take an item; one without a rationale is warned of."""
        self.items.append(item)
        if item.rationale is None:
            message = f"item {item.number} has no decision rationale"
            self.warnings.append(LetterWarning(code="no-rationale", message=message))

    def leave_out(self, number: int, reason: str) -> None:
        """Warn of an item that can't be told without guessing."""
        message = f"item {number} is left out: {reason}"
        self.warnings.append(LetterWarning(code="item-left-out", message=message))
