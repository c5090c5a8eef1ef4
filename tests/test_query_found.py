"""What the query language finds: the same decisions on both engines, over tiny corpora."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from imr.search.misspelling import LONGEST, corrected
from imr.search.query import Written
from imr.search.response import SearchResponse
from tests.corpus import Loader, Search


def found(search: Search, wanted: Mapping[str, str], **asked: str) -> dict[str, str]:
    """For each query the letters whose decisions match, as in "AC"."""
    return {
        query: "".join(sorted(id_[0] for id_ in search.matches(query, **asked))) for query in wanted
    }


def counts(answer: SearchResponse, facet: str) -> dict[str, int]:
    return {value.value: value.count for value in answer.facets[facet]}


WORDS = """
    A.1 upheld
    request: Lantern
    rationale: Harbor and meadow. Nothing else.

    B.1 upheld
    request: Lantern
    rationale: Copper.

    C.1 upheld
    request: Harbor
    rationale: Copper meadow.

    D.1 upheld
    request: Violet
"""
OPERATORS = {
    "lantern AND harbor": "A",
    "lantern OR harbor": "ABC",
    "lantern OR violet": "ABD",
    "lantern AND NOT harbor": "B",
    "NOT lantern": "CD",
    "NOT lantern NOT violet": "C",
    "NOT (lantern OR violet)": "C",
    "NOT (lantern AND harbor)": "BCD",
    "NOT (lantern harbor)": "BCD",
    "NOT (lantern OR NOT harbor)": "C",
    "lantern OR NOT copper": "ABD",
    "(lantern OR harbor) AND (meadow OR violet)": "AC",
    "(lantern AND harbor) OR violet": "AD",
    "(lantern AND (harbor OR copper)) OR violet": "ABD",
    "copper OR (lantern AND NOT meadow)": "BC",
    "harbor OR lantern AND copper": "ABC",
    "(harbor OR lantern) AND copper": "BC",
    "lantern (harbor OR copper)": "AB",
    "lantern +copper": "B",
    "copper AND lantern violet": "",
    "violet copper AND lantern": "",
    '"harbor and meadow" OR violet': "AD",
    '-"nothing else" lantern': "B",
    "NOT NOT copper": "BC",
    "walnut OR (lantern AND walnut) OR violet": "D",
    "NOT (NOT (lantern OR (harbor AND NOT (NOT copper))))": "ABC",
}


def test_and_or_not_and_parentheses(load: Loader) -> None:
    search = load(WORDS)

    assert found(search, OPERATORS) == OPERATORS


def test_not_takes_nothing_from_the_words_beside_it(load: Loader) -> None:
    """A query that only excludes matches all that is left; its operators are no words."""
    answer = load(WORDS)("lantern OR copper NOT meadow")

    assert [(c.kind, c.text, c.hard, c.negated) for c in answer.query.clauses] == [
        ("any", "lantern OR copper", True, False),
        ("word", "meadow", True, True),
    ]
    assert {row.id for row in answer.results} == {"B.1"}


PILLS = """
    A.1 upheld 2016-03-01
    request: Norco 10/325mg #90
    category: medication
    drugs: acetaminophen, hydrocodone
    age: 39
    rationale: The lantern.

    B.1 overturned 2016-12-31
    request: Gabapentin 300mg
    category: medication
    drugs: gabapentin
    age: 40
    rationale: The lantern and acetaminophen.

    C.1 upheld 2017-01-01
    request: MRI of the knee
    category: imaging
    treatments: mri
    body: knee
    age: 60
    reviewer: MTUS: Knee Complaints
    rationale: No lantern.

    D.1 upheld
    request: Tylenol
    category: medication
    drugs: acetaminophen
    reviewer: MTUS: Chronic Pain Medical Treatment; ODG: Pain
    rationale: Norco was tried.
