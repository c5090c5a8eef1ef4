"""The Official Disability Guidelines in the many ways letters write them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from imr.model import Citation
from samples.catalogue import sites
from samples.draws import between, pick

if TYPE_CHECKING:
    from random import Random

    from samples.cases import Case
    from samples.catalogue import Theme
    from samples.requests import Request

NAME = "Official Disability Guidelines (ODG)"


def odg_cites(rng: Random, request: Request, theme: Theme, case: Case) -> tuple[Citation, ...]:
    """One citation; now and then two chapters with the date of their last update."""
    chapter, section = pick(rng, theme.odg) if theme.odg else (case.site.odg, request.odg)
    if rng.random() >= 0.06:
        return (_worded(rng, chapter, section),)
    other = pick(rng, [row.odg for row in sites() if row.odg != chapter])
    updated = f"(updated {case.decided - timedelta(days=40):%m/%d/%y})"
    return (
        Citation(
            source="ODG",
            document=chapter,
            cited=f"Official Disability Guidelines, {chapter} {updated}",
        ),
        Citation(source="ODG", document=other, cited=f"ODG, {other} {updated}"),
    )


def _worded(rng: Random, chapter: str, section: str) -> Citation:
    draw = rng.random()
    if draw < 0.08:
        return Citation(source="ODG", cited=NAME)
    if draw < 0.16:
        edition = between(rng, 10, 15)
        cited = f"ODG Guidelines, {edition}th Edition, {2002 + edition}, {chapter} Chapter"
        return Citation(source="ODG", document=chapter, year=2002 + edition, cited=cited)
    if draw < 0.3 or not section:
        cited = f"{NAME}, {chapter}{pick(rng, ('', ' Chapter'))}"
        return Citation(source="ODG", document=chapter, cited=cited)
    title = f"{chapter} Chapter, {section}"
    if draw < 0.45:
        title = f"{chapter}, {section}"
    elif draw < 0.55:
        title = f"{chapter} (Acute & Chronic), {section}"
        if chapter == "Low Back":
            title = f"{chapter} -Lumbar & Thoracic (Acute & Chronic) {section}"
    cited = f"{NAME}{pick(rng, ('', ','))} {title}"
    return Citation(source="ODG", document=chapter, sections=(section,), cited=cited)
