"""A query's text → tokens: words, phrases, field terms, operators, signs and parentheses.

Nothing is refused: a mark that has no partner is blanked, and a warning says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from imr import case_numbers, fields

MAX_DEPTH = 20
"""Levels of parentheses that are read."""
MAX_SLOP = 100
"""Words that may stand between two of a proximity; a rationale has some hundreds."""

TokenKind = Literal[
    "word", "phrase", "range", "case", "and", "or", "not", "plus", "open", "close"
]  # fmt: skip

FIELDS = {field.name: field for field in fields.FIELDS if field.filtered or field.weight}
"""Fields that a query may name."""

_OPERATORS: dict[str, TokenKind] = {
    "AND": "and", "&&": "and", "OR": "or", "||": "or", "NOT": "not",
}  # fmt: skip
_WORD = re.compile(r'(?:(?!&&|\|\|)[^\s()"])+')
_SIGN = re.compile(r'[+\-!](?=[^\s()"]*[^\W_]|["(])')
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]{1,40}):(?=[^\s:)])")
_BARE_FIELD = re.compile(r"([a-z_]+):")
_RANGE = re.compile(r'[\[{]\s*([^\s"()\[\]{}]+)\s+(?:TO|to)\s+([^\s"()\[\]{}]+)\s*[\]}]?')
_COMPARED = re.compile(r'[<>]=?\s*[^\s()"]*')
_FUZZY = re.compile(r"(?<=\w)[~^][\d.]{0,6}$")  # Lucene's fuzzy words and boosts
_NEAR = re.compile(r'~[^\s()"]*')
_PLURAL = re.compile(r"(?<=[^\W\d_])\((?:s|es)\)", re.IGNORECASE)  # "relaxant(s)"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text[start:end].

    Attributes:
        text: a word with its punctuation, a phrase without its marks, a range as "LOW..HIGH", a
            case number as ids have it.
        literal: a sign or a field's name stands right before it, so that it is taken as it is.
        field: what it is looked for in, by its own name or that of the parentheses around it.
        slop: of a phrase with a proximity.
    """

    kind: TokenKind
    text: str
    start: int
    end: int
    literal: bool = False
    field: str | None = None
    slop: int | None = None


def read(text: str, warnings: list[str]) -> tuple[str, list[Token]]:
    """The text, of the same length, with what was left out blanked, and its tokens."""
    lexer = _Lexer(_PLURAL.sub(lambda plural: " " * len(plural[0]), text), warnings)
    tokens = lexer.tokens()
    kept = lexer.balanced(tokens)
    mended = "".join(lexer.characters)
    return mended, _fields_of_groups(mended, kept)


