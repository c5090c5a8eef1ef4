"""Draws conflicts: two decisions one above the other, each with what its rationale turns on."""

from __future__ import annotations

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from cli.draw_similar import facts, shortened
from cli.show import heard
from cli.terminal import OUTCOME_STYLE, indented
from imr.precedents.conflicts import Conflict, ConflictsResponse, Side

NONE = "no decision about the same drug or treatment ended otherwise"
NO_MATCH = "no decision matches: there is nothing to compare"


def drawn(found: ConflictsResponse, *, of_decision: bool) -> Group:
    """All pairs, of a decision or among a query's matches."""
    lines: list[Text | Padding] = [*heard(found.warnings, found.did_you_mean)]
    for rank, pair in enumerate(found.conflicts, start=1):
        lines.extend(_pair(rank, pair))
    if not found.conflicts:
        lines.append(Text(NONE if found.compared or of_decision else NO_MATCH))
    return Group(*lines)


def _pair(rank: int, pair: Conflict) -> list[Text | Padding]:
    head = Text(f"{rank:>3}. close by {pair.closeness:.2f}", style="bold")
    lines: list[Text | Padding] = [head, indented(Text(facts(pair.shared), style="cyan"))]
    for side in (pair.one, pair.other):
        lines.extend(indented(line) for line in _side(side))
    return lines


def _side(side: Side) -> list[Text]:
    head = Text(f"{side.outcome.upper():<10}", style=OUTCOME_STYLE[side.outcome])
    head.append(f" {side.id} ", style="bold")
    head.append(shortened(side.request), style="not bold")
    lines = [head]
    for each in side.guidelines:
        sections = f": {'; '.join(each.sections)}" if each.sections else ""
        lines.append(Text(f"   applied {each.guideline}{sections}", style="dim"))
    lines += [
        Text(f"   {turn.label}: ").append(shortened(turn.shown), style="dim")
        for turn in side.reasons
    ]
    return lines
