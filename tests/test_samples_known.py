"""Where a reader or a vocabulary is known to read a synthetic letter wrongly.

Each case fails strictly: once it is mended its test says so, and both the case and its row in
`KNOWN` go. The round trip passes over what a row names, and over nothing else.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from imr.letters.annotate import patient
from imr.letters.annotate import request as annotated
from imr.letters.citations import parse_citations
from imr.model import Patient


class Known(NamedTuple):
    """Texts in which a fact (or, for citations, a layout's block) is read wrongly."""

    text: str
    facts: frozenset[str]


KNOWN: tuple[Known, ...] = (
    Known(r"\bRetina specialist\b", frozenset({"drugs", "drug_classes"})),
    Known(r"\bFour corner fusion\b", frozenset({"quantity"})),
    Known(r"\bS-I joint\b", frozenset({"body_parts"})),
    Known(r"^other: ", frozenset({"professional-2013"})),
    Known(r"radiculopathy, (?:lumbar|cervical)\b", frozenset({"conditions"})),
)


def is_known(text: str, fact: str) -> bool:
    """Whether this fact of this text is known to be read wrongly."""
    return any(fact in row.facts and re.search(row.text, text) for row in KNOWN)


@pytest.mark.xfail(strict=True, reason="why a guideline was used is taken for part of its name")
def test_why_a_guideline_was_used_is_no_part_of_it() -> None:
    told = "WebMD. It ranks first in the order of evidence for this dispute."
    assert [citation.document for citation in parse_citations(told)] == ["WebMD"]


@pytest.mark.xfail(strict=True, reason="an inverted name reaches into the next diagnosis")
def test_a_list_of_diagnoses_keeps_each() -> None:
    told = "The diagnoses are lumbar radiculopathy, lumbar strain and lumbar spondylosis."
    assert "Lumbar sprain or strain" in patient(Patient(), told).conditions


@pytest.mark.xfail(strict=True, reason="Retin-A is also looked for without its hyphen")
def test_the_retina_is_no_drug() -> None:
    assert annotated("Retina specialist").drugs == ()


@pytest.mark.xfail(strict=True, reason="a number word in a treatment's name is taken for an amount")
def test_a_number_in_a_name_is_no_amount() -> None:
    assert annotated("Four corner fusion").quantity is None


@pytest.mark.xfail(strict=True, reason="SI is not known with a hyphen")
def test_the_s_i_joint_is_of_the_pelvis() -> None:
    assert annotated("S-I joint injection").body_parts == ("pelvis",)


@pytest.mark.xfail(strict=True, reason="the article of a name is dropped")
def test_a_name_keeps_its_article() -> None:
    cited = parse_citations("Decision based on Non-MTUS Citation The Medical Letter.")
    assert [citation.document for citation in cited] == ["The Medical Letter"]
