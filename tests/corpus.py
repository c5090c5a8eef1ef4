"""Tiny corpora as literal text, for tests that state which decisions a search finds.

A block is a decision: a head line `ID OUTCOME [DATE]`, then `KEY: VALUE` lines. Blocks are apart by
an empty line; those whose ids share what stands before the last dot are one letter, dated by the
first of them.

    A.1 upheld 2016-05-01
    request: Norco 10/325mg #90
    drugs: acetaminophen, hydrocodone
    reviewer: MTUS: Chronic Pain Medical Treatment > Opioids, criteria for use; ODG
    rationale: There is no functional improvement.
    meaning: 0.9

`meaning` is the cosine of each passage with whatever is asked; with one value the rationale is one
passage, with several each of its sentences is. A corpus without any is loaded without vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from math import sqrt
from typing import Any, Protocol

import numpy as np

from imr.engines.document import documents
from imr.engines.open import Place, open_index, open_writer
from imr.engines.protocol import Engine
from imr.model import Citation, Dates, Decision, Determination, Patient, Reviewer, Source, Span
from imr.search.request import Request
from imr.search.response import SearchResponse
from imr.search.run import search
from imr.text.embedding import Embedder, Vectors
from imr.text.model_files import BGE_SMALL
from imr.text.passages import sentences
from imr.text.taxonomy import load as taxonomies
from tests.stand_ins import StandIn

PLANE = replace(BGE_SMALL, name="plane", dimension=2, model_sha256="none")
"""A model of two dimensions in which every query points along the first."""

_KEYS = frozenset(
    {
        "administrator", "age", "body", "category", "conditions", "drugs", "meaning", "rationale",
        "request", "reviewer", "specialties", "summary", "treatments",
    }
)  # fmt: skip


class Plane(StandIn):
    """The model where a test states how near each passage is to the query."""

    def __init__(self) -> None:
        super().__init__(PLANE)


def towards(cosines: Sequence[float]) -> Vectors:
    """Unit vectors of the plane with these cosines to the query, as an embedder gives them."""
    pairs = np.array([(cosine, sqrt(1 - cosine * cosine)) for cosine in cosines])
    return pairs.reshape(-1, 2).astype(np.float16).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Letters, and the cosines of each decision's passages where the text gives any."""

    letters: tuple[Determination, ...]
    meanings: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """Searches one loaded corpus."""

    engine: Engine
    embedder: Embedder | None

    def __call__(self, text: str = "", **asked: Any) -> SearchResponse:
        """Search; `filters` is a dict or pairs, everything else as in Request."""
        filters = asked.pop("filters", ())
        pairs = tuple(filters.items()) if isinstance(filters, dict) else tuple(filters)
        return search(self.engine, Request(text=text, filters=pairs, **asked), self.embedder)

    def matches(self, text: str = "", **asked: Any) -> set[str]:
        """The ids of all matches of a query that has no more than a page of them."""
        asked = {"group": "none", "size": 100, **asked}
        return {row.id for row in self(text, **asked).results if row.matched}


class Loader(Protocol):
    """Puts a corpus into an engine of its own."""

    def __call__(self, text: str) -> Search: ...


def read(text: str) -> Corpus:
    """The corpus that a text states."""
    blocks = [_block(block) for block in _blocks(text)]
    letters = tuple(
        _letter(name, list(of_letter))
        for name, of_letter in groupby(blocks, key=lambda block: block[0].rpartition(".")[0])
    )
    if len({letter.id for letter in letters}) < len(letters):
        raise ValueError("the decisions of a letter stand one behind the other")
    meanings = {
        block[0]: tuple(float(cosine) for cosine in block[3]["meaning"].split(","))
        for block in blocks
        if "meaning" in block[3]
    }
    return Corpus(letters, meanings)


