"""Whole citation blocks: invented ones by definition, labelled ones by how many agree.

`citation_wordings.txt` was written with the rules and each expectation by the definitions of
docs/record.md. `citation_blocks.json` was written and labelled by someone who saw no rules; its
half `held` was not looked at by whoever wrote rules, so what it scores is what unseen wording of
this kind scores. Labels may err: errors are counted, not bent to.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imr.letters.citations import parse_citations
from tests.citation_scores import Score, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imr.model import Citation

WORDINGS = Path(__file__).parent / "citation_wordings.txt"


def wordings() -> Iterator[tuple[str, list[str]]]:
    for block in WORDINGS.read_text(encoding="utf-8").strip().split("\n\n")[1:]:
        letter, *expected = block.split("\n")
        yield letter, [line.strip() for line in expected]


def line(citation: Citation) -> str:
    sections = " | ".join(citation.sections)
    year = str(citation.year or "-")
    cells = [citation.source, citation.document or "-", year, sections or "-"]
    return " \u00b7 ".join([*cells, citation.pages or "-"])


@pytest.mark.parametrize(("letter", "expected"), list(wordings()))
def test_an_invented_block_gives_what_the_definitions_say(letter: str, expected: list[str]) -> None:
    assert [line(citation) for citation in parse_citations(letter)] == expected


# (wrong, missed) pairs of source and document, (wrong, missed) sections, as measured: a change of
# rules may lower them, never raise them.
@pytest.mark.parametrize(
    ("half", "of", "at_most"),
    [("seen", 114, (0, 0, 0, 0)), ("held", 144, (7, 3, 7, 4))],
)
def test_labelled_blocks_agree_as_far_as_measured(
    half: str, of: int, at_most: tuple[int, int, int, int]
) -> None:
    score, labelled = Score(), blocks(half)
    for block in labelled:
        score.add(parse_citations(block["text"]), block["citations"])
    assert len(labelled) == of
    assert all(found <= most for found, most in zip(score.errors, at_most, strict=True))
    assert score.pairs.f1 >= 0.95
    assert score.sections.f1 >= 0.93


def test_a_score_counts_what_is_wrong_and_what_is_missed() -> None:
    score = Score()
    label = {"source": "ODG", "document": "Knee and Leg", "sections": ["MRI", "Casting"]}
    assert not score.add(parse_citations("ODG, Knee & Leg, MRI, Bracing; ODG, Head"), [label])
    assert (score.pairs.right, score.sections.right) == (1, 1)
    assert score.errors == (1, 0, 1, 1)
    assert score.pairs.f1 == pytest.approx(2 / 3)


def test_what_a_label_leaves_open_is_not_scored() -> None:
    score = Score()
    label = {"source": "ODG", "document": "Spine", "sections": ["X"], "open": ["document"]}
    assert score.add(parse_citations("ODG, Low Back, X"), [label])
    assert score.add(parse_citations("ODG, Head, Y"), [{**label, "open": ["document", "sections"]}])


def test_a_block_as_long_as_a_book_is_read() -> None:
    title = "Fusion (spinal) and Hospital length of stay (LOS)"
    cited = parse_citations(f"ODG, Low Back, {', '.join([title] * 2_000)}; Knee; {'(and ' * 9_000}")
    assert [citation.document for citation in cited][:2] == ["Low Back", "Knee"]
    assert cited[0].sections == ("Fusion (spinal)", "Hospital length of stay (LOS)") * 2_000
