"""Judged topics and similar cases, as `evaluation/*.json` hold them: texts, ids and grades.

Made by reading, by a language-model annotator, over the 146 decisions of 70 letters; no person has
checked them. A grade is 2 for what was asked, 1 for partly so. The halves were made before anything
was tuned: `dev` was looked at while tuning, of `held` only totals were.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

TOPICS = Path(__file__).parent / "topics.json"
SIMILAR = Path(__file__).parent / "similar.json"

Half = Literal["dev", "held"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A query with its judged decisions."""

    id: str
    type: str
    half: Half
    text: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A decision with those that were judged similar to it."""

    id: str
    half: Half
    source: str
    grades: Mapping[str, int]


def topics(path: Path = TOPICS) -> list[Topic]:
    """All topics."""
    return [Topic(**each) for each in json.loads(path.read_text(encoding="utf-8"))]


def similar_cases(path: Path = SIMILAR) -> list[SimilarCase]:
    """All similar cases."""
    return [SimilarCase(**each) for each in json.loads(path.read_text(encoding="utf-8"))]