"""
FIELD_TERMS = {
    "drug:gabapentin": "B",
    "drug:norco": "A",
    "drug:acetaminophen": "AD",
    "drug:(norco OR gabapentin)": "AB",
    "drug:norco drug:gabapentin": "AB",
    "drug:gabapentin AND drug:norco": "",
    "drug:gabapentin AND category:medication": "B",
    "drug:acetaminophen lantern": "A",
    "drug:gabapentin OR category:imaging": "BC",
    "(drug:gabapentin OR knee) AND lantern": "BC",
    "lantern AND NOT drug:norco": "BC",
    "NOT drug:acetaminophen": "BC",
    "NOT (drug:gabapentin OR category:imaging)": "AD",
    "norco OR drug:gabapentin": "ABD",
    "NOT (drug:acetaminophen AND norco)": "BC",
    "guideline:pain": "D",
    'guideline:"chronic pain"': "D",
    "guideline:complaints": "C",
    "guideline:knee OR guideline:pain": "CD",
    "outcome:approved": "B",
    "drug:gabapentn": "",
    "request:norco": "A",
    "rationale:norco": "D",
    'rationale:"norco was"': "D",
    'request:"norco was"': "",
    "NOT rationale:lantern": "D",
    "cited:pain": "D",
    "request:(knee OR gabapentin)": "BC",
}
RANGES = {
    "age:40": "B",
    "age:[40 TO 60]": "BC",
    "age:[40 TO *]": "BC",
    "age:[* TO 39]": "A",
    "age:>40": "C",
    "age:>=40": "BC",
    "age:<40": "A",
    "age:<=40": "AB",
    "age:>=40 age:<60": "B",
    "age:>=40 AND age:<60": "B",
    "age:<40 age:>40": "AC",
    "age:*": "ABC",
    "NOT age:*": "D",
    "NOT age:40": "ACD",
    "age:39 OR imaging": "A",
    "age:39 OR knee": "AC",
    "decided:2016": "AB",
    "decided:2016-12": "B",
    "decided:2017-01-01": "C",
    "decided:[2016-01-01 TO 2016-12-30]": "A",
    "decided:>2016": "C",
    "decided:<2016-12-31": "A",
    "year:[2016 TO 2017]": "ABC",
    "year:>2016 lantern": "C",
    "decided:2016 AND NOT (age:40 OR knee)": "A",
}


def test_field_terms_and_ranges(load: Loader) -> None:
    search = load(PILLS)

    assert found(search, FIELD_TERMS) == FIELD_TERMS
    assert found(search, RANGES) == RANGES


def test_a_field_term_is_the_filter_of_that_name(load: Loader) -> None:
    search = load(PILLS)

    term, filtered = search("lantern drug:norco"), search("lantern", filters={"drug": "norco"})

    assert term.facets == filtered.facets
    assert term.total == filtered.total
    assert term.outcomes == filtered.outcomes
    assert counts(term, "drug") == {"acetaminophen": 1, "hydrocodone": 1, "gabapentin": 1}
    assert [v.value for v in term.facets["drug"] if v.selected] == ["acetaminophen", "hydrocodone"]
    assert term.query.clauses[-1].text == "drug: acetaminophen and hydrocodone"


def test_field_terms_join_the_filters_of_the_request(load: Loader) -> None:
    search = load(PILLS)

    assert search.matches("drug:norco", filters={"drug": "gabapentin"}) == {"A.1", "B.1"}
    assert search.matches("drug:norco", filters={"outcome": "overturned"}) == set()
    assert search.matches("-drug:norco", filters={"not.drug": "gabapentin"}) == {"C.1", "D.1"}


def test_an_excluded_outcome_leaves_the_balance_alone(load: Loader) -> None:
    search = load(PILLS)

    assert search.matches("-outcome:upheld") == {"B.1"}
    assert search("-outcome:upheld").outcomes == search("").outcomes


def test_a_field_term_in_a_group_narrows_every_facet(load: Loader) -> None:
    answer = load(PILLS)("(drug:gabapentin OR lantern) AND category:medication")

    assert counts(answer, "drug") == {"acetaminophen": 1, "hydrocodone": 1, "gabapentin": 1}
    assert counts(answer, "category") == {"medication": 2, "imaging": 1}


STARS = """
    A.1 upheld
    request: Acupuncture
    rationale: Co-operation.

    B.1 upheld
    request: Needles
    rationale: An acupuncturist, caf\u00e9s.

    C.1 upheld
    request: Acute lantern
    rationale: Naproxen 10/325mg.
