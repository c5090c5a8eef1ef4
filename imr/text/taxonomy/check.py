"""What names of a vocabulary must keep among themselves; each failure says the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imr.errors import TaxonomyError
from imr.text.taxonomy.fold import fold
from imr.text.taxonomy.spelling import spellings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imr.text.taxonomy.read import Entry

_DRUGS = frozenset({"ingredient", "product"})


def check(file: str, entries: Sequence[Entry], shared: Sequence[str]) -> None:
    """Names can be found in folded text, and one of a kind belongs to one entry.

    Raises:
        TaxonomyError: a name that cannot be found, is written twice, or is another entry's and
            not declared in `shared`; or one declared there that no two entries have.
    """
    for entry in entries:
        _findable(entry)
    unused = {fold(name).text: name for name in shared}
    allowed = {spelling for name in shared for spelling in spellings(name)}
    owners: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        kind = "drug" if entry.table in _DRUGS else entry.table
        for written in entry.written:
            for spelling in sorted(spellings(written.text)):
                owner = owners.setdefault((kind, spelling), entry)
                if owner is entry:
                    continue
                unused.pop(fold(written.text).text, None)
                if spelling not in allowed:
                    raise entry.error(
                        f"{written.text!r} is already a name of {owner.code!r} ({file}): "
                        "remove one, or declare it in shared"
                    )
    if unused:
        raise TaxonomyError(
            f"{file}: shared has {', '.join(map(repr, unused.values()))}, which no two entries "
            "name: remove it there"
        )


def _findable(entry: Entry) -> None:
    """Names are written as a person would, and something of them is left in folded text."""
    seen: set[str] = set()
    for written in entry.written:
        name = written.text
        if name != " ".join(name.split()) or not name:
            raise entry.error(f"{name!r} is empty or has stray blanks: write it with single ones")
        if name.lower() in seen:
            raise entry.error(f"{name!r} is written twice: remove one")
        seen.add(name.lower())
        folded = fold(name).text
        if len(folded) < 2 or not folded[0].isalnum() or folded != " ".join(folded.split()):
            raise entry.error(
                f"{name!r} is {folded!r} once it is folded, and no text is found by that: a name "
                "has two characters or more and begins with a letter or digit"
            )
