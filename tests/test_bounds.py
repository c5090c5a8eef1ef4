"""Whatever is pasted, a plan stays within what a cluster takes, and both engines read it alike."""

from __future__ import annotations

from itertools import islice, product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr import fields
from imr.engines.opensearch import dsl
from imr.errors import BadQueryError
from imr.search import bounds, query
from imr.search import plan as plans
from imr.search.plan import Filter, Plan
from imr.text.analysis import tokens
from imr.text.taxonomy import load as taxonomies
from imr.text.taxonomy.concept import Kind
from imr.text.taxonomy.tagger import default_tagger

TAKEN = 1_024
"""Parts of a query, as OpenSearch is set up where nobody sets it up otherwise."""
TAXONOMY = taxonomies.load()
KINDS: dict[str, str] = {
    kind: " ; ".join(each.label for each in TAXONOMY.of(kind)) for kind in get_args(Kind)
}
LONG = "; ".join(
    each.label for each in TAXONOMY.of("treatment") if len(tokens(each.label)) in {3, 4}
)
PAIRS = [a + b for a, b in product("bcdfghklmnprstvwxz", repeat=2)]
HOSTILE = {
    "words joined by marks": " ".join("/".join(PAIRS[at : at + 18]) for at in range(70)),
    "words joined otherwise": " ".join("-".join(PAIRS[at : at + 6]) for at in range(0, 300, 2)),
    "names of three words and more": LONG,
    "names among words": f"imaging; diagnostic tests; shoulder; {' '.join(PAIRS)}",
    "required": " ".join(f"+{word}" for word in LONG.replace(";", "").split()),
    "excluded": " ".join(f"-{word}" for word in KINDS["drug"].split() if word.isalpha()),
    "either": f"({' OR '.join(word for word in KINDS['drug'].split() if word.isalpha())})",
    "phrases": " ".join(f'"{a} {b}"' for a, b in zip(PAIRS, PAIRS[9:], strict=False)),
    "prefixes": " ".join(f"{pair}{pair}*" for pair in PAIRS),
}


def parts(query_: Any) -> int:
    """What Lucene counts: a match is one for each of its words, everything else one."""
    if isinstance(query_, list):
        return sum(map(parts, query_))
    if not isinstance(query_, dict):
        return 0
    counted = 0
    for kind, asked in query_.items():
        if kind == "match":
            ((_, given_),) = asked.items()
            counted += len(tokens(given_["query"]))
        elif kind in {"term", "terms", "match_phrase", "prefix", "range", "exists"}:
            counted += 1
        else:
            counted += parts(asked)
    return counted


def planned(text: str, scope: fields.Scope = "all", filters: tuple[Filter, ...] = ()) -> Plan:
    read = query.read(text, default_tagger(), lambda _: (), scope)
    return plans.make(read.clauses, (*filters, *read.filters), scope=scope)


def largest(plan: Plan) -> int:
    return parts(dsl.keyword(plan, 1_000, matching=True)["query"])


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_pasted_stays_within_what_a_cluster_takes(name: str) -> None:
    assert 100 < largest(planned(HOSTILE[name])) <= bounds.MOST_PARTS < TAKEN


@pytest.mark.parametrize("kind", KINDS)
def test_a_vocabulary_pasted_whole_does_too(kind: str) -> None:
    assert largest(planned(KINDS[kind])) <= bounds.MOST_PARTS


WORDS = st.sampled_from(
    [*PAIRS, *islice(KINDS["drug"].split(), 200), *KINDS["treatment"].split(), "+mri", "-norco",
     '"red flags"', "knee*", "(neck OR back)", "drug:norco", "shoulder/knee/hip/elbow/wrist"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=200))
def test_any_mixture_does(words: list[str]) -> None:
    assert largest(planned(" ".join(words))) <= bounds.MOST_PARTS


def test_a_usual_query_keeps_all_names_and_scores_word_by_word() -> None:
    (mri, tunnel) = planned("MRI carpal tunnel syndrome", "decision").soft
    assert mri.concept is not None
    assert tunnel.concept is not None
    (tag,) = (t for t in default_tagger().tag("MRI", query=True) if t.kind == "treatment")
    assert set(tag.names) <= {*mri.concept.names}
    assert (mri.by_words, tunnel.by_words) == (False, True)


def test_many_values_of_a_filter_are_one_part() -> None:
    drugs = tuple((each.code,) for each in TAXONOMY.of("drug") if len(each.codes) == 1)
    assert len(drugs) > 900
    plan = planned(HOSTILE["names among words"], filters=(Filter("drug", drugs),))
    assert largest(plan) <= bounds.MOST_PARTS


def test_filters_that_no_engine_takes_are_told() -> None:
    combined = tuple(each.codes for each in TAXONOMY.of("drug") if len(each.codes) > 1)
    ranges = tuple((float(age), float(age)) for age in range(500))
    with pytest.raises(BadQueryError, match="leave some of the filters out"):
        planned("pain", filters=(Filter("drug", combined), Filter("age", ranges=ranges)))
