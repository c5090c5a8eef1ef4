"""How a plan becomes tantivy's queries.

tantivy's BM25 is 2.2 times Lucene's (it multiplies by k1 + 1), so constants are raised to that
scale and scores brought back from it: both engines speak of the same numbers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

import tantivy
from tantivy import FieldType, Occur, Query

from imr import fields
from imr.engines.embedded.columns import number
from imr.engines.embedded.text import Word, words_field
from imr.search.plan import (
    CONSTANT_SCORES,
    TAG_SCORE,
    Clause,
    Filter,
    Plan,
    document_field,
    name_weight,
    word_weight,
)
from imr.text.analysis import tokens, words

SCALE = 2.2
"""tantivy's score over Lucene's."""

Texts = Sequence[fields.Field]


class Queries:
    """Builds tantivy queries for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def term(self, field: str, value: str) -> Query:
        """Decisions that have exactly this value."""
        return Query.term_query(self._schema, field, value, "basic")

    def word(self, word: Word) -> Query:
        """Decisions whose text has this word."""
        return self._phrase(word.field, word.tokens.split(" "))

    def behind(self, row: int, query: Query) -> Query:
        """What a query finds from a row on."""
        later = Query.range_query(self._schema, "row", FieldType.Unsigned, row, None)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, later)])

    def every(self) -> Query:
        """All decisions."""
        return Query.all_query()

    def _not(self, query: Query) -> Query:
        return Query.boolean_query([(Occur.Must, self.every()), (Occur.MustNot, query)])

    def among(self, field: str, values: Sequence[str]) -> Query:
        """Decisions that have any of these values."""
        return Query.term_set_query(self._schema, field, list(values))

    def keyword(self, plan: Plan, *, matching: bool) -> Query:
        """The scored leg: under all hard clauses, any soft clause holding."""
        scoring = [
            (Occur.Should, part) for clause in plan.soft for part in self._soft(clause, plan.texts)
        ]
        needed = [(Occur.Must, self._scored(clause, plan.texts)) for clause in plan.must]
        needed += [
            (Occur.Must, _unscored(self.filter(each))) for each in plan.filters if not each.negated
        ]
        barred = [(Occur.MustNot, self.filter(each)) for each in plan.filters if each.negated] + [
            (Occur.MustNot, self.holds(clause, plan.texts)) for clause in plan.must_not
        ]
        if matching:
            needed += [(Occur.Must, _unscored(group)) for group in self._groups(plan)]
        parts = scoring + needed + barred
        if not scoring:
            return Query.boolean_query(parts)
        return Query.boolean_query(parts, minimum_number_should_match=1)

    def _groups(self, plan: Plan) -> Iterable[Query]:
        """Enough soft clauses for a match."""
        for group in plan.groups:
            held = [(Occur.Should, self.holds(c, plan.scope_of(c))) for c in group.clauses]
            yield Query.boolean_query(held, minimum_number_should_match=group.needed)

    def filter(self, asked: Filter) -> Query:
        """What a filter asks, whether it is negated or not."""
        held = [
            _all(self.term(asked.field, value) for value in values) for values in asked.alternatives
        ]
        held += [self._range(asked.field, low, high) for low, high in asked.ranges]
        return _any(held)

    def _range(self, field: str, low: str | float | None, high: str | float | None) -> Query:
        if low is None and high is None:
            if fields.BY_NAME[field].type == "keyword":
                return Query.regex_query(self._schema, field, ".+")
            return Query.exists_query(field)
        least = None if low is None else float(number(low))
        most = None if high is None else float(number(high))
        return Query.range_query(self._schema, field, FieldType.Float, least, most)

    def _soft(self, clause: Clause, texts: Texts) -> list[Query]:
        """The parts that add up to a soft clause's score.

        One of several words scores where only some of them stand, or stand apart, too. Words are
        parts of their own: tantivy takes a third less time for a plain list than for a nested one.
        """
        if clause.by_words:
            words_ = self._words(clause.text, _bound(clause, texts), word_weight(clause))
            if not clause.concept:
                return words_
            return [Query.disjunction_max_query([self._scored(clause, texts), _any(words_)])]
        if clause.kind == "word":
            return self._places(clause.text, _bound(clause, texts))
        return [self._scored(clause, texts)]

    def _words(self, text: str, texts: Texts, weight: float) -> list[Query]:
        return [
            Query.boost_query(self._phrase(f.name, [token]), weight * (f.weight or 1.0))
            for f in texts
            for token in tokens(text)
        ]

    def _scored(self, clause: Clause, texts: Texts) -> Query:
        """A concept scores its best name or tag, a group its parts, anything else over the texts.

        A concept is one clause whichever name it goes by, so a name's score is shared among its
        words: "magnetic resonance imaging" would otherwise count three times what "MRI" does.
        """
        texts = _bound(clause, texts)
        if clause.kind == "concept" and clause.concept is not None:
            names = [self._everywhere(n, texts, name_weight(n)) for n in clause.concept.names]
            if not clause.beside and (tag := self._tag(clause)) is not None:
                names.append(Query.const_score_query(tag, TAG_SCORE * SCALE))
            return Query.disjunction_max_query(names)
        if clause.kind in {"any", "all"}:
            return self._group(clause, texts, scored=True)
        if (score := CONSTANT_SCORES.get(clause.kind)) is not None:
            return Query.const_score_query(self.holds(clause, texts), score * SCALE)
        return self._everywhere(clause.text, texts)

    def _group(self, clause: Clause, texts: Texts, *, scored: bool) -> Query:
        wanted = Occur.Should if clause.kind == "any" else Occur.Must
        parts = []
        for part in clause.parts:
            query = self._scored(part, texts) if scored else self.holds(part, texts)
            if not part.negated:
                parts.append((wanted, query))
            elif clause.kind == "any":
                parts.append((wanted, _unscored(self._not(self.holds(part, texts)))))
            else:
                parts.append((Occur.MustNot, self.holds(part, texts)))
        if all(occur == Occur.MustNot for occur, _ in parts):
            parts.append((Occur.Must, _unscored(self.every())))
        return Query.boolean_query(parts)

    def _everywhere(self, text: str, texts: Texts, weight: float = 1.0) -> Query:
        return _any(self._places(text, texts, weight))

    def _places(self, text: str, texts: Texts, weight: float = 1.0) -> list[Query]:
        found = tokens(text)
        return [
            Query.boost_query(self._phrase(f.name, found), weight * (f.weight or 1.0))
            for f in texts
        ]

    def holds(self, clause: Clause, texts: Texts) -> Query:
        """Whether a clause holds in any of these texts, or by its tag."""
        texts = _bound(clause, texts)
        if clause.kind in {"any", "all"}:
            return self._group(clause, texts, scored=False)
        if clause.kind == "field" and clause.filter is not None:
            return self.filter(clause.filter)
        if clause.kind == "case":
            return self.term(document_field(clause), clause.text)
        if clause.kind == "prefix":
            return _any(self._prefix(f.name, clause.text) for f in texts)
        tag = self._tag(clause)
        return _any([self.named(clause, texts), *([] if tag is None else [tag])])

    def named(self, clause: Clause, texts: Texts, words: Collection[Word] = ()) -> Query:
        """Whether a name of a clause that has none of these words stands in any of these texts."""
        return _any(
            self._phrase(field.name, found, clause.slop)
            for found in _names(clause)
            for field in _bound(clause, texts)
            if not _has(Word(field.name, " ".join(found)), words)
        )

    def _tag(self, clause: Clause) -> Query | None:
        field, codes = tag_of(clause)
        return _all(self.term(field, code) for code in codes) if codes else None

    def _phrase(self, field: str, found: list[str], slop: int = 0) -> Query:
        if not found:
            return Query.empty_query()
        if len(found) == 1:
            return Query.term_query(self._schema, field, found[0], "position")
        return Query.phrase_query(self._schema, field, list(found), slop)

    def _prefix(self, field: str, text: str) -> Query:
        found = words(text)
        if len(found) != 1:
            return Query.empty_query()
        return Query.regex_query(self._schema, words_field(field), re.escape(found[0]) + ".*")


def tag_of(clause: Clause) -> tuple[str, tuple[str, ...]]:
    """The field and the values of it, all of which a decision has that a clause holds in by tag."""
    concept = clause.concept
    if concept is None or concept.field is None or clause.field is not None:
        return "", ()
    return concept.field, concept.codes


def sole_words(clause: Clause, texts: Texts) -> set[Word]:
    """The words by each of which alone a clause of names holds."""
    if clause.slop:
        return set()
    return {
        Word(field.name, " ".join(found))
        for found in _names(clause)
        for field in _bound(clause, texts)
        if found
    }


def _has(name: Word, words: Iterable[Word]) -> bool:
    """Whether a name is one of these words or has one: where it stands, that does, too."""
    inside = f" {name.tokens} "
    return any(word.field == name.field and f" {word.tokens} " in inside for word in words)


def _names(clause: Clause) -> list[list[str]]:
    """What a clause of words may be written as, each in tokens."""
    return [tokens(each) for each in (clause.concept.names if clause.concept else [clause.text])]


def _bound(clause: Clause, texts: Texts) -> Texts:
    """The one text a clause is bound to, or all in scope."""
    return texts if clause.field is None else (fields.BY_NAME[clause.field],)


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _any(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _all(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])
