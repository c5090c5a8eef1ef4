"""What a cluster's answers say: pure readers of their JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from imr.engines.document import StoredDecision, determination_of
from imr.engines.opensearch import dsl
from imr.engines.opensearch.cluster import Body, Cluster
from imr.engines.signature import Signature
from imr.engines.signature import stored_signature as read_signature
from imr.errors import UnusableIndexError
from imr.model import Determination, Span


def stored_signature(cluster: Cluster) -> Signature:
    """What the index was built with."""
    meta = cluster.meta()
    if meta is None:
        raise cluster.missing()
    if "imr" not in meta:
        raise not_ours(cluster)
    return read_signature(json.dumps(meta["imr"]), f"the index {cluster.index}")


def not_ours(cluster: Cluster) -> UnusableIndexError:
    """The error that says something else has the index's name."""
    return UnusableIndexError(
        f"{cluster.index} at {cluster.url} was not made by imr: name another with "
        "IMR_OPENSEARCH_INDEX"
    )


def letter_of(sources: Sequence[Body]) -> Determination | None:
    """The letter of all its documents; None where its first one is not among them."""
    letters = [source["letter"] for source in sources if source.get("letter")]
    records = [StoredDecision.model_validate_json(source["record"]) for source in sources]
    return determination_of(letters[0], records) if letters else None


def passage(hit: Body) -> Span | None:
    """The range of the nearest passage, where a hit names one."""
    inner = hit.get("inner_hits", {}).get("passages", {}).get("hits", {}).get("hits", [])
    if not inner:
        return None
    start, end = (inner[0]["fields"][f"passages.{name}"][0] for name in ("start", "end"))
    return start, end


def inner_product(score: float) -> float:
    """The inner product behind a score: Lucene raises it by one, and x < 0 becomes 1 / (1 - x)."""
    return score - 1 if score >= 1 or not score else 1 - 1 / score


def counted(name: str, found: Body) -> dict[str, int]:
    """A facet's counts; they must be whole."""
    if found["sum_other_doc_count"] or found["doc_count_error_upper_bound"]:
        raise UnusableIndexError(
            f"the facet {name} has more than {dsl.EVERY_VALUE} values, its counts would be wrong"
        )
    return {bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]}
