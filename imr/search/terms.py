"""Tokens → terms: the words, concepts, phrases and field terms that clauses are made of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from imr.search import asides, field_terms
from imr.search.asides import Aside
from imr.search.function_words import FUNCTION_WORDS, OUTCOME_WORDS
from imr.search.held import Held
from imr.search.plan import Clause, ConceptClause, Scope
from imr.search.syntax import FIELDS, Token, shortened
from imr.text.analysis import tokens as analysed
from imr.text.analysis import words
from imr.text.taxonomy.asked import asked_for
from imr.text.taxonomy.concept import Kind, Tag
from imr.text.taxonomy.tagger import Tagger

SHORTEST_PREFIX = 3
LONGEST_PREFIX = 40
"""Letters of a prefix; fewer begin too many words, more no word has."""

# where concepts of several kinds overlap, the longest wins, then the earlier of these
_PRECEDENCE: tuple[Kind, ...] = ("drug", "drug-class", "treatment", "condition", "body-part")
_TAG_FIELD: dict[Kind, str] = {
    "drug": "drug",
    "drug-class": "drug_class",
    "treatment": "treatment",
    "body-part": "body_part",
}
_MARKS = re.compile(r"^[\W_]+|[\W_]+$")
_PREFIX = re.compile(r"([^*]*[^\W_])\*+[.,;:!?]*")
_INNER_STAR = re.compile(r"\*[^\W_]")
_BARRIER = "|"
"""Stands for what is no plain word, so that no name reaches across it."""


@dataclass(frozen=True, slots=True)
class Term:
    """What operators join: usually one clause, two where a treatment names a body part.

    Attributes:
        aside: for what is no clause but suggests a filter, as a word about how it ended.
    """

    clauses: tuple[Clause, ...]
    start: int
    end: int
    aside: Aside | None = None


Item = Term | Token
"""A term, or a token that is an operator, a sign or a parenthesis."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms among operators, in order; `spoken` is the text of all but field terms, by place."""

    items: tuple[Item, ...]
    spoken: tuple[tuple[int, str], ...]


def read(
    text: str,
    tokens: Sequence[Token],
    tagger: Tagger,
    scope: Scope,
    held: Held,
    warnings: list[str],
) -> Terms:
    """Understand the tokens of a text."""
    return _Reader(text, tagger, scope, held, warnings).read(tokens)


class _Reader:
    def __init__(
        self, text: str, tagger: Tagger, scope: Scope, held: Held, warnings: list[str]
    ) -> None:
        self.text, self.tagger, self.scope = text, tagger, scope
        self.held, self.warnings = held, warnings
        self.spoken: list[tuple[int, str]] = []

    def read(self, tokens: Sequence[Token]) -> Terms:
        items: list[Item] = []
        plain: list[Token] = []
        for token in tokens:
            if token.kind == "case":
                asked = Clause("case", token.text, hard=True)
                items.append(Term((asked,), token.start, token.end))
            elif token.kind not in {"word", "phrase", "range"}:
                items.append(token)
            elif self._is_plain(token):
                plain.append(token)
            elif (term := self._marked(token)) is not None:
                items.append(term)
        items += self._plain(plain)
        items.sort(key=lambda item: item.start)
        return Terms(tuple(items), tuple(sorted(self.spoken)))

    def _is_plain(self, token: Token) -> bool:
        of_text = token.field is None or FIELDS[token.field].type == "text"
        if token.kind != "word" or token.literal or not of_text:
            return False
        if _INNER_STAR.search(token.text):
            self.warnings.append("a star counts only at the end of a word")
        return _PREFIX.fullmatch(token.text) is None

    def _marked(self, token: Token) -> Term | None:
        """A phrase, a prefix, a field term or a word with a sign; None where it holds no word."""
        field = FIELDS[token.field] if token.field else None
        if field is not None and field.type != "text":
            asked = field_terms.read(field, token, self.held, self.warnings)
            if asked is not None:
                return Term((asked,), token.start, token.end)
            if field_terms.is_ordered(token):
                return None
            token = replace(token, field=None, literal=True)
        if not analysed(token.text):
            self.warnings.append(f"{shortened(token.text)!r} holds no word and was left out")
            return None
        if token.field is None:
            self.spoken.append((token.start, token.text.rstrip("*")))
        clause = self._clause(token)
        return Term((self._bound(clause, token.field),), token.start, token.end)

    def _clause(self, token: Token) -> Clause:
        if token.kind == "phrase":
            return self._phrase(token)
        starred = _PREFIX.fullmatch(token.text)
        if starred is not None and (prefix := self._prefix(token, starred[1])) is not None:
            return prefix
        bare = _MARKS.sub("", token.text)
        tags = self.tagger.tag(bare, query=True)
        if len(tags) == 1 and (tags[0].start, tags[0].end) == (0, len(bare)):
            return Clause("concept", bare, concept=self._concept(tags[0]))
        return Clause("word", bare)

    def _phrase(self, token: Token) -> Clause:
        if token.slop is not None:
            found = analysed(token.text)
            if len(found) == len(set(found)) == 2:
                return Clause("near", token.text, hard=True, slop=token.slop)
            self.warnings.append(
                f"~{token.slop} takes two different words, so {shortened(token.text)!r} is a phrase"
            )
        return Clause("phrase", token.text, hard=True)

    def _prefix(self, token: Token, written: str) -> Clause | None:
        found = words(written)
        if len(found) == 1 and SHORTEST_PREFIX <= len(found[0]) <= LONGEST_PREFIX:
            return Clause("prefix", _MARKS.sub("", written))
        self.warnings.append(
            f"a star takes one word of {SHORTEST_PREFIX} to {LONGEST_PREFIX} letters before it, "
            f"so {shortened(token.text)!r} is read without"
        )
        return None

    def _plain(self, tokens: Sequence[Token]) -> list[Term]:
        """Concepts and words of the plain words, together, since names have several words."""
        rest = [" " if character.isspace() else _BARRIER for character in self.text]
        for token in tokens:
            rest[token.start : token.end] = token.text
            if token.field is None:
                self.spoken.append((token.start, token.text))
        found: list[Term] = []
        for aside in self._asides(tokens):
            found.append(Term((), aside.start, aside.end, aside))
            rest[aside.start : aside.end] = _BARRIER * (aside.end - aside.start)
        named = _apart(self.tagger.tag("".join(rest), query=True))
        asked = asked_for("".join(rest), named, self.tagger.taxonomy)
        mentioned = {(tag.start, tag.end) for tag in asked.mentioned}
        for start, end, tags in _units(named):
            rest[start:end] = " " * (end - start)
            beside = not mentioned.isdisjoint((tag.start, tag.end) for tag in tags)
            clauses = tuple(
                Clause("concept", t.text, concept=self._concept(t), beside=beside) for t in tags
            )
            found.append(Term(clauses, start, end))
        for token in tokens:
            found += _words("".join(rest[token.start : token.end]), token.start, self.text)
        starts = [token.start for token in tokens]
        return [
            self._bound_term(term, tokens[bisect_right(starts, term.start) - 1].field)
            for term in found
        ]

    def _asides(self, tokens: Sequence[Token]) -> list[Aside]:
        """What words that are bound to no field say of the date and the patient."""
        free = ["\n"] * len(self.text)
        for token in tokens:
            if token.field is None:
                free[token.start : token.end] = token.text
                free[token.end : token.end + 1] = " " * (token.end < len(free))
        return asides.find("".join(free))

    def _bound_term(self, term: Term, field: str | None) -> Term:
        if field is None:
            return term
        return replace(term, clauses=tuple(self._bound(c, field) for c in term.clauses))

    def _bound(self, clause: Clause, field: str | None) -> Clause:
        """A clause of a field term: it is hard."""
        return clause if field is None else replace(clause, field=field, hard=True)

    def _concept(self, tag: Tag) -> ConceptClause:
        # the summary tells of conditions, and so do the tags, where it is searched
        told = tag.kind == "condition" and self.scope != "decision"
        return ConceptClause(
            code=tag.concept.code,
            kind=tag.kind,
            label=tag.label,
            field="condition" if told else _TAG_FIELD.get(tag.kind),
            codes=tag.codes,
            names=_names_of(tag.names, tag.text.lower()),
        )


