"""The clinical summary: our own sentences, chosen to fit the facts of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.data_files import load
from samples.draws import Weighted, pick, several
from samples.templates import Dress, listed, mistyped, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from samples.cases import Case
    from samples.requests import Request

SUMMARY: dict[str, list[str]] = load("summary")
LENGTHS = Weighted(
    {
        7: 4, 8: 7, 9: 8, 10: 10, 11: 10, 12: 10, 13: 10, 14: 8, 15: 7, 16: 6, 18: 6, 20: 5, 22: 4,
        26: 4, 32: 3,
    }
)  # fmt: skip
"""Sentences of a summary, as measured on real letters (docs/samples.md)."""

LONGEST = 6
"""Words of a heading that still reads as a noun."""
SLIPS = 0.12
"""How many of the told sentences are looked at for a word to mistype; half of these get a slip."""

ORDER = (
    "openings", "story", "diagnoses", "history", "past", "visits", "subjective", "drugs", "exams",
    "objective", "psych", "imaging", "work", "plan", "requests", "denials",
)  # fmt: skip
ALWAYS = ("openings", "diagnoses", "visits", "exams", "requests", "denials")
MORE = Weighted(
    {
        "subjective": 30, "objective": 26, "past": 14, "drugs": 10, "imaging": 12, "work": 9,
        "history": 7, "story": 6, "plan": 5, "psych": 2,
    }
)  # fmt: skip


TOLD = Dress("lead_fact", 0.5, "tail_fact", 0.5)
RETOLD = frozenset(
    {"subjective", "objective", "past", "history", "story", "drugs", "work", "plan", "imaging"}
)
"""Kinds of sentences that may say where they were found."""


def clinical_summary(rng: Random, case: Case, requests: Sequence[Request]) -> str:
    """The facts of the case, told before any decision."""
    names = list(dict.fromkeys(short(request) for request in requests))
    slots = case.slots | {"items": listed(names[:6])}
    wanted = dict.fromkeys(ALWAYS, 1)
    for _ in range(LENGTHS.draw(rng) - len(ALWAYS)):
        kind = MORE.draw(rng)
        wanted[kind] = wanted.get(kind, 0) + 1
    parts: list[str] = []
    for kind in ORDER:
        if kind in wanted:
            known = kind != "openings" or case.patient.age is not None
            rows = SUMMARY[kind if known else "anonymous"]
            chosen = several(rng, rows, wanted[kind]) if wanted[kind] > 1 else [pick(rng, rows)]
            dress = TOLD if kind in RETOLD else None
            slips = SLIPS if dress else 0.0
            parts += [mistyped(rng, sentence(rng, row, slots, dress), slips) for row in chosen]
    return " ".join(parts).replace("  ", " ")


def short(request: Request) -> str:
    """The heading where it reads as a noun, else what is asked for in a word or two."""
    text = request.text
    return request.name if ":" in text or len(text.split()) > LONGEST else text
