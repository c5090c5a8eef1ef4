"""What a text that is being typed may become, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imr import fields
from imr.engines.open import Place, open_index, open_writer
from imr.errors import BadQueryError
from imr.search import filters
from imr.search.names import Name, Names, comparable
from imr.search.suggest import (
    KINDS,
    MAX_LENGTH,
    Completion,
    Suggester,
    SuggestKind,
    _vocabularies,
    kinds,
)
from tests.corpus import Loader, Search, put, read

CORPUS = """
    CM16-0000001.1 upheld 2016-05-01
    request: Norco 10/325mg #90
    drugs: acetaminophen, hydrocodone
    specialties: Pain Medicine
    conditions: Low back pain
    reviewer: MTUS: Chronic Pain Medical Treatment
    treatments: acupuncture

    CM16-0000001.2 upheld
    request: Norvasc
    drugs: amlodipine

    CM16-0000003.1 upheld
    request: Norvasc
    drugs: amlodipine
    specialties: Family Practice
    reviewer: ODG: Pain

    CM16-0000002.1 overturned
    request: Lumbar MRI
    treatments: mri
    body: low back
    reviewer: ODG: Low Back

    CM16-0123456.1 upheld
    request: Lumbar MRI
    treatments: mri
    reviewer: ODG: Low Back

    sha-0123456789ab.1 upheld
    request: A letter without a case number
