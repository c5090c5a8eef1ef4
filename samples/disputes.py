"""Which items a letter disputes: how many, of what kind, and what goes with what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from samples.draws import Weighted
from samples.drug_requests import draw_compound, draw_drug
from samples.requests import Request, draw_adjunct, draw_treatment

if TYPE_CHECKING:
    from random import Random

    from samples.cases import Case
    from samples.traits import Traits

SIZES = Weighted(
    {
        1: 6500, 2: 1450, 3: 520, 4: 300, 5: 320, 6: 330, 7: 130, 8: 120, 9: 70, 10: 50, 11: 40,
        12: 32, 13: 25, 14: 20, 15: 16, 16: 12, 17: 9, 18: 7, 19: 5, 20: 4, 21: 3,
    }
)  # fmt: skip
"""Disputed items a letter, as measured on real letters (docs/samples.md)."""
DRUGS, COMPOUNDS = 0.36, 0.04


def draw_requests(rng: Random, case: Case, traits: Traits) -> tuple[Request, ...]:
    """Different items; an operation draws what goes with it after it."""
    wanted = SIZES.draw(rng)
    requests: dict[str, Request] = {}
    for _ in range(4 * wanted):
        operated = any(request.theme == "surgery" for request in requests.values())
        adjunct = operated and rng.random() < 0.6
        request = draw_adjunct(rng, case) if adjunct else _draw(rng, case)
        if traits.colon is not None:
            request = _with_colon(request, wanted=traits.colon)
        requests.setdefault(request.text, request)
        if len(requests) == wanted:
            break
    return tuple(requests.values())


def _draw(rng: Random, case: Case) -> Request:
    draw = rng.random()
    if draw < DRUGS:
        return draw_drug(rng, case)
    return draw_compound(rng) if draw < DRUGS + COMPOUNDS else draw_treatment(rng, case)


def _with_colon(request: Request, *, wanted: bool) -> Request:
    """The same item with or without a colon in its heading; no fact changes."""
    if wanted == (":" in request.text):
        return request
    if wanted:
        return replace(request, text=f"Retrospective: {request.text}")
    return replace(request, text=request.text.replace("Retrospective: ", "").replace(":", ""))
