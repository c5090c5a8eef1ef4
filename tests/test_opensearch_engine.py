"""The OpenSearch engine on a real node: each method says what the documents themselves say."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pytest

from imr import fields
from imr.engines.document import Document, documents
from imr.engines.opensearch import engine as engines
from imr.engines.opensearch import mapping, tallies
from imr.engines.opensearch import writer as writers
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.engine import OpenSearchEngine
from imr.engines.opensearch.generations import Generations
from imr.engines.opensearch.patience import Patience
from imr.engines.opensearch.sending import Sending
from imr.engines.opensearch.writer import OpenSearchWriter
from imr.engines.protocol import Hit
from imr.engines.signature import current
from imr.errors import EngineUnreachableError, IndexMismatchError, IndexMissingError
from imr.fields import Scope
from imr.model import Determination
from imr.search import plan as plans
from imr.search.plan import Clause, ConceptClause, Filter, Plan
from imr.text.analysis import tokens
from imr.text.embedding import Vectors
from imr.text.model_files import BGE_SMALL
from samples import stream
from tests.node.proxy import Proxy

SIGNATURE = current(BGE_SMALL)
UPHELD = Filter("outcome", (("upheld",),))
OVERTURNED = Filter("outcome", (("overturned",),))
NO_MEDICATION = Filter("category", (("medication",),), negated=True)
DECISION_TEXTS = [field.name for field in fields.texts("decision")]
FACETS = [field.name for field in fields.FACETS]
WORD = Clause("word", "improvement")
PHRASE = Clause("phrase", "physical therapy", hard=True)
EXCLUDED = Clause("word", "lumbar", hard=True, negated=True)
HYDROCODONE = Clause(
    "concept",
    "hydrocodone",
    concept=ConceptClause(
        "hydrocodone", "drug", "hydrocodone", "drug", ("hydrocodone",), ("hydrocodone", "norco")
    ),
)
ABSENT_WORD = Clause("word", "zebra")


@dataclass(frozen=True)
class Corpus:
    """Letters with their documents, and the node's engine over them."""

    letters: list[Determination]
    documents: dict[str, Document]
    engine: OpenSearchEngine
    url: str
    name: str

    def where(self, holds: Callable[[Document], bool]) -> set[str]:
        return {id_ for id_, document in self.documents.items() if holds(document)}


def unit_vectors(count: int, seed: int) -> Vectors:
    """Made-up passages, rounded as the model's are."""
    vectors = np.random.default_rng(seed).normal(size=(count, BGE_SMALL.dimension))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


def documents_of(letter: Determination, *, vectors: bool = True) -> list[Document]:
    """Each decision has one or two passages."""
    spans = [[(10 * n, 10 * n + 10) for n in range(1 + d.number % 2)] for d in letter.decisions]
    seed = int(letter.id.rpartition("-")[2])
    made = [unit_vectors(len(s), 100 * seed + at) for at, s in enumerate(spans)]
    return list(documents(letter, spans, made if vectors else None))


def hits_of(ids: Iterable[str]) -> list[Hit]:
    return [Hit(id_, id_.rpartition(".")[0], 0.0) for id_ in ids]


def says(document: Document, text: str, *names: str) -> bool:
    """Whether the tokens of a phrase stand in one of the texts."""
    words = f" {' '.join(tokens(text))} "
    return any(
        words in f" {' '.join(tokens(document.texts[name]))} " for name in names or DECISION_TEXTS
    )


@pytest.fixture
def index(opensearch_url: str) -> Iterator[Cluster]:
    """A name of the test's own, deleted afterwards."""
    cluster = Cluster(opensearch_url, f"engine-{uuid.uuid4().hex[:8]}")
    yield cluster
    Generations(cluster).delete()


