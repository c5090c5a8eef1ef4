"""What a decision turned on: its reasons with the words of the rationale that show them."""

from __future__ import annotations

from collections.abc import Iterator

from imr import fields
from imr.model import Decision, Value


class Turn(Value):
    """A reason of the decision, and the words of the rationale that show it."""

    code: str
    label: str
    shown: str


def turns(decision: Decision) -> Iterator[Turn]:
    """The decision's reasons, in their order."""
    field, begin = fields.BY_NAME["reason"], decision.spans.get("rationale", (0, 0))[0]
    for reason in decision.reasons:
        start, end = reason.span
        shown = " ".join(decision.rationale[start - begin : end - begin].split())
        yield Turn(code=reason.code, label=fields.label(field, reason.code), shown=shown)
