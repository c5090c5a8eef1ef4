"""The clinical summary and the rationales: our own sentences, chosen to fit the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.catalogue import load
from samples.templates import fill, listed, pick, sentence_case

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from imr.model import Outcome
    from samples.cases import Case
    from samples.requests import Request

PROSE = load("prose")
SUMMARY = load("cases")["summary"]
MADE: str = PROSE["letter"]["made"]
"""How the determination was made: the one paragraph that is the same in every letter."""


def clinical_summary(rng: Random, case: Case, requests: Sequence[Request]) -> str:
    """The facts of the case, told before any decision."""
    slots = dict(case.slots)
    tried = rng.sample(SUMMARY["past_items"], 3)
    slots |= {"past1": tried[0], "past2": tried[1], "past3": tried[2]}
    slots["items"] = listed(list(dict.fromkeys(_short(request) for request in requests))[:6])
    known = case.patient.age is not None
    parts = [
        pick(rng, SUMMARY["openings" if known else "anonymous"]),
        pick(rng, SUMMARY["diagnoses"]),
        pick(rng, SUMMARY["visits"]),
        pick(rng, SUMMARY["exams"]),
    ]
    parts += [pick(rng, SUMMARY[kind]) for kind in ("imaging", "work") if rng.random() < 0.6]
    parts += [pick(rng, SUMMARY[kind]) for kind in ("past", "requests", "denials")]
    return " ".join(sentence_case(fill(rng, part, slots)) for part in parts)


def rationale(rng: Random, case: Case, request: Request, outcome: Outcome) -> str:
    """A standard, reasons that carry the outcome, and a closing."""
    theme = PROSE[request.theme]
    slots = dict(case.slots)
    slots["item"] = request.name
    slots["Item"] = sentence_case(request.name)
    slots["request"] = _short(request)
    parts: list[str] = []
    if rng.random() < 0.85:
        parts += _some(rng, theme["standard"], 1 if rng.random() < 0.6 else 2)
    parts += _some(rng, theme[outcome], 1 if rng.random() < 0.35 else 2)
    if rng.random() < 0.35:
        parts.append(pick(rng, PROSE["common"][outcome]))
    parts.append(pick(rng, PROSE["closing"][outcome]))
    return " ".join(sentence_case(fill(rng, part, slots)) for part in parts)


def _short(request: Request) -> str:
    """The heading where it reads as a noun, else what is asked for in a word or two."""
    text = request.text
    return request.name if len(text) > 90 or ":" in text or "original request" in text else text


def _some(rng: Random, rows: Sequence[str], wanted: int) -> list[str]:
    """Up to `wanted` different rows in random order."""
    return list(dict.fromkeys(pick(rng, rows) for _ in range(wanted)))
