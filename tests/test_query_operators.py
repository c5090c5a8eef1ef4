"""Every construct of the query language, as the clauses and filters it is read as."""

from __future__ import annotations

import pytest

from imr.search.field_terms import worded as filter_worded
from imr.search.query import Query, read
from imr.search.wording import worded
from imr.text.taxonomy.tagger import default_tagger

HELD = {
    "guideline": (
        "MTUS: Chronic Pain Medical Treatment", "MTUS: Low Back Complaints", "ODG: Low Back",
        "ODG: Pain",
    ),
    "year": ("2016", "2017"),
    "drug": ("acetaminophen", "gabapentin", "hydrocodone", "hydromorphone"),
    "treatment": ("spinal-fusion", "mri"),
    "specialty": ("Pain Medicine", "Family Practice"),
}  # fmt: skip
"""The values that an index holds."""


def understood(text: str) -> Query:
    return read(text, default_tagger(), lambda field: HELD.get(field, ()))


def asked(text: str) -> list[str]:
    """Clauses, then filters: `+` must hold, `-` may not, anything else is soft."""
    query = understood(text)
    return [
        f"{'-' if c.negated else '+' if c.hard else ''}{c.kind} {worded(c)}" for c in query.clauses
    ] + [f"{'not ' if f.negated else ''}filter {filter_worded(f)}" for f in query.filters]


