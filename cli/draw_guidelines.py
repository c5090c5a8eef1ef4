"""How guidelines look on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.text import Text

from cli.show import counted, heard
from imr.precedents.guideline_views import (
    Counted,
    Disagreement,
    Ended,
    GuidelineResponse,
    GuidelinesResponse,
    Linked,
    Side,
)

NAME = 46  # characters


def listed(found: GuidelinesResponse) -> Group:
    """The guidelines, the most cited first."""
    lines = [
        Text(f"{'':<{NAME}}  {'reviewer applied it':<30}  administrator cited it", style="dim")
    ]
    for each in found.guidelines:
        line = Text(f"{_cut(each.name)}  ", style="bold")
        line.append(f"{_told(each.reviewer):<30}  {_told(each.administrator)}", style="not bold")
        lines.append(line.append(f"  {each.id}", style="not bold dim"))
    if found.distinct > len(found.guidelines):
        lines.append(Text(f"{found.distinct - len(found.guidelines):,} more: --size", style="dim"))
    if not found.distinct:
        lines = [Text("no guideline is cited by a decision that matches")]
    return Group(
        *heard(found.warnings, found.did_you_mean),
        *lines,
        Text(found.note.replace("`", ""), style="dim"),
    )


def one(found: GuidelineResponse) -> Group:
    """One guideline: both sides, then where they differ."""
    name = found.guideline.name
    return Group(
        *heard(found.warnings, found.did_you_mean),
        Text(name, style="bold"),
        *_side(f"The reviewer applied it: {_in_letters(found.reviewer)}", found.reviewer),
        *_side(
            f"The administrator cited it: {_in_letters(found.administrator)}", found.administrator
        ),
        *_disagreement("Set aside by the reviewer, who applied instead", found.set_aside),
        *_disagreement("Preferred by the reviewer, the administrator cited", found.preferred),
        Text(found.note.replace("`", ""), style="dim"),
    )


def _side(head: str, side: Side) -> Iterator[Text]:
    yield Text()
    yield Text(head, style="bold")
    for label, values in (
        ("editions", side.editions),
        ("sections", side.sections),
        ("treatments", side.treatments),
        ("drugs", side.drugs),
        ("years", side.years),
    ):
        yield from _values(label, values)
    yield from _links("cited with", side.together_with)
    for decision in side.newest:
        yield Text(f"  {decision.citation}: {decision.request}", style="dim")


def _disagreement(head: str, found: Disagreement) -> Iterator[Text]:
    yield Text()
    yield Text(f"{head}: {_told(found.ended)}, {counted(found.letters, 'letter')}", style="bold")
    yield from _links("", found.guidelines)


def _values(label: str, values: Sequence[Counted]) -> Iterator[Text]:
    for at, each in enumerate(values):
        head = label if not at else ""
        yield Text(f"  {head:<10} {_cut(each.label)}  {_told(each.ended)}")


def _links(label: str, values: Sequence[Linked]) -> Iterator[Text]:
    for at, each in enumerate(values):
        head = label if not at else ""
        yield Text(f"  {head:<10} {_cut(each.name)}  {_told(each.ended)}")


def _in_letters(side: Side) -> str:
    return f"{_told(side.ended)}, {counted(side.letters, 'letter')}"


def _told(ended: Ended) -> str:
    """As "39 of 301, 13 % (10 to 17)"."""
    if ended.overturn_rate is None or ended.interval is None:
        return "none"
    low, high = (f"{100 * end:.0f}" for end in ended.interval)
    few = ", few" if ended.few else ""
    rate = f"{100 * ended.overturn_rate:.0f} % ({low} to {high}){few}"
    return f"{ended.overturned:,} of {ended.decisions:,}, {rate}"


def _cut(name: str) -> str:
    return f"{name:<{NAME}}" if len(name) <= NAME else f"{name[: NAME - 1]}\u2026"
