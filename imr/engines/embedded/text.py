"""The tantivy side: its schema and how a plan becomes its queries.

tantivy's BM25 is 2.2 times Lucene's (it multiplies by k1 + 1), so constants are raised to that
scale and scores brought back from it: both engines speak of the same numbers.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from imr import fields
from imr.search.plan import TAG_SCORE, Clause, Filter, Plan, name_weight
from imr.text.analysis import ANALYZER, analyzer, tokens

SCALE = 2.2
"""tantivy's score over Lucene's."""


def schema() -> tantivy.Schema:
    """Fields of a decision. `row` is its place in the columns, `vectors` how many up to it."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("determination", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("row", indexed=True, fast=True)
    builder.add_unsigned_field("vectors", fast=True)
    for field in fields.FIELDS:
        if field.type == "text":
            builder.add_text_field(field.name, tokenizer_name=ANALYZER, index_option="position")
        elif field.type == "keyword":
            builder.add_text_field(field.name, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("record", stored=True)
    builder.add_bytes_field("letter", stored=True)
    return builder.build()


def reading_folder(folder: Path) -> Path:
    """Where the index can be read: the folder, or links to its files where it is read-only.

    tantivy takes a lock in the folder to read, too; links stand in a folder it can lock.
    """
    if os.access(folder, os.W_OK):
        return folder
    links = Path(tempfile.mkdtemp(prefix="imr-index-"))
    atexit.register(shutil.rmtree, links, ignore_errors=True)
    for file in folder.iterdir():
        if not file.name.startswith(".") and file.suffix != ".lock":
            (links / file.name).symlink_to(file.resolve())
    managed = folder / ".managed.json"
    if managed.exists():
        (links / managed.name).symlink_to(managed.resolve())
    return links


def open_index(folder: Path) -> tantivy.Index:
    """The index in the folder, made if it is empty."""
    index = tantivy.Index(schema(), path=str(folder))
    index.register_tokenizer(ANALYZER, analyzer())
    return index


class Queries:
    """Builds tantivy queries for one schema."""

    def __init__(self, schema_: tantivy.Schema) -> None:
        self._schema = schema_

    def term(self, field: str, value: str) -> Query:
        """Decisions that have exactly this value."""
        return Query.term_query(self._schema, field, value, "basic")

    def among(self, field: str, values: Sequence[str]) -> Query:
        """Decisions that have any of these values."""
        return Query.term_set_query(self._schema, field, list(values))

    def keyword(self, plan: Plan, *, matching: bool) -> Query:
        """The scored leg: under all hard clauses, any soft clause holding."""
        scored = [self._scored(clause) for clause in plan.scored]
        parts = [(Occur.Should, query) for query in scored]
        if plan.soft:
            soft = [(Occur.Should, query) for query in scored[: len(plan.soft)]]
            parts.append((Occur.Must, _unscored(Query.boolean_query(soft))))
        hard = self.hard(plan)
        if hard is not None:
            parts.append((Occur.Must, _unscored(hard)))
        if matching and (groups := self.groups(plan)) is not None:
            parts.append((Occur.Must, _unscored(groups)))
        return Query.boolean_query(parts)

    def hard(self, plan: Plan, filters: Sequence[Filter] | None = None) -> Query | None:
        """All hard clauses and the filters (default: the plan's); None where there are none."""
        kept = plan.filters if filters is None else filters
        parts = [(Occur.Must, self._holds(clause, fields.TEXTS)) for clause in plan.must]
        parts += [(Occur.MustNot if f.negated else Occur.Must, self._filter(f)) for f in kept]
        parts += [(Occur.MustNot, self._holds(clause, fields.TEXTS)) for clause in plan.must_not]
        if not parts:
            return None
        if all(occur == Occur.MustNot for occur, _ in parts):
            parts.append((Occur.Must, Query.all_query()))
        return Query.boolean_query(parts)

    def groups(self, plan: Plan) -> Query | None:
        """Enough soft clauses for a match; None where there are none."""
        parts = [
            (
                Occur.Must,
                Query.boolean_query(
                    [(Occur.Should, self._holds(c, plan.match_scope)) for c in group.clauses],
                    minimum_number_should_match=group.needed,
                ),
            )
            for group in plan.groups
        ]
        return Query.boolean_query(parts) if parts else None

    def _filter(self, filter_: Filter) -> Query:
        return _any(
            _all(self.term(filter_.field, value) for value in values)
            for values in filter_.alternatives
        )

    def _scored(self, clause: Clause) -> Query:
        """A concept scores its best name or tag, anything else the sum over the texts.

        A concept is one clause whichever name it goes by, so a name's score is shared among its
        words: "magnetic resonance imaging" would otherwise count three times what "MRI" does.
        """
        if clause.concept is None:
            return self._everywhere(clause.text)
        names = [self._everywhere(name, name_weight(name)) for name in clause.concept.names]
        tag = self._tag(clause)
        if tag is not None:
            names.append(Query.const_score_query(tag, TAG_SCORE * SCALE))
        return Query.disjunction_max_query(names)

    def _everywhere(self, text: str, weight: float = 1.0) -> Query:
        words = tokens(text)
        return Query.boolean_query(
            [
                (
                    Occur.Should,
                    Query.boost_query(self._phrase(f.name, words), weight * (f.weight or 1.0)),
                )
                for f in fields.TEXTS
            ]
        )

    def _holds(self, clause: Clause, scope: Iterable[fields.Field]) -> Query:
        """Whether a clause holds in any of these texts, or by its tag."""
        texts = list(clause.concept.names) if clause.concept else [clause.text]
        parts = [self._phrase(f.name, tokens(text)) for text in texts for f in scope]
        if (tag := self._tag(clause)) is not None:
            parts.append(tag)
        return _any(parts)

    def _tag(self, clause: Clause) -> Query | None:
        concept = clause.concept
        if concept is None or concept.field is None:
            return None
        field = concept.field
        return _all(self.term(field, code) for code in concept.codes)

    def _phrase(self, field: str, words: list[str]) -> Query:
        if not words:
            return Query.empty_query()
        if len(words) == 1:
            return Query.term_query(self._schema, field, words[0], "position")
        return Query.phrase_query(self._schema, field, list(words))


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _any(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _all(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])
