"""What a commit of an index says of itself, in a file of its own, and how a reader finds it.

`commit-STAMP.json` is written and fsynced before tantivy commits. tantivy numbers all it does, and
its commits with it: STAMP is the number of the last thing done before the commit, so it is lower
than the commit's own and not lower than that of the commit before. The state of a commit is then
the file with the highest number below its own. What a load wrote that was killed before it could
commit has a number that no commit has passed, and the next writer deletes it.

It is no document of the text index, which would count it among the decisions when it scores.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import tantivy

from imr.engines.embedded.files import Extent, damaged, read_checked, replace_file, with_checksum
from imr.engines.embedded.text import open_text, reading_folder


@dataclass(slots=True)
class Commit:
    """How many rows there are, how many of them are gone, and each file's extent."""

    rows: int = 0
    gone: int = 0
    passages: int = 0
    facts: int = 0
    files: dict[str, Extent] = field(default_factory=dict)

    def write(self, generation: Path, stamp: int) -> None:
        """Make it durable; it counts once a commit has a number above `stamp`."""
        told = json.dumps(asdict(self) | {"files": self.files})
        replace_file(generation / f"commit-{stamp}.json", with_checksum(told))

    @classmethod
    def read(cls, path: Path) -> Self:
        """As it was written.

        Raises:
            UnusableIndexError: its bytes are others; FileNotFoundError: it is gone.
        """
        told = json.loads(read_checked(path))
        files = {name: Extent(*extent) for name, extent in told.pop("files").items()}
        return cls(**told, files=files)


def opened(generation: Path) -> tuple[tantivy.Searcher, Commit]:
    """The text of the last commit, and what it says of itself.

    A writer may commit meanwhile and take away the former state: then it is looked for again.

    Raises:
        UnusableIndexError: it is damaged.
    """
    while True:
        stamp = opstamp(generation)
        fault: Exception | None = None
        try:
            searcher = open_text(reading_folder(generation / "text")).searcher()
            commit = of(generation, stamp)
        except (ValueError, OSError) as error:
            fault = error
        if opstamp(generation) != stamp:
            continue
        if fault is not None:
            raise damaged(generation / "text", str(fault)) from fault
        if searcher.num_docs != commit.rows - commit.gone:
            found = f"{searcher.num_docs} decisions have text, {commit.rows - commit.gone} should"
            raise damaged(generation, found)
        return searcher, commit


def opstamp(generation: Path) -> int:
    """Tantivy's number of the last commit; 0 before the first."""
    meta = generation / "text" / "meta.json"
    try:
        return int(json.loads(meta.read_text(encoding="utf-8"))["opstamp"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(meta, str(error)) from error


def of(generation: Path, stamp: int) -> Commit:
    """The state of the commit of this number.

    Raises:
        FileNotFoundError: it has been taken away.
    """
    if not stamp:
        return Commit()
    below = [known for known in _stamps(generation) if known < stamp]
    if not below:
        raise FileNotFoundError(f"there is no commit-*.json of {stamp} in {generation}")
    return Commit.read(generation / f"commit-{max(below)}.json")


def continued(generation: Path) -> Commit:
    """The state to go on from, by the one writer there is; what does not count is deleted.

    Raises:
        UnusableIndexError: it is damaged or gone.
    """
    stamp = opstamp(generation)
    try:
        commit = of(generation, stamp)
    except FileNotFoundError as error:
        raise damaged(generation, str(error)) from error
    keep_only(generation, max((s for s in _stamps(generation) if s < stamp), default=-1))
    for scratch in generation.glob("commit-*.new"):
        scratch.unlink()
    return commit


def keep_only(generation: Path, stamp: int) -> None:
    """Delete every other state; a reader that still wants one of them looks again."""
    for known in list(_stamps(generation)):
        if known != stamp:
            (generation / f"commit-{known}.json").unlink()


def _stamps(generation: Path) -> Iterator[int]:
    for path in generation.glob("commit-*.json"):
        number = path.stem.removeprefix("commit-")
        if number.isdecimal():
            yield int(number)
