"""Rules over the signs of a sentence: which stand in what order, and what stands around them.

How a rule is written stands at the head of `reasons.toml`. Rules look only at the places where
signs were found, and reach over a bounded number of words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imr.text.taxonomy.reason_signs import Hits

REACH = 16
"""Words that may stand between two signs of a rule that gives no number."""
TURN = "turn"
"""The sign that ends a clause: no rule reaches across it."""
CONDITION = "condition"
"""The sign before what is only supposed ("if", "unless"), up to the next comma."""

_RULE_WORD = re.compile(r"[-+!~^$%]?[a-z][a-z-]*(?:/[a-z][a-z-]*)*|\d+")
_AROUND = {
    "+": "also",
    "^": "anywhere",
    "-": "never",
    "!": "not_before",
    "~": "not_after",
    "$": "not_later",
    "%": "not_between",
}

T = TypeVar("T")
Signs = tuple[str, ...]


class Step(NamedTuple):
    """One of `signs`, at most `gap` words behind the step before it."""

    signs: Signs
    gap: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Steps in order, and what else must or must not stand around them.

    Attributes:
        also: each has one of its signs in the sentence; `anywhere`: in the rationale.
    """

    text: str
    steps: tuple[Step, ...]
    also: tuple[Signs, ...] = ()
    anywhere: tuple[Signs, ...] = ()
    never: Signs = ()
    not_before: Signs = ()
    not_after: Signs = ()
    not_later: Signs = ()
    not_between: Signs = ()

    @property
    def signs(self) -> frozenset[str]:
        """Every sign that the rule names."""
        wanted = (*(step.signs for step in self.steps), *self.also, *self.anywhere)
        unwanted = (self.never, self.not_before, self.not_after, self.not_later, self.not_between)
        return frozenset[str]().union(*wanted, *unwanted)


def parse_rule(text: str) -> Rule:
    """A rule as it is written. Raises ValueError where it is none."""
    steps: list[Step] = []
    groups: dict[str, list[Signs]] = {"also": [], "anywhere": []}
    unwanted: dict[str, Signs] = defaultdict(tuple)
    gap = REACH
    for word in text.split():
        if not _RULE_WORD.fullmatch(word):
            raise ValueError(f"{word!r} is neither a sign nor a number of words")
        signs = tuple(word.lstrip("-+!~^$%").split("/"))
        role = _AROUND.get(word[0])
        if word.isdigit():
            gap = int(word)
        elif role is None:
            steps.append(Step(signs, gap))
            gap = REACH
        elif role in groups:
            groups[role].append(signs)
        else:
            unwanted[role] += signs
    if not steps:
        raise ValueError("it names no sign that is to stand there")
    return Rule(
        text,
        tuple(steps),
        also=tuple(groups["also"]),
        anywhere=tuple(groups["anywhere"]),
        never=unwanted["never"],
        not_before=unwanted["not_before"],
        not_after=unwanted["not_after"],
        not_later=unwanted["not_later"],
        not_between=unwanted["not_between"],
    )


class Sentence(NamedTuple):
    """Folded text, the signs in it, and all signs of the sentences before and behind it."""

    text: str
    hits: Hits
    before: frozenset[str]
    behind: frozenset[str]


class RuleBook(Generic[T]):
    """Rules and what each shows, looked up by the sign that the fewest rules ask for."""

    def __init__(self, rules: Sequence[tuple[Rule, T]]) -> None:
        asked = Counter(sign for rule, _ in rules for step in rule.steps for sign in step.signs)
        self._by_sign: dict[str, list[tuple[Rule, T]]] = defaultdict(list)
        for rule, shown in rules:
            rarest = min(rule.steps, key=lambda step: sum(asked[sign] for sign in step.signs))
            for sign in rarest.signs:
                self._by_sign[sign].append((rule, shown))

    def shown(self, sentence: Sentence) -> set[T]:
        """What the rules that hold in a sentence show."""
        shown: set[T] = set()
        for sign in sentence.hits:
            for rule, what in self._by_sign.get(sign, ()):
                if what not in shown and matches(rule, sentence):
                    shown.add(what)
        return shown


def matches(rule: Rule, sentence: Sentence) -> bool:
    """Whether the rule holds in the sentence; what stands under a condition does not."""
    hits = sentence.hits
    for signs, _ in rule.steps:
        if hits.keys().isdisjoint(signs):
            return False
    if not hits.keys().isdisjoint(rule.never) or not sentence.behind.isdisjoint(rule.not_later):
        return False
    if any(hits.keys().isdisjoint(signs) for signs in rule.also):
        return False
    for signs in rule.anywhere:
        if all(each.isdisjoint(signs) for each in (hits.keys(), sentence.before, sentence.behind)):
            return False
    return any(
        _stands(rule, sentence, start, end) and not _is_supposed(sentence, start)
        for start, end in _runs(rule.steps, sentence)
    )


def _runs(steps: Sequence[Step], sentence: Sentence) -> Iterator[tuple[int, int]]:
    """(start, end) of every run of the steps."""
    for start, end in _hits(steps[0], sentence.hits):
        for last in _ends(steps[1:], sentence, end):
            yield start, last


def _ends(steps: Sequence[Step], sentence: Sentence, end: int) -> Iterator[int]:
    if not steps:
        yield end
        return
    for start, stop in _hits(steps[0], sentence.hits):
        if start < end:
            continue
        if sentence.text.count(" ", end, start) > steps[0].gap + 1 or _turns(sentence, end, start):
            break
        yield from _ends(steps[1:], sentence, stop)


def _hits(step: Step, hits: Hits) -> list[tuple[int, int]]:
    if len(step.signs) == 1:
        return hits.get(step.signs[0], [])
    return sorted(hit for sign in step.signs for hit in hits.get(sign, ()))


def _turns(sentence: Sentence, start: int, end: int) -> bool:
    return any(start <= at and to <= end for at, to in sentence.hits.get(TURN, ()))


def _stands(rule: Rule, sentence: Sentence, start: int, end: int) -> bool:
    """Nothing that the rule forbids stands before it in its clause, in it or behind it."""
    hits = sentence.hits
    for sign in rule.not_before:
        for _, to in hits.get(sign, ()):
            if to <= start and not _turns(sentence, to, start):
                return False
    if any(start < at and to < end for sign in rule.not_between for at, to in hits.get(sign, ())):
        return False
    behind = (*rule.not_after, *rule.not_later)
    return not any(at >= end for sign in behind for at, _ in hits.get(sign, ()))


def _is_supposed(sentence: Sentence, start: int) -> bool:
    return any(
        to <= start and "," not in sentence.text[to:start] and not _turns(sentence, to, start)
        for _, to in sentence.hits.get(CONDITION, ())
    )
