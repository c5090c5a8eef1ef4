"""Letters that went wrong: synthetic ones with pieces cut, doubled, moved, and odd ones put in."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile

from samples import determination
from samples.pdf import letter_pdf
from samples.render import letter_text
from samples.variations import varied

PIECES = (
    # what letters are made of, where it does not belong
    "Upheld", ": Overturned", "is Upheld.", "Upheld", "CM16-0000042", "CM1 6-00 00042",
    "Case Number: ", "Date of Injury: 02/30/2016", "99/99/9999", "Decision Date:", "Priority:",
    "CLINICAL CASE SUMMARY", "HOW THE IMR FINAL DETERMINATION WAS MADE",
    "IMR ISSUES, DECISIONS AND RATIONALES", "The Final Determination was based on",
    "decisions for the disputed items/services are set forth below:",
    "Claims Administrator guideline:", "The Claims Administrator did not cite any medical evidence",
    "MAXIMUS guideline:", "Decision rationale:", "State(s) of Licensure:",
    "Certification(s)/Specialty:", "MAXIMUS FEDERAL SERVICES, INC.", "Independent Medical Review",
    "MEDICAL PROFESSIONAL REVIEW", "ISSUE AT DISPUTE:", "CASE SUMMARY:", "DOCUMENTS REVIEWED",
    "IMR DECISION(S) AND RATIONALE(S)", "RATIONALE FOR WHY", "Page 3 of 5", "51 year-old female",
    "MTUS Chronic Pain Medical Treatment 2009, Section(s): Opioids.", "(ODG)", "ODG, Low Back,",
    "Section(s):", "page(s) 98-99", "and", ", and ", "; ", "2009", "Non-MTUS Citation",
    "Norco 10/325mg #90", "#", "Qty: 12", "two times a week for six weeks", "x 6", "1/2", "L4-L5",
    "C3-4, C4-5", "bilateral", "left knee", "MRI", "was the original request", "The remaining",
    "physical therapy 3x4", "10-325-50-20mg", "0", "1", "12,000.50", "%",
    # and what it is not made of
    "", " ", "\n", "\n\n\n", "\r", "\f", "\t", "\0", "-\n", "\ufffe", "\x02", "\xad", "\u2028",
    "\x85", "\u202e", "\u0301", "\U0001f600", "\u0130", "\u00df", "\ufb01", "(", ")", "[", "]",
    '"', "'",
    ".", ":", ",", "-", "/", "\\", "*", "\u00a0", "\u2019", "%PDF-",
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-16", "utf-32", "cp1252", "latin-1", "utf-16-le")
LONG = 1_000_000
"""Characters of a letter that is as long as none is."""


@cache
def letter(index: int, *, drawn: bool = False) -> bytes:
    """A synthetic letter as text or PDF."""
    record = determination(7, index)
    if not drawn:
        return letter_text(record, varied(index)).encode()
    with NamedTemporaryFile(suffix=".pdf") as file:
        letter_pdf(record, varied(index), Path(file.name))
        return Path(file.name).read_bytes()


def mutated(rng: Random) -> bytes:
    """A letter as text, changed in up to forty places, in some encoding."""
    text = letter(rng.randrange(60)).decode()
    for _ in range(rng.randrange(1, 40)):
        text = _changed(text, rng)
    data = text.encode(rng.choice(ENCODINGS), "replace")
    return scrambled(data, rng) if rng.random() < 0.2 else data


def _changed(text: str, rng: Random) -> str:
    start = rng.randrange(len(text) + 1)
    end = min(len(text), start + rng.choice((0, 1, 5, 60, 400)))
    piece = text[start:end]
    what = rng.randrange(6)
    if what == 0:
        return text[:start] + text[end:]
    if what == 1:
        return text[:end] + piece * rng.choice((1, 1, 3, 50)) + text[end:]
    if what == 2:
        there = rng.randrange(len(text) + 1)
        return text[:there] + piece + text[there:]
    if what == 3:
        return text[:start] + piece.swapcase() + text[end:]
    if what == 4:
        lines = text.split("\n")
        rng.shuffle(lines) if rng.random() < 0.1 else lines.sort(key=lambda _: rng.random() < 0.05)
        return "\n".join(lines)
    return text[:start] + rng.choice(PIECES) * rng.choice((1, 1, 2, 9)) + text[start:]


def scrambled(data: bytes, rng: Random) -> bytes:
    """The bytes with a few of them changed, and perhaps the end cut off."""
    hurt = bytearray(data)
    for _ in range(rng.randrange(30)):
        if hurt:
            hurt[rng.randrange(len(hurt))] = rng.randrange(256)
    return bytes(hurt[: rng.randrange(len(hurt) + 1)] if rng.random() < 0.3 else hurt)


def scrambled_pdf(rng: Random) -> bytes:
    """A letter as PDF, scrambled."""
    return scrambled(letter(rng.randrange(20), drawn=True), rng)


def noise(rng: Random) -> bytes:
    """Any bytes, or any text."""
    size = rng.choice((1, 10, 300, 3000, 20_000))
    if rng.random() < 0.5:
        return rng.randbytes(size)
    return "".join(rng.choice(PIECES) for _ in range(size // 5 + 1)).encode()


def stretched(rng: Random) -> bytes:
    """A letter of a million characters: somewhere in it a few pieces come over and over."""
    text = letter(rng.randrange(60)).decode()
    words = text.split()
    pieces = [
        rng.choice(PIECES) if rng.random() < 0.7 else rng.choice(words)
        for _ in range(rng.randrange(1, 5))
    ]
    unit = rng.choice(("", " ", "\n", "\n\n")).join(pieces) + rng.choice(("", " ", "\n"))
    unit = unit or " "
    at = rng.randrange(len(text) + 1)
    if rng.random() < 0.3:
        at = text.find("\n", at) + 1
    return (text[:at] + unit * (LONG // len(unit)) + text[at:]).encode("utf-8", "replace")


MAKERS = {
    "mutated": mutated,
    "scrambled_pdf": scrambled_pdf,
    "noise": noise,
    "stretched": stretched,
}
"""Every way to make one; the same seed makes the same bytes."""
