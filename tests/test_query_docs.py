"""The examples of docs/query.md are read as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imr.search import bounds, clauses, field_terms, misspelling, query, syntax, terms
from imr.search.field_terms import worded as filter_worded
from imr.search.wording import worded
from tests.test_query_operators import understood

PAGE = (Path(__file__).parent.parent / "docs" / "query.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(.+?)` \| ((?:must|not|filter|`).+?) \|", PAGE, re.MULTILINE)


def told(text: str) -> str:
    """A query's clauses and filters as the page writes them."""
    asked = understood(text)
    pieces = [
        f"{'not ' if c.negated else 'must ' if c.hard else ''}`{worded(c)}`" for c in asked.clauses
    ]
    pieces += [f"{'not ' if f.negated else ''}filter `{filter_worded(f)}`" for f in asked.filters]
    return "; ".join(pieces)


@pytest.mark.parametrize(("text", "reading"), EXAMPLES)
def test_an_example_is_read_as_the_page_says(text: str, reading: str) -> None:
    assert told(text) == reading


def test_every_row_of_the_tables_is_an_example() -> None:
    tables = PAGE.split("| you write |")[1:]
    rows = [line for table in tables for line in table.split("\n\n")[0].splitlines()[2:]]

    assert len(EXAMPLES) == len(rows) > 40


@pytest.mark.parametrize(
    ("limit", "told_as"),
    [
        (query.MAX_LENGTH, "| characters | 4,000 |"),
        (clauses.MAX_CLAUSES, "those in groups included | 60 |"),
        (bounds.NAMES, "names of all concepts together | 100 |"),
        (field_terms.MOST_VALUES, "| 40, "),
        (bounds.NAMES, "score one by one | 100, 20 of one |"),
        (bounds.MOST_PARTS, "to score and to match | 1,000 |"),
        (clauses.MAX_VALUES, ", 200 in all |"),
        (syntax.MAX_SLOP, "of a proximity | 100 |"),
        (syntax.MAX_DEPTH, "read 20 levels deep"),
        (terms.SHORTEST_PREFIX, "3 to 40 letters"),
        (terms.LONGEST_PREFIX, "3 to 40 letters"),
        (misspelling.SHORTEST, "five letters or more"),
        (misspelling.RARE, "a thousand times as many"),
    ],
)
def test_limits_are_those_of_the_page(limit: int, told_as: str) -> None:
    words = {5: "five", 1000: "a thousand"}
    assert told_as in PAGE
    assert f"{limit:,}" in told_as or words[limit] in told_as
