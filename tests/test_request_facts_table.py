"""Invented headings where the record's definitions bite, and the facts each of them states.

The rows are in request_facts.txt. They were written and labelled by definition, most of them before
the rules that read them; they are examples of the rules, not a measure of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from imr.model import Category, Side
from imr.text.taxonomy.requests import annotate_request
from imr.text.taxonomy.tagger import default_tagger

FACTS = ("category", "body_parts", "side", "levels", "quantity")
OPEN = "?"

Row = tuple[str, dict[str, str]]


def rows() -> list[Row]:
    text = Path(__file__).with_name("request_facts.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [row(line) for line in lines]


def row(line: str) -> Row:
    request, *values = (cell.strip() for cell in line.split("|"))
    values += [""] * (len(FACTS) - len(values))
    return request, dict(zip(FACTS, values, strict=True))


def found(request: str) -> dict[str, str]:
    facts = annotate_request(request, default_tagger())
    return {
        "category": facts.category,
        "body_parts": "; ".join(facts.body_parts),
        "side": facts.side or "",
        "levels": "; ".join(facts.levels),
        "quantity": "" if facts.quantity is None else str(facts.quantity),
    }


ROWS = rows()


@pytest.mark.parametrize(("request_", "stated"), ROWS, ids=[request for request, _ in ROWS])
def test_a_heading_states_its_facts(request_: str, stated: dict[str, str]) -> None:
    settled = {fact: value for fact, value in stated.items() if value != OPEN}
    if "body_parts" in settled:
        settled["body_parts"] = "; ".join(sorted(filter(None, settled["body_parts"].split("; "))))
    assert {fact: found(request_)[fact] for fact in settled} == settled


def test_every_category_has_examples() -> None:
    counts = dict.fromkeys(get_args(Category), 0)
    for _, stated in ROWS:
        if stated["category"] != OPEN:
            counts[stated["category"]] += 1
    assert min(counts.values()) >= 7, counts


def test_every_side_has_examples() -> None:
    assert {stated["side"] for _, stated in ROWS} == {*get_args(Side), "", OPEN}


def test_no_heading_stands_twice() -> None:
    requests = [request for request, _ in ROWS]
    assert len(requests) == len(set(requests))
