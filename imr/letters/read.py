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

from imr.errors import LetterError, NeedsOcrError

BOLD_WEIGHT = 600
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
        raise LetterError(f"{name}: the file is empty")
    if data.lstrip()[:5] == b"%PDF-":
        return _read_pdf(data, name)
    return _read_text(_decode(data))


def _decode(data: bytes) -> str:
    """Text in any of the encodings letters came in; never fails, NUL bytes are dropped."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    return text.replace("\0", "")


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
        reason = "it is encrypted" if "password" in str(error).lower() else "it is damaged"
        raise LetterError(f"{name}: the PDF can't be opened, {reason}") from error
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
    starts = _line_starts(text)
    tops = [_top(text_page, start) for start, _ in starts]
    usual = _usual_distance(tops)
    lines: list[Line] = []
    for index, (start, line) in enumerate(starts):
        above, top = (tops[index - 1], tops[index]) if index else (None, None)
        gap = None not in (above, top, usual) and (above - top) > GAP_RATIO * usual  # type: ignore[operator]
        bold = pdfium_c.FPDFText_GetFontWeight(text_page, start) >= BOLD_WEIGHT or _named_bold(
            text_page, start
        )
        lines.append(Line(line, gap, bold, page_start=bool(number) and not index))
    text_page.close()
    page.close()
    return lines


def _line_starts(text: str) -> list[tuple[int, str]]:
    """(character index of its first visible character, line) for each line that has any."""
    starts: list[tuple[int, str]] = []
    joined = _WRAP_HYPHEN.sub(lambda match: "-" + "\0" * (len(match[0]) - 1), text)
    for match in re.finditer(r"[^\r\n]+", joined):
        raw = match[0].replace("\xad", "")
        line = raw.replace("\0", "").strip()
        if line:
            starts.append((match.start() + len(match[0]) - len(match[0].lstrip()), line))
    return starts


def _top(text_page: Any, index: int) -> float | None:
    """Height of the character's baseline box on the page, in points from the bottom."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    done = pdfium_c.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
    return bottom.value if done else None


def _usual_distance(tops: list[float | None]) -> float | None:
    """Median distance between neighbouring lines of a page, in points."""
    known = [top for top in tops if top is not None]
    steps = sorted(a - b for a, b in pairwise(known) if a - b > 1)
    return steps[len(steps) // 2] if steps else None


def _named_bold(text_page: Any, index: int) -> bool:
    """Whether the character's font calls itself bold (the 14 standard fonts report no weight)."""
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium_c.FPDFText_GetFontInfo(text_page, index, buffer, 128, flags)
    return b"bold" in buffer.value.lower()
