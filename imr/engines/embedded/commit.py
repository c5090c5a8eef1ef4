"""What a commit of an index says of itself, kept in a document of its own: the mark."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import tantivy

from imr.engines.embedded.files import Extent
from imr.engines.embedded.text import MARK, schema


@dataclass(slots=True)
class Commit:
    """How many rows there are, how many of them are gone, and each file's extent."""

    rows: int = 0
    gone: int = 0
    passages: int = 0
    facts: int = 0
    files: dict[str, Extent] = field(default_factory=dict)

    @classmethod
    def of(cls, searcher: tantivy.Searcher) -> Commit:
        """What the searcher's mark says; an index without one is empty."""
        query = tantivy.Query.term_query(schema(), "kind", MARK, "basic")
        hits = searcher.search(query, limit=1, count=False).hits
        if not hits:
            return cls()
        told = json.loads(bytes(searcher.doc(hits[0][1])["record"][0]))
        files = {name: Extent(*extent) for name, extent in told.pop("files").items()}
        return cls(**told, files=files)

    def mark(self) -> tantivy.Document:
        """The document that says it."""
        made = tantivy.Document()
        made.add_text("kind", MARK)
        told = {
            "rows": self.rows, "gone": self.gone, "passages": self.passages, "facts": self.facts,
            "files": self.files,
        }  # fmt: skip
        made.add_bytes("record", json.dumps(told).encode())
        return made
