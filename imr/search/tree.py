"""Terms among operators → a tree. Recursive descent that never fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from imr.search.syntax import Token, TokenKind
from imr.search.terms import Item, Term


@dataclass(frozen=True, slots=True)
class Not:
    """What may not hold; text[start:end] is all of it."""

    part: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Required:
    """What must hold, by a plus or by two negations."""

    part: Node


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts joined by OR ("any") or AND ("all")."""

    kind: Literal["any", "all"]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """Parts side by side without an operator."""

    parts: tuple[Node, ...]


Node = Term | Not | Required | Joined | Beside


def parse(items: Sequence[Item], warnings: list[str]) -> Beside:
    """The tree of balanced items: what stands side by side at the top.

    There AND and OR join their neighbours only: in "knee pain AND mri" knee is left out of it. In
    parentheses they join all that stands up to them.
    """
    parser = _Parser(items, warnings)
    return Beside(tuple(_chains(parser.row())))


Joining = Literal["and", "or"]
Row = list[Node | Joining]
"""Nodes, and operators that have a node before and a node somewhere behind."""

_JOINING: dict[TokenKind, Joining] = {"and": "and", "or": "or"}


class _Parser:
    def __init__(self, items: Sequence[Item], warnings: list[str]) -> None:
        self.items, self.warnings, self.at = items, warnings, 0

    def row(self) -> Row:
        """All up to the closing parenthesis or the end."""
        row: Row = []
        last: Token | None = None
        while self.at < len(self.items):
            item = self.items[self.at]
            if isinstance(item, Token) and item.kind == "close":
                break
            if isinstance(item, Token) and (joining := _JOINING.get(item.kind)):
                self.at += 1
                if not row or isinstance(row[-1], str):
                    self._stray(item)
                else:
                    row.append(joining)
                    last = item
                continue
            node = self.operand()
            if node is not None:
                row.append(node)
        if last is not None and isinstance(row[-1], str):
            row.pop()
            self._stray(last)
        return row

    def operand(self) -> Node | None:
        """A term or a group with its signs; None where nothing is left of it."""
        start = self.items[self.at].start
        signs: list[Token] = []
        while self.at < len(self.items):
            item = self.items[self.at]
            if not (isinstance(item, Token) and item.kind in {"not", "plus"}):
                break
            signs.append(item)
            self.at += 1
        node = self._bare(signs)
        if node is None or not signs:
            return node
        if sum(sign.kind == "not" for sign in signs) % 2:
            return Not(node, start, self.items[self.at - 1].end)
        return Required(node)

    def _bare(self, signs: Sequence[Token]) -> Node | None:
        item = self.items[self.at] if self.at < len(self.items) else None
        if isinstance(item, Term):
            self.at += 1
            return item
        if item is None or item.kind != "open":
            self._stray(signs[-1])
            return None
        self.at += 1
        empty = self.items[self.at].end == item.end + 1
        row = self.row()
        self.at += 1  # the closing one, which is there: parentheses are balanced
        if not row and (signs or empty):
            self.warnings.append("parentheses that hold no word were left out")
        return _group(row) if row else None

    def _stray(self, token: Token) -> None:
        where = "on one side" if token.kind in {"and", "or"} else "behind it"
        self.warnings.append(f"{token.text} has nothing {where} and was left out")


def _group(row: Row) -> Node:
    """What stands in parentheses."""
    chain: Row = []
    for joins, several in groupby(row, key=lambda each: isinstance(each, str)):
        together = list(several)
        nodes = tuple(each for each in together if not isinstance(each, str))
        chain += together if joins or len(nodes) == 1 else [Beside(nodes)]
    return _joined(chain)


def _chains(row: Row) -> list[Node]:
    """The nodes at the top: a chain is what operators join, term by term."""
    chains: list[Row] = []
    for each in row:
        goes_on = chains and isinstance(chains[-1][-1], str)
        if isinstance(each, str) or goes_on:
            chains[-1].append(each)
        else:
            chains.append([each])
    return [_joined(chain) for chain in chains]


def _joined(chain: Row) -> Node:
    """Nodes with an operator between each two; AND binds closer than OR."""
    alternatives: list[list[Node]] = [[]]
    for each in chain:
        if each == "or":
            alternatives.append([])
        elif not isinstance(each, str):
            alternatives[-1].append(each)
    parts = tuple(
        several[0] if len(several) == 1 else Joined("all", tuple(several))
        for several in alternatives
    )
    return parts[0] if len(parts) == 1 else Joined("any", parts)