OPERATORS = [
    ("lantern AND harbor", ["+word lantern", "+word harbor"]),
    ("lantern && harbor", ["+word lantern", "+word harbor"]),
    ("lantern and harbor", ["word lantern", "word harbor"]),
    ("lantern OR harbor", ["+any lantern OR harbor"]),
    ("lantern || harbor", ["+any lantern OR harbor"]),
    ("lantern||harbor", ["+any lantern OR harbor"]),
    ("lantern or harbor", ["word lantern", "word harbor"]),
    ("lantern NOT harbor", ["word lantern", "-word harbor"]),
    ("lantern !harbor", ["word lantern", "-word harbor"]),
    ("lantern ! harbor", ["word lantern", "word harbor"]),
    ("lantern AND NOT harbor", ["+word lantern", "-word harbor"]),
    ("lantern OR NOT harbor", ["+any lantern OR NOT harbor"]),
    ("NOT lantern OR harbor", ["+any NOT lantern OR harbor"]),
    ("lantern AND harbor OR meadow", ["+any (lantern AND harbor) OR meadow"]),
    ("lantern OR harbor AND meadow", ["+any lantern OR (harbor AND meadow)"]),
    ("lantern AND harbor AND meadow", ["+word lantern", "+word harbor", "+word meadow"]),
    ('lantern OR "harbor meadow"', ['+any lantern OR "harbor meadow"']),
    ("+lantern OR harbor", ["+any lantern OR harbor"]),
]
NEIGHBOURS = [
    ("copper lantern AND harbor violet",
     ["word copper", "+word lantern", "+word harbor", "word violet"]),
    ("lantern AND harbor meadow OR copper",
     ["+word lantern", "+word harbor", "+any meadow OR copper"]),
    ("physical therapy AND norco", ["+concept physical therapy", "+concept norco"]),
    ("NOT physical therapy lantern", ["-concept physical therapy", "word lantern"]),
    ("knee AND the lantern", ["+concept knee", "+word lantern"]),
    ("MRI WITH AND WITHOUT LANTERN", ["+concept MRI", "+word LANTERN"]),
    ("cervical fusion OR knee", ["+any (cervical AND cervical fusion) OR knee"]),
    ("cervical fusion AND knee",
     ["+concept cervical", "+concept cervical fusion", "+concept knee"]),
    ("physical AND therapy", ["+word physical", "+word therapy"]),
]  # fmt: skip
GROUPS = [
    ("(lantern harbor) meadow", ["word lantern", "word harbor", "word meadow"]),
    ("(lantern harbor) AND meadow", ["+word lantern", "+word harbor", "+word meadow"]),
    ("(lantern harbor) OR meadow", ["+any (lantern AND harbor) OR meadow"]),
    ("(copper lantern AND harbor) violet",
     ["+word copper", "+word lantern", "+word harbor", "word violet"]),
    ("(lantern OR harbor) AND (meadow OR copper)",
     ["+any lantern OR harbor", "+any meadow OR copper"]),
    ("(lantern OR harbor) meadow", ["+any lantern OR harbor", "word meadow"]),
    ("lantern OR (harbor OR meadow)", ["+any lantern OR harbor OR meadow"]),
    ("lantern OR (harbor AND NOT (meadow OR copper))",
     ["+any lantern OR (harbor AND NOT (meadow OR copper))"]),
    ("+(lantern harbor)", ["+word lantern", "+word harbor"]),
    ("+(lantern OR harbor)", ["+any lantern OR harbor"]),
    ("NOT (lantern OR harbor)", ["-any lantern OR harbor"]),
    ("-(lantern harbor)", ["-all lantern AND harbor"]),
    ("!(lantern)", ["-word lantern"]),
    ("NOT NOT lantern", ["+word lantern"]),
    ("NOT (NOT lantern)", ["+word lantern"]),
    ("NOT NOT NOT lantern", ["-word lantern"]),
    ("NOT -lantern", ["+word lantern"]),
    ("(norco OR (lantern) OR)", ["+any norco OR lantern"]),
    ("((((lantern))))", ["word lantern"]),
    ("relaxant(s) lantern(es)", ["word relaxant", "word lantern"]),
    ("lantern (harbor) meadow", ["word lantern", "word harbor", "word meadow"]),
]  # fmt: skip
PROXIMITY = [
    ('"lantern harbor"~5', ['+near "lantern harbor"~5']),
    ('-"lantern harbor"~5', ['-near "lantern harbor"~5']),
    ('"lantern harbor"~100000', ['+near "lantern harbor"~100']),
    ('"lantern harbor meadow"~5', ["+phrase lantern harbor meadow"]),
    ('"lantern lanterns"~5', ["+phrase lantern lanterns"]),
    ('"lantern"~5', ["+phrase lantern"]),
    ('"lantern harbor"~', ["+phrase lantern harbor"]),
    ('"lantern harbor"~5.5 meadow', ["+phrase lantern harbor", "word meadow"]),
    ('"lantern harbor"~-1', ["+phrase lantern harbor"]),
    ('"lantern harbor"~999999999999999', ['+near "lantern harbor"~100']),
]
PREFIXES = [
    ("acupunct*", ["prefix acupunct*"]),
    ("Acupunct*,", ["prefix Acupunct*"]),
    ("+acupunct* -lant*", ["+prefix acupunct*", "-prefix lant*"]),
    ("acupunct**", ["prefix acupunct*"]),
    ("acupunct* OR lantern", ["+any acupunct* OR lantern"]),
    ("la*", ["word la"]),
    ("lantern-har*", ["word lantern-har"]),
    ("lan*ern", ["word lan*ern"]),
    ("**lantern**", ["word lantern"]),
    ("* lantern", ["word lantern"]),
    ("l" * 41 + "*", ["word " + "l" * 41]),
]
FIELD_TERMS = [
    ("drug:gabapentin", ["filter drug: gabapentin"]),
    ("Drug:Neurontin lantern", ["word lantern", "filter drug: gabapentin"]),
    ("drug:norco", ["filter drug: acetaminophen and hydrocodone"]),
    ('drug:"hydrocodone/acetaminophen"', ["filter drug: acetaminophen and hydrocodone"]),
    ("drug:gabapentin drug:norco",
     ["filter drug: gabapentin or acetaminophen and hydrocodone"]),
    ("drug:gabapentin OR drug:norco",
     ["filter drug: gabapentin or acetaminophen and hydrocodone"]),
    ("drug:(gabapentin OR norco)", ["filter drug: gabapentin or acetaminophen and hydrocodone"]),
    ("drug:(gabapentin OR norco", ["filter drug: gabapentin or acetaminophen and hydrocodone"]),
    ("lantern drug:((gabapentin", ["word lantern", "filter drug: gabapentin"]),
    ("drug:gabapentin AND drug:norco",
     ["+field drug: gabapentin", "+field drug: acetaminophen and hydrocodone"]),
    ("(drug:gabapentin OR drug:norco) AND drug:tramadol",
     ["+field drug: gabapentin or acetaminophen and hydrocodone", "+field drug: tramadol"]),
    ("drug:gabapentin AND lantern AND year:2016",
     ["+word lantern", "filter drug: gabapentin", "filter year: 2016"]),
    ("drug:gabapentin OR lantern", ["+any drug: gabapentin OR lantern"]),
    ("drug:gabapentin OR year:2016", ["+any drug: gabapentin OR year: 2016"]),
    ("-drug:gabapentin", ["not filter drug: gabapentin"]),
    ("NOT (drug:gabapentin OR year:2016)", ["-any drug: gabapentin OR year: 2016"]),
    ("NOT (drug:gabapentin OR drug:norco)",
     ["not filter drug: gabapentin or acetaminophen and hydrocodone"]),
    ("lantern AND NOT drug:gabapentin", ["+word lantern", "not filter drug: gabapentin"]),
    ('guideline:"ODG: pain"', ["filter guideline: ODG: Pain"]),
    ('guideline:"chronic pain"', ["filter guideline: MTUS: Chronic Pain Medical Treatment"]),
    ("guideline:(low backs)", ["filter guideline: MTUS: Low Back Complaints or ODG: Low Back"]),
    ("guideline:chron*", ["filter guideline: MTUS: Chronic Pain Medical Treatment"]),
    ("drug:hydro*", ["filter drug: hydrocodone or hydromorphone"]),
    ("body-part:knee", ["filter body_part: Knee"]),
    ("outcome:denied", ["filter outcome: Upheld"]),
    ("specialty:pain, lantern", ["word lantern", "filter specialty: Pain Medicine"]),
]  # fmt: skip
RANGES = [
    ("age:[40 TO 60]", ["filter age: from 40 to 60"]),
    ("age:[40 to 60]", ["filter age: from 40 to 60"]),
    ("age:[40 TO *]", ["filter age: from 40"]),
    ("age:[* TO 60]", ["filter age: up to 60"]),
    ("age:[* TO *]", ["filter age: any"]),
    ("age:*", ["filter age: any"]),
    ("age:45", ["filter age: 45"]),
    ("age:40-60", ["filter age: from 40 to 60"]),
    ("age:40..60", ["filter age: from 40 to 60"]),
    ("age:>=40", ["filter age: from 40"]),
    ("age:>40", ["filter age: over 40"]),
    ("age:<=60", ["filter age: up to 60"]),
    ("age:<60", ["filter age: under 60"]),
    ("age:>=40 age:<=60", ["filter age: from 40 to 60"]),
    ("age:>=40 AND age:<=60", ["+field age: from 40", "+field age: up to 60"]),
    ("age:<=40 age:>=60", ["filter age: up to 40 or from 60"]),
    ("age:[60 TO 40]", ["filter age: from 40 to 60"]),
    ("age:[40 TO 60 lantern", ["word lantern", "filter age: from 40 to 60"]),
    ("decided:2016", ["filter decided: from 2016-01-01 to 2016-12-31"]),
    ("decided:2016-02", ["filter decided: from 2016-02-01 to 2016-02-29"]),
    ("decided:[2016-01-01 TO *]", ["filter decided: from 2016-01-01"]),
    ("decided:>2016", ["filter decided: from 2017-01-01"]),
    ("decided:<2016", ["filter decided: up to 2015-12-31"]),
    ("decided:<=2016", ["filter decided: up to 2016-12-31"]),
    ("year:[2015 TO 2017]", ["filter year: 2016 or 2017"]),
    ("year:>2016", ["filter year: 2017"]),
    ("year:<=2016", ["filter year: 2016"]),
    ("year:[* TO 2016]", ["filter year: 2016"]),
    ("-age:<30", ["not filter age: under 30"]),
    ("age:([40 TO 50] OR [60 TO 70])", ["filter age: from 40 to 50 or from 60 to 70"]),
    ("age:(<30 OR >60)", ["filter age: under 30 or over 60"]),
    ("age:>=x lantern", ["word lantern"]),
]
TEXT_FIELDS = [
    ("request:mri", ["+concept request: mri"]),
    ("summary:fusion", ["+concept summary: fusion"]),
    ("request:lantern", ["+word request: lantern"]),
    ('rationale:"no red flags"', ['+phrase rationale: "no red flags"']),
    ('rationale:"red flags"~3', ['+near rationale: "red flags"~3']),
    ("cited:acupunct*", ["+prefix cited: acupunct*"]),
    ("-rationale:lantern", ["-word rationale: lantern"]),
    ("request:(lantern harbor) meadow",
     ["+word request: lantern", "+word request: harbor", "word meadow"]),
    ("rationale:(lantern OR physical therapy)",
     ["+any rationale: lantern OR rationale: physical therapy"]),
    ("request:mri OR rationale:mri", ["+any request: mri OR rationale: mri"]),
    ("request:for", ["+word request: for"]),
    ("request:>5", ["+word request: 5"]),
]  # fmt: skip
NO_FIELDS = [
    ("Retrospective: Norco", ["word Retrospective", "concept Norco"]),
    ("Retrospective:Norco", ["word Retrospective", "concept Norco"]),
    ("/lantern/", ["word lantern"]),
    ("10:30", ["word 10:30"]),
    ("QTY: 2:", ["word QTY", "word 2"]),
    ("https://lantern.example/harbor?q=1", ["word https://lantern.example/harbor?q=1"]),
    ("drug: gabapentin", ["word drug", "concept gabapentin"]),
    ("drug:lantern", ["word lantern"]),
    ('drug:"lantern harbor"', ["+phrase lantern harbor"]),
    ("year:2031", ["word 2031"]),
    ("age:old", ["word old"]),
    ("drug:[a TO b] lantern", ["word lantern"]),
    ('30" lantern', ["word 30", "word lantern"]),
    ('"lantern" 6"', ["+phrase lantern", "word 6"]),
]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        *OPERATORS, *NEIGHBOURS, *GROUPS, *PROXIMITY, *PREFIXES, *FIELD_TERMS, *RANGES,
        *TEXT_FIELDS, *NO_FIELDS,
    ],
)  # fmt: skip
def test_a_construct_is_read_as_its_clauses(text: str, clauses: list[str]) -> None:
    assert asked(text) == clauses


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("lantern AND", "AND has nothing on one side"),
        ("OR lantern", "OR has nothing on one side"),
        ("lantern AND OR harbor", "OR has nothing on one side"),
        ("lantern NOT", "NOT has nothing behind it"),
        ("(lantern", "a parenthesis has no partner and was left out"),
        ("drug:(gabapentin", "a parenthesis has no partner, so it ends with the query"),
        ('"lantern harbor"~999', "~999 is read as ~100, the most words"),
        ('"lantern harbor"~99999999999999999999', "is read as ~100"),
        ('"lantern harbor"~5.5', "~5.5 behind a phrase is no number of words"),
        ('"lantern harbor"~-1', "~-1 behind a phrase is no number of words"),
        ("*ern", "a star counts only at the end of a word"),
        ("request:[lantern TO harbor]", "request is a text, so a range of it is read as words"),
        ("request:>5", "request is a text, so a range of it is read as words"),
        ("lantern)", "a parenthesis has no partner"),
        (")lantern(", "a parenthesis has no partner"),
        ("lantern ()", "parentheses that hold no word"),
        ("-(the) lantern", "parentheses that hold no word"),
        ("(" * 21 + "lantern" + ")" * 21, "20 levels deep"),
        ('lantern "harbor', "a quotation mark has no partner"),
        ('"!!!"', "'!!!' holds no word"),
        ('"lantern harbor meadow"~5', "~5 takes two different words"),
        ('"lantern lanterns"~5', "~5 takes two different words"),
        ("la*", "a star takes one word of 3 to 40 letters"),
        ("lan*ern", "a star counts only at the end of a word"),
        ("lantern AND denied", "write outcome:upheld"),
        ("drug:lantern", "drug has no value 'lantern', so it is searched as text"),
        ("year:2031", "year has no value '2031', so it is searched as text"),
        ("age:old", "age has no value 'old'"),
        ("age:>=x", "age has no value '>=x', so it was left out"),
        ("year:[2031 TO 2032]", "year has no value '2031 TO 2032', so it was left out"),
        ("drug:[a TO b]", "drug has no value 'a TO b', so it was left out"),
        ("decided:2016-13-45", "decided has no value '2016-13-45'"),
        ("age:[60 TO 40]", "age:[60 TO 40] runs backwards, so it is read as age:[40 TO 60]"),
        ("age:{40 TO 60}", "both ends of age:{40 TO 60} belong to it"),
        ('guideline:"low back"',
         'guideline:"low back" is read as MTUS: Low Back Complaints or ODG: Low Back'),
        ("outcome:denied", "outcome:denied is read as Upheld"),
        ("drug: gabapentin", "write drug:VALUE"),
        ("drugs:gabapentin", "there is no field 'drugs' (did you mean drug?)"),
        ("lantern " * 600, "only the first 4000 characters"),
        (" ".join(f"lantern{number}" for number in range(61)), "only the first 60 words"),
        (f"NOT ({' OR '.join(f'lantern{number}' for number in range(61))})", "only the first 60"),
    ],
)  # fmt: skip
def test_what_was_not_understood_is_said_in_one_sentence(text: str, warning: str) -> None:
    (said,) = understood(text).warnings

    assert warning in said


