"""Names of files as they are shown and recorded: readable, and harmless wherever they came from."""

from __future__ import annotations

import re

LETTERS = (".pdf", ".txt")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz")
LONGEST = 500
"""Characters of a member's name that are kept, the last ones."""


def is_letter(name: str) -> bool:
    """Whether a file of a folder or an archive is taken for a letter.

    "._" begins what macOS writes beside a file, under the same name, into archives and on disks.
    """
    return name.lower().endswith(LETTERS) and not _leaf(name).startswith("._")


def is_archive(name: str) -> bool:
    """Whether a file of a folder or an archive is opened as an archive."""
    return name.lower().endswith(ARCHIVES) and not _leaf(name).startswith("._")


def _leaf(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]


def printable(name: str) -> str:
    """The name with every control character and undecodable byte written as an escape."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def member(name: str) -> str:
    """A path inside an archive, as it is shown: relative, with slashes, below its archive.

    Nothing is ever written under such a name; `..`, roots and drives would only mislead readers.
    """
    parts = [part for part in re.split(r"[/\\]+", name) if part not in {"", ".", ".."}]
    if parts and re.fullmatch(r"[A-Za-z]:", parts[0]):
        del parts[0]
    shown = printable("/".join(parts)) or "(no name)"
    return shown if len(shown) <= LONGEST else "\N{HORIZONTAL ELLIPSIS}" + shown[-LONGEST:]