@pytest.fixture(scope="module", params=[1, 3], ids=["one shard", "three shards"])
def corpus(request: pytest.FixtureRequest, opensearch_url: str) -> Iterator[Corpus]:
    """Sixty letters; the second has no date."""
    name = f"engine-{uuid.uuid4().hex[:8]}"
    first, second, *others = islice(stream(7), 60)
    undated = second.model_copy(
        update={"dates": second.dates.model_copy(update={"decision": None})}
    )
    letters = [first, undated, *others]
    made = {letter.id: documents_of(letter) for letter in letters}
    cluster = Cluster(opensearch_url, name)
    with OpenSearchWriter(cluster, SIGNATURE, shards=request.param) as writer:
        for letter, several in made.items():
            writer.replace(letter, several)
    by_id = {document.id: document for several in made.values() for document in several}
    yield Corpus(letters, by_id, OpenSearchEngine(cluster), opensearch_url, name)
    Generations(cluster).delete()


def test_the_keyword_leg_finds_what_holds_any_soft_clause(corpus: Corpus) -> None:
    plan = plans.make([WORD, HYDROCODONE, EXCLUDED], [UPHELD])
    hits = corpus.engine.keyword(plan, 1_000)

    def expected(document: Document) -> bool:
        soft = (
            says(document, "improvement")
            or says(document, "norco")
            or says(document, "hydrocodone")
            or "hydrocodone" in document.keywords["drug"]
        )
        upheld = document.keywords["outcome"] == ("upheld",)
        return soft and upheld and not says(document, "lumbar")

    assert {hit.id for hit in hits} == corpus.where(expected)
    assert hits
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.id))
    assert all(hit.determination == corpus.documents[hit.id].determination for hit in hits)


def test_required_text_holds_and_scores(corpus: Corpus) -> None:
    hits = corpus.engine.keyword(plans.make([PHRASE], []), 1_000)
    assert {hit.id for hit in hits} == corpus.where(lambda d: says(d, "physical therapy"))
    assert all(hit.score > 0 for hit in hits)
    under_a_filter = corpus.engine.keyword(plans.make([PHRASE], [UPHELD]), 1_000)
    scores = {hit.id: hit.score for hit in hits}
    assert under_a_filter
    assert all(hit.score == scores[hit.id] for hit in under_a_filter), "filters don't score"


def test_a_tag_alone_scores_its_constant(corpus: Corpus) -> None:
    """Lucene's scale, with which the embedded engine's constants agree."""
    nameless = ConceptClause("x", "drug", "x", "drug", ("hydrocodone",), ("zebra",))
    plan = plans.make([Clause("concept", "x", concept=nameless)], [])
    hits = corpus.engine.keyword(plan, 10)
    tagged = corpus.where(lambda d: "hydrocodone" in d.keywords["drug"])
    assert {(hit.id, hit.score) for hit in hits} == {(id_, plans.TAG_SCORE) for id_ in tagged}
    assert tagged


def test_ties_at_the_cut_are_all_given(corpus: Corpus) -> None:
    """All decisions tie here, more than were first asked for."""
    outcome = ConceptClause("x", "drug", "x", "outcome", ("upheld",), ("zebra",))
    plan = plans.make([Clause("concept", "x", concept=outcome)], [])
    hits = corpus.engine.keyword(plan, 3)
    upheld = corpus.where(lambda d: d.keywords["outcome"] == ("upheld",))
    assert len(upheld) > 60
    assert [hit.id for hit in hits] == sorted(upheld)


def test_a_cut_without_ties_is_exact(corpus: Corpus) -> None:
    plan = plans.make([WORD], [])
    every = corpus.engine.keyword(plan, 1_000)
    cut = next(n for n in range(3, len(every)) if every[n - 1].score > every[n].score)
    assert corpus.engine.keyword(plan, cut) == every[:cut]


def test_nothing_to_score_is_an_empty_leg(corpus: Corpus) -> None:
    assert corpus.engine.keyword(plans.make([EXCLUDED], [UPHELD]), 10) == []
    assert corpus.engine.keyword(plans.make([ABSENT_WORD], []), 10) == []