@pytest.mark.parametrize(
    "text",
    [
        "lantern AND (harbor OR NOT meadow)", '"red flags"~5', "acupunct*", "drug:norco",
        "age:[40 TO 60]", 'rationale:"no red flags"', "Retrospective: Norco", "10:30", '30" bed',
        "!important - really", "https://lantern.example/a_(b)", "* lantern * harbor",
    ],
)  # fmt: skip
def test_what_is_understood_gives_no_warning(text: str) -> None:
    assert understood(text).warnings == ()


def test_warnings_are_few_and_each_said_once() -> None:
    assert len(understood("AND " * 500).warnings) == 1
    assert len(understood(" ".join(f"drug:lantern{n}" for n in range(50))).warnings) == 10


def test_clauses_are_counted_over_the_whole_tree() -> None:
    words = [f"lantern{number}" for number in range(50)]
    query = understood(f"({' OR '.join(words)}) {' '.join(reversed(words))}")

    (group, *soft) = query.clauses
    assert len(group.parts) + len(soft) == 60


@pytest.mark.parametrize(
    ("text", "positive"),
    [
        ("lantern AND (harbor OR meadow)", "lantern harbor meadow"),
        ("lantern NOT harbor", "lantern"),
        ("lantern NOT (harbor OR NOT meadow) copper", "lantern copper"),
        ("lantern OR (harbor AND NOT meadow)", "lantern harbor"),
        ("lantern OR NOT (harbor AND NOT meadow)", "lantern"),
        ("NOT NOT lantern", "lantern"),
        ("NOT lantern", ""),
        ("acupunct* lantern", "acupunct lantern"),
        ('"lantern harbor"~5', "lantern harbor"),
        ("drug:gabapentin taper", "taper"),
        ('lantern rationale:"red flags" age:[40 TO 60]', "lantern"),
        ("drug:gabapentin which", ""),
        ("rationale:lantern", ""),
        ("drug:norco OR lantern", "lantern"),
        ("which cases without lantern", "which cases without lantern"),
    ],
)
def test_meaning_is_compared_with_the_positive_text(text: str, positive: str) -> None:
    assert understood(text).positive == positive


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        ("lantern AND denied", ("upheld",)),
        ("lantern NOT denied", ("overturned",)),
        ("(denied OR approved) lantern", ()),
        ("lantern -denied", ()),
        ("rationale:denied", ()),
    ],
)
def test_words_of_outcome_are_suggestions_among_operators_too(
    text: str, outcomes: tuple[str, ...]
) -> None:
    assert tuple(each.value for each in understood(text).suggested) == outcomes


def test_what_stood_beside_an_outcome_stays_what_it_was() -> None:
    assert asked("lantern OR denied") == ["word lantern"]
    assert asked("lantern AND denied") == ["+word lantern"]


@pytest.mark.parametrize(("scope", "field"), [("decision", None), ("facts", "condition")])
def test_conditions_are_tags_where_the_facts_are_searched(scope: str, field: str | None) -> None:
    (clause,) = read("radiculopathy", default_tagger(), lambda _: (), scope).clauses  # type: ignore[arg-type]

    assert clause.concept is not None
    assert (clause.concept.kind, clause.concept.field) == ("condition", field)
