"""Every way in which letters of the first layout vary, each on a letter written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr.errors import LetterError, NotALetterError
from imr.model import Dates, Determination
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

HEADER = """Case Number: CM16-0001234
Date Assigned: 10/12/2016 Date of Injury: 03/02/2011
Decision Date: 11/14/2016 UR Denial Date: 09/01/2016
Priority: Expedited Application
Received:
09/28/2016"""
DATES = Dates(
    injury=date(2011, 3, 2),
    ur_denial=date(2016, 9, 1),
    received=date(2016, 9, 28),
    assigned=date(2016, 10, 12),
    decision=date(2016, 11, 14),
)
LETTER = letter_of(f"""
**{HEADER}

**HOW THE IMR FINAL DETERMINATION WAS MADE

The file went to an expert reviewer who is free of any tie to the parties.

The Expert Reviewer has the following credentials:
State(s) of Licensure: California, Nevada
Certification(s)/Specialty: Physical Medicine & Rehabilitation, Pain Management

**CLINICAL CASE SUMMARY

The expert reviewer developed the following clinical case summary based on a review of the case
file, including all medical records:

The injured worker is a 51 year old female with low back pain. She has seen Dr. Stone.

**IMR ISSUES, DECISIONS AND RATIONALES

The Final Determination was based on decisions for the disputed items/services set forth below:

**Norco 10/325mg #90: Upheld

Claims Administrator guideline: Decision based on MTUS Chronic Pain Medical Treatment 2009,
Section(s): Opioids.

MAXIMUS guideline: Decision based on MTUS Chronic Pain Medical Treatment 2009, Section(s): Opioids.

Decision rationale: No gain in function is on record. A pain contract is missing.

**MRI of the lumbar spine: Overturned

Claims Administrator guideline: The Claims Administrator did not cite any medical evidence for its
decision.

MAXIMUS guideline: Decision based on Non-MTUS Citation Official Disability Guidelines (ODG).

