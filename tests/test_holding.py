"""What is told to hold in a decision is what the engine finds it by."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imr import fields
from imr.engines.protocol import Hit
from imr.search.holding import Asked, Found
from imr.search.plan import Clause, ConceptClause, Filter, Plan, Scope, make
from tests.corpus import Loader, Search

CORPUS = """
    A.1 upheld 2016-05-01
    request: Norco 10/325mg #90
    category: medication
    drugs: acetaminophen, hydrocodone
    reviewer: MTUS: Chronic Pain Medical Treatment > Opioids, criteria for use; ODG: Pain
    rationale: The care was conservative. Failed care; conservative measures failed.
    summary: A cook with a lumbar sprain.

    A.2 overturned
    request: Acupuncture, 6 visits
    category: acupuncture
    treatments: acupuncture
    rationale: Acupressure failed, so conservative care goes on.

    B.1 upheld 2016-06-01
    request: MRI of the lumbar spine
    category: imaging
    treatments: mri
    body: low back
    reviewer: ODG: Low Back > Magnetic resonance imaging
    rationale: No red flags. Hydrocodone was tried.
    summary: Failed conservative care. Conservative.

    C.1 upheld
    request: X-ray
    summary: Nothing.

    D.1 overturned
    request: Something tagged but not named
    drugs: hydrocodone, acetaminophen
    treatments: mri
"""

NORCO = ConceptClause(
    "acetaminophen+hydrocodone", "drug", "Norco", "drug", ("acetaminophen", "hydrocodone"),
    ("norco", "hydrocodone/acetaminophen"),
)  # fmt: skip
MRI = ConceptClause(
    "mri", "treatment", "MRI", "treatment", ("mri",), ("mri", "magnetic resonance imaging")
)
SPRAIN = ConceptClause("sprain", "condition", "Sprain", None, ("sprain",), ("lumbar sprain",))

BOUND = st.sampled_from([None, *(text.name for text in fields.TEXTS)])
WORDS = st.sampled_from(
    "care failed conservative acupuncture lumbar red flags mri 10/325 x-ray odg zebra".split()
)
LEAVES = st.one_of(
    st.builds(lambda w, f: Clause("word", w, field=f), WORDS, BOUND),
    st.builds(
        lambda a, b, f: Clause("phrase", f"{a} {b}", field=f), WORDS, WORDS, BOUND
    ),
    st.builds(
        lambda pair, s, f: Clause("near", " ".join(pair), slop=s, field=f),
        st.lists(WORDS, min_size=2, max_size=2, unique=True), st.integers(1, 5), BOUND,
    ),
    st.builds(
        lambda w, f: Clause("prefix", w, field=f),
        st.sampled_from(["acup", "conserv", "fl", "m", "10", "zeb"]), BOUND,
    ),
    st.builds(
        lambda c, f: Clause("concept", c.label, concept=c, field=f),
        st.sampled_from([NORCO, MRI, SPRAIN]), BOUND,
    ),
    st.builds(
        lambda asked: Clause("field", str(asked), filter=asked),
        st.sampled_from(
            [
                Filter("outcome", (("upheld",),)),
                Filter("drug", (("acetaminophen", "hydrocodone"), ("ibuprofen",))),
                Filter("decided", ranges=(("2016-05-15", None),)),
            ]
        ),
    ),
)  # fmt: skip


def signed(clauses: st.SearchStrategy[Clause]) -> st.SearchStrategy[Clause]:
    return st.builds(
        lambda c, negated: Clause(
            c.kind, c.text, c.hard, negated, c.concept, c.field, c.slop, c.filter, c.parts
        ),
        clauses, st.booleans(),
    )  # fmt: skip


CLAUSES = st.recursive(
    LEAVES,
    lambda parts: st.builds(
        lambda kind, of: Clause(kind, "", parts=tuple(of)),
        st.sampled_from(["any", "all"]), st.lists(signed(parts), min_size=2, max_size=3),
    ),
    max_leaves=5,
)  # fmt: skip


@pytest.fixture
def search(load: Loader) -> Search:
    return load(CORPUS)


def every(search: Search) -> list[Hit]:
    return search.engine.newest(Plan(), 100)


def found(search: Search, plan: Plan) -> dict[str, Found]:
    hits = every(search)
    records = search.engine.fetch([hit.id for hit in hits])
    return Asked(plan).found(search.engine, hits, records)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(clause=CLAUSES, scope=st.sampled_from(["decision", "facts", "all"]))
def test_a_clause_holds_where_the_engine_finds_it(
    clause: Clause, scope: Scope, search: Search
) -> None:
    plan = Plan(must=(clause,), scope=scope)
    names = [text.name for text in plan.texts]

    told = {id_: each.standing(clause, names) for id_, each in found(search, plan).items()}

    assert {id_ for id_, each in told.items() if each.holds} == search.engine.matching(
        plan, every(search)
    )
    assert all(each.holds or not each.where for each in told.values())


def test_where_a_concept_holds(search: Search) -> None:
    clause = Clause("concept", "norco", concept=NORCO)
    plan = make([clause], ())

    told = {
        id_: each.standing(clause, Asked(plan).scope).where
        for id_, each in found(search, plan).items()
    }

    assert told == {"A.1": ("request", "tag"), "A.2": (), "B.1": (), "C.1": (), "D.1": ("tag",)}


def test_where_a_word_holds_in_all_texts(search: Search) -> None:
    clause = Clause("word", "lumbar")
    plan = make([clause], (), scope="all")

    told = {
        id_: each.standing(clause, Asked(plan).scope).where
        for id_, each in found(search, plan).items()
    }

    assert told == {
        "A.1": ("summary",), "A.2": ("summary",), "B.1": ("request",), "C.1": (), "D.1": (),
    }  # fmt: skip


def test_texts_are_read_only_where_they_are_looked_into(search: Search) -> None:
    in_request = Clause("word", "lumbar", field="request")
    anywhere = Clause("word", "lumbar")

    assert Asked(make([in_request], (), scope="all")).texts == ("request",)
    assert Asked(make([anywhere], ())).texts == ("request", "rationale", "cited")
    assert Asked(make([anywhere], (), scope="facts")).texts == ("request", "summary")
    everything = found(search, make([anywhere], (), scope="all"))
    assert set(everything["A.1"].texts) == {text.name for text in fields.TEXTS}


def test_what_may_not_hold_is_no_leaf() -> None:
    wanted, barred = Clause("word", "care"), Clause("word", "failed", negated=True)
    group = Clause("any", "care OR -failed", hard=True, parts=(wanted, barred))
    excluded = Clause("all", "x", hard=True, negated=True, parts=(Clause("word", "odg"),))

    assert Asked(make([group, excluded], ())).leaves == (wanted,)
