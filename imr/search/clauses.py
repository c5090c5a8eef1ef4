"""A tree → the clauses and filters that a plan is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from imr.search.asides import Aside
from imr.search.field_terms import worded as filter_worded
from imr.search.filters import merged
from imr.search.plan import Clause, Filter
from imr.search.suggested import excluded
from imr.search.terms import Term
from imr.search.tree import Beside, Joined, Node, Not, Required
from imr.search.wording import worded
from imr.text.analysis import tokens

MAX_CLAUSES = 60
"""Words, concepts and field terms of a query that are searched, those in groups included; a pasted
page has more than any engine takes."""
MAX_VALUES = 200
"""Values of fields that they may ask for in all."""


@dataclass(slots=True)
class Clauses:
    """What a query asks.

    Attributes:
        clauses: all but the field terms at the top, in order.
        filters: those field terms.
        asides: what is no clause but suggests a filter.
        excluded: ranges of the text that speak of what may not hold.
    """

    clauses: list[Clause] = field(default_factory=list)
    filters: tuple[Filter, ...] = ()
    asides: list[Aside] = field(default_factory=list)
    excluded: list[tuple[int, int]] = field(default_factory=list)


def read(top: Beside, warnings: list[str]) -> Clauses:
    """Sort what stands at the top of a tree."""
    reader = _Reader(warnings)
    reader.beside(top)
    return reader.finished()


class _Reader:
    def __init__(self, warnings: list[str]) -> None:
        self.found = Clauses()
        self.warnings = warnings
        self.terms: list[tuple[Filter, bool]] = []  # of the top, and whether AND or + requires it
        self.clauses_left, self.values_left = MAX_CLAUSES, MAX_VALUES
        self.too_many = False
        self.seen: set[object] = set()
        self.cases: list[Clause] = []

    def finished(self) -> Clauses:
        """Everything, field terms as filters."""
        required = Counter(asked.field for asked, must in self.terms if must)
        several = {name for name, count in required.items() if count > 1}
        filters = []
        for asked, must in self.terms:
            if must and asked.field in several:
                # one filter a field would hold by either
                whole = Clause("field", filter_worded(asked), hard=True, filter=asked)
                self.found.clauses.append(whole)
            else:
                filters.append(asked)
        if either := _joined("any", list(dict.fromkeys(self.cases))):
            # of several case numbers side by side no decision could have all
            self.found.clauses.append(either)
        self.found.filters = merged(_closed(filters))
        self.found.clauses = list(dict.fromkeys(self.found.clauses))
        if self.too_many:
            self.warnings.append(f"only the first {MAX_CLAUSES} words and concepts were searched")
        return self.found

    def beside(self, node: Node) -> None:
        """A part of the top that nothing joins or marks."""
        match node:
            case Beside(parts):
                for part in parts:
                    self.beside(part)
            case Term():
                self._soft(node)
            case Not():
                self._exclude(node)
            case Required(part):
                self.require(part)
            case Joined("any"):
                self._either(node, required=False)
            case Joined():
                self.require(node)

    def require(self, node: Node) -> None:
        """A part of the top that must hold, each of its parts by itself."""
        match node:
            case Beside(parts) | Joined("all", parts):
                for part in parts:
                    self.require(part)
            case Required(part):
                self.require(part)
            case Term(aside=None):
                for clause in self._taken(node):
                    self._add(replace(clause, hard=True), required=True)
            case Term():
                self._aside(node, negated=False)
            case Not():
                self._exclude(node)
            case Joined():
                self._either(node, required=True)

    def _soft(self, term: Term) -> None:
        """A term as it stands: each concept and word once, saying it twice asks for no more."""
        if term.aside is not None:
            self.found.asides.append(term.aside)
        new = [c for c in term.clauses if c.hard or _meaning(c) not in self.seen]
        self.seen |= {_meaning(clause) for clause in new if not clause.hard}
        for clause in self._taken(replace(term, clauses=tuple(new))):
            self._add(clause)

    def _exclude(self, node: Not) -> None:
        self.found.excluded.append((node.start, node.end))
        clause = self.operand(node.part, negated=True)
        if clause is not None:
            self._add(replace(clause, hard=True, negated=not clause.negated))

    def _either(self, node: Joined, *, required: bool) -> None:
        held = [(part, self.operand(part, negated=False)) for part in node.parts]
        kept = [(part, clause) for part, clause in held if clause is not None]
        if len(kept) == 1:
            # what it was joined to is gone, so it stands alone
            self.beside(kept[0][0])
        elif whole := _joined("any", [clause for _, clause in kept]):
            self._add(whole, required=required)

    def operand(self, node: Node, *, negated: bool) -> Clause | None:
        """A part of a group as one clause; None where it is none.

        Args:
            node: the part.
            negated: whether an odd number of negations stand before it.
        """
        match node:
            case Term(aside=None):
                return _joined("all", self._taken(node))
            case Term():
                self._aside(node, negated=negated)
                return None
            case Required(part):
                return self.operand(part, negated=negated)
            case Not(part):
                if not negated:
                    self.found.excluded.append((node.start, node.end))
                clause = self.operand(part, negated=not negated)
                return replace(clause, negated=not clause.negated) if clause else None
            case Joined("any", parts):
                return _joined("any", self._operands(parts, negated=negated))
            case Joined(_, parts) | Beside(parts):
                return _joined("all", self._operands(parts, negated=negated))

    def _operands(self, parts: Sequence[Node], *, negated: bool) -> list[Clause]:
        held = (self.operand(part, negated=negated) for part in parts)
        return [clause for clause in held if clause is not None]

    def _aside(self, term: Term, *, negated: bool) -> None:
        """An aside among operators, which join clauses only."""
        if term.aside is None:
            return
        self.found.asides.append(excluded(term.aside) if negated else term.aside)
        name, value = term.aside.field, term.aside.value.replace("..", " TO ")
        asked = f"[{value}]" if " TO " in value else value
        what = "how it ended" if name == "outcome" else "dates and the patient"
        self.warnings.append(
            f"words for {what} are not searched: to filter by it, write {name}:{asked}"
        )

    def _taken(self, term: Term) -> list[Clause]:
        """The term's clauses, as far as a query may have more."""
        taken = []
        for clause in term.clauses:
            values = len(clause.filter.alternatives) if clause.filter else 0
            if self.clauses_left <= 0 or self.values_left < values:
                self.too_many = True
                continue
            self.clauses_left -= 1
            self.values_left -= values
            taken.append(clause)
        return taken

    def _add(self, clause: Clause, *, required: bool = False) -> None:
        asked = _one_field(clause)
        if clause.kind == "case" and not clause.negated and not required:
            self.cases.append(clause)
        elif asked is not None:
            self.terms.append((replace(asked, negated=clause.negated), required))
        else:
            self.found.clauses.append(clause)


