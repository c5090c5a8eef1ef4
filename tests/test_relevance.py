"""Judged topics over the real letters: search may not get worse. Skipped where none is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation import measure, relevance
from evaluation.measure import Scores
from evaluation.throwaway import caching_embedder, index_of
from evaluation.topics import similar_cases, topics
from tests.letters_at_hand import folder, letters_at_hand

MAY_FALL = 0.02
"""Figures move a little with vocabularies and rules of reading; more than this is a loss."""
JUDGED = 146
"""Decisions that the judgments are about."""

Measured = tuple[Scores, Scores]


@pytest.fixture(scope="module")
def measured(request: pytest.FixtureRequest) -> Measured:
    place = folder()
    if place is None or not letters_at_hand():
        pytest.skip("no real letter is at hand: they are not in the repository")
    request.getfixturevalue("model_files")
    embedder = caching_embedder()
    with index_of(measure.judged_letters(place / "pdf"), embedder) as engine:
        assert sum(engine.corpus_outcomes()) == JUDGED
        return (
            measure.by_mode(engine, embedder, topics()),
            measure.similar(engine, similar_cases()),
        )


def test_no_mode_falls_below_what_was_recorded(measured: Measured) -> None:
    now = relevance.figures(*measured)

    assert now.keys() == relevance.recorded().keys()
    fallen = {
        (name, half): (before, now[name][half])
        for name, halves in relevance.recorded().items()
        for half, before in halves.items()
        if now[name][half] < before - MAY_FALL
    }
    assert fallen == {}


def test_hybrid_is_no_worse_than_either_leg(measured: Measured) -> None:
    found = relevance.figures(*measured)

    for half in ("dev", "held"):
        assert found["hybrid"][half] >= max(found["keyword"][half], found["semantic"][half])


def test_the_report_names_no_held_topic(measured: Measured) -> None:
    lines = "\n".join(relevance.report(*measured))

    assert [topic.id for topic in topics() if topic.half == "held" and topic.text in lines] == []


def test_topics_and_cases_are_in_two_halves_of_the_same_types() -> None:
    dev, held = (
        sorted(topic.type for topic in topics() if topic.half == half) for half in ("dev", "held")
    )

    assert dev == held
    assert [len([c for c in similar_cases() if c.half == half]) for half in ("dev", "held")] == [
        10,
        10,
    ]


def test_letters_set_aside_are_not_opened(tmp_path: Path) -> None:
    """The first hex digit of this case number's SHA-256 is 0; the file would not parse."""
    (tmp_path / "CM16-0000019.pdf").write_bytes(b"no letter")

    assert list(measure.judged_letters(tmp_path)) == []
