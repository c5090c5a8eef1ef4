"""The stream of records that synthetic letters state: endless, skewed as life is, repeatable.

A record holds exactly the facts its letter shows, with the reasons its rationales were made of.
`text` strings its parts together so that spans point somewhere; a letter of it reads otherwise, so
spans are not what a parser gives. `source` is a placeholder. `patient.conditions` are those of the
diagnoses that the taxonomy knows; the summary names more.

Case numbers come from the place in the stream, so two seeds use the same ones.
"""

from __future__ import annotations

from itertools import count
from random import Random
from typing import TYPE_CHECKING

from imr.model import Determination, Source
from samples.cases import draw_case
from samples.decisions import Letter, draw_decisions
from samples.disputes import draw_requests
from samples.prose import clinical_summary
from samples.traits import BY_CHANCE, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Source(name="sample", sha256="0" * 64, format="text", pages=1)


def stream(seed: int = 0, n: int | None = None) -> Iterator[Determination]:
    """The first `n` records of a seed, or all of them without end, with flat memory."""
    places = count(1) if n is None else range(1, n + 1)
    return (determination(seed, index) for index in places)


def determination(seed: int, index: int, traits: Traits = BY_CHANCE) -> Determination:
    """The record at a place in the stream (from 1), made without those before it."""
    rng = Random(f"{seed}:{index}")
    case = draw_case(rng)
    requests = draw_requests(rng, case, traits)
    received = case.dates.received or case.decided
    number = f"CM{received:%y}-{index:07}"
    summary = clinical_summary(rng, case, requests)
    text, decisions = draw_decisions(rng, Letter(case, number, traits), requests, summary)
    return Determination(
        id=number,
        case_number=number,
        dates=case.dates,
        priority=case.priority,
        reviewer=case.reviewer,
        patient=case.patient,
        clinical_summary=summary,
        decisions=decisions,
        text=text,
        source=SOURCE,
    )
