"""The files that a load set aside, kept beside the index until they load."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from imr.engines.open import Place
from imr.errors import LetterError
from imr.model import Determination, Value
from indexer.names import printable
from indexer.spot import LetterFile, Spot

FILE = "quarantine.jsonl"
LONGEST_REASON = 500
"""Characters."""


class SetAside(Value):
    """A file that was not loaded, and why.

    `name` is what the record would have called it, `place` how the caller named it, `path` where it
    lies; a member's path goes on behind that of its archive. `sha256` and `size` (in bytes) are
    null where the file was not read (a
    refused letter's size is null, too). `code` is one of docs/errors.md.
    """

    name: str
    place: str
    path: str
    code: str
    reason: str
    sha256: str | None
    size: int | None
    at: datetime


def set_aside(file: LetterFile, data: bytes | None, error: LetterError) -> SetAside:
    """The entry for a file; its reason is one line without control characters."""
    return SetAside(
        name=file.name,
        place=file.place,
        path=file.path,
        code=error.code,
        reason=printable(str(error).removeprefix(f"{file.name}: "))[:LONGEST_REASON],
        sha256=hashlib.sha256(data).hexdigest() if data is not None else None,
        size=len(data) if data is not None else None,
        at=datetime.now(UTC).replace(microsecond=0),
    )


class Recent:
    """The files of the letters read last, for those that an engine refuses at its next commit."""

    def __init__(self, most: int = 10_000) -> None:
        """`most` letters: more than are read ahead and between two commits."""
        self._most = most
        self._files: dict[str, tuple[Spot, str | None]] = {}

    def add(self, letter: Determination, file: LetterFile) -> None:
        """Keep the names of a letter's file, not its bytes."""
        self._files[letter.id] = Spot(file.name, file.place, file.path), letter.source.sha256
        while len(self._files) > self._most:
            del self._files[next(iter(self._files))]

    def set_aside(self, id_: str, error: LetterError) -> SetAside:
        """The entry for the file of that letter."""
        spot, sha256 = self._files.get(id_, (Spot(id_, id_, id_), None))
        entry = set_aside(spot.refused(type(error), ""), None, error)
        return entry.model_copy(update={"sha256": sha256})


def path_of(place: Place, cache: Path) -> Path:
    """Where the quarantine of an index lies.

    That of an embedded index is in its folder. A cluster's is kept on the machine that loads, as
    its paths mean something only there (ADR 22).
    """
    if place.url is None:
        return place.folder / FILE
    mark = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    return cache / "quarantine" / f"{place.name}-{mark}.jsonl"


class Quarantine:
    """One load's view of the file: JSON Lines, one entry a line, the last of a path counts.

    A line is appended in one write the moment a file is set aside. What loads is taken out when the
    load is done: until then a crash costs nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._paths: set[str] = set()
        self._digests: set[str] = set()
        self._loaded_paths: set[str] = set()
        self._loaded_digests: set[str] = set()
        self._again = self._mended = False
        for entry in entries(path):
            self._paths.add(entry.path)
            if entry.sha256 is not None:
                self._digests.add(entry.sha256)

    def add(self, entry: SetAside) -> None:
        """Keep an entry, in the place of an older one of the same path."""
        self._again |= entry.path in self._paths
        self._loaded_paths.discard(entry.path)  # it was read, then refused
        if entry.sha256 is not None:
            self._loaded_digests.discard(entry.sha256)
        line = _line(entry)
        if not self._mended:
            self._mend()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def _mend(self) -> None:
        """Close a line that a crash cut off, so that the next one stands alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as end:
            if end.tell():
                end.seek(-1, os.SEEK_END)
                if end.read() != b"\n":
                    end.write(b"\n")
        self._mended = True

    def loaded(self, file: LetterFile, sha256: str) -> None:
        """Drop, when the load is done, what is known of this path or of these bytes."""
        if file.path in self._paths:
            self._loaded_paths.add(file.path)
        if sha256 in self._digests:
            self._loaded_digests.add(sha256)

    def settle(self) -> None:
        """Write the file anew without what has loaded and without older entries of a path."""
        if not (self._again or self._loaded_paths or self._loaded_digests):
            return
        last = {entry.path: number for number, entry in enumerate(entries(self.path))}
        scratch = self.path.with_name(f"{self.path.name}.new")
        with scratch.open("wb") as out:
            for number, entry in enumerate(entries(self.path)):
                if last[entry.path] == number and not self._has_loaded(entry):
                    out.write(_line(entry))
            out.flush()
            os.fsync(out.fileno())
        scratch.replace(self.path)

    def _has_loaded(self, entry: SetAside) -> bool:
        return entry.path in self._loaded_paths or entry.sha256 in self._loaded_digests


def entries(path: Path) -> Iterator[SetAside]:
    """The entries in the file; a line that a crash cut off is passed over."""
    try:
        with path.open("rb") as lines:
            for line in lines:
                try:
                    yield SetAside.model_validate_json(line)
                except ValidationError:
                    continue
    except FileNotFoundError:
        return


def clear(path: Path) -> int:
    """Forget all; gives how many there were."""
    count = sum(1 for _ in entries(path))
    path.unlink(missing_ok=True)
    return count


def _line(entry: SetAside) -> bytes:
    return entry.model_dump_json().encode() + b"\n"