"""
PREFIXES = {
    "acupunct*": "AB",
    "ACUPUNCTURI*": "B",
    "acu*": "ABC",
    "caf\u00e9*": "B",
    "cafe*": "B",
    "10/3*": "C",
    "acupuncture*": "A",
    "-acupunct*": "C",
    "acupunct* OR lant*": "ABC",
    "request:acupunct*": "A",
    "NOT request:acupunct*": "BC",
    "acu* +lant*": "C",
    "operat*": "A",
    "ac*": "",
    "zzz*": "",
    "(acupunct* AND caf*) OR lantern": "BC",
}


def test_prefixes(load: Loader) -> None:
    search = load(STARS)

    assert found(search, PREFIXES) == PREFIXES


NEAR = """
    A.1 upheld
    rationale: Lantern harbor.

    B.1 upheld
    rationale: Lantern one two three harbor.

    C.1 upheld
    rationale: Harbor one two three lantern.

    D.1 upheld
    rationale: Harbor lanterns.

    E.1 upheld
    request: Lantern
    rationale: Harbor.
"""
PROXIMITY = {
    '"lantern harbor"': "A",
    '"lantern harbor"~0': "A",
    '"lantern harbor"~1': "A",
    '"lantern harbor"~2': "AD",
    '"lantern harbor"~3': "ABD",
    '"lantern harbor"~4': "ABD",
    '"lantern harbor"~5': "ABCD",
    '"harbors lantern"~3': "ACD",
    '"lantern harbor"~100': "ABCD",
    '"lantern one two"~5': "B",
    '"lantern lantern"~5': "",
    'NOT "lantern harbor"~5': "E",
    '"lantern harbor"~3 OR request:lantern': "ABDE",
    'rationale:"lantern harbor"~2': "AD",
    'request:"lantern harbor"~2': "",
}


def test_proximity_in_either_order_and_its_limits(load: Loader) -> None:
    search = load(NEAR)

    assert found(search, PROXIMITY) == PROXIMITY


FACTS = """
    A.1 upheld
    request: Lantern
    rationale: Radiculopathy was told of.
    summary: Copper. Nothing more.

    B.1 upheld
    request: Harbor
    rationale: Copper.
    summary: Meadow.
    conditions: radiculopathy

    C.1 upheld
    request: Copper
    rationale: Violet.
    summary: Lantern.
"""
DECISION = {
    "copper": "BC",
    "lantern": "A",
    "NOT copper": "A",
    "copper AND NOT lantern": "BC",
    "radiculopathy": "A",
    "summary:copper": "A",
    "NOT summary:copper": "BC",
    '"nothing more"': "",
    "condition:radiculopathy": "B",
    "meadow OR violet": "C",
}
OF_FACTS = {
    "copper": "AC",
    "lantern": "AC",
    "NOT copper": "B",
    "copper AND NOT lantern": "",
    "radiculopathy": "B",
    "rationale:copper": "B",
    '"nothing more"': "A",
    "meadow OR violet": "B",
}
OF_ALL = {
    "copper": "ABC",
    "lantern": "AC",
    "NOT lantern": "B",
    "radiculopathy": "AB",
    '"nothing more"': "A",
    "meadow OR violet": "BC",
}


def test_words_are_looked_for_in_scope_and_fields_in_their_own_text(load: Loader) -> None:
    search = load(FACTS)

    assert found(search, DECISION, scope="decision") == DECISION
    assert found(search, DECISION) == DECISION | {'"nothing more"': "A"}
    assert found(search, OF_FACTS, scope="facts") == OF_FACTS
    assert found(search, OF_ALL, scope="all") == OF_ALL


MISSPELT = """
    A.1 upheld
    request: Gabapentin 300mg
    drugs: gabapentin
    rationale: Carpal tunnel syndrome, and a gabapentine of another sort. Tramadol.

    B.1 upheld
    request: Hydrocodone with acetaminophen
