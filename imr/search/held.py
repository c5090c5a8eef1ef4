"""The values that an index holds of its fields, as one query looks them up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from imr import fields
from imr.search import filters
from imr.search.filters import Values
from imr.text.analysis import tokens, words


@dataclass(frozen=True, slots=True)
class _Labels:
    """A field's values, and their labels in lower case as lines of one text.

    To find the lines that hold a few letters in one text is a hundred times as fast as to look
    into each label.
    """

    values: list[str]
    text: str
    starts: list[int]

    def having(self, letters: str) -> Iterator[tuple[str, str]]:
        """Each value whose label has these letters, with its label."""
        at = self.text.find(letters)
        while at >= 0:
            row = bisect_right(self.starts, at) - 1
            start, end = self.starts[row], self.starts[row + 1]
            yield self.values[row], self.text[start : end - 1]
            at = self.text.find(letters, end)


class Held:
    """What is asked of the index, and made of its answers, is kept: there may be 20,000 values."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._spellings: dict[str, Mapping[str, str]] = {}
        self._labels: dict[str, _Labels] = {}
        self._analysed: dict[str, tuple[frozenset[str], list[str]]] = {}

    def exact(self, field: fields.Field, wanted: str) -> tuple[str, ...] | None:
        """What the index must hold for a value spelled as the index or a vocabulary does."""
        return filters.exact(field, wanted, lambda: self._spellings_of(field))

    def between(self, field: fields.Field, low: float, high: float) -> list[str]:
        """The values that are whole numbers from `low` to `high`."""
        numbers = [value for value in self._labels_of(field).values if value.isdecimal()]
        return [value for value in numbers if low <= int(value) <= high]

    def containing(self, field: fields.Field, wanted: str, most: int) -> list[str]:
        """The first values that hold all these words in any form; one with a star begins a word."""
        starred = words(wanted)[-1:] if wanted.endswith("*") else []
        stems = tokens(wanted)
        stems = stems[: len(stems) - len(starred)]
        if not stems and not starred:
            return []
        # a stem may end in another letter than the word
        letters = [stem[:-1] if len(stem) > 3 else stem for stem in stems] + starred
        found = (
            value
            for value, label in self._labels_of(field).having(max(letters, key=len))
            if self._holds(label, stems, starred)
        )
        return list(islice(found, most))

    def _holds(self, label: str, stems: Sequence[str], starred: Sequence[str]) -> bool:
        if label not in self._analysed:
            self._analysed[label] = frozenset(tokens(label)), words(label)
        held, spelled = self._analysed[label]
        return held.issuperset(stems) and all(
            any(word.startswith(start) for word in spelled) for start in starred
        )

    def _spellings_of(self, field: fields.Field) -> Mapping[str, str]:
        if field.name not in self._spellings:
            self._spellings[field.name] = filters.spellings(field, self._values)
        return self._spellings[field.name]

    def _labels_of(self, field: fields.Field) -> _Labels:
        if field.name not in self._labels:
            held = sorted(filters.known(field, self._values))
            lines = [_searchable(field, value) for value in held]
            starts = [0, *accumulate(len(line) + 1 for line in lines)]
            self._labels[field.name] = _Labels(held, "".join(f"{x}\n" for x in lines), starts)
        return self._labels[field.name]


def _searchable(field: fields.Field, value: str) -> str:
    label = fields.label(field, value)
    return " ".join((value if label == value else f"{label} {value}").casefold().split())
