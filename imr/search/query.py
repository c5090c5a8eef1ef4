"""A person's text → typed clauses.

Read here: plain words, recognised concepts, "quoted phrases", +required and -excluded words or
phrases. Whatever is typed has an answer; what meant nothing is said in the warnings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from imr.search.function_words import FUNCTION_WORDS, OUTCOME_WORDS
from imr.search.plan import Clause, ConceptClause
from imr.text.analysis import tokens
from imr.text.taxonomy.concept import Kind, Tag
from imr.text.taxonomy.tagger import Tagger

MAX_LENGTH = 4000
"""Characters of a query that are read; a letter's page has about as many."""

MAX_CLAUSES = 60
"""Words and concepts of a query that are searched; a pasted page has more than any engine takes."""

_PART = re.compile(
    r'(?P<sign>(?<!\S)[+-])?(?:"(?P<phrase>[^"]*)"|\u201c(?P<curly>[^\u201d]*)\u201d'
    r'|(?P<word>[^\s"\u201c\u201d]+))'
)
_NOT = re.compile(r"(?<!\S)NOT\s+(?=\S)")
_OPERATOR = re.compile(r"(?<!\S)\(?(?:AND|OR|NOT)(?!\S)|(?<!\S)[a-z_.]+:(?=\S)")
# where concepts of several kinds overlap, the longest wins, then the earlier of these
_PRECEDENCE: tuple[Kind, ...] = ("drug", "drug-class", "treatment", "condition", "body-part")
_TAG_FIELD: dict[Kind, str] = {
    "drug": "drug",
    "drug-class": "drug_class",
    "treatment": "treatment",
    "body-part": "body_part",
}


@dataclass(frozen=True, slots=True)
class Query:
    """What was understood.

    `positive` is the text that vectors are compared with: without exclusions and marks.
    """

    text: str
    clauses: tuple[Clause, ...]
    positive: str
    outcomes: tuple[str, ...]
    warnings: tuple[str, ...]


def read(text: str, tagger: Tagger) -> Query:
    """Understand a query."""
    warnings: list[str] = []
    whole = _readable(text, warnings)
    if whole.count('"') % 2:
        warnings.append("a quotation mark has no partner and was left out")
        whole = _without_last_quote(whole)
    whole = _NOT.sub("-", whole)
    if _OPERATOR.search(whole):
        warnings.append(
            "AND, OR and field: are not read as operators: words are words, "
            "-word excludes, filters narrow"
        )
    clauses: list[Clause] = []
    plain = list(whole)
    positive = list(whole)
    for part in _PART.finditer(whole):
        sign = part["sign"]
        quoted = part["phrase"] if part["phrase"] is not None else part["curly"]
        if quoted is None and sign is None:
            continue
        _blank(plain, part.start(), part.end())
        if sign == "-":
            _blank(positive, part.start(), part.end())
        clause = _hard(quoted, part["word"], sign, tagger)
        if clause is None:
            warnings.append(f"{part[0]!r} holds no word and was left out")
        else:
            clauses.append(clause)
    soft, outcomes = _soft("".join(plain), tagger)
    clauses.extend(soft)
    if len(clauses) > MAX_CLAUSES:
        warnings.append(f"only the first {MAX_CLAUSES} words and concepts were searched")
        clauses = clauses[:MAX_CLAUSES]
    cleaned = " ".join(re.sub(r'["\u201c\u201d]|(?<!\S)[+-](?=\S)', " ", "".join(positive)).split())
    return Query(
        text=text,
        clauses=tuple(clauses),
        positive=cleaned if any(not clause.negated for clause in clauses) else "",
        outcomes=outcomes,
        warnings=tuple(warnings),
    )


def _readable(text: str, warnings: list[str]) -> str:
    """Text without what no engine takes: control characters, lone surrogates, endless length."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    whole = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", " ", whole)
    if len(whole) > MAX_LENGTH:
        warnings.append(f"only the first {MAX_LENGTH} characters of the query were read")
        whole = whole[:MAX_LENGTH]
    return whole


def _without_last_quote(text: str) -> str:
    at = text.rindex('"')
    return text[:at] + " " + text[at + 1 :]


def _blank(characters: list[str], start: int, end: int) -> None:
    characters[start:end] = " " * (end - start)


def _hard(quoted: str | None, word: str | None, sign: str | None, tagger: Tagger) -> Clause | None:
    """A quoted or signed part; signs expand concepts unless quoted."""
    wording = quoted if quoted is not None else word or ""
    if not tokens(wording):
        return None
    negated = sign == "-"
    if quoted is None:
        tags = tagger.tag(wording, query=True)
        if len(tags) == 1 and tags[0].text.strip() == wording.strip(".,;:!?()"):
            return Clause("concept", wording, True, negated, _concept(tags[0]))  # noqa: FBT003
    return Clause("phrase" if quoted is not None else "word", wording, True, negated)  # noqa: FBT003


def _soft(text: str, tagger: Tagger) -> tuple[list[Clause], tuple[str, ...]]:
    """Clauses of the plain words, in their order, and the outcomes they speak of."""
    rest = list(text)
    found: dict[tuple[int, int], Clause] = {}
    for tag in _apart(tagger.tag(text, query=True)):
        _blank(rest, tag.start, tag.end)
        found[tag.start, tag.end] = Clause("concept", tag.text, concept=_concept(tag))
    outcomes: dict[str, None] = {}
    for match in re.finditer(r"\S+", "".join(rest)):
        word = match[0].strip(".,;:!?()[]{}'")
        folded = word.lower()
        if folded in OUTCOME_WORDS:
            outcomes[OUTCOME_WORDS[folded]] = None
        elif folded not in FUNCTION_WORDS and tokens(word):
            found[match.span()] = Clause("word", word)
    return _once([found[at] for at in sorted(found)]), tuple(outcomes)


def _apart(tags: tuple[Tag, ...]) -> list[Tag]:
    """Tags that do not overlap across kinds, but for the body part that a treatment names.

    "cervical fusion" is a fusion and the neck.
    """
    kept: list[Tag] = []
    for tag in sorted(tags, key=lambda t: (t.start - t.end, _PRECEDENCE.index(t.kind), t.start)):
        if all(_side_by_side(tag, other) or _names(other, tag) for other in kept):
            kept.append(tag)
    return kept


def _side_by_side(tag: Tag, other: Tag) -> bool:
    return tag.end <= other.start or other.end <= tag.start


def _names(treatment: Tag, part: Tag) -> bool:
    """Whether a treatment's wording holds a body part's and more."""
    return (
        treatment.kind == "treatment"
        and part.kind == "body-part"
        and part.end - part.start < treatment.end - treatment.start
    )


def _concept(tag: Tag) -> ConceptClause:
    names = dict.fromkeys((*tag.names, tag.text.lower()))
    return ConceptClause(
        code=tag.concept.code,
        kind=tag.kind,
        label=tag.label,
        field=_TAG_FIELD.get(tag.kind),
        codes=tag.codes,
        names=tuple(name for name in names if tokens(name)),
    )


def _once(clauses: list[Clause]) -> list[Clause]:
    """Each concept and each word once: saying it twice asks for no more."""
    kept: dict[object, Clause] = {}
    for clause in clauses:
        key = clause.concept.code if clause.concept else tuple(tokens(clause.text))
        kept.setdefault(key, clause)
    return list(kept.values())
