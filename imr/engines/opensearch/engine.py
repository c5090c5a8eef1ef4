"""The OpenSearch engine, see `imr.engines.protocol.Engine`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby, islice

import numpy as np

from imr import fields
from imr.engines.document import StoredDecision
from imr.engines.opensearch import dsl
from imr.engines.opensearch import tallies as tallying
from imr.engines.opensearch.answers import (
    counted,
    inner_product,
    letter_of,
    passage,
    stored_signature,
)
from imr.engines.opensearch.cluster import LETTERS_AT_ONCE, Body, Cluster
from imr.engines.protocol import SCORE_DIGITS, Batch, Compared, Counts, Hit, StoredParts
from imr.engines.signature import Signature, check_readable
from imr.engines.tally import Tallies
from imr.errors import EngineUnreachableError
from imr.model import Determination
from imr.search.plan import Plan
from imr.text.edits import one_edit_away
from imr.text.embedding import Vectors
from imr.text.sketch import Grouped, likely

MORE = 50
"""How many hits more than wanted are asked for, to see what ties with the last one."""
MOST_BY_GRAPH = 2_000
"""The most neighbours that the graph is asked for, to see what ties with the last one wanted."""
EXACT_UP_TO = 20_000
"""Decisions up to which every vector is compared; beyond, the graph answers."""


class OpenSearchEngine:
    """An index on a cluster; every answer is over what was last refreshed."""

    def __init__(self, cluster: Cluster, signature: Signature | None = None) -> None:
        """Look at the index; `signature` is what it was built with, where that is known.

        Raises:
            IndexMissingError: there is none; IndexMismatchError: another version built it.
        """
        self._cluster = cluster
        self.signature = signature or stored_signature(cluster)
        check_readable(self.signature, f"the index {cluster.index}")
        self._foreseen: dict[str, Body] = {}
        self._notes: dict[str, None] = {}

    def notes(self) -> tuple[str, ...]:
        """See Engine."""
        return tuple(self._notes)

    def foresee(
        self,
        plan: Plan,
        limit: int,
        facets: Collection[str],
        vector: Callable[[], Vectors] | None,
    ) -> None:
        """See Engine; the legs, the counts and the outcomes of the corpus come in one call."""
        asked = [dsl.counts(plan, facets), _OUTCOMES]
        if self._exact:
            asked.append(dsl.determinations(plan))
        if plan.scored:
            asked.append(dsl.keyword(plan, limit + MORE, matching=False))
        near = replace(plan, vector=vector() if vector else None)
        asked += [self._nearest_body(near, limit, of) for of in self._compared(near)]
        found = self._cluster.searches(asked, self._partly)
        self._foreseen = {_key(body): each for body, each in zip(asked, found, strict=True)}

    def _search(self, body: Body) -> Body:
        """A search of which a part may be missing, which `notes` says then."""
        foreseen = self._foreseen.pop(_key(body), None) if self._foreseen else None
        return foreseen or self._cluster.search(body, self._partly)

    def _partly(self, part: str) -> None:
        self._notes[
            f"{part} of the index answered: decisions of the rest are missing here, from results "
            "and from counts"
        ] = None

    def keyword(self, plan: Plan, limit: int, *, matching: bool = False) -> list[Hit]:
        """See Engine."""
        if not plan.scored:
            return []
        return self._with_ties(limit, lambda size: dsl.keyword(plan, size, matching=matching))

    def nearest(self, plan: Plan, limit: int) -> list[Hit]:
        """See Engine."""
        best: dict[str, Hit] = {}
        for of in self._compared(plan):
            for hit in self._nearest(plan, limit, of):
                if hit.id not in best or hit.score > best[hit.id].score:
                    best[hit.id] = hit
        hits = sorted(best.values(), key=lambda hit: (-hit.score, hit.id))
        least = hits[limit - 1].score if len(hits) >= limit else float("-inf")
        return [hit for hit in hits if hit.score >= least]

    def _compared(self, plan: Plan) -> list[dsl.VectorsOf]:
        """Which vectors a plan's is compared with."""
        if plan.vector is None or self.signature.model is None:
            return []
        of: dict[str, list[dsl.VectorsOf]] = {"decision": ["passages"], "facts": ["facts"]}
        return of.get(plan.scope, ["passages", "facts"])

    def _nearest(self, plan: Plan, limit: int, of: dsl.VectorsOf) -> list[Hit]:
        build, most = (
            (dsl.nearest_exactly, dsl.WINDOW) if self._exact else (dsl.nearest, MOST_BY_GRAPH)
        )
        return self._with_ties(limit, lambda size: build(plan, size, of), inner_product, most)

    def _nearest_body(self, plan: Plan, limit: int, of: dsl.VectorsOf) -> Body:
        """What `_nearest` asks first."""
        build = dsl.nearest_exactly if self._exact else dsl.nearest
        return build(plan, limit + MORE, of)

    @cached_property
    def _exact(self) -> bool:
        return sum(self.corpus_outcomes()) <= EXACT_UP_TO

    def _with_ties(
        self,
        limit: int,
        body: Callable[[int], Body],
        scale: Callable[[float], float] = float,
        most: int = dsl.WINDOW,
    ) -> list[Hit]:
        """Hits by score and id, with all that tie with the last one."""
        size = limit + MORE
        while True:
            hits = self._hits(body(min(size, most)), scale)
            whole = len(hits) < min(size, most) or hits[-1].score < hits[limit - 1].score
            if whole or size >= most:
                cut = hits[limit - 1].score if len(hits) >= limit else float("-inf")
                return sorted((h for h in hits if h.score >= cut), key=lambda h: (-h.score, h.id))
            size *= 4

    def _hits(self, body: Body, scale: Callable[[float], float] = float) -> list[Hit]:
        found = self._search(body)["hits"]["hits"]
        return [
            Hit(
                each["fields"]["id"][0],
                each["fields"]["determination"][0],
                round(scale(each["_score"] or 0.0), SCORE_DIGITS),
                passage(each),
            )
            for each in found
        ]

    def count(self, plan: Plan, facets: Collection[str]) -> Counts:
        """See Engine."""
        found = self._search(dsl.counts(plan, facets))["aggregations"]
        matches = found["matches"]["doc_count"]
        return Counts(
            matches=matches,
            determinations=self._letters(
                plan, matches, found["matches"]["determinations"]["value"]
            ),
            facets={name: counted(name, found[f"facet.{name}"]["values"]) for name in facets},
        )

    def _letters(self, plan: Plan, matches: int, estimate: int) -> int:
        """How many letters the matches are of; the estimate where they can't all be counted."""
        if matches < 2:
            return matches
        if estimate > dsl.LETTERS_EXACT:
            self._notes["how many letters the matches are of is an estimate here"] = None
            return estimate
        found = self._search(dsl.determinations(plan))["aggregations"]
        # fewer where only a part answered the first time
        return min(matches, int(found["determinations"]["count"]))

    def tallies(self, plan: Plan, by: Sequence[str]) -> Tallies:
        """See Engine."""
        return tallying.tallies(self._cluster.search, dsl.matches(plan), by, self._estimated)

    def _estimated(self) -> None:
        self._notes[
            f"over more than {tallying.ONE_BY_ONE:,} decisions, letters and rationales are "
            "estimates here"
        ] = None

    def matching(self, plan: Plan, hits: Sequence[Hit]) -> frozenset[str]:
        """See Engine."""
        if not hits:
            return frozenset()
        query = dsl.matches(plan, {"terms": {"id": sorted(hit.id for hit in hits)}})
        body = {"size": len(hits), "query": query, **dsl.columns("id")}
        found = self._search(body)["hits"]["hits"]
        return frozenset(each["fields"]["id"][0] for each in found)

    def newest(self, plan: Plan, limit: int, *, oldest: bool = False) -> list[Hit]:
        """See Engine."""
        hits = self._hits(dsl.by_date(plan, limit, oldest=oldest))
        return [Hit(hit.id, hit.determination, 0.0) for hit in hits]

    def every(self, plan: Plan, names: Collection[str], *, records: bool = True) -> Iterator[Batch]:
        """See Engine."""
        wanted = ["id", *(["record"] if records else []), *names]
        keywords = [name for name in names if fields.BY_NAME[name].type == "keyword"]
        ranged = [name for name in names if fields.BY_NAME[name].type in {"number", "date"}]
        found = self._cluster.every(dsl.matches(plan), wanted)
        while sources := list(islice(found, LETTERS_AT_ONCE)):
            yield Batch(
                [source["id"] for source in sources],
                {name: [tuple(source.get(name, ())) for source in sources] for name in keywords},
                {name: [source.get(name) for source in sources] for name in ranged},
                [json.loads(source["record"]) for source in sources] if records else [],
            )

    def fetch(self, ids: Sequence[str]) -> dict[str, StoredDecision]:
        """See Engine."""
        found = self._cluster.sources(ids, ["record"])
        return {
            id_: StoredDecision.model_validate_json(source["record"])
            for id_, source in found.items()
        }

    def matching_siblings(self, plan: Plan, hits: Sequence[Hit]) -> dict[str, list[str]]:
        """See Engine."""
        determinations = [hit.determination for hit in hits]
        siblings: dict[str, list[str]] = {name: [] for name in determinations}
        query = dsl.matches(plan, {"terms": {"determination": list(determinations)}})
        body = {"size": dsl.WINDOW, "query": query, "sort": [{"number": "asc"}]}
        found = self._search({**body, **dsl.columns("id", "determination")})["hits"]["hits"]
        for values in (each["fields"] for each in found):
            siblings[values["determination"][0]].append(values["id"][0])
        return siblings

    def keywords_of(
        self, hits: Sequence[Hit], names: Collection[str]
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        """See Engine."""
        found = self._cluster.keywords([hit.id for hit in hits], list(names))
        return {
            id_: {name: tuple(values.get(name, ())) for name in names}
            for id_, values in found.items()
        }

    def compared(self, ids: Sequence[str]) -> dict[str, Compared]:
        """See Engine."""
        found = self._cluster.sources(ids, ["group", "passages", "facts"])
        return {
            id_: Compared(
                source["group"],
                np.array([p["vector"] for p in source["passages"] if "vector" in p], np.float32),
                np.array([source["facts"]] if "facts" in source else [], np.float32),
            )
            for id_, source in found.items()
        }

    def groups_of(self, hits: Sequence[Hit]) -> dict[str, str]:
        """See Engine."""
        found = self._cluster.keywords([hit.id for hit in hits], ["group"])
        return {id_: values["group"][0] for id_, values in found.items()}

    def beginning(self, sought: Sequence[Grouped]) -> list[list[StoredDecision]]:
        """See Writer."""
        if not sought:
            return []
        sharing = self._cluster.searches([dsl.beginning(each.bands) for each in sought])
        of = [
            [
                hit["_id"]
                for hit in found["hits"]["hits"]
                if likely(each.signs, bytes.fromhex(hit["_source"]["signs"]))
            ]
            for each, found in zip(sought, sharing, strict=True)
        ]
        stored = self.fetch(sorted({id_ for ids in of for id_ in ids}))
        return [[stored[id_] for id_ in ids if id_ in stored] for ids in of]

    def summaries(self, hits: Sequence[Hit]) -> dict[str, str]:
        """See Engine."""
        found = self._cluster.sources([hit.id for hit in hits], ["summary"])
        return {id_: source["summary"].replace(fields.ABSENT, "") for id_, source in found.items()}

    def values(self, field: str) -> Collection[str]:
        """See Engine."""
        return self.value_counts([field])[field]

    def value_counts(self, names: Collection[str]) -> Mapping[str, Mapping[str, int]]:
        """See Engine."""
        found = self._cluster.search(dsl.values(names))["aggregations"]
        return {name: counted(name, found[name]) for name in names}

    def letters_beginning(self, prefix: str, limit: int) -> list[str]:
        """See Engine."""
        if not limit:
            return []
        found = self._search(dsl.letters(prefix, limit))["hits"]["hits"]
        return [each["fields"]["determination"][0] for each in found]

    def frequency(self, word: str) -> int:
        """See Engine."""
        found = self._search(dsl.frequency(word))["aggregations"]
        return sum(int(each["doc_count"]) for each in found.values())

    def near_words(self, word: str) -> Mapping[str, int]:
        """See Engine."""
        found: Counter[str] = Counter()
        for suggested in self._search(dsl.near_words(word)).get("suggest", {}).values():
            for option in (option for each in suggested for option in each["options"]):
                found[option["text"]] += int(option["freq"])
        return {near: count for near, count in found.items() if near in one_edit_away(word)}

    def determination(self, id_: str) -> Determination | None:
        """See Engine."""
        return self.determinations([id_]).get(id_)

    def determinations(self, ids: Sequence[str]) -> dict[str, Determination]:
        """Those of the letters that there are; at most a few hundred are asked for."""
        if not ids:
            return {}
        query = {"terms": {"determination": list(ids)}}
        body = {"size": dsl.WINDOW, "query": query}
        wanted = ["determination", "record", "letter"]
        found = self._cluster.search({**body, "_source": wanted})["hits"]["hits"]
        parts: dict[str, list[Body]] = {}
        for each in found:
            parts.setdefault(each["_source"]["determination"], []).append(each["_source"])
        letters = {id_: letter_of(several) for id_, several in parts.items()}
        return {id_: letter for id_, letter in letters.items() if letter is not None}

    def letters(self) -> Iterator[Determination]:
        """Every letter."""
        sources = self._cluster.letters()
        for _, several in groupby(sources, key=lambda source: str(source["determination"])):
            letter = letter_of(list(several))
            if letter is not None:
                yield letter

    def stored(self, determination: Determination) -> StoredParts:
        """See Writer."""
        ids = [decision.id for decision in determination.decisions]
        names = [field.name for field in fields.KEYWORDS]
        found = self._cluster.sources(ids, ["passages", "facts", "group", "bands", "signs", *names])
        passages = [found[id_]["passages"] for id_ in ids]
        return StoredParts(
            passages=tuple(tuple((p["start"], p["end"]) for p in several) for several in passages),
            vectors=tuple(
                np.array([p["vector"] for p in several], dtype=np.float32) for several in passages
            )
            if self.signature.model
            else None,
            facts=tuple(
                np.array([found[id_]["facts"]], dtype=np.float32)
                if "facts" in found[id_]
                else np.empty((0, 0), dtype=np.float32)
                for id_ in ids
            )
            if self.signature.model
            else None,
            keywords=tuple({n: tuple(found[id_].get(n, ())) for n in names} for id_ in ids),
            grouped=tuple(
                Grouped(of["group"], tuple(of["bands"]), bytes.fromhex(of["signs"]))
                for of in map(found.__getitem__, ids)
            ),
        )

    def corpus_outcomes(self) -> tuple[int, int]:
        """See Engine."""
        return self._corpus_outcomes

    @cached_property
    def _corpus_outcomes(self) -> tuple[int, int]:
        found = self._search(_OUTCOMES)
        counts = counted("outcome", found["aggregations"]["outcome"])
        return counts.get("upheld", 0), counts.get("overturned", 0)

    def check(self) -> None:
        """See Engine."""
        if self._cluster.health()["status"] == "red":
            raise EngineUnreachableError(
                f"{self._cluster.name} at {self._cluster.url} is red: some of its data can't be "
                "reached"
            )


_OUTCOMES: Body = {"size": 0, "aggs": {"outcome": {"terms": {"field": "outcome"}}}}


def _key(body: Body) -> str:
    return json.dumps(body, sort_keys=True)