class _Lexer:
    def __init__(self, text: str, warnings: list[str]) -> None:
        self.text, self.warnings = text, warnings
        self.characters = list(text)

    def tokens(self) -> list[Token]:
        found: list[Token] = []
        at, signed = 0, False
        around: list[str | None] = []
        while at < len(self.text):
            if self.text[at].isspace():
                at += 1
                signed = False
                continue
            token = self._ordered(around[-1], at) if around and around[-1] else None
            token = token or self._token(at, signed=signed)
            if token is not None and token.kind == "open":
                around.append(token.field or (around[-1] if around else None))
            elif token is not None and token.kind == "close" and around:
                around.pop()
            signed = token is not None and token.literal and token.kind in {"plus", "not"}
            if token is not None:
                found.append(token)
            at = token.end if token is not None else at + 1
        return found

    def _token(self, at: int, *, signed: bool) -> Token | None:
        """The token that begins here; None where this character says nothing."""
        starts = at == 0 or self.text[at - 1].isspace() or self.text[at - 1] in '("'
        if starts and (sign := _SIGN.match(self.text, at)):
            kind: TokenKind = "plus" if sign[0] == "+" else "not"
            return Token(kind, sign[0], at, at + 1, literal=True)
        if number := case_numbers.WRITTEN.match(self.text, at):
            return Token("case", case_numbers.spelled(number), at, number.end(), literal=True)
        if (starts or signed) and (named := _FIELD.match(self.text, at)):
            name = named[1].lower().replace("-", "_")
            if name in FIELDS:
                return self._value(name, at, named.end())
            self._nearly_a_field(named[1], name)
        if self.text[at] in '()"':
            return self._mark(at)
        word = _WORD.match(self.text, at)
        text = word[0] if word else self.text[at : at + 2]  # an operator of two signs
        if text in _OPERATORS and not signed:
            return Token(_OPERATORS[text], text, at, at + len(text))
        return self._word(text, at, signed=signed)

    def _mark(self, at: int) -> Token | None:
        if (mark := self.text[at]) == '"':
            return self._phrase(at, at)
        return Token("open" if mark == "(" else "close", mark, at, at + 1)

    def _word(self, text: str, at: int, *, signed: bool) -> Token:
        if fuzzy := _FUZZY.search(text):
            text = text[: fuzzy.start()]
            self._blank(at + fuzzy.start(), at + fuzzy.end())
            self.warnings.append(
                f"{shortened(fuzzy[0])} behind a word means nothing here, so {shortened(text)} is "
                "read without it"
            )
        self._nearly_a_case_number(at)
        if (bare := _BARE_FIELD.fullmatch(text)) and bare[1] in FIELDS:
            self.warnings.append(
                f"{text} with a blank behind it is read as a word: write {text}VALUE"
            )
        return Token("word", text, at, at + len(text), literal=signed)

    def _blank(self, start: int, end: int) -> None:
        blanks = " " * (end - start)
        self.text = self.text[:start] + blanks + self.text[end:]
        self.characters[start:end] = blanks

    def _value(self, name: str, start: int, at: int) -> Token | None:
        """A field term from `start`, whose value begins at `at`."""
        if self.text[at] == "(":
            return Token("open", "(", start, at + 1, field=name)
        if self.text[at] == '"':
            if phrase := self._phrase(start, at):
                return replace(phrase, field=name, literal=True)
            at += 1
        if (ordered := self._ordered(name, at)) is not None:
            return replace(ordered, start=start)
        word = _WORD.match(self.text, at)
        if word is None:
            return Token("word", name, start, at, literal=True)
        text, end = word[0], word.end()
        return Token("word", text, start, end, literal=True, field=name)

    def _ordered(self, name: str, at: int) -> Token | None:
        """A range or a comparison of a field that begins at `at`."""
        span, compared = _RANGE.match(self.text, at), _COMPARED.match(self.text, at)
        if span is None and compared is None:
            return None
        if FIELDS[name].type == "text":
            self.warnings.append(f"{name} is a text, so a range of it is read as words")
            return None
        if compared is not None:
            return Token("word", compared[0], at, compared.end(), literal=True, field=name)
        assert span is not None  # noqa: S101 - one of both is there
        if {"{", "}"} & set(span[0]):
            self.warnings.append(f"both ends of {name}:{shortened(span[0])} belong to it")
        return Token("range", f"{span[1]}..{span[2]}", at, span.end(), literal=True, field=name)

    def _phrase(self, start: int, at: int) -> Token | None:
        """A phrase whose first mark stands at `at`; behind a number it is a sign of inches."""
        if at and self.text[at - 1].isdigit():
            self.characters[at] = " "
            return None
        end = self.text.find('"', at + 1)
        if end < 0:
            self.warnings.append("a quotation mark has no partner and was left out")
            self.characters[at] = " "
            return None
        text = self.text[at + 1 : end]
        if number := case_numbers.WRITTEN.fullmatch(text.strip()):
            return Token("case", case_numbers.spelled(number), start, end + 1, literal=True)
        near = _NEAR.match(self.text, end + 1)
        if near is None:
            return Token("phrase", text, start, end + 1)
        return Token("phrase", text, start, near.end(), slop=self._slop(near[0]))

    def _slop(self, written: str) -> int | None:
        """What a proximity says; None where it is no number."""
        number = written[1:].rstrip(".,;:!?")
        if not number.isdecimal() or not number.isascii():
            self.warnings.append(
                f"{shortened(written)} behind a phrase is no number of words, so it is left out"
            )
            return None
        if len(number) > len(str(MAX_SLOP)) or int(number) > MAX_SLOP:
            self.warnings.append(
                f"{shortened(written)} is read as ~{MAX_SLOP}, the most words that may lie between"
            )
            return MAX_SLOP
        return int(number)

    def _nearly_a_field(self, written: str, name: str) -> None:
        near = get_close_matches(name, FIELDS, n=1, cutoff=0.8)
        if near and written.islower():
            self.warnings.append(
                f"there is no field {written!r} (did you mean {near[0]}?), so it is read as a word"
            )

    def _nearly_a_case_number(self, at: int) -> None:
        near = case_numbers.NEARLY.match(self.text, at)
        if near and len(near[1]) != case_numbers.LENGTH:
            self.warnings.append(
                f"{near[0]} has {len(near[1])} digits behind the hyphen where a case number has "
                f"{case_numbers.LENGTH}, so it is read as a word"
            )

    def balanced(self, tokens: Sequence[Token]) -> list[Token]:
        """Without parentheses that have no partner or lie too deep, which are blanked.

        Those of a field end with the text: what stands in them is the field's.
        """
        partner: dict[int, int] = {}
        open_: list[int] = []
        deep = alone = False
        for place, token in enumerate(tokens):
            if token.kind == "open":
                open_.append(place)
            elif token.kind == "close" and open_:
                first = open_.pop()
                if len(open_) < MAX_DEPTH:
                    partner |= {first: place, place: first}
                deep |= len(open_) >= MAX_DEPTH
            alone |= token.kind == "close" and place not in partner and not deep
        ended = [place for place in open_[:MAX_DEPTH] if tokens[place].field]
        partner |= dict.fromkeys(ended, len(tokens))
        kept = []
        for place, token in enumerate(tokens):
            if token.kind in {"open", "close"} and place not in partner:
                self.characters[token.start : token.end] = " " * (token.end - token.start)
            else:
                kept.append(token)
        if deep:
            self.warnings.append(f"parentheses are read {MAX_DEPTH} levels deep, not deeper")
        if alone or len(open_) > len(ended):
            self.warnings.append("a parenthesis has no partner and was left out")
        if ended:
            self.warnings.append("a parenthesis has no partner, so it ends with the query")
        end = len(self.characters)
        return kept + [Token("close", ")", end, end)] * len(ended)


def _fields_of_groups(text: str, tokens: Sequence[Token]) -> list[Token]:
    """Tokens in a field's parentheses are the field's, words of a value together one token."""
    found: list[Token] = []
    around: list[str | None] = []
    for token in tokens:
        if token.kind == "open":
            around.append(token.field or (around[-1] if around else None))
        elif token.kind == "close":
            around.pop()
        name = around[-1] if around else None
        if name is None or token.field is not None:
            found.append(token)
        elif found and _is_value(found[-1], name) and _is_value(token, name):
            first = found.pop()
            found.append(replace(first, text=text[first.start : token.end], end=token.end))
        else:
            found.append(replace(token, field=name))
    return found


def _is_value(token: Token, field: str) -> bool:
    """Whether a token is a word of a value in the field's parentheses, without a sign."""
    is_word = token.kind == "word" and not token.literal
    return is_word and token.field in {None, field} and FIELDS[field].type != "text"


def shortened(text: str, length: int = 60) -> str:
    """A piece of a query as warnings show it."""
    return text if len(text) <= length else f"{text[:length]}\u2026"
