"""The text of a plain-text letter, in any of the encodings that letters came in."""

from __future__ import annotations

import codecs

_MARKS = (
    # the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# which of four neighbouring bytes are NUL in Latin text without a mark
_WIDE: dict[tuple[bool, ...], str] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
_LOOKED_AT = 4000
_MOSTLY = 0.7


def decode(data: bytes) -> str:
    """The text; never fails.

    NUL bytes are dropped. A line that is not UTF-8 is taken for Windows-1252, of which Latin-1's
    letters are a part; so a file that was put together from both is read too.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), _wide(data))
    if encoding is not None:
        text = data.decode(encoding, "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")
            text = "\n".join(map(_line, lines))
    return text.replace("\0", "")


def _wide(data: bytes) -> str | None:
    """The encoding of two or four bytes a letter that the places of NUL bytes tell."""
    start = data[:_LOOKED_AT]
    quarters = [start[at::4] for at in range(4)]
    nul = tuple(bool(q) and q.count(0) > _MOSTLY * len(q) for q in quarters)
    return _WIDE.get(nul)


def _line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
