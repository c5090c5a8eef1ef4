"""From the text after "… guideline:" to citations: DESIGN's table, and what letters vary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr.errors import TaxonomyError
from imr.letters.citations import parse_citations
from imr.text.taxonomy.guidelines import load_guidelines_from, title_key

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE = (
    "The Claims Administrator based their decision on recommendation(s) outside of the MTUS "
    "Guidelines."
)

Record = tuple[str, str | None, int | None, list[str], str | None]


def records(text: str) -> list[Record]:
    return [
        (c.source, c.document, c.year, list(c.sections), c.pages) for c in parse_citations(text)
    ]


def mtus(
    document: str | None, year: int | None, *sections: str, pages: str | None = None
) -> Record:
    return "MTUS", document, year, list(sections), pages


def odg(document: str | None, *sections: str, year: int | None = None) -> Record:
    return "ODG", document, year, list(sections), None


def acoem(
    document: str | None, *sections: str, year: int | None = None, pages: str | None = None
) -> Record:
    return "ACOEM", document, year, list(sections), pages


def other(document: str | None, *sections: str) -> Record:
    return "other", document, None, list(sections), None


CHRONIC = "Chronic Pain Medical Treatment"

# One row of DESIGN's "Guideline citations" each, in its order.
DESIGN = [
    (
        "MTUS Chronic Pain Medical Treatment 2009, Section(s): Physical Medicine.",
        [mtus(CHRONIC, 2009, "Physical Medicine")],
    ),
    (
        (
            "MTUS Neck and Upper Back Complaints 2004, Section(s): Special Studies, "
            "and Forearm, Wrist, and Hand Complaints 2004, Section(s): Special Studies."
        ),
        [
            mtus("Neck and Upper Back Complaints", 2004, "Special Studies"),
            mtus("Forearm, Wrist, and Hand Complaints", 2004, "Special Studies"),
        ],
    ),
    (
        (
            "MTUS Chronic Pain Medical Treatment 2016, Section(s): Muscle relaxants (for pain), "
            "Cyclobenzaprine (Flexeril)."
        ),
        [mtus(CHRONIC, 2016, "Muscle relaxants (for pain)", "Cyclobenzaprine (Flexeril)")],
    ),
    (
        (
            "MTUS Chronic Pain Medical Treatment 2016, Section(s): "
            "NSAIDs, GI symptoms & cardiovascular risk"
        ),
        [mtus(CHRONIC, 2016, "NSAIDs, GI symptoms & cardiovascular risk")],
    ),
    ("MTUS Acupuncture Treatment 2007.", [mtus("Acupuncture Treatment", 2007)]),
    (
        "MTUS Chronic Pain Medical Treatment 2009, page(s) 98-99",
        [mtus(CHRONIC, 2009, pages="98-99")],
    ),
    ("The Claims Administrator did not cite any medical evidence for its decision.", []),
    (
        f"{OUTSIDE} Decision based on Non-MTUS Citation Official Disability Guidelines (ODG).",
        [odg(None)],
    ),
    (
        (
            f"{OUTSIDE} Decision based on Non-MTUS Citation Official Disability Guidelines (ODG), "
            "Neck and Upper Back Chapter, Pillow."
        ),
        [odg("Neck and Upper Back", "Pillow")],
    ),
    (
        (
            "Decision based on Non-MTUS Citation Official Disability Guidelines (ODG) "
            "Low Back -Lumbar & Thoracic (Acute & Chronic) MRIs (magnetic resonance imaging)."
        ),
        [odg("Low Back", "MRIs (magnetic resonance imaging)")],
    ),
    (
        "Decision based on Non-MTUS Citation ODG Guidelines, 14th Edition, 2016, Knee Chapter.",
        [odg("Knee", year=2016)],
    ),
    (
        (
            "Decision based on Non-MTUS Citation Official Disability Guidelines, "
            "Shoulder (updated 12/12/16); ODG, Low Back (updated 12/20/16)."
        ),
        [odg("Shoulder"), odg("Low Back")],
    ),
    (
        (
            "Decision based on Non-MTUS Citation ACOEM guidelines and the Official Disability "
            "Guidelines."
        ),
        [acoem(None), odg(None)],
    ),
    (
        (
            "Decision based on Non-MTUS Citation Medicare Physicians Fee Schedule (MPFS); "
            "Chapter 12-Practitioners."
        ),
        [other("Medicare Physicians Fee Schedule (MPFS)", "Chapter 12-Practitioners")],
    ),
]


@pytest.mark.parametrize(("letter", "expected"), DESIGN)
def test_the_worked_examples_of_the_design(letter: str, expected: list[Record]) -> None:
    assert records(letter) == expected


@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        (
            (
                "Decision based on MTUS Chronic Pain Treatment Guidelines Muscle relaxants "
                "(for pain) Page(s): 63-66."
            ),
            [mtus("Chronic Pain Treatment", None, "Muscle relaxants (for pain)", pages="63-66")],
        ),
        (
            (
                "MTUS ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 12 Low Back "
                "Complaints, page(s) 303-305"
            ),
            [mtus("Low Back Complaints", 2004, pages="303-305")],
        ),
        (
            (
                "Decision based on MTUS ACOEM Practice Guidelines, Chapter 12 Low Back Complaints "
                "Page(s): 303-305, Chronic Pain Treatment Guidelines Physical Medicine "
                "Page(s): 98-99."
            ),
            [
                mtus("Low Back Complaints", None, pages="303-305"),
                mtus("Chronic Pain Treatment", None, "Physical Medicine", pages="98-99"),
            ],
        ),
        ("MTUS (Effective July 18, 2009) Page 78 of 127", [mtus(None, 2009, pages="78")]),
        ("CA MTUS", [mtus(None, None)]),
        (
            "CA MTUS/ACOEM Guidelines, Chapter 9 (Shoulder Complaints), pages 201-205",
            [mtus("Shoulder Complaints", None, pages="201-205")],
        ),
        (
            (
                "Decision based on MTUS Chronic Pain Treatment Guidelines, page 49 and on the "
                "Non-MTUS ACOEM Guidelines, 2nd Edition, 2004, page 127."
            ),
            [
                mtus("Chronic Pain Treatment", None, pages="49"),
                acoem(None, year=2004, pages="127"),
            ],
        ),
        (
            (
                "The Expert Reviewer found that no section of the MTUS was applicable. Per the "
                "Strength of Evidence hierarchy established by the California Department of "
                "Industrial Relations, Division of Workers' Compensation, the Expert "
                "Reviewer based his/her decision on the Pain Chapter of the Official "
                "Disability Guidelines."
            ),
            [odg("Pain")],
        ),
        (
            (
                "The Claims Administrator based its decision on the ODG, Knee & Leg, MRI, "
                "which is not part of the MTUS."
            ),
            [odg("Knee & Leg", "MRI")],
        ),
    ],
)
def test_wordings_of_2013_to_2015(letter: str, expected: list[Record]) -> None:
    assert records(letter) == expected


@pytest.mark.parametrize(
    "letter",
    [
        "",
        "No guidelines",
        "None cited.",
        "Not applicable",
        "The Claims Administrator did not cite any evidence-based criteria for its decision.",
        "The Expert Reviewer did not cite any medical evidence for its decision.",
    ],
)
def test_citing_nothing(letter: str) -> None:
    assert records(letter) == []


@pytest.mark.parametrize(
    ("after_odg", "expected"),
    [
        ("Pain (Chronic), Diclofenac", [odg("Pain", "Diclofenac")]),
        ("Low Back (Shock wave therapy)", [odg("Low Back", "Shock wave therapy")]),
        ("Knee/ Transportation", [odg("Knee", "Transportation")]),
        ("Knee/Leg MRI", [odg("Knee/Leg", "MRI")]),
        ("Neck & upper back, Cervical pillow", [odg("Neck & upper back", "Cervical pillow")]),
        ("Head section, X-Rays", [odg("Head", "X-Rays")]),
        (
            "Forearm, Wrist, & Hand (Acute & Chronic), Electrodiagnostic studies (EDS)",
            [odg("Forearm, Wrist, & Hand", "Electrodiagnostic studies (EDS)")],
        ),
        (
            "Low Back (Thoracic and Lumbar, Acute and Chronic) Chapter, Fusion (spinal)",
            [odg("Low Back", "Fusion (spinal)")],
        ),
        (
            (
                "Treatment in Workers' Compensation (TWC), Pain Procedure Summary Online Version "
                "last updated 11/21/2016, Opioids, dosing"
            ),
            [odg("Pain", "Opioids, dosing")],
        ),
        (
            "Treatment Index, 11th Edition (web), 2013, Low Back, Lumbar supports",
            [odg("Low Back", "Lumbar supports", year=2013)],
        ),
        ("Pain Chapter, under Zolpidem", [odg("Pain", "Zolpidem")]),
        # a chapter of one word before a lower-case word is the beginning of a title
        ("Shoulder surgery", [odg(None, "Shoulder surgery")]),
        ("- Physical Medicine Guidelines", [odg("Physical Medicine")]),
        (
            "Shoulder Chapter, Hand Chapter, Physical therapy",
            [odg("Shoulder"), odg("Hand", "Physical therapy")],
        ),
        (
            "Shoulder, Surgery for shoulder dislocation & Surgery for biceps tenodesis",
            [odg("Shoulder", "Surgery for shoulder dislocation", "Surgery for biceps tenodesis")],
        ),
        (
            "Knee & Leg, Walking aids (canes, crutches, braces, orthoses, & walkers)",
            [odg("Knee & Leg", "Walking aids (canes, crutches, braces, orthoses, & walkers)")],
        ),
        (
            "Neck and Upper Back, Electromyography (EMG); Nerve Conduction Studies (NCS)",
            [
                odg(
                    "Neck and Upper Back",
                    "Electromyography (EMG)",
                    "Nerve Conduction Studies (NCS)",
                )
            ],
        ),
        # a heading inside an entry, no second citation
        (
            "Shoulder, Physical therapy, ODG physical therapy guidelines, ODG Elbow, Splinting",
            [
                odg("Shoulder", "Physical therapy", "ODG physical therapy guidelines"),
                odg("Elbow", "Splinting"),
            ],
        ),
        (
            (
                "Low back - Manipulation Harris J. Occupational medicine practice guidelines, "
                "2nd edition (2004) p 301"
            ),
            [
                odg("Low back", "Manipulation"),
                acoem("Occupational medicine practice", year=2004, pages="301"),
            ],
        ),
        (
            "Shoulder Chapter and Other Medical Treatment Guidelines www.mdguidelines.com",
            [odg("Shoulder"), other("www.mdguidelines.com")],
        ),
    ],
)
def test_what_follows_odg(after_odg: str, expected: list[Record]) -> None:
    statement = "Decision based on Non-MTUS Citation Official Disability Guidelines (ODG)"
    assert records(f"{statement} {after_odg}.") == expected


@pytest.mark.parametrize(
    ("cited", "expected"),
    [
        ("ACOEM, 3rd Edition", [acoem(None)]),
        ("ACOEM Occupational Medicine Practice Guidelines", [acoem(None)]),
        (
            "ACOEM Occupational Medicine Practice Guidelines, 3rd ed., Shoulder Disorders, pg. 64",
            [acoem("Shoulder Disorders", pages="64")],
        ),
        (
            "ACOEM Hip and Groin Chapter/Diagnostic and treatment recommendations",
            [acoem("Hip and Groin", "Diagnostic and treatment recommendations")],
        ),
        (
            (
                "American College of Occupational and Environmental Medicine (ACOEM), 2nd Edition, "
                "(2004) Chapter 7, page 127"
            ),
            [acoem("Independent Medical Examinations and Consultations", year=2004, pages="127")],
        ),
        (
            "Other Medical Treatment Guideline or Medical Evidence: http://www.ncbi.nlm.nih.gov/1",
            [other("http://www.ncbi.nlm.nih.gov/1")],
        ),
        (
            "National Guideline Clearinghouse and Milliman Care Guidelines, 18th edition",
            [other("National Guideline Clearinghouse"), other("Milliman Care Guidelines")],
        ),
        ("FDA: Ambien", [other("FDA: Ambien")]),
        # no source named, but a chapter of ODG
        (
            "Shoulder (Acute & Chronic), Physical Therapy, ODG Preface - Physical Therapy",
            [odg("Shoulder", "Physical Therapy"), odg("Preface", "Physical Therapy")],
        ),
        # a journal is no document of the MTUS, whatever it is called
        ("Chou R, Journal of Chronic Pain, 2009", [other("Chou R, Journal of Chronic Pain")]),
    ],
)
def test_outside_of_mtus_and_odg(cited: str, expected: list[Record]) -> None:
    got = records(f"{OUTSIDE} Decision based on Non-MTUS Citation {cited}.")
    assert [(s, d, None if s == "other" else y, t, p) for s, d, y, t, p in got] == expected


@pytest.mark.parametrize(
    "title",
    [
        "NSAIDs, specific drug list & adverse effects",
        "NSAIDs, hypertension and renal function",
        "Opioids, specific drug list",
        "Opioids, Criteria for use",
        "Opioids, Criteria For Use",
        "CRPS, medications",
        "TENS, chronic pain (transcutaneous electrical nerve stimulation)",
        (
            "Psychological evaluations, IDDS & SCS (intrathecal drug delivery systems & spinal "
            "cord stimulators)"
        ),
        "Work conditioning, work hardening",
        "Weaning, opioids (specific guidelines)",
        "Epidural steroid injections (ESIs), therapeutic",
        "3.3.1.2 Opioids for Chronic Pain: Screening for Risk, Prior to Treatment: Screening",
    ],
)
def test_titles_that_hold_commas_are_one_section(title: str) -> None:
    letter = f"MTUS {CHRONIC} 2016, Section(s): {title}, 3.3.6 Opioids: Testing."
    assert records(letter) == [mtus(CHRONIC, 2016, title, "3.3.6 Opioids: Testing")]


def test_each_citation_keeps_the_wording_of_the_letter() -> None:
    cited = parse_citations(
        "Decision based on MTUS Elbow Complaints 2007, and Knee Complaints 2004, Section(s):\n"
        "Summary. Decision based on Non-MTUS Citation Official Disability\nGuidelines (ODG) Elbow."
    )
    assert [citation.cited for citation in cited] == [
        "MTUS Elbow Complaints 2007",
        "Knee Complaints 2004, Section(s): Summary",
        "Official Disability Guidelines (ODG) Elbow",
    ]


def test_a_wrapped_hyphen_parts_no_words() -> None:
    for wrapped in ("NonMTUS", "Non-\nMTUS", "Non\ufffeMTUS", "Non\x02\nMTUS", "Non\u00ad-MTUS"):
        assert records(f"Decision based on {wrapped} Citation ODG Head.") == [odg("Head")]


WORDS = [letter for letter, _ in DESIGN] + ["(", ")", ", and ", "; ", " - ", "2004", "Page(s): 3"]


@given(st.text())
def test_any_text_gives_citations_that_quote_it(text: str) -> None:
    kept = set(text) | {" ", "-"}
    assert all(set(citation.cited) <= kept for citation in parse_citations(text))


@given(st.lists(st.sampled_from(" ".join(WORDS).split(" ")), max_size=40).map(" ".join))
def test_shuffled_citations_keep_the_record_s_promises(text: str) -> None:
    for citation in parse_citations(text):
        assert citation.document is None or citation.document.strip()
        assert all(section == section.strip() != "" for section in citation.sections)
        assert citation.year is None or str(citation.year) in citation.cited


GROUPS = """
[[group]]
code = "titles"
source = "a test"
names = ["NSAIDs, dosing"]
"""


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (GROUPS.replace("titles", "title"), "code must be one of"),
        (GROUPS.replace("source", "sources"), "unknown key sources"),
        (GROUPS.replace('source = "a test"', ""), "say where the names come from"),
        (
            GROUPS.replace('"NSAIDs, dosing"', '"NSAIDs, dosing", "NSAIDS, Dosing"'),
            "is there twice",
        ),
        (GROUPS.replace("NSAIDs, dosing", " NSAIDs, dosing"), "stray blanks"),
        (GROUPS.replace("titles", "others") * 2, "is there twice"),
        ("group = [1]", "code must be one of"),
        (GROUPS, "no names for mtus-documents"),
        ("names = [", "not valid TOML"),
    ],
)
def test_a_broken_vocabulary_says_what_is_wrong(tmp_path: Path, broken: str, problem: str) -> None:
    file = tmp_path / "guidelines.toml"
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(TaxonomyError, match=problem):
        load_guidelines_from(file)


def test_spellings_of_a_title_share_a_key() -> None:
    assert title_key("Weaning, Opioids") == title_key("Weaning, opioids (specific guidelines)")
    assert title_key("NSAIDs, A & B") == title_key("NSAIDs, a and b")
