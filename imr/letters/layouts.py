"""Which layout a letter has: the one dispatch between the readers of disputed items.

| reader | layout |
|---|---|
| `decisions` | first layout, 2014 on: headings that end in Upheld or Overturned |
| `notice` | "Notice of Independent Medical Review Determination", 2013 |
| `professional` | "Medical Professional Review", 2013 |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imr.letters import decisions, notice, professional
from imr.letters.clean import Cleaned
from imr.letters.items import Found
from imr.letters.sections import Section

_Reader = Callable[[Cleaned, Sequence[Section]], Found]

_BY_TITLE: tuple[tuple[str, _Reader], ...] = (
    ("issues", decisions.find),
    ("decisions", notice.find),
    ("why", professional.find),
)
"""The title that only letters of a layout have, by its part's name, and who reads these."""


def find(cleaned: Cleaned, parts: Sequence[Section]) -> Found:
    """The letter's items, by the layout whose title it has, else by the first that finds some.

    A letter between two layouts has the title of one and the headings of the other. What none can
    read comes back without items, with the warnings of the layout it looks like.
    """
    titles = {part.part for part in parts}
    readers = sorted(_BY_TITLE, key=lambda row: row[0] not in titles)
    looks_like = readers[0][1](cleaned, parts)
    if looks_like.items:
        return looks_like
    others = (read(cleaned, parts) for _, read in readers[1:])
    return next((found for found in others if found.items), looks_like)
