"""The stream of records that synthetic letters state: endless, skewed as life is, repeatable.

A record holds exactly the facts its letter shows. Left empty is what only a reading of the letter
or the taxonomy can give: `text`, `spans`, `reasons`, `treatments`; `source` is a placeholder.
`patient.conditions` are written as the summary writes them.

Case numbers come from the place in the stream, so two seeds use the same ones.
"""

from __future__ import annotations

from itertools import count
from random import Random
from typing import TYPE_CHECKING

from imr.model import Decision, Determination, Source
from samples.cases import Case, draw_case
from samples.catalogue import drug_classes
from samples.citations import administrator_cites, reviewer_cites
from samples.prose import clinical_summary, rationale
from samples.requests import Request, draw_adjunct, draw_request
from samples.templates import Skewed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import Outcome

SIZES = Skewed(range(1, 22), steepness=1.75)
"""Disputed items a letter: mostly one to three, at most 21."""

SOURCE = Source(name="sample", sha256="", format="text", pages=1)


def stream(seed: int = 0) -> Iterator[Determination]:
    """All records of a seed, one after the other, without end and with flat memory."""
    return (determination(seed, index) for index in count(1))


def determination(seed: int, index: int) -> Determination:
    """The record at a place in the stream (from 1), made without those before it."""
    rng = Random(f"{seed}:{index}")
    case = draw_case(rng)
    requests = _requests(rng, case)
    number = f"CM{case.decided:%y}-{index:07}"
    summary = clinical_summary(rng, case, requests)
    outcomes = _outcomes(rng, requests)
    return Determination(
        id=number,
        case_number=number,
        dates=case.dates,
        priority=case.priority,
        reviewer=case.reviewer,
        patient=case.patient,
        clinical_summary=" ".join(summary.split()),
        decisions=tuple(
            _decision(rng, case, f"{number}.{place}", request, outcome)
            for place, (request, outcome) in enumerate(zip(requests, outcomes, strict=True), 1)
        ),
        source=SOURCE,
    )


def _requests(rng: Random, case: Case) -> tuple[Request, ...]:
    """Different items; an operation draws what goes with it after it."""
    wanted = SIZES.draw(rng)
    requests: dict[str, Request] = {}
    for _ in range(4 * wanted):
        operated = any(request.theme == "surgery" for request in requests.values())
        adjunct = operated and rng.random() < 0.6
        request = draw_adjunct(rng, case) if adjunct else draw_request(rng, case)
        requests.setdefault(request.text, request)
        if len(requests) == wanted:
            break
    return tuple(requests.values())


def _outcomes(rng: Random, requests: tuple[Request, ...]) -> list[Outcome]:
    """About 12 % overturned, alike within a letter; what goes with surgery follows its outcome."""
    chance = 0.72 if rng.random() < 0.1 else 0.055
    outcomes: list[Outcome] = []
    surgery: Outcome | None = None
    for request in requests:
        outcome: Outcome = "overturned" if rng.random() < chance else "upheld"
        if request.theme == "adjunct" and surgery == "upheld":
            outcome = "upheld"
        if request.theme == "adjunct" and surgery == "overturned" and rng.random() < 0.7:
            outcome = "overturned"
        if request.theme == "surgery":
            surgery = "overturned" if "overturned" in {surgery, outcome} else outcome
        outcomes.append(outcome)
    return outcomes


def _decision(rng: Random, case: Case, name: str, request: Request, outcome: Outcome) -> Decision:
    administrator = administrator_cites(rng, request, case)
    return Decision(
        id=name,
        number=int(name.rpartition(".")[2]),
        request=request.text,
        outcome=outcome,
        category=request.category,
        drugs=request.drugs,
        drug_classes=drug_classes(request.drugs),
        body_parts=request.body_parts,
        side=request.side,
        levels=request.levels,
        quantity=request.quantity,
        administrator_guidelines=administrator,
        reviewer_guidelines=reviewer_cites(rng, request, case, administrator),
        rationale=rationale(rng, case, request, outcome),
    )
