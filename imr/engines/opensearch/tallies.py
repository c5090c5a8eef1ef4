"""How sets of decisions ended, counted by the cluster, see `imr.engines.tally`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from imr.engines.opensearch.dsl import LETTERS_NEAR, Dsl
from imr.engines.tally import Ended, Tally

AT_ONCE = 1_000
"""Combinations of values asked for at once."""

Search = Callable[[Dsl], Dsl]


def tallies(search: Search, query: Dsl, by: Sequence[str]) -> dict[tuple[str, ...], Tally]:
    """The tally of each combination of values; of no fields, of all that the query finds."""
    if not by:
        found = search(_body(query, {"all": {"filter": {"match_all": {}}, "aggs": _units()}}))
        bucket = found["aggregations"]["all"]
        return {(): _tally(bucket)} if bucket["doc_count"] else {}
    return {
        tuple(str(bucket["key"][name]) for name in by): _tally(bucket)
        for bucket in _buckets(search, query, by)
    }


def _buckets(search: Search, query: Dsl, by: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Every combination of values, page by page: unlike one list of terms it can't be cut short."""
    asked: Dsl = {
        "size": AT_ONCE,
        "sources": [{name: {"terms": {"field": name}}} for name in by],
    }
    while True:
        combined = {"values": {"composite": asked, "aggs": _units()}}
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
