"""A record as a PDF that looks like a letter of its layout, and is extracted like one.

Lines are drawn in reading order, each in one piece with the space it was wrapped at, because that
is what makes pdfium's text of a real letter; bytes are the same on every run (`invariant`).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfgen.canvas import Canvas

from samples.blocks import Block, Cells, Line, lines, paged, wrapped
from samples.render import ROOMS, as_numbered, blocks
from samples.variations import Variation

if TYPE_CHECKING:
    from pathlib import Path

    from imr.model import Determination

PAGE_WIDTH, PAGE_HEIGHT = letter
LEFT, RIGHT, TOP = 72.0, 540.0, 708.0
LEADING, SIZE, GAP = 13.0, 12.0, 6.0
BODY, BOLD = "Times-Roman", "Times-Bold"
CELL, CELL_BOLD, CELL_SIZE, ROW_HEIGHT = "Helvetica", "Helvetica-Bold", 11.0, 13.5
COLUMNS = (67.0, 172.0, 322.0, 420.0, 545.0)
BLACK, WHITE, SHADE = HexColor("#000000"), HexColor("#ffffff"), HexColor("#dddddd")
SET_BOLD = frozenset({"title", "label", "heading", "outcome"})
COLUMN_WIDTH = 5.0
"""Points of a column, for variations that set headings narrow."""


def letter_pdf(determination: Determination, variation: Variation | None, path: Path) -> None:
    """Writes the letter to `path`."""
    # a soft hyphen shows in a PDF, so none is drawn
    variation = replace(variation or Variation(), soft_hyphens=False)
    record = as_numbered(determination, variation)

    def cut(block: Block) -> list[str]:
        bold = block.kind in SET_BOLD
        heading = variation.heading_width * COLUMN_WIDTH
        room = min(RIGHT - LEFT, heading) if block.kind == "heading" else RIGHT - LEFT
        return _cut(block.text, BOLD if bold else BODY, room)

    rows = lines(blocks(record, variation), variation, cut)
    canvas = Canvas(str(path), pagesize=letter, invariant=1, pageCompression=1)
    canvas.setTitle(f"Synthetic letter {determination.id}")
    top = _header(canvas, record, variation)
    for page in paged(rows, variation, round((TOP - top) / LEADING)):
        _page(canvas, page, top)
        canvas.showPage()
        top = TOP
    canvas.save()


@cache
def _widths(font: str) -> dict[str, float]:
    """Points of each character that the letters use, at the size of the text."""
    face = getFont(font)
    return {char: face.stringWidth(char, SIZE) for char in map(chr, range(32, 256))}


def _cut(text: str, font: str, room: float) -> list[str]:
    """Lines that fit into `room` points."""
    widths = _widths(font)
    ends = [0.0, *accumulate(widths[char] for char in text)]
    return wrapped(text, lambda start: bisect_right(ends, ends[start] + room) - 1)


def _page(canvas: Canvas, page: list[Line], top: float) -> None:
    """One page of lines, drawn as one text object from `top` downwards."""
    text = canvas.beginText(LEFT, top)
    text.setFont(BODY, SIZE)
    y = top
    for line in page:
        kind = line.block.kind
        if line.first and kind in {"title", "label", "heading"} and not line.block.tight:
            y -= GAP
        x = LEFT
        if kind == "title":
            x = (PAGE_WIDTH - canvas.stringWidth(line.text, BOLD, SIZE)) / 2
        text.setTextOrigin(x, y)
        bold, rest = _styled(line)
        if bold:
            text.setFont(BOLD, SIZE)
            text.textOut(bold)
            text.setFont(BODY, SIZE)
        text.textOut(rest)
        y -= LEADING + (GAP / 2 if kind == "title" else 0)
    canvas.drawText(text)


def _styled(line: Line) -> tuple[str, str]:
    """What of a line is bold, and what follows it."""
    if line.block.kind in SET_BOLD:
        return line.text, ""
    if line.first and line.text.startswith(line.block.bold):
        return line.block.bold, line.text.removeprefix(line.block.bold)
    return "", line.text


def _header(canvas: Canvas, record: Determination, variation: Variation) -> float:
    """Draws the top of the first page; returns where the text below it starts."""
    layout = ROOMS[variation.layout]
    y = TOP
    for name in layout.NAMES:
        canvas.setFont(BOLD, SIZE)
        canvas.drawCentredString(PAGE_WIDTH / 2, y, name)
        y -= LEADING
    cells = layout.header_cells(record)
    if not cells:
        return _header_lines(canvas, layout.header_lines(record)[len(layout.NAMES) :], y - GAP)
    y -= LEADING if layout.NAMES else 2 * LEADING
    columns = _columns(canvas, cells)
    for row in cells:
        height = ROW_HEIGHT * max(1, row[2].count("|") + 1)
        _row(canvas, row, columns, y, height)
        y -= height
    return y - 2 * LEADING


def _header_lines(canvas: Canvas, rows: list[str], y: float) -> float:
    """A header without a table: one label and value a line."""
    for row in rows:
        label, colon, value = row.partition(":")
        canvas.setFont(BOLD, SIZE)
        canvas.drawString(LEFT, y, label + colon)
        canvas.setFont(BODY, SIZE)
        canvas.drawString(LEFT + canvas.stringWidth(label + colon, BOLD, SIZE), y, value)
        y -= LEADING
    return y - LEADING


def _columns(canvas: Canvas, rows: tuple[Cells, ...]) -> tuple[float, ...]:
    """The edges of the columns; the first and the third are wide enough for their labels."""
    first, third = (
        max(canvas.stringWidth(row[at].split("|")[0], CELL_BOLD, CELL_SIZE) for row in rows) + 12
        for at in (0, 2)
    )
    left, value, label, right, end = COLUMNS
    return left, max(value, left + first), min(label, right - third), right, end


def _row(
    canvas: Canvas, cells: Cells, columns: tuple[float, ...], top: float, height: float
) -> None:
    """Four cells from left to right: label, value, label, value; "|" is a line break in a cell."""
    shaded = {0, 2} if cells[2] else {0, 2, 3}
    for place, cell in enumerate(cells):
        left, right = columns[place : place + 2]
        label = place in shaded
        canvas.setFillColor(SHADE if label else WHITE)
        canvas.rect(left, top - height, right - left, height, stroke=1, fill=1)
        canvas.setFillColor(BLACK)
        canvas.setFont(CELL_BOLD if label else CELL, CELL_SIZE)
        for line, part in enumerate(cell.split("|")):
            if part:
                canvas.drawString(left + 5, top - ROW_HEIGHT * (line + 1) + 3, part)
