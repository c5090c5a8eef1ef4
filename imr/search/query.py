"""A person's text → what it asks: clauses, filters, and the text that is compared by meaning.

What each construct means is told in docs/query.md. Whatever is typed has an answer; what meant
nothing is said in the warnings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imr.search import clauses, suggested, syntax, terms, tree
from imr.search.filters import Values
from imr.search.held import Held
from imr.search.plan import Clause, Filter, Scope
from imr.search.suggested import Suggested
from imr.search.terms import Item, Term
from imr.text.taxonomy.tagger import Tagger

MAX_LENGTH = 4000
"""Characters of a query that are read; a letter's page has about as many."""
MAX_WARNINGS = 10

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_QUOTES = str.maketrans("\u201c\u201d\u201e\u201f\u2033\uff02", '""""""')


@dataclass(frozen=True, slots=True)
class Written:
    """A word of the query that no concept took, and where in `Query.text` it stands."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Query:
    """What was understood.

    Attributes:
        text: what was typed, without what no engine takes.
        filters: the field terms at the top.
        positive: what vectors are compared with: without exclusions, field terms and marks.
        suggested: filters and operators that the wording suggests.
        words: its words, to be looked up where the index has none of them.
    """

    text: str
    clauses: tuple[Clause, ...]
    filters: tuple[Filter, ...]
    positive: str
    suggested: tuple[Suggested, ...]
    words: tuple[Written, ...]
    warnings: tuple[str, ...]


def read(text: str, tagger: Tagger, values: Values, scope: Scope = "decision") -> Query:
    """Understand a query; `values` are asked for where it names a field."""
    warnings: list[str] = []
    whole = readable(text)
    if len(whole) > MAX_LENGTH:
        warnings.append(f"only the first {MAX_LENGTH} characters of the query were read")
    mended, tokens = syntax.read(whole[:MAX_LENGTH].translate(_QUOTES), warnings)
    found = terms.read(mended, tokens, tagger, scope, Held(values), warnings)
    asked = clauses.read(tree.parse(found.items, warnings), warnings)
    return Query(
        text=whole,
        clauses=tuple(asked.clauses),
        filters=asked.filters,
        positive=_positive(asked, found.spoken),
        suggested=suggested.read(
            whole, [suggested.negated(whole, a) for a in asked.asides], found.items
        ),
        words=tuple(_words(whole, found.items)),
        warnings=tuple(dict.fromkeys(warnings))[:MAX_WARNINGS],
    )


def readable(text: str) -> str:
    """Text of the same length without what no engine takes: control characters, surrogates."""
    return _UNSEEN.sub(" ", text.encode("utf-8", "replace").decode("utf-8"))


def _positive(asked: clauses.Clauses, spoken: Sequence[tuple[int, str]]) -> str:
    if not any(_says(clause) for clause in asked.clauses):
        return ""
    kept = (
        text for at, text in spoken if not any(start <= at < end for start, end in asked.excluded)
    )
    return " ".join(" ".join(kept).split())


def _says(clause: Clause) -> bool:
    """Whether a clause holds text that is looked for, in whichever field."""
    if clause.negated or clause.kind in {"field", "case"} or clause.field is not None:
        return False
    return not clause.parts or any(_says(part) for part in clause.parts)


def _words(text: str, items: Sequence[Item]) -> Iterator[Written]:
    for item in items:
        if isinstance(item, Term) and [clause.kind for clause in item.clauses] == ["word"]:
            word = item.clauses[0].text
            start = text.find(word, item.start, item.end)  # behind a sign or a field's name
            if start >= 0:
                yield Written(word, start, start + len(word))
