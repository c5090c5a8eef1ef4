"""What is shown of guidelines: the bodies of `/v1/guidelines` and `/v1/guidelines/{id}`."""

from __future__ import annotations

from imr.model import Outcome, Value

_NO_FORECAST = "A share of past decisions is no forecast."
NOTE = (
    "Items of one letter are not independent: `letters` says how many letters there are. "
    f"{_NO_FORECAST}"
)
LIST_NOTE = (
    "Items of one letter are not independent: one guideline, asked for by its id, has its letters "
    f"counted. {_NO_FORECAST}"
)


class Ended(Value):
    """How many decisions there are, how many were overturned, and the 95 % Wilson interval.

    `few` says that there are fewer than 10.
    """

    decisions: int
    overturned: int
    overturn_rate: float | None
    interval: tuple[float, float] | None
    few: bool


class Node(Value):
    """A guideline: `id` for addresses, `name` as it is counted.

    `document` is null where only the source is cited.
    """

    id: str
    name: str
    source: str
    document: str | None


class Guideline(Node):
    """How the decisions ended in which either side cites it."""

    reviewer: Ended
    administrator: Ended


class GuidelinesResponse(Value):
    """The body of `/v1/guidelines`: `distinct` is the number before the list is cut."""

    guidelines: tuple[Guideline, ...]
    distinct: int
    corpus_rate: float | None
    note: str = LIST_NOTE
    did_you_mean: str | None
    warnings: tuple[str, ...]
    took_ms: float


class Counted(Value):
    """A value and how the decisions that have it ended."""

    value: str
    label: str
    ended: Ended


class Linked(Node):
    """Another guideline, and how the decisions that join both ended."""

    ended: Ended


class Cited(Value):
    """A decision that cites the guideline; `wording` is what the letter says."""

    id: str
    citation: str
    request: str
    outcome: Outcome
    wording: tuple[str, ...]


class Side(Value):
    """The decisions in which one side cites the guideline.

    `filter` is the filter of a search that finds them, as FIELD=VALUE.
    """

    ended: Ended
    letters: int
    spellings: tuple[Counted, ...]
    editions: tuple[Counted, ...]
    sections: tuple[Counted, ...]
    treatments: tuple[Counted, ...]
    drugs: tuple[Counted, ...]
    years: tuple[Counted, ...]
    together_with: tuple[Linked, ...]
    newest: tuple[Cited, ...]
    filter: str


class Disagreement(Value):
    """Decisions in which one side used the guideline and the other another one instead."""

    ended: Ended
    letters: int
    guidelines: tuple[Linked, ...]


class GuidelineResponse(Value):
    """The body of `/v1/guidelines/{id}`.

    `set_aside`: the administrator cited it, the reviewer applied others (listed) and not it.
    `preferred`: the reviewer applied it where the administrator cited others (listed) and not it.
    """

    guideline: Node
    reviewer: Side
    administrator: Side
    set_aside: Disagreement
    preferred: Disagreement
    corpus_rate: float | None
    note: str = NOTE
    did_you_mean: str | None
    warnings: tuple[str, ...]
    took_ms: float