def put(corpus: Corpus, place: Place) -> Search:
    """Load a corpus into the index there, made where it does not exist, and open it."""
    with_vectors = bool(corpus.meanings)
    with open_writer(place, PLANE if with_vectors else None) as writer:
        for letter in corpus.letters:
            cut = [_passages(d, corpus.meanings.get(d.id, (0.0,))) for d in letter.decisions]
            vectors = [towards(corpus.meanings.get(d.id, (0.0,))) for d in letter.decisions]
            made = documents(letter, cut, vectors if with_vectors else None)
            writer.replace(letter.id, made)
    return Search(open_index(place).current(), Plane() if with_vectors else None)


def _blocks(text: str) -> Iterator[list[str]]:
    lines = [line.strip() for line in text.strip().splitlines()]
    for filled, block in groupby(lines, key=bool):
        if filled:
            yield list(block)


def _block(lines: list[str]) -> tuple[str, str, date | None, dict[str, str]]:
    head = lines[0].split()
    values = dict(line.split(": ", 1) for line in lines[1:])
    if unknown := values.keys() - _KEYS:
        raise ValueError(f"{lines[0]}: no such key {sorted(unknown)}")
    decided = date.fromisoformat(head[2]) if len(head) > 2 else None
    return head[0], head[1], decided, values


def _letter(name: str, blocks: list[tuple[str, str, date | None, dict[str, str]]]) -> Determination:
    text = ""
    decisions = []
    for id_, outcome, _, values in blocks:
        spans: dict[str, Span] = {}
        for part in ("request", "rationale"):
            start = len(text)
            text += values.get(part, "") + "\n"
            spans[part] = (start, len(text) - 1)
        decisions.append(_decision(id_, outcome, values, spans))
    first = blocks[0]
    stated = repr(blocks).encode()
    return Determination(
        id=name,
        case_number=name,
        dates=Dates(decision=first[2]),
        reviewer=Reviewer(specialties=_listed(first[3].get("specialties", ""))),
        patient=Patient(
            age=int(first[3]["age"]) if "age" in first[3] else None,
            conditions=_listed(first[3].get("conditions", "")),
        ),
        clinical_summary=first[3].get("summary", ""),
        decisions=tuple(decisions),
        text=text,
        source=Source(
            name=f"{name}.txt", sha256=hashlib.sha256(stated).hexdigest(), format="text", pages=1
        ),
    )


def _decision(
    id_: str, outcome: str, values: Mapping[str, str], spans: dict[str, Span]
) -> Decision:
    drugs = _listed(values.get("drugs", ""))
    return Decision.model_validate(
        {
            "id": id_,
            "number": int(id_.rpartition(".")[2]),
            "request": values.get("request", ""),
            "outcome": outcome,
            "category": values.get("category", "other"),
            "treatments": _listed(values.get("treatments", "")),
            "drugs": drugs,
            "drug_classes": taxonomies.load().classes(drugs),
            "body_parts": _listed(values.get("body", "")),
            "administrator_guidelines": _citations(values.get("administrator", "")),
            "reviewer_guidelines": _citations(values.get("reviewer", "")),
            "rationale": values.get("rationale", ""),
            "spans": spans,
        }
    )


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _citations(value: str) -> tuple[Citation, ...]:
    """`SOURCE[: DOCUMENT][ > SECTION]`, several apart by semicolons."""
    cited = []
    for part in filter(None, (part.strip() for part in value.split(";"))):
        name, _, section = part.partition(" > ")
        source, _, document = name.partition(": ")
        cited.append(
            Citation.model_validate(
                {
                    "source": source,
                    "document": document or None,
                    "sections": (section,) if section else (),
                    "cited": part,
                }
            )
        )
    return tuple(cited)


def _passages(decision: Decision, meanings: Sequence[float]) -> list[Span]:
    start, end = decision.spans["rationale"]
    if len(meanings) == 1:
        return [(start, end)]
    cut = [(start + first, start + last) for first, last in sentences(decision.rationale)]
    if len(cut) != len(meanings):
        raise ValueError(f"{decision.id}: {len(cut)} sentences, {len(meanings)} meanings")
    return cut