def test_matching_asks_for_enough_clauses(corpus: Corpus) -> None:
    words = ["improvement", "functional", "documentation", "therapy"]
    plan = plans.make([Clause("word", word) for word in words], [])
    matching = corpus.engine.keyword(plan, 1_000, matching=True)
    expected = corpus.where(lambda d: sum(says(d, word) for word in words) >= 3)
    assert {hit.id for hit in matching} == expected
    assert 0 < len(expected) < len(corpus.engine.keyword(plan, 1_000))


def test_a_concept_alone_matches_where_it_was_requested(corpus: Corpus) -> None:
    def requested(document: Document) -> bool:
        named = says(document, "norco", "request") or says(document, "hydrocodone", "request")
        return named or "hydrocodone" in document.keywords["drug"]

    hits = corpus.engine.newest(plans.make([HYDROCODONE], []), 1_000)
    assert {hit.id for hit in hits} == corpus.where(requested)
    assert hits


def nearest_of(corpus: Corpus, ids: set[str], vector: Vectors) -> dict[str, tuple[float, int]]:
    """Each decision's best cosine and which passage it is of."""
    best = {}
    for id_ in ids:
        made = corpus.documents[id_].vectors
        assert made is not None
        products = made @ vector
        best[id_] = (float(products.max()), int(products.argmax()))
    return best


@pytest.mark.parametrize("exact", [True, False], ids=["compared", "by the graph"])
def test_the_nearest_are_under_all_hard_clauses(
    corpus: Corpus,
    exact: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not exact:
        monkeypatch.setattr(engines, "EXACT_UP_TO", 0)
    vector = unit_vectors(1, seed=0)[0]
    plan = plans.make([WORD, EXCLUDED], [UPHELD, NO_MEDICATION], vector=vector)
    allowed = corpus.where(
        lambda d: (
            d.keywords["outcome"] == ("upheld",)
            and "medication" not in d.keywords["category"]
            and not says(d, "lumbar")
        )
    )
    best = nearest_of(corpus, allowed, vector)
    hits = corpus.engine.nearest(plan, 10)

    assert {hit.id for hit in hits} == set(sorted(best, key=lambda id_: -best[id_][0])[:10])
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.id))
    for hit in hits:
        cosine, passage = best[hit.id]
        assert hit.score == pytest.approx(cosine, abs=1e-5)
        assert hit.passage == corpus.documents[hit.id].passages[passage]


def test_cosines_below_nought_are_told_too(corpus: Corpus) -> None:
    vector = unit_vectors(1, seed=0)[0]
    hits = corpus.engine.nearest(plans.make([], [], vector=vector), 1_000)
    best = nearest_of(corpus, set(corpus.documents), vector)
    assert {hit.id for hit in hits} == set(best)
    assert hits[-1].score < 0
    assert all(hit.score == pytest.approx(best[hit.id][0], abs=1e-5) for hit in hits)


def test_without_a_vector_there_is_no_semantic_leg(corpus: Corpus) -> None:
    assert corpus.engine.nearest(plans.make([WORD], []), 10) == []


@pytest.mark.parametrize("scope", ["decision", "facts", "all"])
def test_legs_and_counts_come_in_one_call(corpus: Corpus, scope: Scope) -> None:
    vector = unit_vectors(1, seed=0)[0]
    asked = plans.make([WORD], [UPHELD], scope=scope)
    near = plans.make([WORD], [UPHELD], scope=scope, vector=vector)

    def answers(engine: OpenSearchEngine) -> list[object]:
        return [
            engine.keyword(asked, 5), engine.nearest(near, 5), engine.count(asked, FACETS),
            engine.corpus_outcomes(),
        ]  # fmt: skip

    with Proxy(corpus.url, lambda *_: "pass") as proxy:
        engine = OpenSearchEngine(Cluster(proxy.url, corpus.name))
        engine.foresee(asked, 5, FACETS, lambda: vector)
        before = len(proxy.asked)
        ahead = answers(engine)
        assert len(proxy.asked) == before
    assert ahead == answers(OpenSearchEngine(Cluster(corpus.url, corpus.name)))