Decision rationale: Strength has been lost since May.
""")
FIRST, SECOND = "Norco 10/325mg #90: Upheld", "MRI of the lumbar spine: Overturned"
DECIDED = [("Norco 10/325mg #90", "upheld"), ("MRI of the lumbar spine", "overturned")]
FIRST_RATIONALE = "No gain in function is on record. A pain contract is missing."


def edited(old: str, new: str, letter: Letter = LETTER) -> list[Paragraph]:
    assert any(old in each.text for each in letter), old
    return [replace(each, text=each.text.replace(old, new)) for each in letter]


def decided(found: Determination) -> list[tuple[str, str]]:
    assert_spans(found)
    return [told(d) for d in found.decisions]


def every_form(letter: Letter) -> dict[str, Determination]:
    """The letter as PDF, as text, as text without blank lines, and so in narrow columns."""
    return {
        "pdf": read(drawn(letter)),
        "text": read(typed(letter)),
        "no gaps": read(typed(letter, between="\n")),
        "narrow": read(typed(letter, 30, between="\n")),
    }


def test_the_plain_letter_is_read_whole_in_every_form() -> None:
    for form, found in every_form(LETTER).items():
        assert decided(found) == DECIDED, form
        assert found.case_number == "CM16-0001234"
        assert (found.dates, found.priority) == (DATES, "Expedited")
        assert found.reviewer.licensure_states == ("California", "Nevada")
        assert found.reviewer.specialties == (
            "Physical Medicine & Rehabilitation",
            "Pain Management",
        )
        assert words(found.clinical_summary).startswith("The injured worker is a 51 year old")
        assert words(found.decisions[0].rationale) == FIRST_RATIONALE
        assert words(found.decisions[1].rationale) == "Strength has been lost since May."
        assert found.warnings == ()


# -- headings

LONG = (
    "Outpatient physical therapy with hot packs, exercise and electrical stimulation for the right "
    "shoulder and the neck, three times a week for four weeks, twelve visits"
)


@pytest.mark.parametrize("lines", [2, 3, 4, 5, 6])
def test_headings_wrap_over_two_to_six_lines(lines: int) -> None:
    heading = Paragraph(f"{LONG}: Upheld", bold=True)
    width = next(w for w in range(200, 10, -1) if len(list(heading.lines(w))) == lines)
    narrow = "\n".join(heading.lines(width))
    for form, found in every_form(edited(FIRST, narrow)).items():
        assert decided(found) == [(LONG, "upheld"), DECIDED[1]], form


@pytest.mark.parametrize("place", ["Norco\f10/325mg #90: Upheld", "Norco 10/325mg\f#90:\fUpheld"])
@pytest.mark.parametrize(
    "running", ["", "Final Determination Letter for IMR Case Number CM16-0001234 3"]
)
def test_pages_end_inside_headings(place: str, running: str) -> None:
    broken = place.replace("\f", f"\n{running}\f" if running else "\f")
    for form, found in every_form(edited(FIRST, broken)).items():
        assert decided(found) == DECIDED, form


def test_pages_end_inside_citations_and_rationales() -> None:
    letter = edited("2009,\nSection(s): Opioids.", "2009,\fSection(s):\fOpioids.")
    letter = edited("is on record.", "is on\frecord.", letter)
    for form, found in every_form(letter).items():
        assert decided(found) == DECIDED, form
        assert found.decisions[0].administrator_guidelines[0].sections == ("Opioids",)
        assert words(found.decisions[0].rationale) == FIRST_RATIONALE


@pytest.mark.parametrize(
    "request_",
    [
        "Retrospective: Norco 10/325mg QTY: 2",
        "Retrospective (DOS: 1/1/16): Urine drug test: 4 panels",
        "Associated surgical service: Cold unit: 7 day rental",
        "Norco was the original request. 60 tablets were approved. The original request is",
        "Norco; Soma - 30 tablets, L4-L5",
        "Pain program that was upheld before: 10 days",
    ],
)
def test_colons_and_other_marks_stand_inside_headings(request_: str) -> None:
    for form, found in every_form(edited(FIRST, f"{request_}: Upheld")).items():
        assert decided(found) == [(request_, "upheld"), DECIDED[1]], form


@pytest.mark.parametrize(
    "ending", [":\nUpheld", "\n: Upheld", ":\nUPHELD.", " - Upheld", ": (Upheld)", ":\u00a0Upheld*"]
)
def test_the_outcome_may_stand_on_a_line_of_its_own_or_be_set_oddly(ending: str) -> None:
    for form, found in every_form(edited(": Upheld", ending)).items():
        assert decided(found) == DECIDED, form


def test_the_outcome_may_be_a_paragraph_of_its_own() -> None:
    at = next(i for i, each in enumerate(LETTER) if each.text == FIRST)
    apart = [Paragraph("Norco 10/325mg #90:", bold=True), Paragraph("Upheld", bold=True)]
    for form, found in every_form([*LETTER[:at], *apart, *LETTER[at + 1 :]]).items():
        assert decided(found) == DECIDED, form


def test_a_heading_may_be_repeated_in_its_rationale() -> None:
    for again in ("Norco 10/325mg #90: Upheld.", "Norco 10/325mg #90 is: Upheld"):
        letter = edited("A pain contract is missing.", f"{again}\nThe denial is upheld.")
        for form, found in every_form(letter).items():
            assert decided(found) == DECIDED, form
            assert words(found.decisions[0].rationale).endswith(f"{again} The denial is upheld.")


@pytest.mark.parametrize(
    "words_",
    [
        "The denial of Norco is upheld.",
        "In sum: Overturned",
        "An earlier denial was\nOverturned",
        "One reviewer wrote: Upheld;\nanother: overturned.",
    ],
)
def test_outcomes_named_in_a_rationale_open_no_item(words_: str) -> None:
    for form, found in every_form(edited("A pain contract is missing.", words_)).items():
        assert decided(found) == DECIDED, form
        assert words(words_) in words(found.decisions[0].rationale)


def test_outcomes_named_in_a_citation_open_no_item() -> None:
    cited = "Section(s): Opioids.\nThe denial is: Upheld"
    for form, found in every_form(edited("Section(s): Opioids.", cited)).items():
        assert decided(found) == DECIDED, form


def test_one_and_twenty_items_are_read_in_order() -> None:
    at = next(i for i, each in enumerate(LETTER) if each.text == FIRST)
    item = LETTER[at : at + 4]
    many = [
        replace(each, text=each.text.replace("#90", f"#{n}")) for n in range(1, 22) for each in item
    ]
    for form, found in every_form([*LETTER[:at], *many]).items():
        wanted = [(f"Norco 10/325mg #{n}", "upheld") for n in range(1, 22)]
        assert decided(found) == wanted, form
        assert [d.quantity for d in found.decisions] == list(range(1, 22))


# -- outcomes that the record does not have


@pytest.mark.parametrize(
    "outcome",
    [
        "Partially Overturned",
        "Partially upheld.",
        "Overturned in part",
        "Modified",
        "Withdrawn",
        "Conditionally non-certified",
    ],
)
def test_an_outcome_that_is_neither_leaves_its_item_out(outcome: str) -> None:
    for heading, left, number in ((FIRST, DECIDED[1], 1), (SECOND, DECIDED[0], 2)):
        new = f"{heading.rpartition(':')[0]}: {outcome}"
        for form, found in every_form(edited(heading, new)).items():
            assert decided(found) == [left], (form, heading)
            assert found.decisions[0].number == 3 - number
            assert [warning.code for warning in found.warnings] == ["item-left-out"]
            assert f"item {number} " in found.warnings[0].message
            assert outcome in found.warnings[0].message


def test_a_heading_that_is_missing_is_told_and_its_rationale_belongs_to_nobody() -> None:
    letter = [each for each in LETTER if each.text != SECOND]
    for form, found in every_form(letter).items():
        assert decided(found) == DECIDED[:1], form
        assert words(found.decisions[0].rationale) == FIRST_RATIONALE
        assert [warning.code for warning in found.warnings] == ["item-left-out"]


def test_a_letter_without_any_readable_outcome_is_set_aside() -> None:
    letter = edited(SECOND, "MRI of the lumbar spine: Modified", edited(FIRST, "Norco: Modified"))
    with pytest.raises(LetterError, match=r"item 1 .*; item 2 ") as raised:
        read(typed(letter))
    assert not isinstance(raised.value, NotALetterError)


# -- citations


@pytest.mark.parametrize(
    ("cited", "sections", "pages"),
    [
        ("MTUS Acupuncture Treatment 2007, Section(s): Frequency.", ("Frequency",), None),
        ("MTUS Chronic Pain Medical Treatment Guidelines, page(s) 98-99.", (), "98-99"),
    ],
)
def test_citations_go_by_section_or_by_page(
    cited: str, sections: tuple[str, ...], pages: str | None
) -> None:
    letter = edited("MTUS Chronic Pain Medical Treatment 2009,\nSection(s): Opioids.", cited)
    for found in every_form(letter).values():
        (citation,) = found.decisions[0].administrator_guidelines
        assert (citation.sections, citation.pages) == (sections, pages)


def test_one_block_may_hold_five_citations() -> None:
    five = (
        "MTUS Neck and Upper Back Complaints 2004, Section(s): Special Studies, and Chronic Pain "
        "Medical Treatment 2009, Section(s): Opioids, and Acupuncture Treatment 2007. Decision "
        "based on Non-MTUS Citation Official Disability Guidelines (ODG), Pain Chapter; ACOEM."
    )
    for found in every_form(
        edited("MTUS Chronic Pain Medical Treatment 2009,\nSection(s): Opioids.", five)
    ).values():
        cited = found.decisions[0].administrator_guidelines
        assert [c.source for c in cited] == ["MTUS", "MTUS", "MTUS", "ODG", "ACOEM"]


# -- the reviewer and the injured worker


@pytest.mark.parametrize(
    "states", ["California,Nevada", "California , Nevada", "California,\nNevada"]
)
def test_states_stand_with_or_without_a_space_after_the_comma(states: str) -> None:
    for found in every_form(edited("California, Nevada", states)).values():
        assert found.reviewer.licensure_states == ("California", "Nevada")


def test_states_may_be_joined_by_and() -> None:
    for found in every_form(
        edited("California, Nevada", "New York, Rhode Island, and Maryland")
    ).values():
        assert found.reviewer.licensure_states == ("New York", "Rhode Island", "Maryland")


@pytest.mark.parametrize(
    ("written", "specialties"),
    [
        ("Orthopedic Surgery,Hand Surgery", ("Orthopedic Surgery", "Hand Surgery")),
        ("Family Practice", ("Family Practice",)),
        (
            "Public Health & General Preventive Medicine, Occupational Medicine,",
            ("Public Health & General Preventive Medicine", "Occupational Medicine"),
        ),
    ],
)
def test_specialties_are_told_apart_by_commas(written: str, specialties: tuple[str, ...]) -> None:
    for found in every_form(
        edited("Physical Medicine & Rehabilitation, Pain Management", written)
    ).values():
        assert found.reviewer.specialties == specialties


@pytest.mark.parametrize(
    ("written", "age", "sex"),
    [
        ("51 year old female", 51, "female"),
        ("51 year-old man", 51, "male"),
        ("51-year-old, right-hand dominant gentleman", 51, "male"),
        ("51yo lady", 51, "female"),
        ("51 y/o (M)", 51, "male"),
        ("51-year-old F", 51, "female"),
        ("51 y.o. woman", 51, "female"),
        ("woman, aged 51,", 51, "female"),
        ("male, 51 years of age,", 51, "male"),
        ("sixty-two-year-old male", 62, "male"),
        ("Fifty year old woman", 50, "female"),
        ("nineteen-year-old worker", 19, None),
        ("51 year old F/U patient, a male", 51, "male"),
        ("worker", None, None),
        ("451 year old worker", None, None),
    ],
)
def test_age_and_sex_are_written_in_many_ways(
    written: str, age: int | None, sex: str | None
) -> None:
    for found in both(edited("51 year old female", written)):
        assert (found.patient.age, found.patient.sex) == (age, sex)


def test_redactions_leave_gaps() -> None:
    letter = edited("Dr. Stone.", "Dr.              . The worker sees              weekly.")
    for found in every_form(letter).values():
        assert decided(found) == DECIDED
        assert words(found.clinical_summary).endswith("She has seen Dr. . The worker sees weekly.")


# -- the header table

COLUMN_BY_COLUMN = """Case Number: CM16-0001234
Date Assigned: 10/12/2016
Decision Date: 11/14/2016
Priority: Expedited
Date of Injury: 03/02/2011
UR Denial Date: 09/01/2016
Application Received: 09/28/2016"""
VALUES_BELOW_EACH_COLUMN = """Case Number:
Date Assigned:
Decision Date:
Priority:
CM16-0001234
10/12/2016
11/14/2016
Expedited
Date of Injury:
UR Denial Date:
Application Received:
03/02/2011
09/01/2016
09/28/2016"""
LABELS_BEFORE_VALUES = """Case Number:
Date Assigned: Date of Injury:
Decision Date: UR Denial Date:
Priority: Application Received:
CM16-0001234
10/12/2016 03/02/2011
11/14/2016 09/01/2016
Expedited 09/28/2016"""


@pytest.mark.parametrize(
    "table",
    [
        HEADER.replace("\n", " "),
        HEADER.replace(" ", "\n"),
        HEADER.replace("Application\nReceived:\n09/28/2016", "Application 09/28/2016\nReceived:"),
        COLUMN_BY_COLUMN,
        LABELS_BEFORE_VALUES,
        VALUES_BELOW_EACH_COLUMN,
        HEADER.replace(": ", ":\t").replace("\n", "\t"),
        HEADER.replace("Case Number", "IMR Case Number").replace("/", "-"),
        HEADER.replace("03/02/2011", "3/2/2011").replace("11/14/2016", "November 14, 2016"),
        HEADER.replace("-0001234", " \u2013 0001234").lower(),
    ],
)
def test_the_header_table_is_read_in_any_order_of_its_cells(table: str) -> None:
    for form, found in every_form(edited(HEADER, table)).items():
        assert found.case_number == "CM16-0001234", form
        assert (found.dates, found.priority) == (DATES, "Expedited"), form
        assert found.warnings == ()


def test_a_column_of_fewer_values_than_labels_is_guessed_at_for_none() -> None:
    table = VALUES_BELOW_EACH_COLUMN.replace("09/01/2016\n", "")
    found = read(typed(edited(HEADER, table)))
    assert found.dates == Dates(assigned=DATES.assigned, decision=DATES.decision)
    assert [warning.code for warning in found.warnings] == ["unclear-header"]


@pytest.mark.parametrize(
    ("written", "injury"),
    [
        ("03/02/11", date(2011, 3, 2)),
        ("3/2/98", date(1998, 3, 2)),
        ("03-02-16", date(2016, 3, 2)),
        ("03/02/17", date(1917, 3, 2)),
    ],
)
def test_a_year_of_two_digits_is_never_after_the_letter(written: str, injury: date) -> None:
    for found in every_form(edited("03/02/2011", written)).values():
        assert found.dates == DATES.model_copy(update={"injury": injury})


# -- whose letter it is


def test_a_letter_without_a_header_table_is_named_by_its_text() -> None:
    for found in every_form(LETTER[1:]).values():
        assert decided(found) == DECIDED
        assert found.case_number is None
        assert found.id.startswith("sha-")
        assert len(found.id) == 16
        assert (found.dates, found.priority) == (Dates(), None)
    ids = {found.id for found in every_form(LETTER[1:]).values()}
    assert len(ids) == 1


def test_another_letters_number_in_a_rationale_names_nothing() -> None:
    letter = edited(
        "A pain contract is missing.", "An IMR (CM15-0009999) upheld the same denial.", LETTER[1:]
    )
    for found in every_form(letter).values():
        assert found.case_number is None


def test_a_running_title_names_the_letter_where_there_is_no_table() -> None:
    title = "Final Determination Letter for IMR Case Number CM16-0001234 3"
    for found in every_form(edited(FIRST, f"{FIRST}\n{title}\f", LETTER[1:])).values():
        assert found.case_number == "CM16-0001234"
        assert decided(found) == DECIDED


# -- page furniture


@pytest.mark.parametrize(
    "title",
    [
        "Final Determination Letter for IMR Case Number CM16-0001234 3",
        "Final Determination Letter for IMR Case Number: CM16-0001234 Page 3 of 5",
        "FINAL DETERMINATION LETTER FOR IMR CASE NUMBER CM16-0001234",
        "Final Determinaton Leter for IMR Case No. CM16-0001234 3",
        "Final Determination Letter for\nIMR Case Number CM16-0001234 3",
        "Final Determination Letter for IMR Case Number CM16-0001234\n3",
        "3",
        "- 3 -",
        "Page 3",
        "Page 3 of 5",
        "3 of 5",
    ],
)
def test_page_furniture_is_no_text(title: str) -> None:
    letter = edited("is on record.", f"is on\n{title}\frecord.")
    for found in (read(typed(letter)), read(drawn(letter, width=95))):
        assert decided(found) == DECIDED
        assert words(found.decisions[0].rationale) == FIRST_RATIONALE


def test_a_running_title_is_furniture_where_pages_were_run_on() -> None:
    title = "Final Determination Letter for IMR Case Number CM16-0001234 3"
    for found in every_form(edited("is on record.", f"is on\n{title}\nrecord.")).values():
        assert "Determination Letter" not in found.decisions[0].rationale.replace("\n", " ")


def test_numbers_inside_a_page_stay() -> None:
    for found in every_form(edited("is on record.", "is on record in\n3\nnotes.")).values():
        assert "in 3 notes." in words(found.decisions[0].rationale)


# -- characters

CHARACTERS: dict[str, Callable[[str], str]] = {
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "old Macintosh line ends": lambda text: text.replace("\n", "\r"),
    "tabs": lambda text: text.replace(" ", "\t"),
    "form feeds": lambda text: text.replace("\n\n", "\n\f"),
    "hard spaces": lambda text: text.replace(" ", "\u00a0"),
    "thin spaces": lambda text: text.replace(" ", "\u2009"),
    "spaces at line ends": lambda text: text.replace("\n", "   \n"),
    "ligatures": lambda text: text.replace("fi", "\ufb01").replace("ff", "\ufb00"),
    "spaces of no width": lambda text: text.replace("i", "i\u200b"),
    "soft hyphens in words": lambda text: text.replace("tion", "\u00adtion"),
    "soft hyphens at line ends": lambda text: text.replace("lumbar", "lum\u00ad\nbar"),
    "a byte order mark": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("change", CHARACTERS.values(), ids=CHARACTERS)
def test_characters_that_only_set_the_text_change_nothing(change: Callable[[str], str]) -> None:
    plain = read(typed(LETTER))
    found = read(change(typed(LETTER).decode()).encode())
    assert decided(found) == DECIDED
    assert found.id == plain.id
    assert (found.dates, found.priority, found.reviewer) == (
        plain.dates,
        plain.priority,
        plain.reviewer,
    )
    assert words(found.clinical_summary) == words(plain.clinical_summary)
    rationales = [[words(d.rationale) for d in each.decisions] for each in (found, plain)]
    assert rationales[0] == rationales[1]
    assert [d.reviewer_guidelines for d in found.decisions] == [
        d.reviewer_guidelines for d in plain.decisions
    ]


def test_curly_quotes_and_dashes_are_read_and_kept() -> None:
    letter = edited("Claims Administrator guideline:", "Claims Administrator\u2019s guideline:")
    letter = edited(
        "A pain contract is missing.", "\u201cA pain contract\u201d \u2013 none \u2026", letter
    )
    letter = edited(": Upheld", " \u2013 Upheld", letter)
    for found in every_form(letter).values():
        assert decided(found) == DECIDED
    assert "\u201cA pain contract\u201d" in read(typed(letter)).decisions[0].rationale


# -- titles


@pytest.mark.parametrize("case", [str.lower, str.title, str.upper])
@pytest.mark.parametrize("end", ["", ":"])
@pytest.mark.parametrize("wrap", [" ", "\n"])
def test_titles_stand_in_any_case_wrapped_and_with_a_colon(
    case: Callable[[str], str], end: str, wrap: str
) -> None:
    letter: Letter = LETTER
    for title in (
        "HOW THE IMR FINAL DETERMINATION WAS MADE",
        "CLINICAL CASE SUMMARY",
        "IMR ISSUES, DECISIONS AND RATIONALES",
    ):
        letter = edited(title, case(title).replace(" ", wrap) + end, letter)
    for form, found in every_form(letter).items():
        assert decided(found) == DECIDED, form
        assert words(found.clinical_summary).startswith("The injured worker is"), form
        assert found.dates == DATES


def test_labels_may_be_wrapped() -> None:
    letter = edited("Claims Administrator guideline:", "Claims\nAdministrator\nguideline:")
    letter = edited("Decision rationale:", "Decision\nrationale:", letter)
    for form, found in every_form(letter).items():
        assert decided(found) == DECIDED, form
        assert words(found.decisions[0].rationale) == FIRST_RATIONALE


PIECES = st.sampled_from(
    """
Upheld|Overturned|: Upheld
|Partially|CM16-0001234|Case Number:|Date of Injury:|02/30/2016|13/13/13|
|

|\f|1. |2. |a|.| |Norco|\xad|\ufffe|IMR ISSUES, DECISIONS AND RATIONALES
|IMR DECISION(S) AND RATIONALE(S)
|ISSUE AT DISPUTE:
|CASE SUMMARY:
|RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS NOT MEDICALLY NECESSARY:
|MAXIMUS guideline:|Claims Administrator guideline:|Decision rationale:
|is not medically necessary and appropriate.|The Claims Administrator based its decision on
|The Physician Reviewer's decision rationale:""".split("|")
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_parts_of_letters_in_any_order_are_read_or_told(text: str) -> None:
    try:
        found = read(text.encode())
    except LetterError:
        return
    assert_spans(found)
    assert found.decisions
    numbers = [d.number for d in found.decisions]
    assert numbers == sorted(set(numbers))
    assert all(d.request for d in found.decisions)
