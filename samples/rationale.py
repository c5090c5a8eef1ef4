"""A rationale: what the guideline holds, what the file says, the reasons, and a closing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from samples.data_files import load
from samples.draws import Skewed, Weighted, favored, pick, several
from samples.prose import SLIPS, short
from samples.templates import Dress, mistyped, sentence, sentence_case
from samples.told_in_part import disputed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from imr.model import Outcome, Span
    from samples.cases import Case
    from samples.requests import Request

GENERAL = load("reasons")
FILES = ("themes_drugs", "themes_therapy", "themes_tests", "themes_procedures")
LENGTHS = Weighted(
    {2: 10, 3: 13, 4: 12, 5: 12, 6: 13, 7: 10, 8: 8, 9: 9, 10: 7, 11: 5, 12: 4, 14: 4, 18: 2}
)
"""Sentences of a rationale, as measured on real letters (docs/samples.md)."""
REASONS = Weighted({1: 45, 2: 40, 3: 15})
REPEATED = 0.04
RETOLD = 0.5
"""How many facts a later rationale takes word for word from an earlier one of the letter."""
MARKS = {"item": "\x01", "request": "\x02"}
"""What stands in an argument for the item and for its heading."""
RULE = Dress("lead_rule", 0.6)
FACT = Dress("lead_fact", 0.4, "tail_fact", 0.4)
REASON = Dress("lead_case", 0.55)
UNCOUNTED = "? "
"""Opens a row that fits only a request without an amount."""


class Rationale(NamedTuple):
    """The text, and which range of it gives which reason, in order."""

    text: str
    reasons: tuple[tuple[str, Span], ...]


class Part(NamedTuple):
    """A sentence, or its template, and the code of the reason it gives if any."""

    text: str
    code: str = ""


Argument = tuple[Part, ...]
"""The sentences of a rationale with marks where the item stands, so that it serves another too."""


def argument(
    rng: Random, case: Case, request: Request, outcome: Outcome, told: list[str]
) -> Argument:
    """Sentences in the order in which reviewers argue.

    `told` are facts that earlier rationales of the letter told; new ones are added to it.
    """
    slots = case.slots | MARKS
    grounds = _grounds(rng, request, outcome)
    room = LENGTHS.draw(rng) - len(grounds) - 1
    parts = _rules(rng, request.theme, room, slots)
    parts += _facts(rng, room - len(parts), slots, told)
    closing = sentence(rng, pick(rng, GENERAL["closing"][outcome]), slots)
    return (
        *(Part(mistyped(rng, text, SLIPS)) for text in parts),
        *(Part(sentence(rng, row.text, slots, REASON), row.code) for row in grounds),
        Part(closing),
    )


def rationale(argued: Argument, request: Request, *, repeated: bool) -> Rationale:
    """The argument about this request, with its heading before it again where that is wanted."""
    opening = f"{disputed(request.text)}: the file was read with this request in mind."
    parts = [Part(opening)] if repeated else []
    names = {MARKS["item"]: request.name, MARKS["request"]: short(request)}
    for text, code in argued:
        named = text
        for mark, name in names.items():
            named = named.replace(mark, name)
        parts.append(Part(sentence_case(named), code))
    return _joined(parts)


def _joined(parts: list[Part]) -> Rationale:
    at = 0
    reasons: list[tuple[str, Span]] = []
    for text, code in parts:
        if code:
            reasons.append((code, (at, at + len(text))))
        at += len(text) + 1
    return Rationale(" ".join(part.text for part in parts), tuple(reasons))


def _rules(rng: Random, theme: str, room: int, slots: Mapping[str, object]) -> list[str]:
    """An opening and recitals of the guideline: about half of what stands before the reasons."""
    if room <= 0:
        return []
    told = [sentence(rng, pick(rng, GENERAL["opening"]), slots)] if rng.random() < 0.45 else []
    wanted = round((room - len(told)) * (0.35 + 0.3 * rng.random()))
    chosen = favored(rng, _recitals(theme), wanted)
    if len(chosen) < wanted:
        chosen += favored(rng, tuple(GENERAL["recital"]), wanted - len(chosen))
    return told + [sentence(rng, row, slots, RULE) for row in chosen]


@cache
def _recitals(theme: str) -> tuple[str, ...]:
    return tuple(themes()[theme]["recital"])


def _facts(rng: Random, wanted: int, slots: Mapping[str, object], told: list[str]) -> list[str]:
    """What the file says; part of it as an earlier rationale of the letter said it."""
    if wanted <= 0:
        return []
    again = [text for text in told if rng.random() < RETOLD][:wanted]
    rows = several(rng, GENERAL["fact"], wanted - len(again))
    fresh = [sentence(rng, row, slots, FACT) for row in rows]
    told += fresh
    return again + fresh


def _grounds(rng: Random, request: Request, outcome: Outcome) -> list[Part]:
    """One to three templates of reasons of different codes, most of them the theme's own."""
    chosen: dict[str, Part] = {}
    for _ in range(REASONS.draw(rng)):
        own, general = _codes(request.theme, outcome, request.quantity is None)
        rows = general if general.rows and rng.random() < 0.3 else own
        code, texts = rows.draw(rng)
        chosen.setdefault(code, Part(pick(rng, texts), code))
    return list(chosen.values())


Grounds = Skewed[tuple[str, tuple[str, ...]]]


@cache
def _codes(theme: str, outcome: Outcome, uncounted: bool) -> tuple[Grounds, Grounds]:  # noqa: FBT001
    """Codes with their sentences: those of the theme, and the general ones that fit it."""
    row, general = themes()[theme], GENERAL[outcome]
    fitting = {code: general[code] for code in row["also"] if code in general}
    return (
        _skewed(row[outcome], uncounted=uncounted),
        _skewed(fitting, uncounted=uncounted),
    )


def _skewed(rows: dict[str, Sequence[str]], *, uncounted: bool) -> Grounds:
    """The first code most often; without the rows that need a request without an amount."""
    fitting = {
        code: tuple(text.removeprefix(UNCOUNTED) for text in texts if uncounted or not _needs(text))
        for code, texts in rows.items()
    }
    return Skewed([(code, texts) for code, texts in fitting.items() if texts], 0.4)


def _needs(text: str) -> bool:
    return text.startswith(UNCOUNTED)


@cache
def themes() -> dict[str, dict[str, Any]]:
    """All themes of rationales by name."""
    return {name: theme for file in FILES for name, theme in load(file).items()}
