"""Guidelines as both sides cite them: the wording of a letter with the record it stands for."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from imr.model import Citation
from imr.text.taxonomy.guidelines import load_guidelines
from samples.catalogue import Theme, sites, themes
from samples.data_files import load
from samples.draws import Skewed, pick, several
from samples.odg import odg_cites
from samples.templates import sentence_case

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from samples.cases import Case
    from samples.requests import Request
    from samples.traits import Traits

REVISED = date(2016, 8, 1)
"""From here on letters cite the chronic pain and opioid guidelines of 2016."""
YEARS_GIVEN = date(2016, 1, 1)
"""Before, letters named documents without their year and mostly by page."""
RARE = 0.05
"""How many blocks cite a document, section or agency from the taxonomy's whole lists."""

TWO_PUBLISHERS = (
    Citation(source="ACOEM", cited="ACOEM guidelines"),
    Citation(source="ODG", cited="the Official Disability Guidelines"),
)
POSTSURGICAL = {"lumbar": "Low Back", "shoulder": "Shoulder", "knee": "Knee"}
CHRONIC = "Chronic Pain Medical Treatment"
PAGES: dict[str, list[str]] = load("guidelines")["region_pages"]


def administrator_cites(
    rng: Random, request: Request, case: Case, traits: Traits
) -> tuple[Citation, ...]:
    """What the claims administrator relied on; in about one of eight letters, nothing."""
    return () if rng.random() < 0.12 else _cites(rng, request, case, traits)


def reviewer_cites(
    rng: Random, request: Request, case: Case, administrator: tuple[Citation, ...], traits: Traits
) -> tuple[Citation, ...]:
    """What the reviewer applied, often the same as the administrator; never nothing."""
    if administrator and rng.random() < 0.35:
        return administrator
    return _cites(rng, request, case, traits)


def _cites(rng: Random, request: Request, case: Case, traits: Traits) -> tuple[Citation, ...]:
    theme = themes()[request.theme]
    if traits.five:
        return _five(rng, theme, traits)
    if rng.random() < RARE:
        return _rare(rng)
    draw = rng.random()
    if request.other and draw < 0.5:
        name = pick(rng, request.other)
        return (Citation(source="other", document=name, cited=name),)
    mtus = _mtus(rng, theme, case, traits)
    if not mtus or (draw < 0.25 and not traits.cites):
        return odg_cites(rng, request, theme, case)
    return (*mtus, *odg_cites(rng, request, theme, case)) if draw > 0.86 else mtus


def _rare(rng: Random) -> tuple[Citation, ...]:
    """A name from the taxonomy's lists of all guidelines, or two publishers without more."""
    names = load_guidelines()
    draw = rng.random()
    if draw < 0.4:
        return TWO_PUBLISHERS
    if draw < 0.6:
        name = pick(rng, [name for name in names.others if not name.startswith("The ")])
        return (Citation(source="other", document=name, cited=name),)
    if draw < 0.8:
        chapter = pick(rng, names.odg_chapters)
        cited = f"Official Disability Guidelines (ODG), {chapter} Chapter"
        return (Citation(source="ODG", document=chapter, cited=cited),)
    if draw < 0.9:
        document = pick(rng, names.mtus_documents)
        return (Citation(source="MTUS", document=document, cited=f"MTUS {document}"),)
    title = sentence_case(pick(rng, _titles()))
    return _joined([_cited(CHRONIC, 2009, (title,))])


@cache
def _titles() -> tuple[str, ...]:
    return tuple(sorted(load_guidelines().titles))


def _mtus(rng: Random, theme: Theme, case: Case, traits: Traits) -> tuple[Citation, ...]:
    """One or two documents of the MTUS; every one but the first is cited without "MTUS"."""
    options = _options(rng, theme, case, traits)
    if not options:
        return ()
    if traits.five is None and theme.region and rng.random() < 0.02:
        return _five(rng, theme, traits)
    chosen = several(rng, options, 2 if rng.random() < 0.12 else 1)
    unlike = {citation.document: citation for citation in chosen}
    dated = [citation for citation in unlike.values() if citation.year or len(unlike) == 1]
    return _joined(dated or chosen[:1])


