"""Letters written by hand, paragraph by paragraph, as text or drawn as a PDF."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from imr.letters.parse import parse
from imr.model import Decision, Determination

FACES = {False: "Times-Roman", True: "Times-Bold"}
LEADING, GAP = 13, 7


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a letter; its text may hold line breaks and form feeds, which end a page."""

    text: str
    bold: bool = False

    def lines(self, width: int) -> Iterator[str]:
        """Its lines, none wider than `width`; a page break stays before the line it precedes."""
        for piece in self.text.replace("\f", "\n\f").split("\n"):
            page = "\f" if piece.startswith("\f") else ""
            wrapped = textwrap.wrap(piece.strip(), width, break_on_hyphens=False) or [""]
            yield from (page + line if at == 0 else line for at, line in enumerate(wrapped))


Letter = Sequence[Paragraph]


def letter_of(text: str) -> list[Paragraph]:
    """Paragraphs between blank lines; one that begins with "**" is bold."""
    pieces = (piece.strip(" \n") for piece in textwrap.dedent(text).strip("\n").split("\n\n"))
    return [Paragraph(piece.removeprefix("**"), piece.startswith("**")) for piece in pieces]


def typed(letter: Letter, width: int = 95, *, between: str = "\n\n") -> bytes:
    """The letter as text."""
    return between.join("\n".join(each.lines(width)) for each in letter).encode()


def drawn(paragraphs: Letter, width: int = 85, lines_per_page: int = 44) -> bytes:
    """The letter as a PDF: bold where it is bold, a gap between paragraphs."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=letter, invariant=1)
    y, count = 720.0, 0
    for paragraph in paragraphs:
        for line in paragraph.lines(width):
            if count and (count == lines_per_page or line.startswith("\f")):
                canvas.showPage()
                y, count = 720.0, 0
            canvas.setFont(FACES[paragraph.bold], 11)
            canvas.drawString(72, y, line.removeprefix("\f"))
            y -= LEADING
            count += 1
        y -= GAP
    canvas.save()
    return buffer.getvalue()


def read(data: bytes) -> Determination:
    """The record of a letter."""
    return parse(data, "letter")


def both(letter: Letter) -> Iterator[Determination]:
    """The record of the letter as text and as PDF."""
    yield read(typed(letter))
    yield read(drawn(letter))


def words(text: str) -> str:
    return " ".join(text.split())


FIELDS = ("request", "outcome", "administrator_guidelines", "reviewer_guidelines", "rationale")


def assert_spans(found: Determination) -> None:
    """Each span holds its field's wording, in the letter's order where the parts are an item's."""
    for decision in found.decisions:
        held = {name: found.text[slice(*span)] for name, span in decision.spans.items()}
        assert set(held) <= set(FIELDS)
        assert held["request"] == decision.request
        assert held.get("rationale", "") == decision.rationale
        assert all(piece == piece.strip() and piece for piece in held.values())
        for name in ("administrator_guidelines", "reviewer_guidelines"):
            for citation in getattr(decision, name):
                assert citation.cited in words(held[name])


def told(decision: Decision) -> tuple[str, str]:
    return decision.request, decision.outcome
