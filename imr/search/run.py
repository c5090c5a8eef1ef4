"""One search from a person's request to the answer, the same on every engine."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice

from imr.engines.protocol import Counts, Engine
from imr.engines.signature import check_comparable
from imr.search import filters as filter_reader
from imr.search import known_values, named_leg, reason_leg, view
from imr.search import page as pages
from imr.search import plan as plans
from imr.search import query as queries
from imr.search.cases import unknown_cases
from imr.search.fuse import Candidate, fuse
from imr.search.heard import did_you_mean, misread
from imr.search.page import Found, Listed
from imr.search.plan import Plan
from imr.search.query import Query
from imr.search.request import LISTED, Request
from imr.search.response import SearchResponse
from imr.text.embedding import Embedder, Vectors
from imr.text.taxonomy.tagger import default_tagger

CANDIDATES = 200
"""How many decisions each leg may bring."""
RELATED = 50
"""How many candidates that are no matches are shown."""

WIDENED = (
    "no request, rationale or cited guideline holds all that has to hold: "
    "the facts of the cases were searched, too (scope=all)"
)

# The legs and the counts wait for nothing of each other's: what one does outside Python runs
# beside the others.
_BESIDE = ThreadPoolExecutor(max_workers=8, thread_name_prefix="search")


def search(engine: Engine, request: Request, embedder: Embedder | None) -> SearchResponse:
    """Answer a request; without an embedder there is no semantic leg, and a warning says so.

    Raises:
        BadQueryError: a filter or facet that does not exist.
        IndexMismatchError: the index holds vectors of another model.
    """
    began = time.perf_counter()
    facets = filter_reader.facets(request.facets)
    query, plan = understood(engine, request)
    warnings = list(misread(engine, request, query))
    found = Finder(engine, request, query, plan, embedder, warnings).found(facets)
    if not found.listed and may_widen(request, plan):
        wider = search(engine, replace(request, scope="all"), embedder)
        if wider.total.listed:
            return _warned(wider, (WIDENED, *wider.query.warnings))
    if not found.counts.matches:
        warnings += known_values.without_decisions(engine, plan)
    listed = pages.folded(engine, found.listed, request.group) if request.fold else found.listed
    shown = pages.cut(engine, plan, listed, request.group, request.page, request.size)
    if not shown.rows and found.listed:
        last = -(-len(pages.rows(listed, request.group)) // request.size)
        warnings.append(f"page {request.page} is past the last, which is {last}")
    answer = view.response(
        request, query, plan, found, shown,
        engine=engine, warnings=warnings, did_you_mean=did_you_mean(engine, query), began=began,
    )  # fmt: skip
    # the last word: drawing the answer asks the engine, too
    return _warned(answer, (*answer.query.warnings, *engine.notes()))


def _warned(answer: SearchResponse, warnings: Sequence[str]) -> SearchResponse:
    told = tuple(dict.fromkeys(warnings))
    return answer.model_copy(update={"query": answer.query.model_copy(update={"warnings": told})})


def candidates(engine: Engine, request: Request, embedder: Embedder | None) -> list[Candidate]:
    """The whole fused ranking, best first, before it is cut into matches and related decisions.

    The legs bring CANDIDATES each. Empty for a browse, which ranks nothing.

    Raises:
        BadQueryError, IndexMismatchError: as in `search`.
    """
    query, plan = understood(engine, request)
    found = Finder(engine, request, query, plan, embedder, []).candidates()
    if not found and may_widen(request, plan):
        return candidates(engine, replace(request, scope="all"), embedder)
    return found


def may_widen(request: Request, plan: Plan) -> bool:
    """Whether text that has to hold may hold in the facts of a case, which nobody left out.

    "foot drop" stands in a clinical summary rather than in what a reviewer concludes from it.
    """
    return request.scope == "default" and any(map(plans.scores, plan.must))


def understood(engine: Engine, request: Request) -> tuple[Query, Plan]:
    """What a request's text says, and the plan of it."""
    filters = filter_reader.read(request.filters, engine.values)
    query = queries.read(request.text, default_tagger(), engine.values, request.searched)
    room = queries.MAX_WARNINGS - len(query.warnings)
    unknown = islice(unknown_cases(engine, query.clauses), room)
    query = replace(query, warnings=(*query.warnings, *unknown))
    filters = filter_reader.merged((*filters, *query.filters))
    clauses = query.clauses
    if request.mode == "semantic":
        clauses = tuple(clause for clause in clauses if clause.hard)
    plan = plans.make(
        clauses, filters, match=request.match, subject=request.subject, scope=request.searched
    )
    return query, plan


