"""A decision cut by section into what is embedded: the request, then a piece of the rationale."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from imr.model import Decision, Span

PASSAGE_TOKENS = 400
"""About how many tokens of rationale a passage holds, where the model reads 512 or more."""

# A sentence ends at its mark before white space and something that can open the next one;
# initials and common abbreviations end none.
_SENTENCE_END = re.compile(
    # the mark first: looking back at every letter takes thirty times as long
    r"[.!?](?<!\b[A-Z].)(?<!\bDr.)(?<!\bMr.)(?<!\bMs.)(?<!\bvs.)(?<!\bNo.)(?<!\be\.g.)(?<!\bi\.e.)"
    r"[\"')\]\u201d\u2019]*\s+(?=[\"'(\[\u201c]?[A-Z0-9])"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """`text` is what is embedded; `span` is its piece of the rationale in the letter's text."""

    text: str
    span: Span


def sentences(text: str) -> Iterator[Span]:
    """Ranges of the text's sentences, without the white space between them."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        end = match.start() + len(match[0].rstrip())
        yield start, end
        start = match.end()
    if start < len(text):
        yield start, len(text)


def facts_text(request: str, summary: str) -> str:
    """What is embedded of a case's facts; the model reads its first 512 tokens."""
    return f"{request}: {summary}" if summary else request


def passage_tokens(max_tokens: int = 512) -> int:
    """The most tokens of rationale in a passage for a model that reads `max_tokens`.

    The rest is room for the request.
    """
    return min(PASSAGE_TOKENS, max_tokens * PASSAGE_TOKENS // 512)


def passages(
    decision: Decision, count_tokens: Callable[[str], int], most: int = PASSAGE_TOKENS
) -> list[Passage]:
    """The decision's passages in order; a decision without a rationale has one, its request.

    A passage has at most `most` tokens of rationale; a sentence longer than that stands alone (the
    model cuts it off).
    """
    offset = decision.spans.get("rationale", (0, 0))[0]
    rationale = decision.rationale
    pieces: list[Span] = []
    held = 0
    for start, end in sentences(rationale):
        size = count_tokens(rationale[start:end])
        if pieces and held + size <= most:
            pieces[-1] = (pieces[-1][0], end)
            held += size
        else:
            pieces.append((start, end))
            held = size
    if not pieces:
        return [Passage(decision.request, decision.spans.get("request", (0, 0)))]
    lead = f"{decision.request}: " if decision.request else ""
    return [
        Passage(f"{lead}{rationale[start:end]}", (offset + start, offset + end))
        for start, end in pieces
    ]
