"""Draws similar cases: how each ended, and what makes it like the case."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from cli.show import near
from cli.terminal import OUTCOME_STYLE, indented
from imr.precedents.similar import SharedField, SimilarResponse, SimilarResult, SourceView

SENTENCE = 200  # characters


def drawn(found: SimilarResponse) -> Group:
    """The case as it was understood, and the decisions like it."""
    source = found.source
    head = Text("like ", style="bold").append(
        f"{source.id or _unstored(source)}: {shortened(source.request)}",
        style="not bold",
    )
    lines: list[Text | Padding] = [head, Text(facts(source.facts), style="cyan")]
    lines += [Text(f"note: {warning}", style="magenta") for warning in found.warnings]
    lines.append(Text())
    for rank, row in enumerate(found.results, start=1):
        lines.extend(_result(rank, row))
    if not found.results:
        lines.append(Text("no decision is like it under these filters"))
    return Group(*lines)


def _unstored(source: SourceView) -> str:
    return f"{source.letter}, item {source.number}" if source.letter else "the text"


def facts(shared: Sequence[SharedField]) -> str:
    """Facts in one line."""
    return "; ".join(f"{each.label.lower()}: {', '.join(each.values)}" for each in shared)


def shortened(text: str) -> str:
    """A text as far as a line or two show it."""
    return text if len(text) <= SENTENCE else f"{text[:SENTENCE].rstrip()} \u2026"


def _result(rank: int, row: SimilarResult) -> list[Text | Padding]:
    line = Text(f"{rank:>3}. ").append(row.outcome.upper(), style=OUTCOME_STYLE[row.outcome])
    line.append(f" {row.request}", style="bold")
    named = f"{row.id} \u00b7 {row.decision_date or 'undated'} \u00b7 {row.score:.2f}"
    lines = [line, indented(Text(named, style="dim"))]
    if row.why.shared:
        lines.append(indented(Text(f"both: {facts(row.why.shared)}", style="cyan")))
    if row.reasons:
        told = "; ".join(dict.fromkeys(turn.label.lower() for turn in row.reasons))
        lines.append(indented(Text(f"because: {told}")))
    if row.why.sentences:
        lines.append(indented(Text(f"here:  {shortened(row.why.sentences.ours)}", style="dim")))
        lines.append(indented(Text(f"there: {shortened(row.why.sentences.theirs)}")))
    if row.near_duplicates:
        lines.append(indented(Text(near(row.near_duplicates), style="dim")))
    return lines
