"""A letter's whole text on a terminal, with its sections and what was read in it marked."""

from __future__ import annotations

from rich.console import Group
from rich.text import Text

from cli.terminal import OUTCOME_STYLE
from imr.reading import Letter, Mark

STYLES = {
    "summary": "dim", "request": "bold", "administrator_guidelines": "cyan",
    "reviewer_guidelines": "cyan", "rationale": "", "reason": "underline", "drug": "bold magenta",
    "treatment": "bold magenta", "body-part": "bold magenta", "condition": "not dim magenta",
}  # fmt: skip


def drawn(letter: Letter, decision: int | None = None) -> Group:
    """The text section by section; with a decision's number the others' marks are left out.

    Beside each reason, which piped text would not show, stands its label.
    """
    kept = [m for m in letter.marks if decision is None or m.decision in {None, decision}]
    lines = [Text(letter.id, style="bold")]
    for section in letter.sections:
        text = _marked(letter, section.span, kept)
        text.stylize("bold underline", 0, len(section.title))
        lines += [Text(), text]
    lines += [_reason(mark) for mark in kept if mark.kind == "reason"]
    return Group(*lines)


def _marked(letter: Letter, span: tuple[int, int], marks: list[Mark]) -> Text:
    start, end = span
    text = Text(letter.text[start:end].rstrip("\n"))
    outcomes = {each.number: each.outcome for each in letter.decisions}
    for mark in marks:
        if start <= mark.span[0] < end:
            style = STYLES.get(mark.kind, "")
            if mark.kind == "outcome" and mark.decision is not None:
                style = OUTCOME_STYLE[outcomes[mark.decision]]
            text.stylize(style, mark.span[0] - start, mark.span[1] - start)
    return text


def _reason(mark: Mark) -> Text:
    return Text(f"reason of item {mark.decision}: {mark.label} ({mark.code})", style="dim")