def test_counts_are_exact_and_each_facet_ignores_its_own_filter(corpus: Corpus) -> None:
    plan = plans.make([WORD], [OVERTURNED, NO_MEDICATION])
    counts = corpus.engine.count(plan, FACETS)

    def text(document: Document) -> bool:
        said = says(document, "improvement")
        return said and "medication" not in document.keywords["category"]

    wider = corpus.where(text)
    matched = {i for i in wider if corpus.documents[i].keywords["outcome"] == ("overturned",)}
    assert matched
    assert counts.matches == len(matched)
    assert corpus.engine.matching(plan, hits_of(corpus.documents)) == matched
    letters = {corpus.documents[id_].determination for id_ in matched}
    assert counts.determinations == len(letters)
    for name in FACETS:
        counted = wider if name == "outcome" else matched
        values = [value for id_ in counted for value in corpus.documents[id_].keywords[name]]
        assert counts.facets[name] == Counter(values), name


def test_a_plan_of_nothing_counts_everything(corpus: Corpus) -> None:
    counts = corpus.engine.count(Plan(), ["category"])
    assert counts.matches == len(corpus.documents)
    assert counts.determinations == len(corpus.letters)
    assert corpus.engine.matching(Plan(), hits_of(["no such id"])) == frozenset()


@pytest.mark.parametrize("oldest", [False, True])
def test_dates_order_a_browse_with_unknown_ones_last(
    corpus: Corpus,
    oldest: bool,  # noqa: FBT001
) -> None:
    def place(id_: str) -> tuple[bool, int, str]:
        day = corpus.documents[id_].ranged["decided"]
        number = int(str(day).replace("-", "")) if day else 0
        return day is None, number if oldest else -number, id_

    hits = corpus.engine.newest(Plan(), 1_000, oldest=oldest)
    assert [hit.id for hit in hits] == sorted(corpus.documents, key=place)
    assert {hit.score for hit in hits} == {0.0}
    assert corpus.engine.newest(Plan(), 7, oldest=oldest) == hits[:7]


def test_stored_decisions_come_back(corpus: Corpus) -> None:
    letter = corpus.letters[0]
    ids = [decision.id for decision in letter.decisions]
    fetched = corpus.engine.fetch([*ids, "no such id"])
    assert {id_: stored.decision for id_, stored in fetched.items()} == {
        decision.id: decision for decision in letter.decisions
    }
    assert {stored.determination for stored in fetched.values()} == {letter.id}
    assert corpus.engine.fetch([]) == {}


def test_whole_letters_come_back(corpus: Corpus) -> None:
    assert all(corpus.engine.determination(letter.id) == letter for letter in corpus.letters)
    assert corpus.engine.determination("CM99-9999999") is None


def test_siblings_are_the_matching_ones_by_number(corpus: Corpus) -> None:
    hits = [Hit("", letter.id, 0.0) for letter in corpus.letters]
    siblings = corpus.engine.matching_siblings(plans.make([], [UPHELD]), hits)
    assert siblings == {
        letter.id: [d.id for d in letter.decisions if d.outcome == "upheld"]
        for letter in corpus.letters
    }
    assert max(map(len, siblings.values())) > 2


def test_keywords_of_decisions_come_back(corpus: Corpus) -> None:
    ids = list(islice(corpus.documents, 20))
    found = corpus.engine.keywords_of(hits_of(ids), ["outcome", "drug"])
    assert found == {
        id_: {name: corpus.documents[id_].keywords[name] for name in ("outcome", "drug")}
        for id_ in ids
    }


def test_the_corpus_is_told_by_outcome(corpus: Corpus) -> None:
    told = Counter(document.keywords["outcome"][0] for document in corpus.documents.values())
    assert corpus.engine.corpus_outcomes() == (told["upheld"], told["overturned"])