"""


@pytest.fixture
def search(load: Loader) -> Search:
    return load(CORPUS)


def suggested(
    search: Search, text: str, *wanted: SuggestKind, limit: int = 10
) -> tuple[Completion, ...]:
    return Suggester()(search.engine, text, wanted or KINDS, limit).suggestions


def labels(search: Search, text: str, *wanted: SuggestKind) -> list[str]:
    return [each.label for each in suggested(search, text, *wanted)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("norc", ("drug", "acetaminophen/hydrocodone",
                     "Norco (acetaminophen/hydrocodone)", "drug"), id="a brand"),
        pytest.param("amlod", ("drug", "amlodipine", "amlodipine", "drug"), id="an ingredient"),
        pytest.param("opioi", ("drug-class", "opioid", "Opioids", "drug_class"), id="a class"),
        pytest.param("esi", ("treatment", "epidural-steroid-injection",
                     "ESI (Epidural steroid injection)", "treatment"), id="a short name"),
        pytest.param("low back", ("body-part", "low back", "Low back", "body_part"),
                     id="a part of the body"),
        pytest.param("LOW-BACK PAIN", ("condition", "low-back-pain", "Low back pain", "condition"),
                     id="a condition, in capitals and with a hyphen"),
        pytest.param("odg: l", ("guideline", "ODG: Low Back", "ODG: Low Back", "guideline"),
                     id="a guideline of the index"),
        pytest.param("medical treatm", ("guideline", "MTUS: Chronic Pain Medical Treatment",
                     "MTUS: Chronic Pain Medical Treatment", "guideline"), id="by a later word"),
        pytest.param("family", ("specialty", "Family Practice", "Family Practice", "specialty"),
                     id="a specialty of the index"),
        pytest.param("CM16-0123456", ("case-number", "CM16-0123456", "CM16-0123456", None),
                     id="a case number"),
        pytest.param("hydrocodone acet", ("drug", "acetaminophen/hydrocodone",
                     "hydrocodone/acetaminophen (acetaminophen/hydrocodone)", "drug"),
                     id="a combination the other way round"),
    ],
)  # fmt: skip
def test_a_beginning_is_completed(
    text: str, first: tuple[str, str, str, str | None], search: Search
) -> None:
    found = suggested(search, text)[0]

    assert (found.kind, found.value, found.label, found.field) == first


def test_what_the_index_has_most_comes_first(search: Search) -> None:
    """Norvasc was asked for twice, Norco once, Normodyne never."""
    brands = [label.split(" ")[0] for label in labels(search, "nor", "drug")]

    assert brands[:2] == ["Norvasc", "Norco"]


def test_labels_come_before_other_names_that_begin_so(search: Search) -> None:
    """The index has none of them."""
    found = labels(search, "cervical", "condition")
    begun = [each for each in found if each.lower().startswith("cervical")]

    assert len(begun) > 3
    assert sorted(begun, key=lambda label: "(" in label) == begun


def test_each_value_is_suggested_once_by_its_nearest_name(search: Search) -> None:
    found = suggested(search, "mri", limit=50)

    assert len({(each.kind, each.value) for each in found}) == len(found)
    assert found[0].label == "MRI"


def test_only_the_kinds_asked_for_are_suggested(search: Search) -> None:
    assert {each.kind for each in suggested(search, "pain", "guideline", "specialty")} == {
        "guideline", "specialty",
    }  # fmt: skip
    assert suggested(search, "CM16-00", "drug") == ()


def test_every_suggestion_is_a_filter(search: Search) -> None:
    for text in ("norc", "amlod", "opioi", "mri", "low", "odg", "pain", "family", "lidod"):
        for each in suggested(search, text, limit=50):
            assert each.field is not None
            assert search("", filters={each.field: each.value}).total.listed >= 0


def test_every_label_of_the_vocabularies_filters_by_its_codes() -> None:
    labelled = {(name.kind, name.label): name for _, name in _vocabularies()._names}
    field_of = {str(field.concept): field for field in fields.FILTERED}

    assert len(labelled) > 1_000
    for (kind, _), name in labelled.items():
        assert filters.keyword(field_of[kind], name.value, lambda _: ()) == name.codes


# typos


@pytest.mark.parametrize(
    ("text", "label"),
    [
        pytest.param("nocro", "Norco (acetaminophen/hydrocodone)", id="two letters changed about"),
        pytest.param("amlodpi", "amlodipine", id="a letter missing"),
        pytest.param("amlodippi", "amlodipine", id="a letter too many"),
        pytest.param("amlotipi", "amlodipine", id="another letter"),
        pytest.param("emlodipi", "amlodipine", id="another first letter"),
        pytest.param("odg lwo b", "ODG: Low Back", id="in a value of the index"),
        pytest.param("family pratice", "Family Practice", id="in a later word"),
        pytest.param("lowback", "Low back", id="a blank missing"),
    ],
)
def test_one_typo_is_forgiven(text: str, label: str, search: Search) -> None:
    assert label in labels(search, text)


@pytest.mark.parametrize("text", ["amldopni", "norvsc amlo", "nrc", "zzzzzz"])
def test_two_typos_are_not_nor_is_one_in_a_short_text(text: str, search: Search) -> None:
    assert labels(search, text) == []


def test_typos_are_looked_for_only_where_nothing_begins_so(search: Search) -> None:
    """Norva is one letter from Norvir, too."""
    assert {label.split(" ")[0] for label in labels(search, "norva", "drug")} == {"Norvasc"}


# case numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CM16", ["CM16-0000001", "CM16-0000002", "CM16-0000003", "CM16-0123456"]),
        ("cm16-00", ["CM16-0000001", "CM16-0000002", "CM16-0000003"]),
        (" cm16 00 ", ["CM16-0000001", "CM16-0000002", "CM16-0000003"]),
        ("CM160123", ["CM16-0123456"]),
        ("CM16\u20130123456", ["CM16-0123456"]),
        ("CM16-0000009", []),
        ("CM17", []),
        ("CM16-01234567", []),
        ("sha-01", []),
    ],
)
def test_case_numbers_are_completed_in_order(text: str, found: list[str], search: Search) -> None:
    assert labels(search, text, "case-number") == found
    assert [each.value for each in suggested(search, text, "case-number", limit=2)] == found[:2]


def test_what_was_removed_is_neither_counted_nor_suggested(tmp_path: Path) -> None:
    place = Place(tmp_path, None, "")
    put(read(CORPUS), place)
    suggest = Suggester()
    before = suggest(open_index(place).current(), "odg pain", KINDS)
    with open_writer(place, None) as writer:
        writer.remove("CM16-0000003")
    engine = open_index(place).current()

    assert [each.label for each in before.suggestions] == ["ODG: Pain"]
    assert suggest(engine, "odg pain", KINDS).suggestions == ()
    assert engine.value_counts(["drug"])["drug"]["amlodipine"] == 1
    assert engine.letters_beginning("CM16-000", 9) == ["CM16-0000001", "CM16-0000002"]


def test_many_letters_are_completed_in_order(tmp_path: Path) -> None:
    numbers = [f"CM{year}-{number * 37 % 1000:07}" for year in (16, 14) for number in range(200)]
    put(read("\n\n".join(f"{n}.1 upheld\nrequest: x" for n in numbers)), Place(tmp_path, None, ""))
    engine = open_index(Place(tmp_path, None, "")).current()

    for prefix in ("", "CM", "CM16-", "CM14-0000", "CM16-00001", "CM16-0000037", "sha"):
        expected = sorted(number for number in numbers if number.startswith(prefix))
        for limit in (0, 1, 7, 1000):
            assert engine.letters_beginning(prefix, limit) == expected[:limit]


# anything typed


@pytest.mark.parametrize(
    "text",
    ["", " ", "a", "\x00\x00\x00", "\ud83d\ud83d", "\u202e\u05d1\u05d2", ".*", "[", "((((", "%%",
     "CM16-" + 60 * "9", "\u0661\u0662\u0663", "\U0001f600" * 50,
     MAX_LENGTH * "a", "a b " * 50, "+-\"'"],
)  # fmt: skip
def test_whatever_is_typed_has_an_answer(text: str, search: Search) -> None:
    assert suggested(search, text) == ()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80), st.integers(1, 20))
def test_no_text_fails(text: str, limit: int) -> None:
    found = [*_vocabularies().beginning(comparable(text) or "a")][:limit]

    assert all(each.name.kind in KINDS for each in found)


def test_kinds_are_named_in_one_text() -> None:
    assert kinds(None) == kinds("") == KINDS
    assert kinds(" guideline , drug") == ("drug", "guideline")
    with pytest.raises(BadQueryError, match=r"there is no kind 'drugs': there is drug$"):
        kinds("drugs")


# against looking at every name

WORDS = st.text("ab1", min_size=1, max_size=4)
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


def beginnings(text: str) -> list[str]:
    return [text[at:] for at in range(len(text)) if at == 0 or text[at - 1] == " "]


def one_apart(text: str, other: str) -> bool:
    """Whether one letter more, less, other, or two changed about make one the other."""
    if len(text) == len(other):
        apart = [at for at in range(len(text)) if text[at] != other[at]]
        swapped = len(apart) == 2 and apart[1] == apart[0] + 1
        return len(apart) == 1 or (
            swapped and text[apart[0]] == other[apart[1]] and text[apart[1]] == other[apart[0]]
        )
    short, long = sorted((text, other), key=len)
    return len(long) == len(short) + 1 and any(
        long[:at] + long[at + 1 :] == short for at in range(len(long))
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, max_size=12, unique=True), TEXTS)
def test_names_are_found_as_by_looking_at_each(texts: list[str], typed: str) -> None:
    names = Names(Name("drug", text, text, text, (text,), own=True) for text in texts)

    assert {each.name.text for each in names.beginning(typed)} == {
        text for text in texts if any(rest.startswith(typed) for rest in beginnings(text))
    }
    if len(typed) >= 4:
        assert {each.name.text for each in names.nearly_beginning(typed)} == {
            text
            for text in texts
            for rest in beginnings(text)
            if any(one_apart(typed, rest[:end]) for end in range(1, len(rest) + 1))
        }
