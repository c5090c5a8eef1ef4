"""Rationales that are equal but for names and numbers: grouped as they are loaded, folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from imr.engines.embedded.groups import Groups, GroupsWriter
from imr.engines.open import Place, open_index, open_upkeep, open_writer
from imr.engines.opensearch.cluster import Cluster
from imr.engines.opensearch.generations import Generations
from imr.engines.protocol import Engine, Hit
from imr.model import Determination
from imr.precedents.outcomes import Asked, outcomes
from imr.search.plan import make
from imr.search.request import Request
from imr.search.run import search
from imr.text.sketch import BANDS, HASHES, LIKELY, Grouped, Sketch, likely
from indexer import pipeline
from tests.corpus import read

LONG = (
    "The injured worker has chronic pain of the low back. {name} is recommended for no longer than "
    "{n} weeks, and the guidelines ask for documented functional improvement before it goes on. "
    "Dr. {name} reports a score of {n}/10 without any functional improvement over {n} months. "
    "Therefore the request is {ended} medically necessary."
)
OTHER = (
    "Imaging of the knee is recommended after radiographs are not diagnostic and a ligament tear "
    "is suspected. The examination shows an effusion with instability and a positive test."
)


def block(id_: str, rationale: str, outcome: str = "upheld") -> str:
    said = f"rationale: {rationale}\n" if rationale else ""
    return f"{id_} {outcome} 2016-01-01\nrequest: {id_}\n{said}"


def upheld(name: str, n: int) -> str:
    return LONG.format(name=name, n=n, ended="not")


FIRST = "\n".join(
    [
        block("A.1", upheld("Norco", 2)),
        block("A.2", upheld("Percocet", 7)),
        block("B.1", upheld("Soma", 4)),
        block("B.2", OTHER),
    ]
)
SECOND = "\n".join(
    [
        block("C.1", upheld("Ultram", 12)),
        block("D.1", LONG.format(name="Norco", n=2, ended=""), "overturned"),
        block("E.1", ""),
        block("F.1", ""),
    ]
)


@pytest.fixture(params=["embedded", "opensearch"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    url = request.getfixturevalue("opensearch_url") if request.param == "opensearch" else None
    made = Place(tmp_path / "index", url, f"near-{tmp_path.name.lower()}"[:60])
    yield made
    if url is not None:
        Generations(Cluster(url, made.name)).delete()


def loaded(place: Place, *texts: str) -> Engine:
    """The engine after as many loads."""
    for text in texts:
        with open_writer(place, None) as writer:
            pipeline.load(letters(text), writer, None, pipeline.LoadReport())
    return open_index(place).current()


def letters(text: str) -> Sequence[Determination]:
    return read(text).letters


def groups(engine: Engine) -> set[frozenset[str]]:
    """Which decisions are grouped with others."""
    hits = hits_of(engine)
    by_group: dict[str, set[str]] = {}
    for id_, group in engine.groups_of(hits).items():
        by_group.setdefault(group, set()).add(id_)
    return {frozenset(ids) for ids in by_group.values() if len(ids) > 1}


def hits_of(engine: Engine) -> list[Hit]:
    return engine.newest(make((), ()), 100)


ALIKE = frozenset({"A.1", "A.2", "B.1", "C.1"})


def test_one_load_or_several_give_the_same_groups(place: Place) -> None:
    engine = loaded(place, FIRST, SECOND)
    before = engine.groups_of(hits_of(engine))

    assert groups(engine) == {ALIKE}
    again = loaded(place, FIRST, SECOND, block("G.1", upheld("Lyrica", 3)))
    assert groups(again) == {ALIKE | {"G.1"}}
    after = again.groups_of(hits_of(again))
    assert {id_: group for id_, group in after.items() if id_ != "G.1"} == before


def test_all_at_once_is_the_same(place: Place) -> None:
    assert groups(loaded(place, f"{FIRST}\n{SECOND}")) == {ALIKE}


def test_a_letter_that_is_replaced_leaves_its_group(place: Place) -> None:
    engine = loaded(place, FIRST, block("B.1", OTHER).replace("2016", "2017"), SECOND)

    assert groups(engine) == {ALIKE - {"B.1"}}


def test_a_group_outlives_the_letter_that_began_it(place: Place) -> None:
    gone = block("A.1", OTHER).replace("2016", "2017")
    engine = loaded(place, f"{FIRST}\n{SECOND}", gone, block("H.1", upheld("Norco", 2)))

    assert groups(engine) == {frozenset({"B.1", "C.1", "H.1"}), frozenset({"A.1", "B.2"})}


def test_compacting_keeps_groups_and_what_later_ones_find_them_by(place: Place) -> None:
    loaded(place, FIRST)
    with open_upkeep(place) as upkeep:
        upkeep.compact()

    assert groups(loaded(place, SECOND)) == {ALIKE}


def test_results_show_a_rationale_once_and_count_all(place: Place) -> None:
    engine = loaded(place, FIRST, SECOND)
    asked = Request(text="functional improvement", mode="keyword", group="none")

    folded = search(engine, asked, None)
    whole = search(engine, replace(asked, fold=False), None)

    assert folded.total == whole.total
    assert folded.facets == whole.facets
    assert {row.id for row in whole.results} == {"A.1", "A.2", "B.1", "C.1", "D.1"}
    assert len(folded.results) == 2
    shown = {row.id for row in folded.results}
    near = {id_ for row in folded.results for id_ in row.near_duplicates}
    assert shown | near == {row.id for row in whole.results}
    assert all(row.near_duplicates == () for row in whole.results)


def test_by_letter_another_item_of_a_folded_one_is_still_shown(place: Place) -> None:
    engine = loaded(place, FIRST)
    asked = Request(text="recommended", mode="keyword")

    rows = search(engine, asked, None).results

    assert {row.id.partition(".")[0] for row in rows} == {"A", "B"}
    (second,) = (row for row in rows if row.id.startswith("B"))
    assert second.id == "B.2"
    (first,) = (row for row in rows if row.id.startswith("A"))
    assert first.near_duplicates == ("B.1",)


def test_distinct_rationales_are_counted_beside_decisions(place: Place) -> None:
    found = outcomes(loaded(place, FIRST, SECOND), Asked(Request()))

    assert (found.all.decisions.total, found.all.letters.total) == (8, 6)
    # one that four have, one of the other outcome, one of the knee, two decisions without any
    assert found.all.rationales.total == 5


@pytest.mark.parametrize("seed", range(3))
def test_first_ones_are_found_over_any_number_of_flushes(tmp_path: Path, seed: int) -> None:
    """As by comparing with every one, whether they were written now or by a load before."""
    chance = np.random.default_rng(seed)
    common = chance.integers(0, 256, HASHES)

    def signs() -> bytes:
        """About as many of the common ones as make two of them likely."""
        own = chance.integers(0, 256, HASHES)
        return bytes(np.where(chance.random(HASHES) < 0.22, own, common).tolist())

    made = [
        Grouped(
            f"{number:016x}",
            tuple(f"{key:08x}" for key in chance.integers(0, 40, BANDS).tolist()),
            signs(),
        )
        for number in range(200)
    ]
    writer = GroupsWriter(tmp_path, {})
    for number, each in enumerate(made):
        if number == 120:
            files = {name: file.extent for name, file in writer.files.items()}
            writer = GroupsWriter(tmp_path, files)
        writer.append(each if number % 7 else Grouped(each.group))
        if number % int(chance.integers(1, 20)) == 0 or number in {119, 199}:
            writer.flush()
            expected = [
                at
                for at, other in enumerate(made[: number + 1])
                if at % 7 and set(each.bands) & set(other.bands) and alike(each, other)
            ]
            assert writer.beginning(each).tolist() == expected
    files = {name: file.extent for name, file in writer.files.items()}
    groups_ = Groups(tmp_path, files)
    assert [groups_.begun(at) for at in range(200)] == [
        each if at % 7 else Grouped(each.group) for at, each in enumerate(made)
    ]


def alike(one: Grouped, other: Grouped) -> bool:
    same = [a == b for a, b in zip(one.signs, other.signs, strict=True)]
    return sum(same) >= LIKELY * len(same)


# sketches


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Norco 10/325 #90 is not supported.", "Norco 5/325 #60 is not supported."),
        ("The use of Norco is not supported.", "The use of Percocet is not supported."),
    ],
)
def test_names_and_numbers_part_nothing(one: str, other: str) -> None:
    assert Sketch.of(one, "upheld").group == Sketch.of(other, "upheld").group


def test_the_outcome_parts_what_is_else_the_same() -> None:
    upheld_, overturned = (Sketch.of("As above.", each) for each in ("upheld", "overturned"))

    assert not upheld_.is_near(overturned)
    assert not set(upheld_.beginning.bands) & set(overturned.beginning.bands)


def test_near_rationales_share_a_key_and_others_none() -> None:
    one, near, far = (
        Sketch.of(text, "upheld") for text in (upheld("Norco", 2), upheld("Soma", 31), OTHER)
    )

    assert set(one.beginning.bands) & set(near.beginning.bands)
    assert not set(one.beginning.bands) & set(far.beginning.bands)
    assert one.is_near(near)
    assert not one.is_near(far)
    assert likely(one.beginning.signs, near.beginning.signs)
    assert not likely(one.beginning.signs, far.beginning.signs)


def test_keys_stay_those_that_indexes_hold() -> None:
    """Other keys would silently miss every group that is stored."""
    found = Sketch.of("The request for Norco 10/325 is not supported by the file.", "upheld")

    assert found.words[2:5] == ("for", "_", "0")
    assert found.group == "cd086807bec36488"
    assert found.beginning.bands[:2] == ("0d7f60fe", "e1d94c24")