@lru_cache(maxsize=2000)
def _names_of(names: tuple[str, ...], wording: str) -> tuple[str, ...]:
    """What a concept is looked for by: its names, and the query's own wording."""
    return tuple(name for name in dict.fromkeys((*names, wording)) if analysed(name))


def _words(text: str, at: int, whole: str) -> list[Term]:
    """The words of what no concept took of a token that began at `at` in the whole query."""
    found = []
    for piece in re.finditer(r"\S+", text):
        word = _MARKS.sub("", piece[0])
        start = at + piece.start() + piece[0].find(word)
        end = start + len(word)
        if word.lower() in OUTCOME_WORDS and not asides.of_a_drug(whole, start, end):
            found.append(
                Term((), start, end, Aside("outcome", OUTCOME_WORDS[word.lower()], start, end))
            )
        elif not _is_of_asking(word) and analysed(word):
            found.append(Term((Clause("word", word),), start, end))
    return found


def _is_of_asking(word: str) -> bool:
    """A function word, or several joined ("and/or"); "can't" is one that analysis takes apart."""
    written = word.lower().replace("\u2019", "'")
    return written in FUNCTION_WORDS or all(each in FUNCTION_WORDS for each in words(word))


def _apart(tags: Sequence[Tag]) -> list[Tag]:
    """Tags that do not overlap across kinds, but for the body part that a treatment names.

    "cervical fusion" is a fusion and the neck.
    """
    kept: list[Tag] = []
    for tag in sorted(tags, key=lambda t: (t.start - t.end, _PRECEDENCE.index(t.kind), t.start)):
        if all(_side_by_side(tag, other) or _names(other, tag) for other in kept):
            kept.append(tag)
    return sorted(kept, key=lambda tag: (tag.start, tag.end))


def _units(tags: Sequence[Tag]) -> list[tuple[int, int, list[Tag]]]:
    """Tags that overlap, together."""
    found: list[tuple[int, int, list[Tag]]] = []
    for tag in tags:
        if found and tag.start < found[-1][1]:
            start, end, several = found.pop()
            found.append((start, max(end, tag.end), [*several, tag]))
        else:
            found.append((tag.start, tag.end, [tag]))
    return found


def _side_by_side(tag: Tag, other: Tag) -> bool:
    return tag.end <= other.start or other.end <= tag.start


def _names(treatment: Tag, part: Tag) -> bool:
    """Whether a treatment's wording holds a body part's and more."""
    return (
        treatment.kind == "treatment"
        and part.kind == "body-part"
        and part.end - part.start < treatment.end - treatment.start
    )
