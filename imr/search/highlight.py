"""Snippets of a text with what was looked for marked: `… <em>functional improvement</em> …`.

Our own, over the stored text: equal on every engine, and a phrase is marked as one. The text is
escaped for HTML (`&`, `<`, `>`), so that no markup of a letter's is any; `<em>` is ours alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape

from imr.model import Span

LENGTH = 200
"""About so many characters of a text a snippet has at most, its marks not counted."""
SNIPPETS = 3
"""How many snippets a text gives."""
MORE = "\u2026"

_LEAD = 60
"""Characters before the first mark where a long sentence is cut."""
_PART = re.compile(r"<em>(.*?)</em>|([^<]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mark:
    """A range to be marked, and the numbers of the clauses that stand there."""

    start: int
    end: int
    clauses: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Window:
    """text[start:end] as a snippet; `whole` is the range of the sentences it is cut from."""

    start: int
    end: int
    whole: Span
    marks: tuple[Mark, ...]

    @property
    def clauses(self) -> frozenset[int]:
        return frozenset(clause for mark in self.marks for clause in mark.clauses)


def joined(found: Iterable[tuple[int, Span]]) -> list[Mark]:
    """Marks in order out of (clause, range) pairs; ranges that overlap become one."""
    marks: list[Mark] = []
    for clause, (start, end) in sorted(found, key=lambda each: each[1]):
        last = marks[-1] if marks else None
        if last is not None and start < last.end:
            marks[-1] = Mark(last.start, max(end, last.end), last.clauses | {clause})
        else:
            marks.append(Mark(start, end, frozenset({clause})))
    return marks


def snippets(text: str, marks: Sequence[Mark], pieces: Sequence[Span]) -> tuple[str, ...]:
    """The best snippets of a text, best first: those that show most clauses not yet shown.

    Args:
        text: the text.
        marks: in order and apart, see `joined`.
        pieces: what a snippet should be whole of, in order: sentences, names.
    """
    windows = [window for run in _runs(marks, pieces) for window in _windows(text, *run)]
    shown: frozenset[int] = frozenset()
    chosen: list[str] = []
    while windows and len(chosen) < SNIPPETS:
        best = max(windows, key=lambda w: (len(w.clauses - shown), len(w.clauses), -w.start))
        windows.remove(best)
        shown |= best.clauses
        chosen.append(_drawn(text, best))
    return tuple(chosen)


def parts(snippet: str) -> Iterator[tuple[str, bool]]:
    """A snippet's text in pieces, not escaped, and whether each is marked."""
    for marked, plain in _PART.findall(snippet):
        yield unescape(marked or plain), bool(marked)


def _runs(marks: Sequence[Mark], pieces: Sequence[Span]) -> Iterator[tuple[Span, list[Mark]]]:
    """The pieces that have marks, those joined that one mark reaches over."""
    starts = [start for start, _ in pieces]
    run: tuple[Span, list[Mark]] | None = None
    for mark in marks:
        if run is not None and mark.start < run[0][1]:
            start, held = run[0][0], run[1]
        else:
            if run is not None:
                yield run
            start, held = pieces[bisect_right(starts, mark.start) - 1][0], []
        end = pieces[bisect_right(starts, mark.end - 1) - 1][1]
        run = (start, end), [*held, mark]
    if run is not None:
        yield run


def _windows(text: str, whole: Span, marks: Sequence[Mark]) -> Iterator[_Window]:
    """A run as it is, or where it is too long as much around its marks as fits."""
    if whole[1] - whole[0] <= LENGTH:
        yield _Window(*whole, whole, tuple(marks))
        return
    first = 0
    shown = whole[0]  # what comes before is in an earlier window
    while first < len(marks):
        start = _word_start(text, max(shown, marks[first].start - _LEAD), marks[first].start)
        end = min(whole[1], start + LENGTH)
        last = first + 1
        while last < len(marks) and marks[last].end <= end:
            last += 1
        shown = marks[last - 1].end
        if last < len(marks):
            end = min(end, marks[last].start)
        end = _word_end(text, end, min(end, shown), whole[1])
        yield _Window(start, end, whole, tuple(marks[first:last]))
        first = last


def _word_start(text: str, start: int, most: int) -> int:
    """The first start of a word from here on; here, where there is none before `most`."""
    if start == 0 or text[start - 1].isspace():
        return start
    blank = next((at for at in range(start, most) if text[at].isspace()), None)
    return start if blank is None else blank + 1


def _word_end(text: str, end: int, least: int, whole: int) -> int:
    """The last end of a word up to here; here, where there is none behind `least`."""
    if end == whole or text[end].isspace():
        return end
    return next((at for at in range(end - 1, least - 1, -1) if text[at].isspace()), end)


def _drawn(text: str, window: _Window) -> str:
    said = [f"{MORE} "] if window.start > window.whole[0] else []
    at = window.start
    for mark in window.marks:
        end = min(mark.end, window.end)
        said += [_escaped(text[at : mark.start]), "<em>", _escaped(text[mark.start : end]), "</em>"]
        at = end
    said.append(_escaped(text[at : window.end]))
    return "".join(said) + (f" {MORE}" if window.end < window.whole[1] else "")


def _escaped(text: str) -> str:
    return escape(re.sub(r"\s+", " ", text), quote=False)
