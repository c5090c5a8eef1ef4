"""The two layouts of 2013, on letters written by hand: no real one is at hand (docs/letters.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from imr.errors import LetterError, NotALetterError
from imr.model import Determination
from tests.letter_writing import (
    Letter,
    Paragraph,
    assert_spans,
    both,
    drawn,
    letter_of,
    read,
    told,
    typed,
    words,
)

NOTICE = letter_of("""
**MAXIMUS FEDERAL SERVICES, INC.
Independent Medical Review
P.O. Box 138009
Sacramento, CA 95813-8009
(855) 865-8873 Fax: (916) 605-4270

**Notice of Independent Medical Review Determination

Dated: 12/31/2013

IMR Case Number: CM13-0001234 Date of Injury: 03/02/2011
Claims Number: UR Denial Date: 07/29/2013
Priority: STANDARD Application Received: 08/08/2013
Employee Name:
Provider Name:

Dear worker,

Final Determination: PARTIAL OVERTURN. Some of the disputed items/services are medically necessary
and appropriate, others are not. The reasons follow below.

**HOW THE IMR FINAL DETERMINATION WAS MADE

The file went to a physician reviewer, who is free of any tie to the parties. The physician reviewer
is Board Certified in Physical Medicine and Rehabilitation, has a subspecialty in Pain Management
and is licensed to practice in California, New York and Texas. He/she has practised for many years.

**DOCUMENTS REVIEWED

These were considered:

Application of Independent Medical Review
Utilization Review Determination
Medical Treatment Utilization Schedule (MTUS)

**CLINICAL CASE SUMMARY

The physician reviewer developed the following clinical case summary based on a review of the case
file, including all medical records:

The patient is a 51 year-old female who slipped on a wet floor. She has low back pain.

**IMR DECISION(S) AND RATIONALE(S)

The Final Determination was based on decisions for the disputed items/services set forth below:

**1. The request for Norco 10/325mg #90 is not medically necessary and appropriate.

The Claims Administrator based its decision on the MTUS Chronic Pain Medical Treatment Guidelines,
Opioids, pages 78-80, which is part of the MTUS.

The Physician Reviewer based his/her decision on the Chronic Pain Medical Treatment Guidelines,
Opioids, page 80, which is part of the MTUS.

The Physician Reviewer's decision rationale:
No gain in function is on record. A pain contract is missing. The request for Norco 10/325mg #90 is
not medically necessary and appropriate.

**2. MRI of the lumbar spine is medically necessary and appropriate.

The Claims Administrator did not cite any medical evidence for its decision.

The Physician Reviewer based his/her decision on the Official Disability Guidelines (ODG), Low Back
Chapter, MRIs.

