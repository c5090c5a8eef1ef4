"""The real letters beside the checkout, where there are any. None of them is committed."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path | None:
    """IMR_LETTERS or ../shared/determinations beside the checkout."""
    named = os.environ.get("IMR_LETTERS")
    place = Path(named) if named else Path(__file__).parents[2] / "shared" / "determinations"
    return place if place.is_dir() else None


def letters_at_hand() -> list[Path]:
    """The PDFs; none where the folder is absent."""
    place = folder()
    return sorted((place / "pdf").glob("CM*.pdf")) if place else []
