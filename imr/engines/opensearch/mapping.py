"""The index as OpenSearch needs it, rendered from the registry of fields.

`mappings/imr-decisions.json` is the committed rendering, without the signature, which an index
gets when it is made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from imr import fields
from imr.engines.signature import Signature
from imr.text.analysis import ANALYZER, WORDS, opensearch_analysis
from imr.text.model_files import BGE_SMALL

PATH = Path("mappings/imr-decisions.json")
"""Where the rendering is committed, from the checkout's root."""

SHARDS = 1
"""One shard holds some millions of decisions; more are a setting of the load."""

_STORED = {"type": "keyword", "index": False, "doc_values": False}


def render() -> str:
    """The committed file's content."""
    return json.dumps(body(None), indent=2, ensure_ascii=False) + "\n"


def body(signature: Signature | None, shards: int = SHARDS) -> dict[str, Any]:
    """What an index is created with; `signature` says what it is built with."""
    model = signature.model if signature else BGE_SMALL.signature
    mappings: dict[str, Any] = {"dynamic": "strict", "properties": _properties(model)}
    if signature is not None:
        mappings["_meta"] = {"imr": signature.model_dump()}
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                # a copy as soon as there is a second node to hold it
                "auto_expand_replicas": "0-1",
                # a load is seen when it commits, not piece by piece
                "refresh_interval": "-1",
                "knn": True,
            },
            "analysis": opensearch_analysis(),
        },
        "mappings": mappings,
    }


def _properties(model: dict[str, Any] | None) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "id": {"type": "keyword"},
        "determination": {"type": "keyword"},
        "number": {"type": "integer"},
        "group": {"type": "keyword"},
        "bands": {"type": "keyword", "doc_values": False},
    }
    for field in fields.FIELDS:
        properties[field.name] = _field(field)
    properties["passages"] = {"type": "nested", "properties": _passage(model)}
    if model is not None:
        properties["facts"] = _vector(model)
    properties["record"] = properties["letter"] = properties["signs"] = _STORED
    return properties


def _field(field: fields.Field) -> dict[str, Any]:
    if field.type == "text":
        # for prefixes: words without stems, of which only the documents matter
        words = {"type": "text", "analyzer": WORDS, "index_options": "docs", "norms": False}
        return {"type": "text", "analyzer": ANALYZER, "fields": {"words": words}}
    return {"type": "float" if field.type == "number" else field.type}


def _passage(model: dict[str, Any] | None) -> dict[str, Any]:
    """A passage's place in the letter's text and its vector.

    Vectors are unit vectors rounded to float16; their inner product is what the embedded engine
    compares too. OpenSearch's cosine would divide by norms that the rounding has moved off 1.
    """
    unsearched = {"type": "integer", "index": False}
    properties: dict[str, Any] = {"start": unsearched, "end": unsearched}
    if model is not None:
        properties["vector"] = _vector(model)
    return properties


def _vector(model: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "knn_vector",
        "dimension": model["dimension"],
        "method": {"name": "hnsw", "engine": "lucene", "space_type": "innerproduct"},
    }
