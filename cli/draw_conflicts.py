"""Draws conflicts: two decisions one above the other, each with what its rationale turns on."""

from __future__ import annotations

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from cli.draw_similar import facts, shortened
from cli.terminal import OUTCOME_STYLE, indented
from imr.precedents.conflicts import Conflict, ConflictsResponse, Side


def drawn(found: ConflictsResponse) -> Group:
    """All pairs."""
    lines: list[Text | Padding] = [
        Text(f"note: {warning}", style="magenta") for warning in found.warnings
    ]
    for rank, pair in enumerate(found.conflicts, start=1):
        lines.extend(_pair(rank, pair))
    if not found.conflicts:
        lines.append(Text("no decision about the same drug or treatment ended otherwise"))
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