The Physician Reviewer's decision rationale:
Strength has been lost since May. Surgery was planned and the denial should not be upheld.
""")

SUMMARY = "The patient is a 51 year-old female who slipped on a wet floor. She has low back pain."
GUIDELINE = "The Claims Administrator based its decision on the MTUS ACOEM guidelines."
RATIONALE = "The Physician Reviewer's decision rationale: It helped."


def where(letter: Letter, start: str) -> int:
    return next(at for at, each in enumerate(letter) if each.text.startswith(start))


def replaced(letter: Letter, start: str, *paragraphs: Paragraph) -> list[Paragraph]:
    at = where(letter, start)
    return [*letter[:at], *paragraphs, *letter[at + 1 :]]


def edited(letter: Letter, old: str, new: str) -> list[Paragraph]:
    assert any(old in each.text for each in letter), old
    return [replace(each, text=each.text.replace(old, new)) for each in letter]


def of_items(*items: str) -> list[Paragraph]:
    """The notice with these paragraphs under the title of the decisions."""
    return [*NOTICE[: where(NOTICE, "**1.".strip("*"))], *(Paragraph(item) for item in items)]


def decided(letter: Letter) -> list[tuple[str, str]]:
    """What is told alike by the letter as text and as PDF."""
    typed_, drawn_ = ([told(d) for d in found.decisions] for found in both(letter))
    assert typed_ == drawn_
    return typed_


@pytest.mark.parametrize("write", [typed, drawn])
def test_a_notice_is_read_whole(write: object) -> None:
    found = read(write(NOTICE))  # type: ignore[operator]
    first, second = found.decisions

    assert found.id == found.case_number == "CM13-0001234"
    assert found.dates.model_dump() == {
        "injury": date(2011, 3, 2),
        "ur_denial": date(2013, 7, 29),
        "received": date(2013, 8, 8),
        "assigned": None,
        "decision": date(2013, 12, 31),
    }
    assert found.priority == "Standard"
    assert found.reviewer.licensure_states == ("California", "New York", "Texas")
    assert found.reviewer.specialties == ("Physical Medicine and Rehabilitation", "Pain Management")
    assert (found.patient.age, found.patient.sex) == (51, "female")
    assert words(found.clinical_summary) == SUMMARY
    assert told(first) == ("Norco 10/325mg #90", "upheld")
    assert told(second) == ("MRI of the lumbar spine", "overturned")
    assert (first.quantity, first.drugs) == (90, ("acetaminophen", "hydrocodone"))
    assert words(first.rationale).startswith("No gain in function is on record.")
    assert words(first.rationale).endswith("is not medically necessary and appropriate.")
    assert words(second.rationale).endswith("should not be upheld.")
    assert [c.source for c in first.administrator_guidelines] == ["MTUS"]
    assert second.administrator_guidelines == ()
    assert [c.source for c in second.reviewer_guidelines] == ["ODG"]
    assert found.warnings == ()
    assert_spans(found)


@pytest.mark.parametrize(
    ("closing", "outcome"),
    [
        ("is not medically necessary and appropriate.", "upheld"),
        ("are not medically necessary and appropriate.", "upheld"),
        ("is not medically necessary.", "upheld"),
        ("is notmedically necessary and appropriate.", "upheld"),
        ("was not medically necessary or appropriate", "upheld"),
        ("is/was not medically necessary and appropriate:", "upheld"),
        ("IS NOT MEDICALLY NECESSARY AND APPROPRIATE.", "upheld"),
        ("is medically necessary and appropriate.", "overturned"),
        ("are medically necessary and appropriate", "overturned"),
        ("were medically necessary and appropriate.", "overturned"),
        (": Upheld", "upheld"),
        ("- OVERTURNED.", "overturned"),
    ],
)
def test_a_heading_says_whether_the_item_is_necessary(closing: str, outcome: str) -> None:
    letter = of_items(f"1. Chiropractic care {closing}", GUIDELINE, RATIONALE)
    assert decided(letter) == [("Chiropractic care", outcome)]


@pytest.mark.parametrize(
    ("heading", "request_"),
    [
        ("1. The request for Norco 10/325mg is", "Norco 10/325mg"),
        ("1) The requests for Norco and Soma are", "Norco and Soma"),
        ("Norco 10/325mg is", "Norco 10/325mg"),
        ("1. Norco 10/325mg, Qty. 90, was", "Norco 10/325mg, Qty. 90"),
        ("1. Retrospective: Norco: is", "Retrospective: Norco"),
        ("1. Six visits, 2 x 3. Massage only is", "Six visits, 2 x 3. Massage only"),
        (
            "1) MAXIMUS Federal Services, Inc. has determined the request for a cane is",
            "a cane",
        ),
        ("1. Surgery at L4-5, to treat a disc that is medically necessary, is", None),
    ],
)
def test_a_request_stands_without_its_number_and_frame(heading: str, request_: str | None) -> None:
    letter = of_items(f"{heading} not medically necessary and appropriate.", GUIDELINE, RATIONALE)
    request = request_ or "Surgery at L4-5, to treat a disc that is medically necessary"
    assert decided(letter) == [(request, "upheld")]


LONG = "Outpatient physical therapy for the right shoulder, three times a week for four weeks"


@pytest.mark.parametrize("width", [16, 20, 24, 32, 48, 64])
def test_a_heading_may_be_wrapped_over_many_lines(width: int) -> None:
    ending = "is not medically necessary and appropriate."
    narrow = "\n".join(Paragraph(f"2. {LONG} {ending}").lines(width))
    letter = [*NOTICE[: where(NOTICE, "2.")], Paragraph(narrow, bold=True), *NOTICE[-3:]]
    assert decided(letter) == [("Norco 10/325mg #90", "upheld"), (LONG, "upheld")]


@pytest.mark.parametrize("bold", [True, False])
def test_a_page_may_end_inside_a_heading(*, bold: bool) -> None:
    broken = "2. MRI of the\flumbar spine is medically\fnecessary and appropriate."
    letter = replaced(NOTICE, "2.", Paragraph(broken, bold))
    for found in both(letter):
        assert [told(d) for d in found.decisions][1] == ("MRI of the lumbar spine", "overturned")
        assert_spans(found)


def test_a_page_may_end_inside_a_citation_and_carry_a_running_title() -> None:
    title = "Final Determination Letter for IMR Case Number CM13-0001234 3"
    letter = edited(NOTICE, "Opioids, pages 78-80", f"Opioids,\n{title}\fpages 78-80")
    for found in both(letter):
        assert found.decisions[0].administrator_guidelines[0].pages == "78-80"
        assert "Final Determination Letter" not in found.text


def test_guidelines_and_rationale_may_share_a_paragraph_with_their_heading() -> None:
    one = " ".join(each.text for each in NOTICE[where(NOTICE, "1.") : where(NOTICE, "2.")])
    two = " ".join(each.text for each in NOTICE[where(NOTICE, "2.") :])
    apart = [told(d) for d in read(typed(NOTICE)).decisions]
    for letter in (of_items(one, two), of_items(f"{one} {two}")):
        assert decided(letter) == apart
        found = read(typed(letter))
        assert [c.source for c in found.decisions[1].reviewer_guidelines] == ["ODG"]
        assert words(found.decisions[1].rationale).startswith("Strength has been lost")
        assert_spans(found)


def test_a_text_without_blank_lines_is_read() -> None:
    for width in (30, 40, 60, 95, 200):
        found = read(typed(NOTICE, width, between="\n"))
        assert [told(d) for d in found.decisions] == [
            told(d) for d in read(typed(NOTICE)).decisions
        ]
        assert words(found.clinical_summary) == SUMMARY


def test_headings_without_numbers_are_read_where_gaps_or_sentences_tell() -> None:
    bare = edited(edited(NOTICE, "1. The", "The"), "2. MRI", "MRI")
    wanted = [("Norco 10/325mg #90", "upheld"), ("MRI of the lumbar spine", "overturned")]
    assert decided(bare) == wanted
    assert [told(d) for d in read(typed(bare, between="\n")).decisions] == wanted


def test_a_list_inside_a_rationale_opens_no_item() -> None:
    listed = "It fails on two counts:\n1. The request is not medically necessary.\n2. None is safe."
    letter = edited(NOTICE, "A pain contract is missing.", listed)
    assert [request for request, _ in decided(letter)] == [
        "Norco 10/325mg #90",
        "MRI of the lumbar spine",
    ]


def test_reviewers_named_again_in_a_rationale_end_nothing() -> None:
    again = (
        "The denial is: Upheld. The Claims Administrator based its decision on a missing note. "
        "The Physician Reviewer found the guidelines clear. Rationale: none was given."
    )
    found = read(typed(edited(NOTICE, "A pain contract is missing.", again)))
    assert len(found.decisions) == 2
    assert again in words(found.decisions[0].rationale)


def test_labels_of_the_first_layout_may_stand_under_a_notices_title() -> None:
    letter = of_items(
        "1. Lidoderm patch 5% #30: Upheld",
        "Claims Administrator guideline: Decision based on MTUS ACOEM.",
        "MAXIMUS guideline: Decision based on MTUS Acupuncture Treatment 2007.",
        "The Physician Reviewer\u2019s decision rationale: None.",
        "2. The request for a cane is medically necessary and appropriate.",
        "The Claims Administrator\u2019s guideline: Decision based on MTUS ACOEM.",
        "Decision rationale: He falls.",
    )
    assert decided(letter) == [("Lidoderm patch 5% #30", "upheld"), ("a cane", "overturned")]
    first = read(typed(letter)).decisions[0]
    assert first.reviewer_guidelines[0].document == "Acupuncture Treatment"


def test_necessity_may_stand_under_the_title_of_the_first_layout() -> None:
    letter = edited(
        NOTICE, "IMR DECISION(S) AND RATIONALE(S)", "IMR ISSUES, DECISIONS AND RATIONALES"
    )
    assert decided(letter) == decided(NOTICE)


@pytest.mark.parametrize(
    "title",
    [
        "IMR Decision(s) and Rationale(s)",
        "IMR DECISIONS AND RATIONALES:",
        "imr decision and rationale",
        "IMR DECISION(S)\nAND\nRATIONALE(S)",
        "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE",
    ],
)
def test_titles_may_be_wrapped_plural_or_in_any_case(title: str) -> None:
    letter = edited(NOTICE, "IMR DECISION(S) AND RATIONALE(S)", title)
    letter = edited(letter, "CLINICAL CASE SUMMARY", "Clinical\nCase Summary:")
    letter = edited(
        letter,
        "HOW THE IMR FINAL DETERMINATION WAS MADE",
        "How the IMR final\ndetermination was made",
    )
    letter = edited(letter, "DOCUMENTS REVIEWED", "Document(s) Reviewed:")
    for found in both(letter):
        assert len(found.decisions) == 2
        assert words(found.clinical_summary) == SUMMARY
        assert found.reviewer.licensure_states == ("California", "New York", "Texas")


@pytest.mark.parametrize(
    "closing",
    [
        "is partially medically necessary and appropriate.",
        "is not medically necessary in part",
        "was modified",
        ": Partially overturned",
        "",
    ],
)
def test_an_item_whose_outcome_cannot_be_read_is_left_out_and_told(closing: str) -> None:
    heading = Paragraph(f"1. Norco 10/325mg #90 {closing}".strip(), bold=True)
    for found in both(replaced(NOTICE, "1.", heading)):
        assert [(d.number, d.id, *told(d)) for d in found.decisions] == [
            (2, "CM13-0001234.2", "MRI of the lumbar spine", "overturned")
        ]
        assert [warning.code for warning in found.warnings] == ["item-left-out"]
        assert "item 1" in found.warnings[0].message


def test_what_follows_an_item_that_is_left_out_is_not_in_the_rationale_before_it() -> None:
    letter = edited(NOTICE, "MRI of the lumbar spine is medically", "MRI of the spine is partly")
    for found in both(letter):
        assert [d.number for d in found.decisions] == [1]
        assert words(found.decisions[0].rationale).endswith(
            "#90 is not medically necessary and appropriate."
        )


def test_a_letter_without_any_readable_outcome_is_set_aside() -> None:
    letter = of_items("1. Norco is partly necessary", GUIDELINE, RATIONALE)
    with pytest.raises(LetterError, match="item 1 is left out") as raised:
        read(typed(letter))
    assert not isinstance(raised.value, NotALetterError)


def test_a_rationale_that_is_missing_is_told() -> None:
    letter = of_items("1. A cane is medically necessary and appropriate.", GUIDELINE)
    for found in both(letter):
        assert found.decisions[0].rationale == ""
        assert [warning.code for warning in found.warnings] == ["no-rationale"]


def test_a_disclaimer_ends_the_last_rationale() -> None:
    notice = "Disclaimer: MAXIMUS is providing a review service and no legal advice."
    for found in both([*NOTICE, Paragraph(notice)]):
        assert words(found.decisions[1].rationale).endswith("should not be upheld.")


def test_one_and_twenty_items_are_read_in_order() -> None:
    items = [
        text
        for n in range(1, 22)
        for text in (
            f"{n}. Treatment {n}, {n}. round is medically necessary.",
            GUIDELINE,
            RATIONALE,
        )
    ]
    assert [request for request, _ in decided(of_items(*items))] == [
        f"Treatment {n}, {n}. round" for n in range(1, 22)
    ]


REVIEW = letter_of("""
**MEDICAL PROFESSIONAL REVIEW

