"""Keeps a plan within what an engine takes: a cluster refuses a query of more than 1,024 parts.

A part is a word, phrase or value looked for in one field, once to score and once to match. Plans
are cut on both engines alike, so that both give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from imr.errors import BadQueryError
from imr.text.analysis import tokens

if TYPE_CHECKING:
    from imr.search.plan import Clause, Filter

MOST_PARTS = 1_000
"""Of OpenSearch's 1,024; what is counted here is at least what Lucene counts."""
NAMES = 100
"""How many names the concepts of a query may look for in all, and how many words of names and of
joined words may score by themselves."""
MOST_WORDS_APART = 20
"""Words of one clause that score by themselves; what was pasted as one has more."""


def within(clauses: Sequence[Clause], filters: Sequence[Filter], texts: int) -> tuple[Clause, ...]:
    """The clauses, their concepts with the most useful names that fit.

    Args:
        clauses: what was understood.
        filters: what is filtered by beside them.
        texts: how many texts are searched.

    Raises:
        BadQueryError: the filters alone are too many.
    """
    names = NAMES
    while True:
        kept = _scored_by_words(_with_names(clauses, names), names)
        if _size(kept, filters, texts) <= MOST_PARTS:
            return kept
        if not names:
            raise BadQueryError(
                f"this asks for more than the {MOST_PARTS} words and values that one search may "
                "look for: leave some of the filters out"
            )
        names //= 2


def _with_names(clauses: Sequence[Clause], names: int) -> tuple[Clause, ...]:
    concepts = sum(map(_concepts, clauses))
    share = max(1, names // concepts) if concepts else 0
    return tuple(_named(clause, share) for clause in clauses)


def _concepts(clause: Clause) -> int:
    return (clause.concept is not None) + sum(map(_concepts, clause.parts))


def _named(clause: Clause, share: int) -> Clause:
    concept = clause.concept
    return replace(
        clause,
        concept=replace(concept, names=concept.names[:share]) if concept else None,
        parts=tuple(_named(part, share) for part in clause.parts),
    )


def _scored_by_words(clauses: Sequence[Clause], words: int) -> tuple[Clause, ...]:
    """Soft clauses of several words score word by word, as long as so many words last.

    "post-op" is two, "carpal tunnel" is, too. Otherwise a text in which one of them is missing, or
    stands elsewhere, would score nothing. To match, such a clause stays a phrase or a concept.
    """
    kept = []
    for clause in clauses:
        count = len(tokens(clause.text)) if clause.kind in {"word", "concept"} else 0
        by_words = not clause.hard and 1 < count <= min(words, MOST_WORDS_APART)
        words -= count if by_words else 0
        kept.append(replace(clause, by_words=by_words))
    return tuple(kept)


def _size(clauses: Sequence[Clause], filters: Sequence[Filter], texts: int) -> int:
    """The parts of the largest query made of them: what scores, and what makes a match."""
    once = sum(_parts(clause, texts) for clause in clauses)
    to_score = sum(_parts(clause, texts) for clause in clauses if not clause.negated)
    words = sum(
        len(tokens(clause.text)) * _texts(clause, texts) for clause in clauses if clause.by_words
    )
    return once + to_score + words + sum(_values(asked) for asked in filters)


def _parts(clause: Clause, texts: int) -> int:
    if clause.parts:
        return sum(_parts(part, texts) for part in clause.parts)
    if clause.filter is not None:
        return _values(clause.filter)
    concept = clause.concept
    if concept is None:
        return _texts(clause, texts)
    tags = len(concept.codes) if concept.field is not None and clause.field is None else 0
    return len(concept.names) * _texts(clause, texts) + tags


def _texts(clause: Clause, texts: int) -> int:
    return texts if clause.field is None else 1


def _values(asked: Filter) -> int:
    """Alternatives of one value are one part together."""
    several = [values for values in asked.alternatives if len(values) > 1]
    return 1 + len(list(chain.from_iterable(several))) + 2 * len(asked.ranges)