def test_an_open_index_answers(corpus: Corpus) -> None:
    corpus.engine.check()
    assert corpus.engine.signature.model is not None


def a_letter_of_several() -> Determination:
    return next(letter for letter in stream(7) if len(letter.decisions) > 2)


@pytest.mark.parametrize("loads", [1, 2], ids=["in one load", "in two"])
def test_a_letter_replaced_loses_the_decisions_that_are_gone(index: Cluster, loads: int) -> None:
    former = a_letter_of_several()
    newer = former.model_copy(update={"decisions": former.decisions[:1]})
    with OpenSearchWriter(index, SIGNATURE) as writer:
        writer.replace(former.id, documents_of(former))
        if loads == 1:
            writer.replace(newer.id, documents_of(newer))
    if loads == 2:
        with OpenSearchWriter(index, SIGNATURE) as writer:
            writer.replace(newer.id, documents_of(newer))

    engine = OpenSearchEngine(index)
    assert engine.determination(former.id) == newer
    assert engine.count(Plan(), []).matches == 1


@pytest.mark.parametrize("by", [(), ("category",)])
def test_tallies_over_many_decisions_are_estimates_and_said_to_be(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, by: tuple[str, ...]
) -> None:
    """Of so few the estimates are right; over as many as are told one by one nothing is said."""
    cluster = Cluster(corpus.url, corpus.name)
    exact, estimating = OpenSearchEngine(cluster), OpenSearchEngine(cluster)
    one_by_one = exact.tallies(Plan(), by)
    monkeypatch.setattr(tallies, "ONE_BY_ONE", len(corpus.documents) - 1)

    assert estimating.tallies(Plan(), by) == one_by_one
    assert exact.notes() == ()
    (said,) = estimating.notes()
    assert "letters and rationales are estimates here" in said


def test_a_writer_knows_what_was_stored_and_what_it_has_just_replaced(index: Cluster) -> None:
    letter = a_letter_of_several()
    with OpenSearchWriter(index, SIGNATURE) as writer:
        assert writer.known([letter.id]) == {}
        writer.replace(letter.id, documents_of(letter))
        assert writer.known([letter.id, "none"]) == {letter.id: letter}


def test_what_is_sent_of_one_document_comes_in_its_order(index: Cluster) -> None:
    """The first request is large and would be overtaken by the second, beside it."""
    index.create_store()
    client = index.connection.client
    client.indices.put_alias(index=index.index, name=f"{index.index}-sent")
    sending = Sending(index.connection, f"{index.index}-sent", Patience(whole=0))
    large = {"_op_type": "index", "_id": "a", "_source": {"text": "lantern " * 400_000}}
    for _ in range(3):
        sending.send({"a": large})
        sending.send({"a": {"_op_type": "delete", "_id": "a"}})
        assert sending.finish() == []
        assert not client.exists(index=index.index, id="a")
    sending.close()
    client.indices.delete(index=index.index)


def test_a_failed_load_is_not_committed(index: Cluster) -> None:
    letter = a_letter_of_several()

    def load() -> None:
        with OpenSearchWriter(index, SIGNATURE) as writer:
            writer.replace(letter.id, documents_of(letter))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        load()
    assert OpenSearchEngine(index).count(Plan(), []).matches == 0


def test_a_long_letter_is_stored_whole(index: Cluster) -> None:
    """Lucene takes no term above 32,766 bytes; stored JSON is none."""
    letter = next(stream(7)).model_copy(update={"text": "a page of text " * 20_000})
    with OpenSearchWriter(index, SIGNATURE) as writer:
        writer.replace(letter.id, documents_of(letter))
    assert OpenSearchEngine(index).determination(letter.id) == letter


