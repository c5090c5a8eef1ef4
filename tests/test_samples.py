"""Synthetic letters: repeatable, distributed as life is, and saying what their record says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import get_args

import pypdfium2
import pytest

from imr.model import Category, Decision, Determination
from imr.text.taxonomy.load import load as taxonomy
from samples import Traits, determination, stream
from samples.amounts import NUMBERS
from samples.catalogue import drugs, sites
from samples.pdf import letter_pdf
from samples.rationale import GENERAL, themes
from samples.render import letter_text
from samples.tail import rare_drugs, rare_treatments, specialties
from samples.variations import LAYOUTS, Variation, layout_of_its_time, varied
from samples.write import write_letters

ROOT = Path(__file__).parents[1]
VARIATIONS = {
    "plain": Variation(),
    "narrow headings": Variation(heading_width=24),
    "page ends in a heading": Variation(break_heading=True, heading_width=40),
    "page ends in a citation": Variation(break_citation=True),
    "outcome alone": Variation(outcome_alone=True),
    "states without space": Variation(tight_states=True),
    "redacted": Variation(redacted=True),
    "soft hyphens": Variation(soft_hyphens=True),
    "joined hyphens": Variation(joined_hyphens=True, heading_width=30),
    "short pages": Variation(lines_per_page=20),
}


@pytest.fixture(scope="module")
def records() -> list[Determination]:
    return list(islice(stream(7), 1500))


def flat(text: str) -> str:
    """Text as a reader takes it: on one line, with the typesetter's hyphens undone."""
    joined = text.replace("\ufffe", "-").replace("\u00ad", "").replace("\r", "")
    joined = re.sub(r"(?<=[a-zA-Z])-[\n\f](?=[a-zA-Z])", "-", joined)
    return " ".join(joined.split())


def pdf_pages(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def statements(record: Determination) -> list[str]:
    """All wording of the record that the letter must hold."""
    outcomes = {"upheld": "Upheld", "overturned": "Overturned"}
    cited = [
        citation.cited
        for decision in record.decisions
        for citation in (*decision.administrator_guidelines, *decision.reviewer_guidelines)
    ]
    headings = [f"{d.request}: {outcomes[d.outcome]}" for d in record.decisions]
    rationales = [f"Decision rationale: {d.rationale}" for d in record.decisions]
    return [
        f"Case Number: {record.case_number}",
        record.clinical_summary,
        *record.reviewer.specialties,
        *headings,
        *cited,
        *rationales,
    ]


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


@pytest.mark.parametrize("variation", VARIATIONS.values(), ids=VARIATIONS)
def test_text_says_what_the_record_says(records: list[Determination], variation: Variation) -> None:
    for record in records[:150]:
        text = flat(letter_text(record, variation))
        missing = [said for said in statements(record) if said not in text]
        assert not missing


@pytest.mark.parametrize("variation", VARIATIONS.values(), ids=VARIATIONS)
def test_pdf_says_what_the_record_says(
    records: list[Determination], variation: Variation, tmp_path: Path
) -> None:
    for record in records[:12]:
        letter_pdf(record, variation, tmp_path / "letter.pdf")
        text = flat("\n".join(pdf_pages(tmp_path / "letter.pdf")))
        missing = [said for said in statements(record) if said not in text]
        assert not missing


def test_pdf_header_is_extracted_in_the_order_of_real_letters(
    records: list[Determination], tmp_path: Path
) -> None:
    record = records[0]
    letter_pdf(record, None, tmp_path / "letter.pdf")
    extracted = pdf_pages(tmp_path / "letter.pdf")[0].split("\r\n")
    assert extracted[:7] == letter_text(record).split("\n")[:7]
    assert extracted[3:5] == [f"Priority: {record.priority} Application ", "Received: "]


def test_narrow_headings_wrap_over_several_lines(records: list[Determination]) -> None:
    record = next(r for r in records if "original request" in r.decisions[0].request)
    text = letter_text(record, Variation(heading_width=40))
    heading = text.partition("set forth below:")[2].partition("Claims Administrator guideline")[0]
    assert heading.count("\n") >= 5


def test_a_page_may_end_inside_a_heading_and_a_citation(records: list[Determination]) -> None:
    record = next(r for r in records if "original request" in r.decisions[0].request)
    text = letter_text(record, Variation(break_heading=True))
    heading = text.partition("set forth below:")[2].partition("Claims Administrator guideline")[0]
    assert "\f" in heading
    text = letter_text(record, Variation(break_citation=True))
    cited = text.partition("Claims Administrator guideline")[2].partition("Decision rationale")[0]
    assert "\f" in cited


def test_outcome_alone_and_tight_states_show_in_the_text(records: list[Determination]) -> None:
    record = next(r for r in records if len(r.reviewer.licensure_states) > 1)
    text = letter_text(record, Variation(outcome_alone=True, tight_states=True))
    assert re.search(r":[ ]?[\n\f](Upheld|Overturned)[\n\f]", text)
    assert f"Licensure: {','.join(record.reviewer.licensure_states)}\n" in text


def test_redaction_leaves_a_gap(records: list[Determination]) -> None:
    record = next(r for r in records if "Dr. saw" in r.clinical_summary)
    assert re.search(r"Dr\.\s{6,}saw", letter_text(record, Variation(redacted=True)))


def test_written_letters_are_the_same_bytes_again(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    for name in ("one", "two"):
        write_letters(tmp_path / name, 5, seed=2, set_progress=lambda *step: steps.append(step))
    assert steps == [(n, 5) for n in range(1, 6)] * 2
    first = sorted(path for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(first) == 10
    for path in first:
        again = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == again.read_bytes()


def test_letters_of_all_layouts_are_told_apart_by_their_date(tmp_path: Path) -> None:
    write_letters(tmp_path, 120, seed=3, formats=("text",), layout="all")
    for record in stream(3, 120):
        text = (tmp_path / "0000" / f"{record.id}.txt").read_text("utf-8")
        early = record.dates.decision is not None and record.dates.decision.year == 2013
        assert ("MAXIMUS FEDERAL SERVICES, INC." in text) == early


def test_the_command_writes_letters(tmp_path: Path) -> None:
    asked = ["--count", "3", "--format", "text", "--layout", "maximus-2013"]
    subprocess.run([sys.executable, "-m", "samples", tmp_path, *asked], cwd=ROOT, check=True)
    written = list(tmp_path.rglob("*.txt"))
    assert len(written) == 3
    assert all("IMR DECISION(S) AND RATIONALE(S)" in path.read_text("utf-8") for path in written)


def test_only_the_formats_asked_for_are_written(tmp_path: Path) -> None:
    write_letters(tmp_path, 3, formats=("text",))
    assert {path.suffix for path in tmp_path.rglob("*.*")} == {".txt"}


def test_a_long_stream_keeps_memory_flat() -> None:
    letters = (letter_text(record, varied(record.id)) for record in stream(1))
    for _ in islice(letters, 1500):  # templates and word lists are kept once they were used
        pass
    tracemalloc.start()
    for _ in islice(letters, 700):
        pass
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_500_000
