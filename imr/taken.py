"""How the registry's values are taken from a letter and its decision, see `imr/fields.py`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from imr.model import Citation, Decision, Determination
from imr.text.taxonomy import guideline_names
from imr.text.taxonomy import load as taxonomies
from imr.text.taxonomy.concept import Kind
from imr.text.taxonomy.tagger import default_tagger


def guideline_name(citation: Citation) -> str:
    """A citation as one facet value: "MTUS: Chronic Pain Medical Treatment", "ODG"."""
    return _cited_name(citation.source, citation.document)


@lru_cache(maxsize=10_000)
def _cited_name(source: str, document: str | None) -> str:
    return spelled(f"{source}: {document}" if document else source)


_SMALL_WORDS = frozenset(
    {"a", "an", "and", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)


@lru_cache(maxsize=10_000)
def spelled(name: str) -> str:
    """A guideline's name in one spelling, so that a facet counts it once.

    "ODG: Neck & upper back" is "ODG: Neck and Upper Back"; the record keeps the letter's wording.
    """
    words = " ".join(name.replace("&", " and ").split()).split(" ")
    source = {"mtus:": "MTUS:", "odg:": "ODG:", "acoem:": "ACOEM:", "other:": "other:"}
    bare = {"mtus": "MTUS", "odg": "ODG", "acoem": "ACOEM", "other": "other"}
    first = (source if len(words) > 1 else bare).get(words[0].lower(), words[0])
    return " ".join([first, *(_capital(word) for word in words[1:])])


def _capital(word: str) -> str:
    return word.lower() if word.lower() in _SMALL_WORDS else word[:1].upper() + word[1:]


def guidelines(citations: Iterable[Citation]) -> Iterable[str]:
    """Each cited guideline once."""
    return dict.fromkeys(guideline_name(citation) for citation in citations)


def cited_text(_: Determination, decision: Decision) -> Iterable[str]:
    """All cited names and sections as one text: scores stay equal on both engines only so."""
    yield cited_line(decision)


BETWEEN = " \u00b7 "
"""Stands between two names of the cited guidelines."""


def cited_line(decision: Decision) -> str:
    """The names and sections of the guidelines that either side cited, each once."""
    cited = [*decision.reviewer_guidelines, *decision.administrator_guidelines]
    names = dict.fromkeys(
        name
        for citation in cited
        for name in (citation.source, citation.document, *citation.sections)
        if name and name != "other"
    )
    return BETWEEN.join(names)


def with_broader(kind: Kind, codes: Iterable[str]) -> Iterable[str]:
    """The codes and all broader ones, each once: a parent is counted once a decision."""
    taxonomy = taxonomies.load()
    return dict.fromkeys(name for code in codes for name in (code, *taxonomy.ancestors(kind, code)))


def sources(citations: Iterable[Citation]) -> Iterable[str]:
    """MTUS, ODG, ACOEM or other, of each citation."""
    return (citation.source for citation in citations)


def sections(citations: Iterable[Citation]) -> Iterable[str]:
    """Section titles in one spelling."""
    return (spelled(section) for citation in citations for section in citation.sections)


WITHIN = " > "
"""Stands between a guideline's name and the title of its section."""


def document(citation: Citation) -> str:
    """A cited guideline under its one name, however it is spelled: "ODG: Knee and Leg"."""
    return one_name(citation.source, citation.document)


@lru_cache(maxsize=10_000)
def one_name(source: str, document: str | None) -> str:
    """The one name of a source's document, or of the source."""
    if document is None:
        return source
    return spelled(f"{source}: {guideline_names.document_name(source, document)}")


def documents(citations: Iterable[Citation]) -> Iterable[str]:
    """Each cited guideline once, under its one name."""
    return dict.fromkeys(document(citation) for citation in citations)


def parts(citations: Iterable[Citation]) -> Iterable[str]:
    """Sections with their guideline: "MTUS: Chronic Pain Medical Treatment > Opioids"."""
    return (
        f"{document(citation)}{WITHIN}{_one_title(section)}"
        for citation in citations
        for section in citation.sections
    )


@lru_cache(maxsize=10_000)
def _one_title(section: str) -> str:
    return _capital(spelled(guideline_names.section_name(section)))


def editions(citations: Iterable[Citation]) -> Iterable[str]:
    """Guidelines with the year they are cited by: "MTUS: Chronic Pain Medical Treatment 2009"."""
    return (f"{document(citation)} {citation.year}" for citation in citations if citation.year)


def cited_nothing(_: Determination, decision: Decision) -> Iterable[str]:
    """Who cited no guideline at all."""
    if not decision.reviewer_guidelines:
        yield "reviewer"
    if not decision.administrator_guidelines:
        yield "administrator"


def brands(_: Determination, decision: Decision) -> Iterable[str]:
    """The brands that the request names, of drugs that are in dispute."""
    if not decision.drugs:
        return
    for tag in default_tagger().tag(decision.request, heading=True):
        brand = taxonomies.load().brand(tag.text) if tag.kind == "drug" else None
        if brand and set(tag.codes) <= set(decision.drugs):
            yield brand


def conditions(determination: Determination, _: Decision) -> Iterable[str]:
    """Codes of the conditions, which the record has by their names."""
    found = (taxonomies.load().resolve("condition", c) for c in determination.patient.conditions)
    return (concept.code for concept in found if concept)


def specialties(determination: Determination, _: Decision) -> Iterable[str]:
    """The reviewer's specialties in one spelling."""
    return (spelled(specialty) for specialty in determination.reviewer.specialties)


def years(day: date | None) -> Iterable[str]:
    """The year as a keyword."""
    return (str(day.year),) if day else ()


def days_of(day: date | None) -> Iterable[str]:
    """The day in ISO 8601."""
    return (day.isoformat(),) if day else ()


def days_between(determination: Determination, _: Decision) -> Iterable[float]:
    """From injury to decision; letters whose dates run backwards have none."""
    injury, decision = determination.dates.injury, determination.dates.decision
    if injury and decision and injury <= decision:
        yield float((decision - injury).days)


def age_bands(determination: Determination, _: Decision) -> Iterable[str]:
    """Decades, as people ask for them."""
    age = determination.patient.age
    if age is not None:
        yield age_band(age)


AGE_BANDS = ("under 20", *(f"{age}-{age + 9}" for age in range(20, 80, 10)), "80 and over")
"""All decades of age, as they are counted."""


def age_band(age: int) -> str:
    """The decade of an age."""
    return AGE_BANDS[min(max(age // 10, 1), 8) - 1]


REGIONS = {
    "head": ("head", "face", "eye", "ear", "jaw"),
    "spine": ("neck", "upper back", "low back", "spine"),
    "trunk": ("chest", "abdomen", "pelvis"),
    "upper extremity": ("shoulder", "arm", "elbow", "wrist", "hand", "finger"),
    "lower extremity": ("hip", "leg", "knee", "ankle", "foot"),
}
"""Body parts by the region they belong to."""


def regions(_: Determination, decision: Decision) -> Iterable[str]:
    """The regions of the body parts that the request names."""
    return (
        region
        for region, parts in REGIONS.items()
        if not set(parts).isdisjoint(decision.body_parts)
    )
