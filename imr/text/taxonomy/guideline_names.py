"""One name for each guideline and section, however letters spell them."""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from imr.errors import TaxonomyError
from imr.text.taxonomy.guidelines import title_key

FILE = "guideline_names.toml"
LONGEST = 80
"""Characters of a slug before its hash."""
_PARENTHESIS = re.compile(r"\s*\([^()]*\)")


@cache
def _names() -> dict[tuple[str, str], str]:
    """(source, key of a spelling) → the document's one name.

    Raises:
        TaxonomyError: a name stands in two documents of a source.
    """
    content = tomllib.loads((files(__package__) / FILE).read_text(encoding="utf-8"))
    found: dict[tuple[str, str], str] = {}
    for document in content["document"]:
        for spelling in dict.fromkeys((document["name"], *document["also"])):
            key = document["source"], title_key(spelling)
            if found.setdefault(key, document["name"]) != document["name"]:
                raise TaxonomyError(f"{FILE}: {key[0]} {spelling!r} stands in two documents")
    return found


def document_name(source: str, document: str) -> str:
    """The one name of a document; itself, where the file has none for it."""
    return _names().get((source, title_key(document)), document)


def section_name(title: str) -> str:
    """A section's title without what stands in brackets: "Opioids (chronic)" → "Opioids"."""
    return " ".join(_PARENTHESIS.sub("", title).split()) or title


@lru_cache(maxsize=50_000)
def slug(name: str) -> str:
    """A name as it stands in an address: "MTUS: Knee Complaints" → "mtus-knee-complaints".

    Long names are cut and told apart by their end, eight hex digits of a hash.
    """
    plain = "-".join(re.findall(r"[a-z0-9]+", name.casefold()))
    if len(plain) <= LONGEST:
        return plain
    return f"{plain[:LONGEST]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