IMR Case Number: CM13-0004321
Date of Injury: 01/15/2012
Date of UR Decision: 06/30/2013
Date of Determination: September 30, 2013

**ISSUE AT DISPUTE:

Whether the requested twelve sessions of physical therapy for the left knee are medically necessary?

**CASE SUMMARY:

This is a sixty-two-year-old gentleman whose left knee gave way on stairs.

**DOCUMENTS REVIEWED FOR DETERMINATION:

Application for Independent Medical Review; progress notes.

**MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL
REVIEWER AND WHY:

MTUS Chronic Pain Medical Treatment 2009, Section(s): Physical Medicine. It covers active therapy.

**RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS NOT
MEDICALLY NECESSARY:

Twenty sessions were done without gain. Home exercise should do. The requested therapy is not
medically necessary.

**MEDICAL REVIEWER QUALIFICATIONS:

The professional reviewer is board-certified in Internal Medicine and Rheumatology and is licensed
to practice in Ohio.
""")
WHY = "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS NOT\nMEDICALLY NECESSARY:"


def section(start: str, content: str) -> list[Paragraph]:
    """The review with other content under a title."""
    at = where(REVIEW, start)
    return [*REVIEW[: at + 1], *letter_of(content), *REVIEW[at + 2 :]]


@pytest.mark.parametrize("write", [typed, drawn])
def test_a_professional_review_is_read_whole(write: object) -> None:
    found = read(write(REVIEW))  # type: ignore[operator]
    (decision,) = found.decisions

    assert found.id == "CM13-0004321"
    assert found.dates.injury == date(2012, 1, 15)
    assert found.dates.ur_denial == date(2013, 6, 30)
    assert found.dates.decision == date(2013, 9, 30)
    assert (found.dates.received, found.dates.assigned, found.priority) == (None, None, None)
    assert found.reviewer.licensure_states == ("Ohio",)
    assert found.reviewer.specialties == ("Internal Medicine", "Rheumatology")
    assert (found.patient.age, found.patient.sex) == (62, "male")
    assert found.clinical_summary.startswith("This is a sixty-two")
    assert found.clinical_summary.endswith("on stairs.")
    assert told(decision) == (
        "twelve sessions of physical therapy for the left knee",
        "upheld",
    )
    assert decision.quantity == 12
    assert decision.administrator_guidelines == ()
    assert decision.reviewer_guidelines[0].sections == ("Physical Medicine",)
    assert words(decision.rationale).startswith("Twenty sessions were done")
    assert words(decision.rationale).endswith("is not medically necessary.")
    assert found.warnings == ()
    assert_spans(found)


@pytest.mark.parametrize(
    ("written", "cited"),
    [
        (
            "ODG, Knee Chapter; MTUS ACOEM, pp. 33-35. It covers therapy. No other does.",
            ["ODG, Knee Chapter", "MTUS ACOEM, pp. 33-35"],
        ),
        ("The Merck Manual. The text is clear.", ["Merck Manual"]),
        ("Jones, The Knee. The Merck Manual. It is clear.", ["Jones, The Knee. The Merck Manual"]),
    ],
)
def test_why_a_guideline_was_relied_upon_is_no_part_of_its_citation(
    written: str, cited: list[str]
) -> None:
    for found in both(section("MEDICAL TREATMENT", written)):
        guidelines = found.decisions[0].reviewer_guidelines
        assert [words(citation.cited) for citation in guidelines] == cited
        assert_spans(found)


@pytest.mark.parametrize(
    ("title", "outcome"),
    [
        (WHY, "upheld"),
        (WHY.replace(" NOT\n", " "), "overturned"),
        (WHY.replace("IS/WAS", "is").lower().rstrip(":"), "upheld"),
        (WHY.replace(" ", "\n"), "upheld"),
        (
            "Rationale for why the requested treatments/services are medically necessary:",
            "overturned",
        ),
        (
            "RATIONALE FOR WHY\nTHE REQUESTED\nTREATMENT/SERVICE\nIS/WAS\nMEDICALLY\nNECESSARY:",
            "overturned",
        ),
    ],
)
def test_the_title_of_the_rationale_states_the_outcome(title: str, outcome: str) -> None:
    letter = edited(
        edited(REVIEW, WHY, title), "The requested therapy is not\nmedically necessary.", ""
    )
    for found in both(letter):
        assert [d.outcome for d in found.decisions] == [outcome]
        assert found.warnings == ()
        assert_spans(found)


CANE = "Whether or not the request for a cane was medically necessary and appropriate."
ISSUES = {
    "Lidoderm 5% patch #30": ["Lidoderm 5% patch #30"],
    "The request for a cane": ["a cane"],
    CANE: ["a cane"],
    "1. Norco 10/325, 2 x a day\n2. Massage, 2. round\n3) MRI": [
        "Norco 10/325, 2 x a day",
        "Massage, 2. round",
        "MRI",
    ],
    "1. Norco 2. Soma 3. MRI of the knee": ["Norco", "Soma", "MRI of the knee"],
    "In dispute are:\n\n1. Norco\n\n2. Therapy, twice a week for\nthree weeks": [
        "Norco",
        "Therapy, twice a week for three weeks",
    ],
    "\u2022 Norco\n\u2022 Soma": ["Norco", "Soma"],
    "2 visits of massage": ["2 visits of massage"],
}


@pytest.mark.parametrize(("content", "requests"), ISSUES.items(), ids=range(len(ISSUES)))
def test_an_issue_may_be_a_list(content: str, requests: Sequence[str]) -> None:
    for found in both(section("ISSUE", content)):
        assert [d.request for d in found.decisions] == requests
        assert {d.outcome for d in found.decisions} == {"upheld"}
        assert [d.number for d in found.decisions] == list(range(1, len(requests) + 1))
        assert_spans(found)


def test_an_issue_may_stand_on_its_titles_line() -> None:
    at = where(REVIEW, "ISSUE")
    one = Paragraph("ISSUE AT DISPUTE: Spinal cord stimulator trial for\nthe low back")
    for found in both([*REVIEW[:at], one, *REVIEW[at + 2 :]]):
        assert found.decisions[0].request == "Spinal cord stimulator trial for the low back"


def test_issues_that_share_a_rationale_share_its_wording_unless_it_is_a_list_of_as_many() -> None:
    letter = section("ISSUE", "1. Norco\n2. Soma")
    first, second = read(typed(letter)).decisions
    assert first.rationale == second.rationale
    assert first.spans["rationale"] == second.spans["rationale"]

    at = where(letter, "RATIONALE FOR WHY")
    numbered = "1. No gain is seen.\n2. It sedates. Soma is not for months."
    for found in both([*letter[: at + 1], Paragraph(numbered), *letter[at + 2 :]]):
        rationales = [words(d.rationale) for d in found.decisions]
        assert rationales == ["No gain is seen.", "It sedates. Soma is not for months."]
        assert_spans(found)


def again(*, not_: str, request: str, rationale: str) -> list[Paragraph]:
    return letter_of(f"""
