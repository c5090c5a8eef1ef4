"""Reasons that a query seems to ask about, by the real model."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr.engines.document import documents
from imr.engines.embedded.engine import EmbeddedEngine
from imr.engines.open import Place, open_index, open_writer
from imr.model import Decision, Determination, Reason, Source
from imr.search import reason_leg
from imr.search.request import Request
from imr.search.run import candidates
from imr.text.embedding import Embedder
from imr.text.taxonomy.reason_vocabulary import load_reasons

RATIONALE = "The reviewer looked at the records of this case."


def letter(name: str, code: str) -> Determination:
    """A letter that differs from others by its reason's code alone."""
    return Determination(
        id=name,
        text=RATIONALE,
        source=Source(name=name, sha256=name, format="text", pages=1),
        decisions=(
            Decision(
                id=f"{name}.1", number=1, request="Therapy", outcome="upheld", category="other",
                rationale=RATIONALE, reasons=(Reason(code=code, span=(0, len(RATIONALE))),),
                spans={"rationale": (0, len(RATIONALE))},
            ),
        ),
    )  # fmt: skip


LETTERS = (letter("A", "guideline-silent"), letter("B", "home-program-suffices"))


@pytest.fixture(scope="module")
def engine(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedEngine:
    folder = tmp_path_factory.mktemp("reasons") / "index"
    vector = embedder.embed([RATIONALE])
    with open_writer(Place(folder, None, ""), embedder.spec) as writer:
        for each in LETTERS:
            of_letter = documents(each, [[(0, len(RATIONALE))]], [vector], [vector[0]])
            writer.replace(each.id, of_letter)
    engine = open_index(Place(folder, None, "")).current()
    assert isinstance(engine, EmbeddedEngine)
    return engine


def test_every_reason_has_phrases_and_no_other_code_has() -> None:
    assert set(reason_leg.PHRASES) == set(load_reasons().entries)
    phrases = [phrase for of in reason_leg.PHRASES.values() for phrase in of]
    assert len(phrases) == len(set(phrases))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("he can do his exercises alone at home by now", "home-program-suffices"),
        ("asks for twice as many sessions as are recommended", "exceeds-guideline"),
        ("they never tried tablets or exercises before asking", "conservative-care-not-tried"),
        ("the exam showed no weakness or loss of reflexes", "no-red-flags-or-deficit"),
        ("pain and function were no better after the first course", "no-functional-improvement"),
        ("the request does not say the dose or how many", "no-information"),
    ],
)
def test_a_reason_is_known_in_other_words(query: str, code: str, embedder: Embedder) -> None:
    found = reason_leg.meant(embedder.embed_query(query), embedder)

    assert code in sorted(found, key=lambda each: -found[each])[:2]
    assert all(0 < share <= 1 for share in found.values())


def test_a_phrase_itself_is_surely_meant(embedder: Embedder) -> None:
    asked = embedder.embed_query("a home exercise program is enough")

    assert reason_leg.meant(asked, embedder)["home-program-suffices"] == 1.0


def test_of_decisions_alike_the_one_decided_for_that_reason_is_first(
    engine: EmbeddedEngine, embedder: Embedder
) -> None:
    """Words and meaning of both are the same, so that without reasons A is before B."""

    def ranked(text: str) -> list[str]:
        return [each.hit.id for each in candidates(engine, Request(text=text), embedder)]

    assert ranked("exercises at home are enough") == ["B.1", "A.1"]
    assert ranked("the guidelines are silent on this treatment") == ["A.1", "B.1"]


def test_by_words_or_meaning_alone_reasons_take_no_part(
    engine: EmbeddedEngine, embedder: Embedder
) -> None:
    for mode in ("keyword", "semantic"):
        request = Request(text="therapy: exercises at home are enough", mode=mode)
        found = candidates(engine, request, embedder)
        assert [(each.hit.id, each.hit.score) for each in found] == [("A.1", 1.0), ("B.1", 1.0)]


def test_an_index_without_reasons_is_searched_without_their_phrases(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = Place(tmp_path / "index", None, "")
    bare = LETTERS[0].decisions[0].model_copy(update={"reasons": ()})
    with open_writer(place, embedder.spec) as writer:
        vector = embedder.embed([RATIONALE])
        one = LETTERS[0].model_copy(update={"decisions": (bare,)})
        writer.replace("A", documents(one, [[(0, 9)]], [vector], [vector[0]]))
    monkeypatch.setattr(reason_leg, "meant", None)

    found = candidates(open_index(place).current(), Request(text="therapy"), embedder)

    assert [each.hit.id for each in found] == ["A.1"]