class Finder:
    """Finds the list and its counts for one request."""

    def __init__(
        self,
        engine: Engine,
        request: Request,
        query: Query,
        plan: Plan,
        embedder: Embedder | None,
        warnings: list[str],
    ) -> None:
        self._engine, self._request, self._query, self._plan = engine, request, query, plan
        self._embedder, self._warnings = embedder, warnings
        self._made: Vectors | None = None

    def found(self, facets: Sequence[str]) -> Found:
        """The whole list, as far as the page asked for needs it."""
        # facets a filter speaks of are needed to show what is selected; outcomes for the balance
        counted = tuple(dict.fromkeys((*facets, "outcome")))
        if self._request.mode == "semantic" and self._query.positive and not self._dated:
            return self._by_meaning(counted)
        embedder = self._comparing()
        if self._dated or (embedder is None and not self._plan.scored):
            return self._browse(counted)
        return self._ranked(counted, embedder)

    def candidates(self) -> list[Candidate]:
        """The decisions that the legs bring, joined."""
        embedder = self._comparing()
        if self._request.mode == "semantic":
            return self._semantic(embedder) if embedder else []
        return self._fused(embedder)

    @property
    def _dated(self) -> bool:
        return self._request.sort != "relevance"

    def _comparing(self) -> Embedder | None:
        """The embedder, where a semantic leg is wanted and to be had; else warnings say why."""
        if self._request.mode == "keyword" or not self._query.positive or self._dated:
            return None
        if self._embedder is None:
            self._warnings.append("semantic search is off: the embedding model is not available")
            return None
        if self._engine.signature.model is None:
            self._warnings.append("semantic search is off: the index was built without vectors")
            return None
        check_comparable(self._engine.signature, self._embedder.spec)
        return self._embedder

    def _vector(self, embedder: Embedder) -> Vectors:
        """The query's vector, made once."""
        if self._made is None:
            self._made = embedder.embed_query(self._query.positive)
        return self._made

    def _semantic(self, embedder: Embedder) -> list[Candidate]:
        vector = self._vector(embedder)
        return fuse(None, self._engine.nearest(replace(self._plan, vector=vector), CANDIDATES))

    def _by_meaning(self, facets: Sequence[str]) -> Found:
        """Meaning alone: nothing is a match, all that is near is related."""
        embedder = self._comparing()
        head = self._head(self._semantic(embedder) if embedder else [], frozenset())
        return Found(
            tuple(head), self._count_related(head, facets), "related", len(head), len(head)
        )

    def _browse(self, facets: Sequence[str]) -> Found:
        hits = self._engine.newest(self._plan, LISTED, oldest=self._request.sort == "oldest")
        counts = self._engine.count(self._plan, facets)
        listed = tuple(Listed(hit, None, matched=True) for hit in hits)
        return Found(listed, counts, "matches", 0, len(listed))

    def _ranked(self, facets: Sequence[str], embedder: Embedder | None) -> Found:
        engine, plan = self._engine, self._plan
        vector = partial(self._vector, embedder) if embedder else None
        engine.foresee(plan, CANDIDATES, facets, vector)
        counting = _BESIDE.submit(engine.count, plan, facets)
        candidates = self._fused(embedder)
        counts = counting.result()
        matched = engine.matching(plan, [candidate.hit for candidate in candidates])
        head = self._head(candidates, matched)
        related = sum(not item.matched for item in head)
        total = min(LISTED, counts.matches + related)
        # those that an outcome filter leaves out are counted in the balance all the same
        if counts.matches or counts.facets["outcome"] or not head:
            listed = (*head, *self._tail(head, total))
            return Found(listed, counts, "matches", related, total)
        return Found(tuple(head), self._count_related(head, facets), "related", related, total)

    def _fused(self, embedder: Embedder | None) -> list[Candidate]:
        engine, plan = self._engine, self._plan
        keyword = _BESIDE.submit(engine.keyword, plan, CANDIDATES) if plan.scored else None
        if embedder is None:
            return fuse(keyword.result() if keyword else None, None)
        vector = self._vector(embedder)
        near = engine.nearest(replace(plan, vector=vector), CANDIDATES)
        found = keyword.result() if keyword else None
        hits = {hit.id: hit for hit in (*(found or ()), *near)}
        each = list(hits.values())
        asked = reason_leg.lean(engine, each, vector, embedder)
        return fuse(found, near, (asked, *named_leg.leans(engine, self._query, plan, each)))

    def _head(self, candidates: Sequence[Candidate], matched: frozenset[str]) -> list[Listed]:
        """Candidates in rank order: all matches and the best related ones."""
        head = []
        related = RELATED if self._request.related else 0
        for candidate in candidates:
            hit = candidate.hit
            if hit.id not in matched:
                if not related:
                    continue
                related -= 1
            places = (candidate.keyword, candidate.semantic, candidate.leanings)
            head.append(Listed(hit, hit.score, hit.id in matched, *places))
        return head[:LISTED]

    def _tail(self, head: list[Listed], total: int) -> list[Listed]:
        """The matches that were no candidates, in BM25 order, without a fused score.

        The page asked for may end before them: then there is no need to look for them.
        """
        missing = total - len(head)
        whole_page = self._request.page * self._request.size
        if missing <= 0:
            return []
        shown = head
        if self._request.fold:
            shown = pages.folded(self._engine, head, self._request.group)
        if len(pages.rows(shown, self._request.group)) > whole_page:
            return []
        if not self._plan.scored:
            rest = self._engine.newest(self._plan, LISTED)
        else:
            rest = self._engine.keyword(self._plan, LISTED, matching=True)
        known = {item.hit.id for item in head}
        return [Listed(hit, None, matched=True) for hit in rest if hit.id not in known][:missing]

    def _count_related(self, head: Sequence[Listed], facets: Sequence[str]) -> Counts:
        """Facets over the related decisions, where nothing matches.

        Under an outcome filter they all ended alike: a balance of them would say nothing else.
        """
        values = self._engine.keywords_of([item.hit for item in head], facets)
        counted = {
            name: Counter(value for of in values.values() for value in of[name]) for name in facets
        }
        if any(asked.field == "outcome" for asked in self._plan.filters):
            counted["outcome"] = Counter()
        return Counts(0, 0, counted)
