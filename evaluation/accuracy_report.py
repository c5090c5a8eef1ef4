"""Draws docs/accuracy.md: counts with their intervals, precision and recall, every error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from evaluation.accuracy import HALVES, ITEMS, Checked
from imr.precedents.interval import wilson

TOLD = {"seen", "last"}
"""The halves whose errors are printed with their values.

What stands in the half held back is not told: it would be held back no longer.
"""


def report(checked: Sequence[Checked]) -> Iterator[str]:
    """The report's lines."""
    yield "# Accuracy\n"
    yield (
        "Facts that the parser finds against facts labelled by reading the letters, by "
        "language-model annotators who saw no rule; checked by no person "
        "(`tests/labels/README.md`, which also tells what the first look at the last half "
        "found). Written by `make accuracy`. A list (drugs, guidelines) is "
        "right when all of it is; intervals are 95 % (Wilson). A guideline is its source and "
        'document, a section stands under its guideline; capitals and "&" make no difference.\n'
    )
    for half, title in HALVES.items():
        of_half = [each for each in checked if each.half == half]
        if of_half:
            yield from _half(title, of_half)
    yield from _errors([each for each in checked if not each.right])


def _half(title: str, checked: Sequence[Checked]) -> Iterator[str]:
    letters = len({each.place for each in checked if each.fact == "priority"})
    decisions = len({each.place for each in checked if each.fact == "outcome"})
    yield f"## On {title}: {letters} letters, {decisions} decisions\n"
    yield "| fact | wrong | of | right, 95 % interval |"
    yield "|---|---|---|---|"
    for fact in dict.fromkeys(each.fact for each in checked):
        of_fact = [each for each in checked if each.fact == fact]
        right = sum(each.right for each in of_fact)
        low, high = wilson(right, len(of_fact)) or (0.0, 0.0)
        share = f"{right / len(of_fact):.1%} ({low:.1%} to {high:.1%})"
        yield f"| {fact} | {len(of_fact) - right} | {len(of_fact)} | {share} |"
    yield "\nOne by one, where a decision may have several:\n"
    yield "| fact | labelled | found | both | precision | recall | F1 |"
    yield "|---|---|---|---|---|---|---|"
    for fact in (name for name in dict.fromkeys(e.fact for e in checked) if name in ITEMS):
        yield _items(fact, [each for each in checked if each.fact == fact])
    yield ""


def _items(fact: str, checked: Iterable[Checked]) -> str:
    labelled = found = both = 0
    for each in checked:
        theirs, ours = _several(each.labelled), _several(each.found)
        labelled, found, both = (
            labelled + len(theirs), found + len(ours), both + len(theirs & ours),
        )  # fmt: skip
    precision, recall = _share(both, found), _share(both, labelled)
    f1 = _share(2 * both, found + labelled)
    return f"| {fact} | {labelled} | {found} | {both} | {precision} | {recall} | {f1} |"


def _several(value: object) -> set[str]:
    return set(value) if isinstance(value, list) else set()


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def _errors(wrong: Sequence[Checked]) -> Iterator[str]:
    yield "## Every error\n"
    yield "| place | half | fact | found | labelled |"
    yield "|---|---|---|---|---|"
    for each in wrong:
        values = (each.found, each.labelled) if each.half in TOLD else ("", "")
        found, labelled = map(_shown, values)
        yield f"| {each.place} | {each.half} | {each.fact} | {found} | {labelled} |"
    if not wrong:
        yield "| none | | | | |"


def _shown(value: object) -> str:
    """A fact in a table; a digest stands for text that is not committed."""
    if value == "":
        return ""
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "(text)" if len(text) == 64 and " " not in text else text.replace("|", "/") or "none"
