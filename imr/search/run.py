"""One search from a person's request to the answer, the same on every engine."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from imr.engines.protocol import Counts, Engine, Hit
from imr.engines.signature import check_comparable
from imr.search import filters as filter_reader
from imr.search import misspelling, view
from imr.search import page as pages
from imr.search import plan as plans
from imr.search import query as queries
from imr.search.fuse import Candidate, fuse
from imr.search.page import Found, Listed
from imr.search.plan import Filter, Plan
from imr.search.query import Query
from imr.search.request import LISTED, Request
from imr.search.response import SearchResponse
from imr.text.embedding import Embedder
from imr.text.taxonomy.tagger import default_tagger

CANDIDATES = 200
"""How many decisions each leg may bring."""
RELATED = 50
"""How many candidates that are no matches are shown."""


def search(engine: Engine, request: Request, embedder: Embedder | None) -> SearchResponse:
    """Answer a request; without an embedder there is no semantic leg, and a warning says so.

    Raises:
        BadQueryError: a filter or facet that does not exist.
        IndexMismatchError: the index holds vectors of another model.
    """
    began = time.perf_counter()
    facets = filter_reader.facets(request.facets)
    filters = filter_reader.read(request.filters, engine.values)
    query = queries.read(request.text, default_tagger(), engine.values, request.scope)
    filters = filter_reader.merged((*filters, *query.filters))
    warnings = list(query.warnings)
    plan = _plan(engine, request, query, filters, embedder, warnings)
    by_meaning = request.mode == "semantic" and bool(query.positive)
    found = _found(engine, request, plan, facets, semantic=by_meaning)
    shown = pages.cut(engine, plan, found.listed, request.group, request.page, request.size)
    return view.response(
        request, query, plan, found, shown,
        engine=engine, warnings=warnings,
        did_you_mean=misspelling.corrected(query.text, query.words, engine.frequency),
        took_ms=(time.perf_counter() - began) * 1000,
    )  # fmt: skip


def _plan(
    engine: Engine,
    request: Request,
    query: Query,
    filters: Sequence[Filter],
    embedder: Embedder | None,
    warnings: list[str],
) -> Plan:
    clauses = query.clauses
    if request.mode == "semantic":
        clauses = tuple(clause for clause in clauses if clause.hard)
    vector = None
    if request.mode != "keyword" and query.positive and request.sort == "relevance":
        if embedder is None:
            warnings.append("semantic search is off: the embedding model is not available")
        elif engine.signature.model is None:
            warnings.append("semantic search is off: the index was built without vectors")
        else:
            check_comparable(engine.signature, embedder.spec)
            vector = embedder.embed_query(query.positive)
    if request.text.strip() and not query.clauses and not query.filters:
        warnings.append("the query holds no word to search by, so all decisions are listed")
    return plans.make(
        clauses, filters, match=request.match, subject=request.subject, scope=request.scope,
        vector=vector,
    )  # fmt: skip


def _found(
    engine: Engine, request: Request, plan: Plan, facets: Sequence[str], *, semantic: bool
) -> Found:
    """The list and its counts; `semantic` is a search by meaning alone, where nothing matches."""
    # facets a filter speaks of are needed to show what is selected; the outcome for the balance
    counted_facets = tuple(dict.fromkeys((*facets, "outcome")))
    if request.sort != "relevance" or (plan.vector is None and not plan.scored and not semantic):
        return _browse(engine, request, plan, counted_facets)
    candidates = _candidates(engine, request, plan)
    counts = engine.count(plan, counted_facets, [c.hit for c in candidates])
    if semantic:
        counts = Counts(0, 0, {}, frozenset())
    head = _head(candidates, counts.matched, show_related=request.related)
    related = sum(not item.matched for item in head)
    total = min(LISTED, counts.matches + related)
    tail = _tail(engine, plan, head, total)
    if counts.matches or not (head or semantic):
        return Found((*head, *tail), counts, "matches", related, total)
    return Found(
        tuple(head), _count_related(engine, head, counted_facets), "related", related, total
    )


def _browse(engine: Engine, request: Request, plan: Plan, facets: Sequence[str]) -> Found:
    hits = engine.newest(plan, LISTED, oldest=request.sort == "oldest")
    counts = engine.count(plan, facets, [])
    listed = tuple(Listed(hit, None, matched=True) for hit in hits)
    return Found(listed, counts, "matches", 0, len(listed))


def _candidates(engine: Engine, request: Request, plan: Plan) -> list[Candidate]:
    keyword: list[Hit] | None = None
    semantic: list[Hit] | None = None
    if request.mode != "semantic" and plan.scored:
        keyword = engine.keyword(plan, CANDIDATES)
    if plan.vector is not None:
        semantic = engine.nearest(plan, CANDIDATES)
    return fuse(keyword, semantic)


def _head(
    candidates: Sequence[Candidate], matched: frozenset[str], *, show_related: bool
) -> list[Listed]:
    """Candidates in rank order: all matches and the best related ones."""
    head = []
    related = RELATED if show_related else 0
    for candidate in candidates:
        is_match = candidate.hit.id in matched
        if not is_match:
            if not related:
                continue
            related -= 1
        head.append(
            Listed(
                candidate.hit, candidate.hit.score, is_match, candidate.keyword, candidate.semantic
            )
        )
    return head[:LISTED]


def _tail(engine: Engine, plan: Plan, head: Sequence[Listed], total: int) -> list[Listed]:
    """The matches that were no candidates, in BM25 order, without a fused score."""
    missing = total - len(head)
    if missing <= 0:
        return []
    if not plan.scored:
        rest = engine.newest(plan, LISTED)
    else:
        rest = engine.keyword(plan, LISTED, matching=True)
    known = {item.hit.id for item in head}
    return [Listed(hit, None, matched=True) for hit in rest if hit.id not in known][:missing]


def _count_related(engine: Engine, head: Sequence[Listed], facets: Sequence[str]) -> Counts:
    """Facets over the related decisions, where nothing matches."""
    values = engine.keywords_of([item.hit for item in head], facets)
    counted = {
        name: Counter(value for of in values.values() for value in of[name]) for name in facets
    }
    return Counts(0, 0, counted, frozenset())
