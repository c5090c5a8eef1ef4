"""The real letters beside the checkout, where there are any. None of them is committed.

Letters whose case number's SHA-256 begins with 0 to 3 are set aside: no test reads them.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

SET_ASIDE = frozenset("0123")


def folder() -> Path | None:
    """IMR_LETTERS or ../shared/determinations beside the checkout."""
    named = os.environ.get("IMR_LETTERS")
    place = Path(named) if named else Path(__file__).parents[2] / "shared" / "determinations"
    return place if place.is_dir() else None


def letters_at_hand() -> list[Path]:
    """The PDFs that are not set aside; none where the folder is absent."""
    place = folder()
    pdfs = sorted((place / "pdf").glob("CM*.pdf")) if place else []
    return [
        pdf for pdf in pdfs if hashlib.sha256(pdf.stem.encode()).hexdigest()[0] not in SET_ASIDE
    ]
