"""A letter as it is read: its whole text, where its sections are, and what stands where in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from imr import fields
from imr.letters.labels import LABEL, TITLES, part_of
from imr.model import Decision, Determination, Span, Value
from imr.text.taxonomy.tagger import default_tagger

MarkKind = Literal[
    "summary", "request", "outcome", "administrator_guidelines", "reviewer_guidelines",
    "rationale", "reason", "drug", "treatment", "body-part", "condition",
]  # fmt: skip
_PARTS: tuple[MarkKind, ...] = (
    "request", "outcome", "administrator_guidelines", "reviewer_guidelines", "rationale",
)  # fmt: skip


class Section(Value):
    """A part of the letter under a title of its own: `span` holds the title, too.

    What stands before the first title has the title "".
    """

    title: str
    span: Span


class Mark(Value):
    """Something found in the letter: `code` and `label` are set where it is a name or a reason.

    `decision` is the number of the disputed item it belongs to; null for the facts of the case.
    """

    kind: MarkKind
    span: Span
    decision: int | None = None
    code: str | None = None
    label: str | None = None


class Letter(Determination):
    """A determination with its sections in order and its marks by where they begin."""

    sections: tuple[Section, ...]
    marks: tuple[Mark, ...]

    def of_decision(self, number: int) -> Letter:
        """The whole text with one item and its marks, and those of the case; no others'."""
        return self.model_copy(
            update={
                "decisions": tuple(each for each in self.decisions if each.number == number),
                "marks": tuple(each for each in self.marks if each.decision in {None, number}),
            }
        )


def reading(letter: Determination) -> Letter:
    """The letter with its sections and marks, all ranges of its text."""
    marks = [*_of_the_case(letter), *(m for d in letter.decisions for m in _of(letter, d))]
    return Letter(
        **dict(letter),
        sections=tuple(_sections(letter.text)),
        marks=tuple(sorted(marks, key=lambda m: (m.span[0], -m.span[1], m.kind))),
    )


def _sections(text: str) -> Iterator[Section]:
    """By titles, which begin a line of the cleaned text."""
    opened, title, at = 0, "", 0
    for line in text.splitlines(keepends=True):
        found = LABEL.match(line)
        if found is not None and part_of(found) in TITLES and _is_title(found[0], line):
            if at > opened:
                yield Section(title=title, span=(opened, at))
            opened, title = at, " ".join(found[0].rstrip(": ").split())
        at += len(line)
    if at > opened:
        yield Section(title=title, span=(opened, at))


def _is_title(label: str, line: str) -> bool:
    """Whether a label is one of its own rather than the first words of a sentence."""
    return label.isupper() or label.rstrip().endswith(":") or label.strip() == line.strip()


def _of_the_case(letter: Determination) -> Iterator[Mark]:
    start = letter.text.find(letter.clinical_summary) if letter.clinical_summary else -1
    if start < 0:
        return
    yield Mark(kind="summary", span=(start, start + len(letter.clinical_summary)))
    named = set(letter.patient.conditions)
    for tag in default_tagger().tag(letter.clinical_summary):
        if tag.kind == "condition" and tag.label in named:
            span = start + tag.start, start + tag.end
            yield Mark(kind="condition", span=span, code=tag.concept.code, label=tag.label)


def _of(letter: Determination, decision: Decision) -> Iterator[Mark]:
    for kind in _PARTS:
        if kind in decision.spans:
            yield Mark(kind=kind, span=decision.spans[kind], decision=decision.number)
    for reason in decision.reasons:
        label = fields.label(fields.BY_NAME["reason"], reason.code)
        yield Mark(
            kind="reason", span=reason.span, decision=decision.number, code=reason.code, label=label
        )
    start, end = decision.spans.get("request", (0, 0))
    named: dict[str, tuple[MarkKind, tuple[str, ...]]] = {
        "drug": ("drug", decision.drugs),
        "treatment": ("treatment", decision.treatments),
        "body-part": ("body-part", decision.body_parts),
    }
    for tag in default_tagger().tag(letter.text[start:end], heading=True):
        if tag.kind not in named:
            continue
        kind, codes = named[tag.kind]
        if set(codes).intersection(tag.codes):
            yield Mark(
                kind=kind, span=(start + tag.start, start + tag.end),
                decision=decision.number, code=tag.concept.code, label=tag.label,
            )  # fmt: skip
