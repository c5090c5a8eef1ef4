"""The outcome balance, on both engines and at both doors."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from cli import draw_outcomes
from imr.engines.open import Place
from imr.errors import BadQueryError
from imr.precedents.outcomes import BY_OUTCOME, Asked, OutcomesResponse, Row, outcomes
from imr.search.request import Request
from tests.corpus import Loader, Search, put, read

CORPUS = """
A.1 overturned 2016-05-01
request: Norco 10/325mg #90
drugs: acetaminophen, hydrocodone
category: medication
reviewer: MTUS: Chronic Pain Medical Treatment; ODG
rationale: Function improved.

A.2 upheld
request: Percocet 10/325mg #60
drugs: acetaminophen, oxycodone
category: medication
reviewer: ODG
rationale: Function did not improve.

B.1 upheld 2015-05-01
request: Norco 5/325mg #60
drugs: acetaminophen, hydrocodone
category: medication
reviewer: MTUS: Chronic Pain Medical Treatment
rationale: Nothing shows improved function.

C.1 upheld 2015-06-01
request: MRI of the lumbar spine
category: imaging
reviewer: ODG
rationale: There are no red flags, and foot drop is absent.
summary: A fall from a ladder.
"""


@pytest.fixture
def search(load: Loader) -> Search:
    return load(CORPUS)


def asked(
    search: Search, text: str = "", *by: str, least: int = 1, **more: str
) -> OutcomesResponse:
    pairs = tuple((name.replace("__", "."), value) for name, value in more.items())
    request = Request(text=text, filters=pairs)
    return outcomes(search.engine, Asked(request, by, least=least))


def told(rows: tuple[Row, ...]) -> dict[str, tuple[float, int, float, int]]:
    """Overturned of total decisions, and of letters, by the values."""
    return {
        " & ".join(named.value for named in row.values): (
            row.decisions.overturned, row.decisions.total,
            row.letters.overturned, row.letters.total,
        )
        for row in rows
    }  # fmt: skip


def test_each_value_has_its_decisions_and_its_letters(search: Search) -> None:
    found = asked(search, "", "drug")

    assert told(found.rows) == {
        # the letter A has both outcomes among its acetaminophen: half of it is overturned
        "acetaminophen": (1, 3, 0.5, 2),
        "hydrocodone": (1, 2, 1, 2),
        "oxycodone": (0, 1, 0, 1),
    }
    assert told((found.all,)) == {"": (1, 4, 0.5, 3)}
    assert (found.corpus.overturn_rate, found.distinct) == (0.25, 3)


def test_two_fields_are_told_together(search: Search) -> None:
    assert told(asked(search, "", "category", "guideline").rows) == {
        "medication & MTUS: Chronic Pain Medical Treatment": (1, 2, 1, 2),
        "medication & ODG": (1, 2, 0.5, 1),
        "imaging & ODG": (0, 1, 0, 1),
    }


def test_the_balance_is_of_the_matches_under_the_filters(search: Search) -> None:
    assert told(asked(search, "norco", "year").rows) == {"2016": (1, 1, 1, 1), "2015": (0, 1, 0, 1)}
    assert told((asked(search, "", category="imaging").all,)) == {"": (0, 1, 0, 1)}
    assert asked(search, "quagga", "year").rows == ()


def test_an_outcome_filter_is_left_out_and_said(search: Search) -> None:
    found = asked(search, "", "category", outcome="overturned", not__outcome="upheld")

    assert found.all == asked(search).all
    assert [said for said in found.query.warnings if "outcome filter" in said]


def test_text_that_stands_in_the_facts_only_is_found_as_a_search_finds_it(search: Search) -> None:
    found = asked(search, '"fall from a ladder"')

    assert found.all.decisions.total == 1
    assert [said for said in found.query.warnings if "scope=all" in said]


def test_rows_of_too_few_decisions_can_be_left_out(search: Search) -> None:
    assert list(told(asked(search, "", "drug", least=2).rows)) == ["acetaminophen", "hydrocodone"]


@pytest.mark.parametrize("by", [("dose",), ("drug", "drug"), ("drug", "year", "sex"), ("outcome",)])
def test_what_can_not_be_told_by_is_refused(search: Search, by: tuple[str, ...]) -> None:
    with pytest.raises(BadQueryError):
        asked(search, "", *by)


def many(load: Loader) -> Search:
    """Of imaging 12 of 12 are overturned, of surgery 1 of 24, of massage 1 of 1."""
    ended = [("imaging", "overturned")] * 12 + [("surgery", "upheld")] * 23
    ended += [("surgery", "overturned"), ("massage", "overturned"), ("other", "upheld")]
    ended += [("dme", "upheld"), ("dme", "overturned")] * 6
    blocks = (
        f"L{at}.1 {outcome} 2016-01-01\ncategory: {category}\nrationale: Said of {at}.\n"
        for at, (category, outcome) in enumerate(ended)
    )
    return load("\n".join(blocks))


def test_what_differs_most_from_the_corpus_comes_first(load: Loader) -> None:
    found = asked(many(load), "", "category")

    assert [row.values[0].value for row in found.rows] == [
        "imaging", "surgery", "dme", "massage", "other",
    ]  # fmt: skip
    corpus = found.corpus.overturn_rate
    assert corpus == 0.4
    imaging, surgery, dme, massage, _ = found.rows
    assert surgery.decisions.interval is not None
    assert surgery.distance == pytest.approx(corpus - surgery.decisions.interval[1], abs=1e-4)
    assert imaging.decisions.interval is not None
    assert imaging.distance == pytest.approx(imaging.decisions.interval[0] - corpus, abs=1e-4)
    assert (dme.distance, massage.distance) == (0, 0)
    assert [row.few for row in found.rows] == [False, False, False, True, True]


def test_many_decisions_of_few_letters_are_few(load: Loader) -> None:
    """Fifteen decisions of two letters are two cases."""
    blocks = [
        f"{letter}.{item} upheld\ncategory: {category}\nrationale: Said of {letter} {item}.\n"
        for letter, category, items in (("A", "imaging", 8), ("B", "imaging", 7))
        for item in range(1, items + 1)
    ]
    blocks += [f"L{at}.1 overturned\ncategory: surgery\nrationale: On {at}.\n" for at in range(10)]
    found = asked(load("\n".join(blocks)), "", "category")

    by_value = {row.values[0].value: row for row in found.rows}
    imaging = by_value["imaging"]
    assert (imaging.decisions.total, imaging.letters.total, imaging.few) == (15, 2, True)
    assert not by_value["surgery"].few
    lines = [str(line) for line in draw_outcomes.drawn(found).renderables]
    (drawn,) = (line for line in lines if line.startswith("Imaging"))
    assert drawn.endswith("few (under 10 letters)")
    assert "few" not in next(line for line in lines if line.startswith("Surgery"))


def test_a_balance_by_reason_says_that_it_is_circular(search: Search) -> None:
    for found in (
        asked(search, "", "reason"),
        asked(search, "", "year", reason="no-red-flags-or-deficit"),
    ):
        assert BY_OUTCOME in found.note
    unlike = asked(search, "", "year", not__reason="no-red-flags-or-deficit")
    for found in (asked(search, "", "drug"), asked(search), unlike):
        assert BY_OUTCOME not in found.note


# through HTTP


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    place = Place(tmp_path_factory.mktemp("outcomes") / "index", None, "")
    put(read(CORPUS), place)
    return TestClient(create_app(Service(place, None)))


def test_http_gives_the_same_body(http: TestClient) -> None:
    body = http.get("/v1/outcomes", params={"q": "norco", "by": "drug,year", "size": 1}).json()

    assert body["by"] == ["drug", "year"]
    assert (len(body["rows"]), body["distinct"]) == (1, 4)
    assert body["rows"][0]["values"][0]["label"] == "acetaminophen"
    assert "not independent" in body["note"]


def test_http_names_what_it_does_not_know(http: TestClient) -> None:
    for params in ({"by": "dose"}, {"colour": "red"}, {"by": "drug", "drug": "unheard of"}):
        answer = http.get("/v1/outcomes", params=params)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "bad-query")


def test_every_filter_is_described_for_outcomes(http: TestClient) -> None:
    told_ = http.get("/openapi.json").json()["paths"]["/v1/outcomes"]["get"]["parameters"]

    assert {"q", "by", "drug", "not.drug", "age.min"} <= {each["name"] for each in told_}
