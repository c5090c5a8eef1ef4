"""How a decision is cited: one line for a brief, RIS and BibTeX for reference managers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

PUBLISHER = "California Division of Workers' Compensation, Independent Medical Review"

Record = Mapping[str, Any]
"""A StoredDecision's JSON, read."""


def line(record: Record) -> str:
    """As "IMR CM16-0000042, item 1, decided 2016-12-19, upheld"; an unknown day is left out."""
    decision = record["decision"]
    decided = record["decision_date"]
    parts = [
        f"IMR {record['case_number'] or record['determination']}",
        f"item {decision['number']}",
        *([f"decided {decided}"] if decided else []),
        decision["outcome"],
    ]
    return ", ".join(parts)


def ris(record: Record) -> str:
    """One reference in RIS, a legal case; lines end as the format asks."""
    return "".join(f"{tag}  - {value}\r\n" for tag, value in _ris(record)) + "ER  - \r\n\r\n"


def _ris(record: Record) -> Iterator[tuple[str, str]]:
    decision = record["decision"]
    yield "TY", "CASE"
    yield "ID", decision["id"]
    yield "TI", _one_line(f"{line(record)}: {decision['request']}")
    yield "PB", PUBLISHER
    if decided := record["decision_date"]:
        yield "PY", decided[:4]
        yield "DA", f"{decided.replace('-', '/')}/"
    yield "M1", record["case_number"] or record["determination"]
    yield "N1", f"Outcome: {decision['outcome']}"
    for word in (decision["category"], *decision["drugs"], *decision["body_parts"]):
        yield "KW", word


def bibtex(record: Record) -> str:
    """One entry in BibTeX (UTF-8, as biber reads it)."""
    decision = record["decision"]
    decided = record["decision_date"]
    told = {
        "title": f"{{{_tex(line(record))}: {_tex(decision['request'])}}}",
        "author": f"{{{_tex(PUBLISHER)}}}",
        "year": decided[:4] if decided else "",
        "date": decided or "",
        "number": _tex(record["case_number"] or record["determination"]),
        "note": f"Item {decision['number']}, {decision['outcome']}",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in told.items() if value)
    return f"@misc{{{decision['id']},\n{lines}}}\n\n"


_SPECIAL = re.compile(r"[\\{}$&#%_~^]")
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
# a brace that stands alone would end the entry, so braces are named rather than escaped
_TEX |= {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}


def _tex(text: str) -> str:
    return _SPECIAL.sub(lambda m: _TEX.get(m[0], f"\\{m[0]}"), _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())
