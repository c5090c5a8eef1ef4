"""What an index is told of its fields is the registry of fields, and it is committed as such."""

from __future__ import annotations

import json
from pathlib import Path

from imr import fields
from imr.engines.opensearch import mapping
from imr.engines.signature import current
from imr.text.model_files import BGE_SMALL

COMMITTED = Path(__file__).parents[1] / mapping.PATH


def test_the_committed_mapping_is_what_the_fields_render() -> None:
    again = "imr/fields.py has changed: run `imr mappings render` and commit what it writes"
    assert COMMITTED.read_bytes() == mapping.render().encode(), again


def test_the_committed_mapping_holds_no_signature() -> None:
    """It would change with every vocabulary."""
    assert "_meta" not in json.loads(mapping.render())["mappings"]


def test_every_field_has_its_type_and_an_unknown_one_is_refused() -> None:
    mappings = mapping.body(None)["mappings"]
    assert mappings["dynamic"] == "strict"
    for field in fields.FIELDS:
        kind = "float" if field.type == "number" else field.type
        assert mappings["properties"][field.name]["type"] == kind


def test_stored_json_is_not_looked_into() -> None:
    properties = mapping.body(None)["mappings"]["properties"]
    for name in ("record", "letter"):
        assert properties[name] == {"type": "keyword", "index": False, "doc_values": False}


def test_an_index_records_what_it_was_built_with() -> None:
    signature = current(BGE_SMALL)
    body = mapping.body(signature)
    assert signature.model_dump() in body["mappings"]["_meta"].values()


def test_vectors_have_the_dimension_of_the_model() -> None:
    model = {**BGE_SMALL.signature, "dimension": 768}
    signature = current(BGE_SMALL).model_copy(update={"model": model})
    passages = mapping.body(signature)["mappings"]["properties"]["passages"]["properties"]
    assert passages["vector"]["dimension"] == 768


def test_an_index_without_a_model_takes_no_vectors() -> None:
    properties = mapping.body(current(None))["mappings"]["properties"]
    assert "vector" not in properties["passages"]["properties"]


def test_the_number_of_shards_is_the_callers() -> None:
    assert mapping.body(None, shards=3)["settings"]["index"]["number_of_shards"] == 3