"""
MEANT = {
    "gabapentn": "gabapentin",
    "Gabapentn for lantern": "Gabapentin for lantern",
    "GABAPENTN": "GABAPENTIN",
    "carpal tunel syndrome": "carpal tunnel syndrome",
    "(tramadl OR knee) -drug:gabapentn": "(tramadol OR knee) -drug:gabapentin",
    "norcoo": "norco",
    "gabapentin": None,
    "gabapentine": None,
    '"gabapentn"': None,
    "metformn": None,
    "tunel": None,
    "lantern harbor": None,
    "which cases were denied": None,
}
"""Names that are not in the index are not offered, nor is another word that is."""


def test_misspelt_names_are_told_and_never_replaced(load: Loader) -> None:
    search = load(MISSPELT)

    assert {query: search(query).query.did_you_mean for query in MEANT} == MEANT
    assert search("gabapentn").total.matches == 0


def test_the_answer_shows_how_groups_and_field_terms_were_read(load: Loader) -> None:
    query = load(PILLS)(
        '(norco OR (knee AND NOT "red flags")) "lantern harbor"~5 acupunct* rationale:lantern '
        "-drug:tramadol denied"
    ).query

    assert [(c.kind, c.text, c.hard, c.negated) for c in query.clauses] == [
        ("any", 'norco OR (knee AND NOT "red flags")', True, False),
        ("near", '"lantern harbor"~5', True, False),
        ("prefix", "acupunct*", False, False),
        ("word", "rationale: lantern", True, False),
        ("field", "drug: tramadol", True, True),
    ]
    assert [(c.kind, c.label, c.text) for c in query.concepts] == [
        ("drug", "acetaminophen/hydrocodone", "norco"),
        ("body-part", "Knee", "knee"),
    ]
    assert [s.value for s in query.suggestions] == ["upheld"]


def test_near_words_rank_alike_however_near(load: Loader) -> None:
    answer = load(NEAR)('"lantern harbor"~3')

    assert [(row.id, row.score) for row in answer.results] == [
        ("A.1", 1.0), ("B.1", 1.0), ("D.1", 1.0),
    ]  # fmt: skip


PLAIN = """
    A.1 upheld
    request: Carpal tunnel release
    rationale: The worker has documented weakness.

    B.1 upheld
    request: Right shoulder arthroscopy
    rationale: The worker has documented stiffness, weakness is absent.

    C.1 upheld
    request: Left shoulder arthroscopy
    rationale: The worker has documented lanterns, and no weakness at all. Documantation is here.

    D.1 upheld
    request: Carpal tunnel splint
    rationale: Nothing.
"""
PLAIN_MEANT = {
    "carpal tunel": "carpal tunnel",
    "Documented weekness": "Documented weakness",
    "sholder arthroscopy": "shoulder arthroscopy",
    "docmuented stifness": "documented stifness",  # one has stiffness: too few to tell
    "documantation": None,  # a decision has it
    "xocumented": None,  # the first letter stands
    "weaknesses": None,
    '"weekness"': None,
}


@pytest.mark.parametrize(("letters", "looked_up"), [(LONGEST, True), (LONGEST + 1, False)])
def test_words_of_any_length_are_not_looked_up(letters: int, *, looked_up: bool) -> None:
    """A word has 52 spellings beside it for each of its letters."""
    word = "q" * letters
    asked: list[str] = []

    def near_words(of: str) -> dict[str, int]:
        asked.append(of)
        return {}

    assert corrected(word, [Written(word, 0, letters)], lambda _: 0, near_words) is None
    assert asked == [word] * looked_up


def test_so_are_plain_words_that_no_decision_has(load: Loader) -> None:
    search = load(PLAIN)

    assert {query: search(query).query.did_you_mean for query in PLAIN_MEANT} == PLAIN_MEANT