def _five(rng: Random, theme: Theme, traits: Traits) -> tuple[Citation, ...]:
    """Five chapters in one sentence."""
    chapters = {site.mtus for site in sites() if site.mtus and site.mtus[0] in PAGES}
    chosen = several(rng, sorted(chapters), 5)
    if _by_page(rng, traits, 0.5):
        return _joined(_paged(*chapter, pick(rng, PAGES[chapter[0]])) for chapter in chosen)
    return _joined(_sectioned(rng, *chapter, theme.region) for chapter in chosen)


def _joined(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """The first with "MTUS" before it, as one sentence of a letter lists them."""
    first, *rest = citations
    return (
        first.model_copy(update={"cited": f"MTUS {first.cited}"}),
        *rest,
    )


def _options(rng: Random, theme: Theme, case: Case, traits: Traits) -> list[Citation]:
    """What of the MTUS speaks to an item of this theme, at the time of the decision."""
    revised = case.decided >= REVISED
    options = []
    if theme.chronic:
        options.append(_chronic(rng, theme, case, traits))
    if theme.opioid2016 and revised:
        options.append(_sectioned(rng, "Opioid Treatment", 2016, theme.opioid2016))
    if theme.acupuncture:
        options.append(_sectioned(rng, "Acupuncture Treatment", 2007, ()))
    if theme.general:
        options.append(_sectioned(rng, "General Approaches", 2004, theme.general))
    if theme.region and case.site.mtus:
        options.append(_regional(rng, theme, case.site.mtus, case, traits))
    if theme.postsurgical and case.site.key in POSTSURGICAL and rng.random() < 0.3:
        part = (POSTSURGICAL[case.site.key],)
        options.append(_sectioned(rng, "Postsurgical Treatment", 2009, part))
    return options


def _by_page(rng: Random, traits: Traits, chance: float) -> bool:
    return rng.random() < chance if traits.cites is None else traits.cites == "pages"


def _chronic(rng: Random, theme: Theme, case: Case, traits: Traits) -> Citation:
    """The chronic pain guidelines, in the fashion of the time."""
    if case.decided < YEARS_GIVEN and theme.pages and _by_page(rng, traits, 0.7):
        section, pages = _section(rng, theme.chronic), pick(rng, theme.pages)
        document = "Chronic Pain Treatment"
        cited = f"{document} Guidelines {section} Page(s): {pages}"
        return Citation(
            source="MTUS", document=document, sections=(section,), pages=pages, cited=cited
        )
    year = 2016 if case.decided >= REVISED and rng.random() < 0.85 else 2009
    if theme.pages and _by_page(rng, traits, 0.3 if year == 2009 else 0.0):
        return _paged(CHRONIC, 2009, pick(rng, theme.pages))
    return _sectioned(rng, CHRONIC, year, theme.chronic)


def _regional(
    rng: Random, theme: Theme, chapter: tuple[str, int], case: Case, traits: Traits
) -> Citation:
    """A chapter on a region of the body."""
    document, year = chapter
    pages = PAGES.get(document)
    if pages and _by_page(rng, traits, 0.4 if case.decided < YEARS_GIVEN else 0.0):
        page = pick(rng, pages)
        if case.decided >= YEARS_GIVEN:
            return _paged(document, year, page)
        number = load_guidelines().acoem_numbered.index(document) + 1
        cited = f"ACOEM Practice Guidelines, Chapter {number} {document} Page(s): {page}"
        return Citation(source="MTUS", document=document, pages=page, cited=cited)
    return _sectioned(rng, document, year, theme.region)


def _section(rng: Random, titles: tuple[str, ...]) -> str:
    return _skewed(titles).draw(rng)


@cache
def _skewed(titles: tuple[str, ...]) -> Skewed[str]:
    return Skewed(titles)


def _sectioned(rng: Random, document: str, year: int, titles: tuple[str, ...]) -> Citation:
    chosen: tuple[str, ...] = ()
    if titles and rng.random() < 0.85:
        wanted = 1 if rng.random() < 0.7 else 2
        chosen = tuple(dict.fromkeys(_section(rng, titles) for _ in range(wanted)))
    return _cited(document, year, chosen)


def _cited(document: str, year: int, titles: tuple[str, ...]) -> Citation:
    sections = f", Section(s): {', '.join(titles)}" if titles else ""
    cited = f"{document} {year}{sections}"
    return Citation(source="MTUS", document=document, year=year, sections=titles, cited=cited)


def _paged(document: str, year: int, pages: str) -> Citation:
    cited = f"{document} {year}, page(s) {pages}"
    return Citation(source="MTUS", document=document, year=year, pages=pages, cited=cited)
