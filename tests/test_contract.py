"""One contract, two engines: the same letters and the same requests give the same answers."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from copy import copy
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from imr.engines.open import Place, open_index, open_writer
from imr.engines.opensearch import engine as opensearch_engine
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.generations import Generations
from imr.engines.protocol import Engine
from imr.letters.parse import parse
from imr.model import Determination
from imr.search.plan import Plan
from imr.search.request import Request
from imr.search.response import Result, SearchResponse
from imr.search.run import search
from imr.text.embedding import Embedder
from imr.text.taxonomy import load as taxonomies
from imr.text.vector_cache import RememberingEmbedder
from indexer import pipeline
from samples import stream
from samples.render import letter_text

LETTERS = 880
FIRST_TIED = 9_000_000
TIED = 260
"""Letters alike but for their number: more than the 200 candidates of a leg."""

PASTED = (
    "the patient reports low back pain radiating to the left leg with numbness after failed "
    "conservative care including chiropractic visits, home exercise and anti-inflammatory drugs; "
    "the request for transcutaneous electrical nerve stimulation and epidural steroid injection "
    "was denied because functional improvement and red flags were not documented in the record. "
)
STARRED = " ".join(f"{word[:4]}*" for word in dict.fromkeys(PASTED.split()) if len(word) > 5)
JOINED = " ".join(
    "/".join(PASTED.split()[at : at + 15]).replace(",", "").replace(";", "").replace(".", "")
    for at in range(30)
)


def drugs(count: int) -> list[str]:
    """Drugs of one ingredient."""
    known = taxonomies.load().of("drug")
    return [concept.code for concept in known if len(concept.codes) == 1][:count]


REQUESTS = {
    "a brand of a combination": Request(text="norco"),
    "an ingredient": Request(text="acetaminophen"),
    "a drug class": Request(text="opioid weaning"),
    "a treatment and a body part": Request(text="lumbar mri"),
    "a treatment": Request(text="physical therapy"),
    "a treatment after another": Request(text="physical therapy after surgery", explain=True),
    "plain words": Request(text="no documentation of functional improvement from prior visits"),
    "four words": Request(text="failed conservative care before surgery"),
    "a phrase": Request(text='"conservative care"'),
    "a phrase and words": Request(text='"conservative care" neurological deficit'),
    "a required word": Request(text="+radiculopathy injection"),
    "an excluded word": Request(text="injection -lumbar"),
    "an excluded phrase": Request(text='therapy -"home exercise"'),
    "an excluded concept": Request(text="opioid -norco"),
    "an excluded word alone": Request(text="-lumbar"),
    "ties across the cut": Request(text="tied boilerplate"),
    "ties across the cut, by words": Request(text="tied boilerplate", mode="keyword"),
    "ties across the cut, by meaning": Request(text="tied boilerplate", mode="semantic"),
    "by words": Request(text="knee arthroscopy meniscus", mode="keyword"),
    "by meaning": Request(text="knee arthroscopy meniscus", mode="semantic"),
    "by meaning under a filter": Request(
        text="knee pain", mode="semantic", filters=(("outcome", "overturned"),)
    ),
    "under a filter": Request(text="pain", filters=(("category", "medication"),)),
    "under two filters": Request(
        text="functional improvement",
        filters=(("category", "physical-therapy"), ("body_part", "knee")),
    ),
    "either of two values": Request(
        text="improvement", filters=(("body_part", "knee"), ("body_part", "shoulder"))
    ),
    "under an outcome filter": Request(text="mri", filters=(("outcome", "overturned"),)),
    "without a value": Request(text="mri", filters=(("not.body_part", "low back"),)),
    "a drug filter by brand": Request(text="pain", filters=(("drug", "norco"),)),
    "a treatment filter by its parent": Request(text="", filters=(("treatment", "imaging"),)),
    "a guideline filter": Request(text="", filters=(("guideline", "ODG: Low Back"),)),
    "a browse": Request(text=""),
    "the oldest first": Request(text="mri", sort="oldest"),
    "nothing matches": Request(text="zebra quagga"),
    "all clauses": Request(text="pain medication weaning taper", match="all"),
    "any clause": Request(text="pain medication weaning taper", match="any"),
    "mentioned anywhere": Request(text="physical therapy", subject="mentioned"),
    "without related": Request(text="mri knee", related=False),
    "by decision": Request(text="mri knee", group="none"),
    "a later page": Request(text="therapy", page=5),
    "behind the candidates": Request(text="therapy", page=30, group="none"),
    "punctuation and numbers": Request(text="10/325mg L4-5, (EMG/NCV)?"),
    "explained": Request(text='norco "functional improvement" weaning', explain=True),
    "explained by meaning": Request(text="failed conservative care", mode="semantic", explain=True),
    "over the facts": Request(text="lumbar radiculopathy surgery", scope="facts", explain=True),
    "over all texts": Request(text="knee surgery", scope="all", group="none", size=50),
    "without highlights": Request(text="lumbar mri", highlight=False),
    "accents and case": Request(text="M\u00c9DICAL th\u00e9rapy"),
    "many names": Request(text="opioid nsaid muscle relaxant imaging injection shoulder knee"),
    "many names over all texts": Request(
        text="imaging surgery injection physical therapy shoulder rotator cuff tear " + PASTED,
        scope="all",
    ),
    "many names, each required": Request(text="+imaging +shoulder +opioid", group="none"),
    "many names, none wanted": Request(text="pain -imaging -surgery -opioid -acupuncture"),
    "many prefixes": Request(text=f"acupunct* {STARRED}", mode="keyword"),
    "ten thousand characters": Request(text=(PASTED * 40)[:10_000]),
    "words joined by marks": Request(text=JOINED, scope="all"),
    "a filter of many values": Request(
        text=PASTED, filters=tuple(("drug", drug) for drug in drugs(900))
    ),
}

Engines = tuple[Engine, Engine]


@pytest.fixture(scope="module")
def letters() -> list[Determination]:
    """Some 2,000 decisions, of which 260 are alike."""
    ordinary = [
        parse(letter_text(record).encode(), f"{record.id}.txt")
        for record in islice(stream(11), LETTERS)
    ]
    pattern = next(letter_text(record) for record in stream(11) if len(record.decisions) == 1)
    number = next(record.id for record in stream(11) if len(record.decisions) == 1)
    heading = next(record for record in stream(11) if len(record.decisions) == 1).decisions[0]
    tied = pattern.replace(
        heading.rationale[:20], "Tied boilerplate text. " + heading.rationale[:20]
    )
    alike = [
        parse(tied.replace(number, f"CM15-{FIRST_TIED + at:07}").encode(), f"tied-{at}.txt")
        for at in range(TIED)
    ]
    return [*ordinary, *alike]


@pytest.fixture(scope="module")
def once(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    """Embeds each text once, however often it is stored."""
    return RememberingEmbedder(embedder, tmp_path_factory.mktemp("vectors"), 10**9)


@pytest.fixture(scope="module")
def ours(
    letters: list[Determination], once: Embedder, tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    """The embedded engine over the letters."""
    return stored(letters, Place(Path(tmp_path_factory.mktemp("index")), None, ""), once)


@pytest.fixture(scope="module", params=[1, 3], ids=["one shard", "three shards"])
def engines(
    request: pytest.FixtureRequest,
    letters: list[Determination],
    once: Embedder,
    ours: Engine,
    opensearch_url: str,
) -> Iterator[Engines]:
    """The same letters in both engines."""
    name = f"contract-{uuid.uuid4().hex[:8]}"
    yield ours, stored(letters, Place(Path(), opensearch_url, name, shards=request.param), once)
    Generations(Cluster(opensearch_url, name)).delete()


def stored(letters: list[Determination], place: Place, embedder: Embedder) -> Engine:
    report = pipeline.LoadReport()
    for part in (letters[::2], letters[1::2]):  # the second joins groups that the first began
        with open_writer(place, embedder.spec) as writer:
            pipeline.load(part, writer, embedder, report)
    assert report.decisions >= 2_000
    return open_index(place).current()


def answers(engines: Engines, request: Request, embedder: Embedder) -> list[SearchResponse]:
    return [search(engine, request, embedder) for engine in engines]


@pytest.mark.parametrize("name", REQUESTS)
def test_both_engines_give_the_same_answer(name: str, engines: Engines, embedder: Embedder) -> None:
    ours, theirs = answers(engines, REQUESTS[name], embedder)

    assert ours.total == theirs.total
    assert ours.counted == theirs.counted
    assert ours.outcomes == theirs.outcomes
    assert ours.facets == theirs.facets
    assert ours.page == theirs.page
    assert [row.id for row in ours.results] == [row.id for row in theirs.results]
    for row, other in zip(ours.results, theirs.results, strict=True):
        assert without_scores(row) == without_scores(other)
        assert row.score == pytest.approx(other.score, abs=AGREE)
        assert leg_scores(row) == pytest.approx(leg_scores(other), rel=AGREE)
        # products that differ less than float32 tells may round to one last digit or the next
        assert nearness(row) == pytest.approx(nearness(other), abs=1)


AGREE = 1e-4
"""How near scores must be: engines add up in float32, in an order of their own."""


def without_scores(row: Result) -> dict[str, Any]:
    """All that must be equal to the letter."""
    return row.model_dump(
        exclude={"score": True, "why": {"keyword": {"score"}, "semantic": {"score", "rank"}}}
    )


def nearness(row: Result) -> int:
    """The rank in the semantic leg, 0 where it is not in it."""
    return row.why.semantic.rank if row.why.semantic else 0


def leg_scores(row: Result) -> list[float]:
    return [leg.score for leg in (row.why.keyword, row.why.semantic) if leg]


def test_ties_reach_over_the_cut(engines: Engines, embedder: Embedder) -> None:
    """What the corpus is made for: more decisions tie than a leg has candidates."""
    answer = search(engines[0], REQUESTS["ties across the cut, by words"], embedder)

    assert answer.total.matches >= TIED


def test_near_identical_rationales_are_the_same_groups(engines: Engines) -> None:
    ours, theirs = (groups(engine) for engine in engines)

    assert ours == theirs
    assert max(Counter(ours.values()).values()) >= TIED
    assert len(set(ours.values())) < len(ours) - TIED


def groups(engine: Engine) -> dict[str, str]:
    return engine.groups_of(engine.newest(Plan(), 10_000))


def test_the_graph_gives_ties_whole_too(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    """As beyond the decisions up to which every vector is compared."""
    monkeypatch.setattr(opensearch_engine, "EXACT_UP_TO", 0)
    ours, theirs = engines
    by_graph = copy(theirs)
    by_graph.__dict__.pop("_exact", None)
    tied = f"CM15-{FIRST_TIED:07}.1"
    plan = Plan(vector=ours.compared([tied])[tied].passages[0])

    exactly, near = ours.nearest(plan, 200), by_graph.nearest(plan, 200)

    best = [hit.id for hit in exactly if hit.score == exactly[0].score]
    assert len(best) == TIED
    assert [hit.id for hit in near] == best


@pytest.mark.parametrize("by", [(), ("category",), ("drug_class", "outcome")])
def test_sets_of_decisions_end_the_same(by: tuple[str, ...], engines: Engines) -> None:
    """Decisions, letters and distinct rationales."""
    ours, theirs = (engine.tallies(Plan(), by) for engine in engines)

    assert ours == theirs


def test_stored_letters_come_back_the_same(engines: Engines, letters: list[Determination]) -> None:
    for letter in letters[:50]:
        assert [engine.determination(letter.id) for engine in engines] == [letter, letter]
