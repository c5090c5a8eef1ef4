"""Guidelines as both sides cite them: the wording of a letter with the record it stands for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from imr.model import Citation
from samples.catalogue import Site, Theme, sites, themes
from samples.templates import Skewed, pick

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from samples.cases import Case
    from samples.requests import Request

REVISED = date(2016, 8, 1)
"""From here on letters cite the chronic pain and opioid guidelines of 2016."""

POSTSURGICAL = {"lumbar": "Low Back", "shoulder": "Shoulder", "knee": "Knee"}


def administrator_cites(rng: Random, request: Request, case: Case) -> tuple[Citation, ...]:
    """What the claims administrator relied on; in about one of eight letters, nothing."""
    return () if rng.random() < 0.12 else _cites(rng, request, case)


def reviewer_cites(
    rng: Random, request: Request, case: Case, administrator: tuple[Citation, ...]
) -> tuple[Citation, ...]:
    """What the reviewer applied, often the same as the administrator; never nothing."""
    if administrator and rng.random() < 0.35:
        return administrator
    return _cites(rng, request, case)


def _cites(rng: Random, request: Request, case: Case) -> tuple[Citation, ...]:
    theme = themes()[request.theme]
    draw = rng.random()
    if draw < 0.02:
        return (
            Citation(source="ACOEM", cited="ACOEM guidelines"),
            Citation(source="ODG", cited="the Official Disability Guidelines"),
        )
    if request.other and draw < 0.5:
        name = pick(rng, request.other)
        return (Citation(source="other", document=name, cited=name),)
    mtus = _mtus(rng, theme, case)
    if not mtus or draw < 0.25:
        return _odg(rng, request, theme, case)
    if draw > 0.86:
        return (*mtus, *_odg(rng, request, theme, case))
    return mtus


def _mtus(rng: Random, theme: Theme, case: Case) -> tuple[Citation, ...]:
    """One to five documents of the MTUS; every one but the first is cited without "MTUS"."""
    options = _mtus_options(rng, theme, case)
    if not options:
        return ()
    draw = rng.random()
    chosen = [pick(rng, options)]
    if draw < 0.10:
        chosen.append(pick(rng, options))
    elif draw < 0.13 and theme.region:
        rows = [site for site in sites() if site.mtus]
        extra = 1 + int(rng.random() * 4)
        chosen += [_regional(rng, theme, pick(rng, rows)) for _ in range(extra)]
    unique = {citation.document: citation for citation in chosen}
    return _joined(unique.values())


def _joined(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """The first with "MTUS" before it, as one sentence of a letter lists them."""
    first, *rest = citations
    return (first.model_copy(update={"cited": f"MTUS {first.cited}"}), *rest)


def _mtus_options(rng: Random, theme: Theme, case: Case) -> list[Citation]:
    revised = case.decided >= REVISED
    options = []
    if theme.chronic:
        year = 2016 if revised and rng.random() < 0.85 else 2009
        document = "Chronic Pain Medical Treatment"
        if theme.pages and year == 2009 and rng.random() < 0.3:
            options.append(_paged(document, year, pick(rng, theme.pages)))
        else:
            options.append(_sectioned(rng, document, year, theme.chronic))
    if theme.opioid2016 and revised:
        options.append(_sectioned(rng, "Opioid Treatment", 2016, theme.opioid2016))
    if theme.acupuncture:
        options.append(_sectioned(rng, "Acupuncture Treatment", 2007, ()))
    if theme.general:
        options.append(_sectioned(rng, "General Approaches", 2004, theme.general))
    if theme.region and case.site.mtus:
        options.append(_regional(rng, theme, case.site))
    if theme.postsurgical and case.site.key in POSTSURGICAL and rng.random() < 0.3:
        part = (POSTSURGICAL[case.site.key],)
        options.append(_sectioned(rng, "Postsurgical Treatment", 2009, part))
    return options


def _regional(rng: Random, theme: Theme, site: Site) -> Citation:
    """The chapter of the injured region. Asks for a site that has one."""
    document, year = site.mtus or ("General Approaches", 2004)
    return _sectioned(rng, document, year, theme.region)


def _sectioned(rng: Random, document: str, year: int, titles: tuple[str, ...]) -> Citation:
    chosen: tuple[str, ...] = ()
    if titles and rng.random() < 0.85:
        skewed = Skewed(titles)
        wanted = 1 if rng.random() < 0.7 else 2
        chosen = tuple(dict.fromkeys(skewed.draw(rng) for _ in range(wanted)))
    sections = f", Section(s): {', '.join(chosen)}" if chosen else ""
    return Citation(
        source="MTUS",
        document=document,
        year=year,
        sections=chosen,
        cited=f"{document} {year}{sections}",
    )


def _paged(document: str, year: int, pages: str) -> Citation:
    return Citation(
        source="MTUS",
        document=document,
        year=year,
        pages=pages,
        cited=f"{document} {year}, page(s) {pages}",
    )


def _odg(rng: Random, request: Request, theme: Theme, case: Case) -> tuple[Citation, ...]:
    """The ODG in one of the many ways letters write it; now and then two chapters of it."""
    chapter, section = pick(rng, theme.odg) if theme.odg else (case.site.odg, request.odg)
    if rng.random() < 0.06:
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
    return (_odg_form(rng, chapter, section),)


def _odg_form(rng: Random, chapter: str, section: str) -> Citation:
    draw = rng.random()
    if draw < 0.08:
        return Citation(source="ODG", cited="Official Disability Guidelines (ODG)")
    if draw < 0.16:
        edition = 10 + int(rng.random() * 6)
        cited = f"ODG Guidelines, {edition}th Edition, {2002 + edition}, {chapter} Chapter"
        return Citation(source="ODG", document=chapter, year=2002 + edition, cited=cited)
    if draw < 0.3 or not section:
        ending = pick(rng, ("", " Chapter"))
        cited = f"Official Disability Guidelines (ODG), {chapter}{ending}"
        return Citation(source="ODG", document=chapter, cited=cited)
    title = f"{chapter} Chapter, {section}"
    if draw < 0.45:
        title = f"{chapter}, {section}"
    elif draw < 0.55:
        title = f"{chapter} (Acute & Chronic), {section}"
        if chapter == "Low Back":
            title = f"{chapter} -Lumbar & Thoracic (Acute & Chronic) {section}"
    comma = pick(rng, ("", ","))
    return Citation(
        source="ODG",
        document=chapter,
        sections=(section,),
        cited=f"Official Disability Guidelines (ODG){comma} {title}",
    )
