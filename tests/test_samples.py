"""Records of synthetic letters: repeatable, distributed as life is, and with their reasons."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import get_args

import pytest

from imr.model import Category, Decision, Determination
from imr.text.taxonomy.load import load as taxonomy
from samples import Traits, determination, stream
from samples.amounts import NUMBERS
from samples.catalogue import drugs, sites
from samples.rationale import GENERAL, themes
from samples.tail import rare_drugs, rare_treatments, specialties
from samples.variations import LAYOUTS, layout_of_its_time

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def records() -> list[Determination]:
    return list(islice(stream(7), 1500))


def test_a_seed_gives_the_same_records_again_and_another_seed_others() -> None:
    first = list(islice(stream(3), 20))
    assert first == list(islice(stream(3), 20))
    assert first != list(islice(stream(4), 20))
    assert determination(3, 17) == first[16]


def test_a_record_does_not_depend_on_those_before_it() -> None:
    assert determination(6, 9_999_999) == determination(6, 9_999_999)
    assert list(stream(6, 3)) == [determination(6, index) for index in (1, 2, 3)]


def test_the_seed_of_hashes_changes_nothing() -> None:
    """Sets and dicts are ordered by chance from run to run; records are not."""
    code = (
        "import hashlib; from samples import stream; "
        "print(hashlib.sha256(''.join(r.model_dump_json() for r in stream(5, 60)).encode())"
        ".hexdigest())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_about_twelve_percent_are_overturned(records: list[Determination]) -> None:
    outcomes = [decision.outcome for record in records for decision in record.decisions]
    assert 0.09 < outcomes.count("overturned") / len(outcomes) < 0.15


def test_most_letters_decide_few_items_and_some_many(records: list[Determination]) -> None:
    sizes = Counter(len(record.decisions) for record in records)
    assert 0.6 < sizes[1] / len(records) < 0.7
    assert 0.09 < sum(sizes[n] for n in sizes if n > 4) / len(records) < 0.16
    assert min(sizes) == 1
    assert 15 < max(sizes) <= 21


def test_every_category_occurs(records: list[Determination]) -> None:
    seen = {decision.category for record in records for decision in record.decisions}
    assert seen == set(get_args(Category))


def test_drugs_are_generics_sorted_and_skewed(records: list[Determination]) -> None:
    decisions = [decision for record in records for decision in record.decisions]
    assert all(decision.drugs == tuple(sorted(decision.drugs)) for decision in decisions)
    norco = next(decision for decision in decisions if "Norco" in decision.request)
    assert norco.drugs == ("acetaminophen", "hydrocodone")
    ranked = Counter(drug for d in decisions for drug in d.drugs).most_common()
    assert ranked[0][1] > 8 * ranked[len(ranked) // 2][1]


def test_dates_are_in_order_and_case_numbers_in_sequence(records: list[Determination]) -> None:
    for index, record in enumerate(records, 1):
        dates = record.dates
        assert dates.injury
        assert dates.ur_denial
        assert dates.received
        assert dates.assigned
        assert dates.decision
        assert dates.injury < dates.ur_denial < dates.received <= dates.assigned < dates.decision
        assert record.case_number == f"CM{dates.received:%y}-{index:07}"


def test_decisions_are_spread_over_the_years(records: list[Determination]) -> None:
    years = Counter(record.dates.decision.year for record in records if record.dates.decision)
    assert set(years) == set(range(2013, 2026))
    assert max(years.values()) < 2 * min(years.values())
    layouts = Counter(layout_of_its_time(record) for record in records)
    assert set(layouts) == set(LAYOUTS)
    assert layouts["current"] > 10 * layouts["maximus-2013"]


def test_any_name_of_the_taxonomy_can_be_asked_for() -> None:
    """But for what has another meaning, or goes by names that say more than one thing."""
    named = {row.ingredients for row in rare_drugs()}
    named |= {tuple(sorted(row.generics)) for row in drugs().rows}
    ingredients = {code for codes in named for code in codes}
    all_drugs = {code for concept in taxonomy().of("drug") for code in concept.ingredients}
    assert len(ingredients & all_drugs) / len(all_drugs) > 0.95
    treatments = {row.code for row in rare_treatments()}
    assert len(treatments) / len(taxonomy().of("treatment")) > 0.85
    assert {site.part for site in sites()} == {row.code for row in taxonomy().of("body-part")}
    assert {row.label for row in taxonomy().of("specialty")} <= set(specialties())


def test_rare_drugs_and_treatments_do_occur(records: list[Determination]) -> None:
    usual = {generic for row in drugs().rows for generic in row.generics}
    asked = {drug for r in records for d in r.decisions for drug in d.drugs}
    assert len(asked - usual) > 50
    codes = {code for r in records for d in r.decisions for code in d.treatments}
    assert len(codes) > 100


def test_what_goes_on_the_skin_is_topical(records: list[Determination]) -> None:
    decisions = [d for r in records for d in r.decisions]
    rubbed_in = [d for d in decisions if re.search(r"Lidoderm|Voltaren|cream|lotion", d.request)]
    assert len(rubbed_in) > 20
    assert all("topical" in d.drug_classes for d in rubbed_in)
    assert not any("topical" in d.drug_classes for d in decisions if "Butrans" in d.request)


def test_spans_point_at_what_the_record_holds(records: list[Determination]) -> None:
    for record in records[:300]:
        for decision in record.decisions:
            held = {name: record.text[slice(*span)] for name, span in decision.spans.items()}
            assert held["request"] == decision.request
            assert held["rationale"] == decision.rationale


DENIALS = {
    "no-functional-improvement", "exceeds-guideline", "conservative-care-not-tried",
    "no-red-flags-or-deficit", "criteria-not-met", "not-recommended",
    "ingredient-not-recommended", "guideline-silent", "risk-or-side-effects",
    "monitoring-not-documented", "weaning-advised", "home-program-suffices",
    "alternative-available", "no-information", "duplicate-care", "primary-not-necessary",
    "not-medical-treatment",
}  # fmt: skip
APPROVALS = {
    "indication-documented", "failed-conservative-care", "functional-improvement-shown",
    "within-guideline", "monitoring-documented", "primary-necessary",
}  # fmt: skip


def test_each_decision_has_reasons_that_fit_its_outcome(records: list[Determination]) -> None:
    seen = set()
    for record in records:
        for decision in record.decisions:
            codes = {reason.code for reason in decision.reasons}
            assert codes
            assert codes <= (DENIALS if decision.outcome == "upheld" else APPROVALS)
            seen |= codes
            start, end = decision.spans["rationale"]
            for reason in decision.reasons:
                assert start <= reason.span[0] < reason.span[1] <= end
                assert record.text[reason.span[1] - 1] == "."
    assert seen == DENIALS | APPROVALS


def test_every_theme_has_reasons_of_both_outcomes() -> None:
    for theme in themes().values():
        assert set(theme["upheld"]) <= DENIALS
        assert set(theme["overturned"]) <= APPROVALS
        assert set(theme["also"]) <= set(GENERAL["upheld"]) | set(GENERAL["overturned"])
        assert theme["recital"]


@pytest.mark.parametrize(
    ("traits", "shown"),
    [
        (Traits(colon=True), lambda d: ":" in d.request),
        (Traits(colon=False), lambda d: ":" not in d.request),
        (Traits(five=True), lambda d: len(d.reviewer_guidelines) == 5),
        (
            Traits(five=True, cites="pages"),
            lambda d: all(citation.pages for citation in d.reviewer_guidelines),
        ),
        (
            Traits(cites="sections"),
            lambda d: not any(citation.pages for citation in d.reviewer_guidelines),
        ),
        (Traits(repeated=True), lambda d: "was read with this request in mind" in d.rationale),
        (Traits(repeated=False), lambda d: "with this request in mind" not in d.rationale),
    ],
)
def test_traits_are_switched(traits: Traits, shown: Callable[[Decision], bool]) -> None:
    decisions = [d for index in range(1, 40) for d in determination(8, index, traits).decisions]
    assert all(shown(decision) for decision in decisions)


def test_facts_are_stated_by_the_request(records: list[Determination]) -> None:
    for decision in (decision for record in records for decision in record.decisions):
        request = decision.request.lower()
        for level in decision.levels:
            upper, _, lower = level.lower().partition("-")
            assert f"{upper}-{lower}" in request or f"{upper}-{lower[1:]}" in request
        if decision.side:
            assert decision.side in request
        if decision.quantity is not None and not re.search(r"times|once", request):
            number = int(decision.quantity)
            worded = NUMBERS[number] if number < len(NUMBERS) else str(number)
            assert re.search(rf"\b({number}|{worded})\b", request)


def test_requests_of_a_letter_differ(records: list[Determination]) -> None:
    for record in records:
        requests = [decision.request for decision in record.decisions]
        assert len(requests) == len(set(requests))


def test_rationales_conclude_with_the_outcome(records: list[Determination]) -> None:
    for decision in (decision for record in records for decision in record.decisions):
        denied = "not medically necessary" in decision.rationale
        assert not (denied and decision.outcome == "overturned")