def test_decisions_without_vectors_are_no_neighbours(index: Cluster) -> None:
    letter = a_letter_of_several()
    with OpenSearchWriter(index, SIGNATURE) as writer:
        writer.replace(letter.id, documents_of(letter, vectors=False))
    plan = plans.make([], [], vector=unit_vectors(1, seed=0)[0])
    assert OpenSearchEngine(index).nearest(plan, 10) == []


def test_an_index_without_a_model_searches_by_words(index: Cluster) -> None:
    letter = a_letter_of_several()
    with OpenSearchWriter(index, current(None)) as writer:
        writer.replace(letter.id, documents_of(letter, vectors=False))
    engine = OpenSearchEngine(index)
    assert engine.signature.model is None
    assert engine.count(Plan(), []).matches == len(letter.decisions)


@pytest.mark.parametrize("part", ["layout", "analysis"])
def test_an_index_of_another_version_is_refused(index: Cluster, part: str) -> None:
    other = {"layout": 99, "analysis": "another"}[part]
    Generations(index).create(SIGNATURE.model_copy(update={part: other}), 1)
    with pytest.raises(IndexMismatchError, match=part):
        OpenSearchEngine(index)
    with pytest.raises(IndexMismatchError, match=part):
        OpenSearchWriter(index, SIGNATURE)


def test_vectors_of_another_model_are_refused_by_the_writer_only(index: Cluster) -> None:
    Generations(index).create(SIGNATURE, 1)
    another = {**BGE_SMALL.signature, "name": "another", "sha256": "of other bytes"}
    with pytest.raises(IndexMismatchError, match="another"):
        OpenSearchWriter(index, SIGNATURE.model_copy(update={"model": another}))
    OpenSearchEngine(index)


def test_no_index_is_told_with_the_remedy(index: Cluster) -> None:
    with pytest.raises(IndexMissingError, match=rf"{index.index}.*`imr index"):
        OpenSearchEngine(index)


def test_no_cluster_is_told_with_the_remedy() -> None:
    nobody = "http://127.0.0.1:9"
    with pytest.raises(EngineUnreachableError, match=rf"{nobody}.*--url"):
        OpenSearchEngine(Cluster(nobody, "any"))


def test_messages_hold_no_password() -> None:
    with pytest.raises(EngineUnreachableError) as raised:
        OpenSearchEngine(Cluster("http://user:secret@127.0.0.1:9", "any"))
    assert "secret" not in str(raised.value)


def test_nothing_is_seen_before_the_commit(index: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "HELD", 1)
    letter = a_letter_of_several()
    with OpenSearchWriter(index, SIGNATURE) as writer:
        writer.replace(letter.id, documents_of(letter))
        engine = OpenSearchEngine(index)
        assert engine.count(Plan(), []).matches == 0
        assert engine.fetch([letter.decisions[0].id]) == {}


def test_only_a_commit_refreshes() -> None:
    settings = mapping.body(SIGNATURE)["settings"]["index"]
    assert settings["refresh_interval"] == "-1"


def test_an_index_without_a_model_has_no_neighbours(index: Cluster) -> None:
    Generations(index).create(current(None), 1)
    plan = plans.make([], [], vector=unit_vectors(1, seed=0)[0])
    assert OpenSearchEngine(index).nearest(plan, 10) == []


def test_two_loads_may_make_the_index_at_once(index: Cluster) -> None:
    Generations(index).create(SIGNATURE, 1)
    Generations(index).create(SIGNATURE, 1)
    assert OpenSearchEngine(index).signature == SIGNATURE


def test_a_query_of_many_concepts_is_answered(corpus: Corpus) -> None:
    """As a pasted paragraph makes: here 12 concepts of 40 names, the most a concept has."""
    several = [
        Clause("concept", at, concept=ConceptClause(at, "drug", at, "drug", (at,), names))
        for at in "abcdefghijkl"
        for names in [tuple(f"{at}{number}" for number in range(40))]
    ]
    assert corpus.engine.keyword(plans.make(several, []), 10, matching=True) == []
