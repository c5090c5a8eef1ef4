"""What a synthetic letter states is what a reader of it gets back, in every layout and setting.

The layouts of 2013 are unverified on real letters: here they are only read as they are written.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imr.letters.annotate import request as annotated
from imr.letters.parse import parse
from imr.model import Citation, Decision, Determination
from imr.text.taxonomy.load import load as taxonomy
from samples import Traits, determination, stream
from samples.pdf import letter_pdf
from samples.render import letter_text, stated
from samples.variations import LAYOUTS, Layout, Variation, varied
from tests.test_samples_known import is_known

FACTS = ("category", "drugs", "drug_classes", "body_parts", "side", "levels", "quantity")

TRAITS = st.builds(
    Traits,
    colon=st.none() | st.booleans(),
    cites=st.sampled_from((None, "sections", "pages")),
    five=st.sampled_from((None, None, True)),
    repeated=st.none() | st.booleans(),
)
ODD = st.builds(
    Variation,
    layout=st.sampled_from(LAYOUTS),
    width=st.integers(60, 120),
    heading_width=st.integers(24, 110),
    lines_per_page=st.integers(18, 60),
    break_heading=st.booleans(),
    break_citation=st.booleans(),
    outcome_alone=st.booleans(),
    tight_states=st.booleans(),
    redacted=st.booleans(),
    soft_hyphens=st.booleans(),
    joined_hyphens=st.booleans(),
    unnumbered=st.booleans(),
)
RECORDS = st.builds(determination, st.integers(0, 10**6), st.integers(1, 10**7 - 1), TRAITS)


def words(text: str) -> str:
    return " ".join(text.split())


def assert_stated(found: Determination, record: Determination, variation: Variation) -> None:
    said = stated(record, variation)
    assert found.case_number == said.case_number
    assert found.dates == said.dates
    assert found.priority == said.priority
    assert found.reviewer == said.reviewer
    assert (found.patient.age, found.patient.sex) == (said.patient.age, said.patient.sex)
    assert words(found.clinical_summary) == words(said.clinical_summary)
    assert [d.request for d in found.decisions] == [d.request for d in said.decisions]
    for ours, theirs in zip(found.decisions, said.decisions, strict=True):
        assert (ours.number, ours.outcome) == (theirs.number, theirs.outcome)
        assert words(ours.rationale) == words(theirs.rationale)
        for cited in ("administrator_guidelines", "reviewer_guidelines"):
            assert_cited(getattr(ours, cited), getattr(theirs, cited), variation.layout)
        assert_facts(ours, theirs)


def assert_cited(found: Iterable[Citation], said: Iterable[Citation], layout: Layout) -> None:
    """The same citations, apart from their wording, which letters punctuate and lead in."""
    if any(is_known(f"{citation.source}: {citation.cited}", layout) for citation in said):
        return
    bare = [[c.model_copy(update={"cited": ""}) for c in cited] for cited in (found, said)]
    assert bare[0] == bare[1]


def assert_facts(found: Decision, said: Decision) -> None:
    """What the heading states; of treatments, that the stated one or one below it is found."""
    facts = [name for name in FACTS if not is_known(said.request, name)]
    assert {name: getattr(found, name) for name in facts} == {
        name: getattr(said, name) for name in facts
    }
    for code in said.treatments:
        assert taxonomy().subtree("treatment", code) & set(found.treatments)


def as_pdf(record: Determination, variation: Variation, folder: Path) -> bytes:
    letter_pdf(record, variation, folder / "letter.pdf")
    return (folder / "letter.pdf").read_bytes()


@settings(max_examples=600, deadline=None, derandomize=True)
@given(RECORDS, ODD)
def test_any_record_in_any_setting_comes_back_from_text(
    record: Determination, odd: Variation
) -> None:
    assert_stated(parse(letter_text(record, odd).encode(), "letter.txt"), record, odd)


@settings(
    max_examples=90,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(record=RECORDS, odd=ODD)
def test_any_record_in_any_setting_comes_back_from_pdf(
    tmp_path: Path, record: Determination, odd: Variation
) -> None:
    assert_stated(parse(as_pdf(record, odd, tmp_path), "letter.pdf"), record, odd)


SWITCHES = {
    "plain": Variation(),
    "headings of many lines": Variation(heading_width=24),
    "a page ends in a heading": Variation(break_heading=True, heading_width=30),
    "a page ends in a citation": Variation(break_citation=True, lines_per_page=25),
    "the outcome alone": Variation(outcome_alone=True),
    "states without a space": Variation(tight_states=True),
    "redacted": Variation(redacted=True),
    "soft hyphens": Variation(soft_hyphens=True),
    "joined hyphens": Variation(joined_hyphens=True, heading_width=30),
    "no case number": Variation(unnumbered=True),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("switch", SWITCHES)
def test_each_setting_alone(layout: Layout, switch: str) -> None:
    plain = SWITCHES[switch]
    names = [name for name in plain.__slots__ if name != "layout"]
    variation = Variation(layout=layout, **{name: getattr(plain, name) for name in names})
    for record in stream(31, 12):
        found = parse(letter_text(record, variation).encode(), "letter.txt")
        assert_stated(found, record, variation)


CONTENTS = {
    "a colon in the heading": Traits(colon=True),
    "no colon in the heading": Traits(colon=False),
    "cited by section": Traits(cites="sections"),
    "cited by page": Traits(cites="pages"),
    "five citations": Traits(five=True),
    "the heading again": Traits(repeated=True),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("trait", CONTENTS)
def test_each_trait_alone(layout: Layout, trait: str) -> None:
    for index in range(1, 21):
        record = determination(32, index, CONTENTS[trait])
        variation = varied(index, layout)
        found = parse(letter_text(record, variation).encode(), "letter.txt")
        assert_stated(found, record, variation)


def test_the_facts_of_thousands_of_headings_are_read_as_stated() -> None:
    """Without the letter around them; it takes many to reach the rare names of the taxonomy."""
    wrong = []
    for record in stream(33, 2500):
        for decision in record.decisions:
            found = annotated(decision.request)
            facts = [name for name in FACTS if not is_known(decision.request, name)]
            wrong += [
                (decision.request, name, getattr(found, name), getattr(decision, name))
                for name in facts
                if getattr(found, name) != getattr(decision, name)
            ]
    assert wrong == []


def test_the_conditions_of_the_diagnoses_are_found_in_the_summary() -> None:
    for record in stream(34, 150):
        found = parse(letter_text(record).encode(), "letter.txt").patient.conditions
        if not is_known(record.clinical_summary, "conditions"):
            assert set(record.patient.conditions) <= set(found)