**ISSUE AT DISPUTE:

{request}

**MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY:

Official Disability Guidelines (ODG), Knee Chapter, MRIs.

**RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS {not_}MEDICALLY NECESSARY:

{rationale}
""")


def test_several_issues_may_follow_one_another() -> None:
    end = where(REVIEW, "MEDICAL REVIEWER")
    more = again(not_="", request="MRI of the left knee", rationale="It locks.")
    for found in both([*REVIEW[:end], *more, *REVIEW[end:]]):
        assert [told(d) for d in found.decisions] == [
            ("twelve sessions of physical therapy for the left knee", "upheld"),
            ("MRI of the left knee", "overturned"),
        ]
        assert found.decisions[1].reviewer_guidelines[0].source == "ODG"
        assert found.decisions[1].rationale == "It locks."
        assert_spans(found)


def test_issues_named_first_are_decided_in_order() -> None:
    at, end = where(REVIEW, "CASE SUMMARY"), where(REVIEW, "MEDICAL REVIEWER")
    issue = [Paragraph("ISSUE AT DISPUTE #2:", bold=True), Paragraph("A cane")]
    why = again(not_="", request="", rationale="He falls.")[-2:]
    for found in both([*REVIEW[:at], *issue, *REVIEW[at:end], *why, *REVIEW[end:]]):
        assert [d.outcome for d in found.decisions] == ["upheld", "overturned"]
        assert found.decisions[1].request == "A cane"
        assert found.decisions[1].reviewer_guidelines == ()


def left_out(found: Determination) -> list[str]:
    return [warning.message for warning in found.warnings if warning.code == "item-left-out"]


def test_issues_that_rationales_do_not_fit_are_left_out() -> None:
    end = where(REVIEW, "MEDICAL REVIEWER")
    three = section("ISSUE", "1. Norco\n2. Soma\n3. MRI")
    end = where(three, "MEDICAL REVIEWER")
    why = again(not_="", request="", rationale="It helps.")[-2:]
    more = again(not_="", request="A cane", rationale="He falls.")
    for found in both([*three[:end], *why, *more, *three[end:]]):
        assert [(d.number, d.request) for d in found.decisions] == [(4, "A cane")]
        assert len(left_out(found)) == 3


def test_a_rationale_that_contradicts_its_title_leaves_its_item_out() -> None:
    """The title may be a form that nobody changed."""
    end = where(REVIEW, "MEDICAL REVIEWER")
    more = again(not_="", request="A cane", rationale="He falls.")
    letter = edited(
        [*REVIEW[:end], *more, *REVIEW[end:]],
        "The requested therapy is not\nmedically",
        "Thus, the requested therapy is medically",
    )
    for found in both(letter):
        assert [told(d) for d in found.decisions] == [("A cane", "overturned")]
        assert len(left_out(found)) == 1


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        ("The requested therapy is not medically necessary.", "upheld"),
        ("Therefore, this treatment was medically necessary.", "overturned"),
        ("The treatment is medically necessary at this time.", "overturned"),
        ("The request is medically necessary only where exercise was tried in vain.", None),
        ("No note shows that the requested therapy is medically necessary.", None),
        ("It is unclear whether the request is medically necessary.", None),
        ("Exercise should do.", None),
    ],
)
def test_a_title_that_leaves_the_outcome_open_is_settled_by_a_plain_conclusion(
    last: str, outcome: str | None
) -> None:
    letter = edited(REVIEW, "IS/WAS NOT\n", "IS/WAS (NOT)\n")
    letter = edited(letter, "The requested therapy is not\nmedically necessary.", last)
    if outcome:
        assert [d.outcome for d in read(typed(letter)).decisions] == [outcome]
    else:
        with pytest.raises(LetterError, match="leaves the outcome open"):
            read(typed(letter))


@pytest.mark.parametrize(
    "start", ["CASE SUMMARY", "DOCUMENTS", "MEDICAL TREATMENT", "MEDICAL REVIEWER"]
)
def test_a_part_that_is_missing_is_told_or_empty_never_made_up(start: str) -> None:
    at = where(REVIEW, start)
    for found in both([*REVIEW[:at], *REVIEW[at + 2 :]]):
        (decision,) = found.decisions
        assert words(decision.rationale).startswith("Twenty sessions were done")
        assert words(decision.rationale).endswith("is not medically necessary.")
        assert (found.clinical_summary == "") == (start == "CASE SUMMARY")
        assert [w.code for w in found.warnings] == (
            ["no-summary"] if start == "CASE SUMMARY" else []
        )
        assert ("reviewer_guidelines" in decision.spans) == (start != "MEDICAL TREATMENT")
        assert bool(found.reviewer.specialties) == (start != "MEDICAL REVIEWER")


def test_a_review_without_its_rationale_is_no_letter() -> None:
    with pytest.raises(NotALetterError, match="no decision found"):
        read(typed(REVIEW[: where(REVIEW, "RATIONALE FOR WHY")]))


@pytest.mark.parametrize("letter", [NOTICE, REVIEW], ids=["notice", "review"])
def test_a_letter_without_a_number_is_named_by_its_text(letter: Letter) -> None:
    nameless = [p for p in letter if "Case Number" not in p.text]
    found = read(typed(nameless))
    assert found.case_number is None
    assert found.id.startswith("sha-")
    assert len(found.decisions) == len(read(typed(letter)).decisions)


def test_a_wrong_word_in_its_title_is_no_layout() -> None:
    assert isinstance(read(typed(NOTICE)), Determination)
    with pytest.raises(NotALetterError):
        read(typed(NOTICE[: where(NOTICE, "IMR DECISION(S)")]))
