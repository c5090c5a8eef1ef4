"""What a query's wording suggests: filters, and operators in upper case. Nothing of it is applied.

"cases where IMR overturned an MRI denial" suggests the filter outcome=overturned over "MRI":
each suggestion says from which words it came, and what to search for without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from imr import fields
from imr.search.asides import Aside, of_a_guideline
from imr.search.function_words import FUNCTION_WORDS, RULINGS
from imr.search.known_values import FIRST_YEAR
from imr.search.plan import REQUESTED_KINDS
from imr.search.terms import Item, Term

_OTHER = {"upheld": "overturned", "overturned": "upheld"}
_DENIED = re.compile(
    r"(?-i:\b[Nn]ot|n['\u2019]t|\bnever)(?:\s+(?:been|be|being|get|was|yet|later))*\s*$",
    re.IGNORECASE,
)
_WHETHER = re.compile(r"\bwhether\b", re.IGNORECASE)
_ASKED = re.compile(
    r"\s*(?:is|are|was|were|will|would|can|could|does|do|did|has|have|how\s+often)\b", re.IGNORECASE
)
_YEAR = re.compile(r"20[12]\d")
_OR_NOT = re.compile(r"\s*(?:,\s*)?(?:or|/)\s*(?:not\b|$)", re.IGNORECASE)
_OR = re.compile(r"\s*(?:,\s*)?(?:or|/)\s*(?:was\s+|were\s+|be\s+)?", re.IGNORECASE)
_GONE, _TIED = "\0", "\1"
_KEPT = frozenset({"no", "not", "without", "or", "and"})
_JOINED = re.compile(r"\s*,?\s+(?:(?P<either>or)|(?:but\s+)?(?P<without>not))\s+")


@dataclass(frozen=True, slots=True)
class Suggested:
    """A filter `field`=`value`, or with field None another wording only.

    Attributes:
        text: the words it came from.
        query: what to search for with it: the query without them, or reworded.
    """

    field: str | None
    value: str
    label: str
    text: str
    query: str


def read(text: str, asides: Sequence[Aside], items: Sequence[Item]) -> tuple[Suggested, ...]:
    """The suggestions of a query, each filter once.

    Args:
        text: the query.
        asides: what in it is no clause, negations settled.
        items: its terms.
    """
    found: dict[tuple[str | None, str], Suggested] = {}
    settled = _outcomes(text, asides)
    for aside in settled:
        if (aside.field, aside.value) in found:
            continue
        # how it ended is said by several words: none of them may suggest the other outcome anew
        same = [a for a in asides if a.field == aside.field == "outcome"] or [aside]
        said = " \u2026 ".join(
            text[a.start : a.end]
            for a in settled
            if (a.field, a.value) == (aside.field, aside.value)
        )
        found.setdefault(
            (aside.field, aside.value),
            Suggested(aside.field, aside.value, _label(aside), said, _without(text, same, asides)),
        )
    years = list(_years(text, items))
    for year in years if len(years) == 1 else ():
        said = text[year.start : year.end]
        key = year.field, year.value
        left = _without(text, [year], asides)
        found.setdefault(key, Suggested(*key, said, said, left))
    for each in _operators(text, items):
        found.setdefault((None, each.query), each)
    return tuple(found.values())


def _years(text: str, items: Sequence[Item]) -> Iterator[Aside]:
    """Years that merely stand there: they are words, and may be meant as when it was decided."""
    for term in items:
        if isinstance(term, Term) and [c.kind for c in term.clauses] == ["word"]:
            year = term.clauses[0].text
            dated = _YEAR.fullmatch(year) and int(year) >= FIRST_YEAR
            if dated and term.clauses[0].field is None and not of_a_guideline(text, term.start):
                yield Aside("decided", year, term.start, term.end)


def _label(aside: Aside) -> str:
    field = fields.BY_NAME[aside.field.removeprefix("not.")]
    if field.type == "keyword":
        return fields.label(field, aside.value)
    low, dots, high = aside.value.partition("..")
    if not dots:
        return low
    if low == "*":
        return f"up to {high}"
    return f"from {low}" + ("" if high == "*" else f" to {high}")


def _outcomes(text: str, asides: Sequence[Aside]) -> list[Aside]:
    """The asides without words for an outcome that name none.

    "approved or not" asks for either. Where a ruling is named ("overturned", "upheld"), a denial is
    what it was about.
    """
    rulings = [a for a in asides if a.field == "outcome" and _is_ruling(text, a)]
    either = _either(text, [a for a in asides if a.field == "outcome"])
    return [
        aside
        for aside in asides
        if aside.field != "outcome" or (not either and (not rulings or aside in rulings))
    ]


def _is_ruling(text: str, aside: Aside) -> bool:
    return text[aside.start : aside.end].lower().split()[-1] in RULINGS


def _either(text: str, outcomes: Sequence[Aside]) -> bool:
    """Whether outcomes stand as one of both: "approved or not", "upheld or overturned"."""
    if not outcomes:
        return False
    if _ASKED.match(text) or _WHETHER.search(text, 0, outcomes[-1].start):
        return True
    return any(_OR_NOT.match(text, each.end) for each in outcomes) or any(
        one.value != other.value and _OR.fullmatch(text, one.end, other.start)
        for one, other in pairwise(outcomes)
    )


def negated(text: str, aside: Aside) -> Aside:
    """An outcome as the words before it turn it: "not approved" is upheld."""
    no = _DENIED.search(text[: aside.start]) if aside.field == "outcome" else None
    if no is None:
        return aside
    start = (
        no.start() if no[0][0].isspace() or (no[0][0] in "Nn" and no[0][1] == "o") else aside.start
    )
    return Aside("outcome", _OTHER[aside.value], start, aside.end)


def excluded(aside: Aside) -> Aside:
    """What NOT makes of an aside."""
    if aside.field == "outcome":
        return Aside("outcome", _OTHER[aside.value], aside.start, aside.end)
    return Aside(f"not.{aside.field}", aside.value, aside.start, aside.end)


def _without(text: str, asides: Sequence[Aside], others: Sequence[Aside]) -> str:
    """The text without these, and without the words of asking that stood beside them.

    What else was said beside ("since 2015") stays whole.
    """
    marked = list(text)
    for other in others:
        said = text[other.start : other.end]
        marked[other.start : other.end] = _TIED.join(re.split(r"\s", said))
    for aside in asides:
        marked[aside.start : aside.end] = f" {_GONE} ".ljust(aside.end - aside.start)
    pieces = "".join(marked).split()
    gone = [piece == _GONE for piece in pieces]
    for way in (1, -1):  # what stands behind what is gone, then what stands before it
        order = range(len(pieces))[::way]
        for at, following in pairwise(order):
            gone[following] = gone[following] or (gone[at] and _asks(pieces[following]))
    kept = (piece for piece, is_gone in zip(pieces, gone, strict=True) if not is_gone)
    return " ".join(kept).replace(_TIED, " ")


def _asks(word: str) -> bool:
    bare = word.strip(".,;:?!()")
    return (
        not bare
        or bare in {"AND", "OR", "NOT"}
        or (bare.lower() in FUNCTION_WORDS and bare.lower() not in _KEPT)
    )


def _operators(text: str, items: Sequence[Item]) -> Iterator[Suggested]:
    """Operators between names ("or", "not"), which do nothing in lower case."""
    terms = [item for item in items if isinstance(item, Term) and item.aside is None]
    if len(terms) < len([i for i in items if not isinstance(i, Term) or i.aside is None]):
        return  # there are operators already: who writes these means the others as words
    for left, right in pairwise(terms):
        joined = _JOINED.fullmatch(text, left.end, right.start)
        if joined is None:
            continue
        head, tail = text[: left.end], text[right.start :]
        if joined["either"] and (len(terms) == 2 or (_is_name(left) and _is_name(right))):
            said, label = f"{head} OR {tail}", "either of both"
        elif joined["without"] and _is_name(right):
            said, label = f"{head} NOT {tail}", f"without {text[right.start : right.end]}"
        else:
            continue
        word = joined["either"] or joined["without"]
        yield Suggested(None, word.upper(), label, word, said)


def _is_name(term: Term) -> bool:
    return bool(term.clauses) and all(
        c.concept is not None
        and (c.concept.kind in REQUESTED_KINDS or c.concept.kind == "condition")
        for c in term.clauses
    )