def _one_field(clause: Clause) -> Filter | None:
    """The filter that a clause at the top amounts to: a field term, or values of one field."""
    if clause.kind == "field":
        return clause.filter
    parts = [part.filter for part in clause.parts if part.filter and not part.negated]
    if clause.kind != "any" or len(parts) < len(clause.parts):
        return None
    joined = merged(parts)
    return joined[0] if len(joined) == 1 else None


def _joined(kind: str, clauses: Sequence[Clause]) -> Clause | None:
    """Several clauses as one; groups of the same kind in each other are one."""
    if len(clauses) <= 1:
        return clauses[0] if clauses else None
    parts: list[Clause] = []
    for clause in clauses:
        same = clause.kind == kind and not clause.negated
        parts.extend(clause.parts if same else [replace(clause, hard=False)])
    whole = Clause("any" if kind == "any" else "all", "", hard=True, parts=tuple(parts))
    return replace(whole, text=worded(whole))


def _closed(filters: Sequence[Filter]) -> list[Filter]:
    """Filters of which two half-open ranges of a field that overlap are one closed range.

    "age:>=40 age:<=60" would hold for every age if either were enough.
    """
    kept: list[Filter] = []
    for asked in filters:
        place = next((at for at, other in enumerate(kept) if _overlap(asked, other)), None)
        if place is None:
            kept.append(asked)
            continue
        ((low, high),), ((other_low, other_high),) = asked.ranges, kept[place].ranges
        both = (other_low if low is None else low, other_high if high is None else high)
        kept[place] = replace(asked, ranges=(both,))
    return kept


def _overlap(asked: Filter, other: Filter) -> bool:
    if asked.field != other.field or asked.negated or other.negated:
        return False
    if len(asked.ranges) != 1 or len(other.ranges) != 1:
        return False
    (first, second) = sorted((asked.ranges[0], other.ranges[0]), key=lambda ends: ends[0] is None)
    low, high = first[0], second[1]
    if first[1] is not None or second[0] is not None or low is None or high is None:
        return False
    return low <= high  # type: ignore[operator]  # both are days or both numbers


def _meaning(clause: Clause) -> object:
    """What two soft clauses have in common that ask for the same."""
    return clause.concept.code if clause.concept else (clause.kind, *tokens(clause.text))
