"""Stage 1: a letter's bytes → lines, each with what the page shows about it.

A heading of a disputed item has no mark of its own in the text: on the page it is bold and stands
after a gap. Both are kept here as facts about a line, so that later stages need no guessing where
the page already tells.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Literal

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from imr.errors import EmptyLetterError, EncryptedLetterError, LetterError, NeedsOcrError
from imr.letters.decode import decode

BOLD_WEIGHT = 600
# A PDF may hold foreign bytes before its mark, up to this many (mail gateways leave some).
_PDF_MARK_WITHIN = 1024
# A gap between paragraphs is at least this many times the page's usual distance of two lines.
GAP_RATIO = 1.35
# pdfium writes a hyphen at a line's end as U+FFFE (older builds: U+0002) and joins the lines.
_WRAP_HYPHEN = re.compile("[\ufffe\x02](?:\r?\n)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page. `bold` is None where the source can't tell (plain text)."""

    text: str
    gap_before: bool = False
    bold: bool | None = None
    page_start: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """A letter as read: its lines over all pages, and how many pages there are."""

    lines: tuple[Line, ...]
    count: int
    format: Literal["pdf", "text"]


def read(data: bytes, name: str) -> Pages:
    """Lines of the letter in `data`; `name` is only said in errors.

    Raises:
        LetterError: empty, encrypted or damaged; NeedsOcrError: a PDF that is only an image.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise EmptyLetterError(f"{name}: the file is empty")
    if b"%PDF-" in data[:_PDF_MARK_WITHIN]:
        return _read_pdf(data, name)
    if name.lower().endswith(".pdf") and b"\0" in data[:_PDF_MARK_WITHIN]:
        raise LetterError(f"{name}: the file is no PDF, though its name says so")
    return _read_text(_WRAP_HYPHEN.sub("-", decode(data)))


def _read_text(text: str) -> Pages:
    """Plain text: a gap is more blank lines than the file has between most of its lines.

    Some converters put a blank line after every line, so the usual number is measured.
    """
    pages = text.split("\f")
    rows: list[tuple[str, int, bool]] = []
    for page in pages:
        blanks, first = 0, True
        for raw in page.splitlines():
            line = raw.strip()
            if not line:
                blanks += 1
                continue
            rows.append((line, blanks, first and bool(rows)))
            blanks, first = 0, False
    usual = _usual_blanks([blanks for _, blanks, _ in rows[1:]])
    lines = tuple(
        Line(line, gap_before=blanks > usual, page_start=page_start)
        for line, blanks, page_start in rows
    )
    return Pages(lines, max(1, len(pages)), "text")


def _usual_blanks(blanks: list[int]) -> int:
    """The commonest number of blank lines between two lines of text."""
    counts = {n: len(list(group)) for n, group in groupby(sorted(blanks))}
    return max(counts, key=lambda n: counts[n], default=0)


def _read_pdf(data: bytes, name: str) -> Pages:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        # pdfium keeps its last error: it may be that of an earlier file
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD and b"/Encrypt" in data:
            raise EncryptedLetterError(
                f"{name}: the PDF can't be opened, it is encrypted"
            ) from error
        raise LetterError(
            f"{name}: the PDF can't be opened, it is damaged or has no page"
        ) from error
    try:
        count = len(document)
        if not count:
            raise LetterError(f"{name}: the PDF has no page")
        lines = [line for number in range(count) for line in _page_lines(document, number)]
    except pdfium.PdfiumError as error:
        raise LetterError(f"{name}: the PDF is damaged ({error})") from error
    finally:
        document.close()
    if not any(line.text for line in lines):
        raise NeedsOcrError(f"{name}: the PDF has no text layer and needs OCR first")
    return Pages(tuple(lines), count, "pdf")


def _page_lines(document: pdfium.PdfDocument, number: int) -> list[Line]:
    page = document[number]
    text_page = page.get_textpage()
    text: str = text_page.get_text_range(errors="replace")
    found = _found_lines(text)
    steps = _steps(text_page, found)
    usual = _usual_step(steps)
    lines: list[Line] = []
    for index, (start, _, line) in enumerate(found):
        step = steps[index]
        gap = step is not None and usual is not None and step > GAP_RATIO * usual
        bold = pdfium_c.FPDFText_GetFontWeight(text_page, start) >= BOLD_WEIGHT or _named_bold(
            text_page, start
        )
        lines.append(Line(line, gap, bold, page_start=bool(number) and not index))
    text_page.close()
    page.close()
    return lines


def _found_lines(text: str) -> list[tuple[int, int, str]]:
    """(index of its first visible character, of its last, line) for each line that has any.

    A line that ends in a wrapped hyphen holds the line below it too, so first and last may stand
    at different heights.
    """
    found: list[tuple[int, int, str]] = []
    joined = _WRAP_HYPHEN.sub(lambda match: "-" + "\0" * (len(match[0]) - 1), text)
    for match in re.finditer(r"[^\r\n]+", joined):
        raw = match[0]
        line = raw.replace("\0", "").strip()
        if line:
            first = match.start() + len(raw) - len(raw.lstrip())
            found.append((first, match.start() + len(raw.rstrip()) - 1, line))
    return found


def _steps(text_page: Any, found: list[tuple[int, int, str]]) -> list[float | None]:
    """How far each line's beginning stands below the end of the line above it, in points."""
    steps: list[float | None] = [None] if found else []
    for (_, above, _), (start, _, _) in pairwise(found):
        over, under = _baseline(text_page, above), _baseline(text_page, start)
        steps.append(None if over is None or under is None else over - under)
    return steps


def _baseline(text_page: Any, index: int) -> float | None:
    """Height of the line the character stands on, in points from the bottom of the page."""
    x, y = ctypes.c_double(), ctypes.c_double()
    return y.value if pdfium_c.FPDFText_GetCharOrigin(text_page, index, x, y) else None


def _usual_step(steps: list[float | None]) -> float | None:
    """Median distance between neighbouring lines of a page, in points."""
    known = sorted(step for step in steps if step is not None and step > 1)
    return known[len(known) // 2] if known else None


def _named_bold(text_page: Any, index: int) -> bool:
    """Whether the character's font calls itself bold (the 14 standard fonts report no weight)."""
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium_c.FPDFText_GetFontInfo(text_page, index, buffer, 128, flags)
    return b"bold" in buffer.value.lower()
