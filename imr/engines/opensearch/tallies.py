"""How sets of decisions ended, counted by the cluster, see `imr.engines.tally`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from imr.engines.opensearch import dsl
from imr.engines.opensearch.dsl import LETTERS_NEAR, Dsl
from imr.engines.tally import Ended, Tally

AT_ONCE, ALONE_AT_ONCE = 1_000, 10_000
"""Combinations of values asked for at once: with counts of their own, and without."""

ONE_BY_ONE = dsl.LETTERS_EXACT
"""Decisions up to which letters and rationales are told apart one by one; beyond, a cluster's
estimates are taken."""

Search = Callable[[Dsl], Dsl]
Key = tuple[str, ...]


def tallies(
    search: Search, query: Dsl, by: Sequence[str], estimated: Callable[[], None]
) -> dict[Key, Tally]:
    """The tally of each combination of values; of no fields, of all that the query finds.

    `estimated` is told where letters and rationales are estimates.
    """
    counted = search({"size": 0, "track_total_hits": True, "query": query})
    if counted["hits"]["total"]["value"] <= ONE_BY_ONE:
        return _exactly(search, query, by)
    estimated()
    if not by:
        found = search(_body(query, {"all": {"filter": {"match_all": {}}, "aggs": _units()}}))
        return {(): _tally(found["aggregations"]["all"])}
    units = {"aggs": _units()}
    return {
        tuple(str(bucket["key"][name]) for name in by): _tally(bucket)
        for bucket in _buckets(search, query, by, units)
    }


def _exactly(search: Search, query: Dsl, by: Sequence[str]) -> dict[Key, Tally]:
    """Every letter and every rationale of each combination and outcome is a bucket of its own."""
    decisions: dict[Key, Counter[str]] = defaultdict(Counter)
    units: dict[str, dict[Key, dict[str, set[str]]]] = {}
    for unit in ("determination", "group"):
        units[unit] = defaultdict(lambda: {"upheld": set(), "overturned": set()})
        for bucket in _buckets(search, query, (*by, "outcome", unit)):
            key = tuple(str(bucket["key"][name]) for name in by)
            outcome = str(bucket["key"]["outcome"])
            units[unit][key][outcome].add(str(bucket["key"][unit]))
            if unit == "determination":
                decisions[key][outcome] += int(bucket["doc_count"])
    return {
        key: Tally(
            Ended(ended.total(), ended["upheld"], ended["overturned"]),
            _distinct(units["determination"][key]),
            _distinct(units["group"][key]),
        )
        for key, ended in decisions.items()
    }


def _distinct(of: Mapping[str, set[str]]) -> Ended:
    upheld, overturned = of["upheld"], of["overturned"]
    return Ended(len(upheld | overturned), len(upheld), len(overturned))


def _buckets(
    search: Search, query: Dsl, names: Sequence[str], also: Dsl | None = None
) -> Iterator[dict[str, Any]]:
    """Every combination of values, page by page: unlike one list of terms it can't be cut short."""
    asked: Dsl = {
        "size": AT_ONCE if also else ALONE_AT_ONCE,
        "sources": [{name: {"terms": {"field": name}}} for name in dict.fromkeys(names)],
    }
    while True:
        combined = {"values": {"composite": asked, **(also or {})}}
        found = search(_body(query, combined))["aggregations"]["values"]
        yield from found["buckets"]
        if "after_key" not in found:
            return
        asked = {**asked, "after": found["after_key"]}


def _body(query: Dsl, aggregations: Dsl) -> Dsl:
    return {"size": 0, "track_total_hits": False, "query": query, "aggs": aggregations}


def _units() -> Dsl:
    distinct = {
        name: {"cardinality": {"field": field, "precision_threshold": LETTERS_NEAR}}
        for name, field in (("letters", "determination"), ("rationales", "group"))
    }
    return {"outcome": {"terms": {"field": "outcome"}, "aggs": distinct}, **distinct}


def _tally(bucket: dict[str, Any]) -> Tally:
    ended = {each["key"]: each for each in bucket["outcome"]["buckets"]}

    def units(name: str) -> Ended:
        upheld, overturned = (
            ended[outcome][name]["value"] if outcome in ended else 0
            for outcome in ("upheld", "overturned")
        )
        return Ended(bucket[name]["value"], upheld, overturned)

    upheld, overturned = (
        ended[outcome]["doc_count"] if outcome in ended else 0
        for outcome in ("upheld", "overturned")
    )
    return Tally(
        Ended(bucket["doc_count"], upheld, overturned), units("letters"), units("rationales")
    )
