"""docs/performance.md: each benchmark writes a section of its own and leaves the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

PAGE = Path("docs/performance.md")
HEAD = (
    "# Performance\n\n"
    "Measured by `make bench`, `make bench-letters` and their like, never by a timed test. "
    "Machines differ: compare figures of one section only.\n"
)


def put(title: str, lines: Sequence[str], page: Path = PAGE) -> None:
    """Write the section of that title, in the place of its former one or at the end."""
    text = page.read_text(encoding="utf-8") if page.exists() else HEAD
    head, *sections = text.split("\n## ")
    kept = {section.partition("\n")[0]: section for section in sections}
    kept[title] = f"{title}\n\n" + "\n".join(lines) + "\n"
    whole = "\n## ".join([head, *(section.rstrip("\n") + "\n" for section in kept.values())])
    page.write_text(whole, encoding="utf-8")
