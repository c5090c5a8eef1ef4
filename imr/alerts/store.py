"""Saved searches, what each has told, and what is on its way: one SQLite file.

A delivery is written, with the ids in it, in the same transaction that marks these ids as told.
So an id is in one delivery at most; and a delivery stays, with the same name and the same content,
until it is confirmed. A crash in between sends it again under that name, see docs/alerts.md.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from imr.engines.open import Place
from imr.errors import BadQueryError, NotFoundError, UnusableIndexError
from imr.model import Value

FILE = "alerts.sqlite3"
AT_ONCE = 500
"""Decisions a delivery has at most."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS searches (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS told (
  name TEXT NOT NULL, decision TEXT NOT NULL, PRIMARY KEY (name, decision)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, name TEXT NOT NULL,
  body TEXT NOT NULL
);
"""


def path_of(place: Place, cache: Path) -> Path:
    """Where the alerts of an index lie: in its folder, or a cluster's on the machine that asks."""
    if place.url is None:
        return place.folder / FILE
    mark = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    return cache / "alerts" / f"{place.name}-{mark}.sqlite3"


class SavedSearch(Value):
    """A named search; `webhook` is where its deliveries are sent, null for none."""

    name: str
    text: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    match: str = "default"
    subject: str = "default"
    scope: str = "default"
    webhook: str | None = None
    created: datetime


class Delivery(Value):
    """Decisions that are new to a search; the same `id` always has the same content."""

    id: str
    search: str
    created: datetime
    decisions: tuple[dict[str, str | None], ...]


class Alerts:
    """The saved searches of one index."""

    def __init__(self, path: Path) -> None:
        """Open the file, made where it does not exist.

        Raises:
            UnusableIndexError: it can't be opened, or is no such file.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path, timeout=60, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise UnusableIndexError(f"{path} can't be used ({error}): move it away") from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """All or nothing, and nobody else writes meanwhile."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def add(self, search: SavedSearch, known: Iterable[str]) -> None:
        """Save a search; the decisions known now are not new to it.

        Raises:
            BadQueryError: the name is taken.
        """
        with self._at_once():
            if self._db.execute("SELECT 1 FROM searches WHERE name = ?", [search.name]).fetchone():
                raise BadQueryError(
                    f"there is a saved search {search.name!r} already: choose another name or "
                    "remove it first"
                )
            self._db.execute(
                "INSERT INTO searches VALUES (?, ?)", [search.name, search.model_dump_json()]
            )
            rows = ((search.name, id_) for id_ in known)
            self._db.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", rows)

    def remove(self, name: str) -> None:
        """Forget a search and what is on its way.

        Raises:
            NotFoundError: there is none.
        """
        self.get(name)
        with self._at_once():
            for table in ("searches", "told", "deliveries"):
                self._db.execute(f"DELETE FROM {table} WHERE name = ?", [name])  # noqa: S608

    def all(self) -> list[SavedSearch]:
        """The saved searches by name."""
        rows = self._db.execute("SELECT body FROM searches ORDER BY name").fetchall()
        return [SavedSearch.model_validate_json(body) for (body,) in rows]

    def get(self, name: str) -> SavedSearch:
        """One search.

        Raises:
            NotFoundError: there is none of that name.
        """
        row = self._db.execute("SELECT body FROM searches WHERE name = ?", [name]).fetchone()
        if row is None:
            names = ", ".join(search.name for search in self.all()) or "there is none yet"
            raise NotFoundError(f"there is no saved search {name!r}: {names}")
        return SavedSearch.model_validate_json(row[0])

    def untold(self, name: str, ids: Sequence[str]) -> list[str]:
        """Those of some ids that were never told, in their order."""
        told = {
            row[0]
            for row in self._db.execute(
                "SELECT decision FROM told WHERE name = ? AND decision IN "
                "(SELECT value FROM json_each(?))",
                [name, json.dumps(list(ids))],
            )
        }
        return [id_ for id_ in ids if id_ not in told]

    def put(self, name: str, decisions: Sequence[dict[str, str | None]]) -> None:
        """Make deliveries of decisions and mark them as told, all at once.

        What another process told meanwhile is left out, and so is all where the search is gone.
        """
        with self._at_once():
            if not self._db.execute("SELECT 1 FROM searches WHERE name = ?", [name]).fetchone():
                return
            by_id = {str(decision["id"]): decision for decision in decisions}
            new = self.untold(name, list(by_id))
            now = datetime.now(UTC)
            for start in range(0, len(new), AT_ONCE):
                several = new[start : start + AT_ONCE]
                delivery = Delivery(
                    id=uuid.uuid4().hex,
                    search=name,
                    created=now,
                    decisions=tuple(by_id[id_] for id_ in several),
                )
                self._db.execute(
                    "INSERT INTO deliveries (id, name, body) VALUES (?, ?, ?)",
                    [delivery.id, name, delivery.model_dump_json()],
                )
                self._db.executemany(
                    "INSERT INTO told VALUES (?, ?)", ((name, id_) for id_ in several)
                )

    def waiting(self) -> Iterator[Delivery]:
        """The deliveries that were not confirmed, oldest first."""
        last = 0
        while row := self._db.execute(
            "SELECT number, body FROM deliveries WHERE number > ? ORDER BY number LIMIT 1", [last]
        ).fetchone():
            last = row[0]
            yield Delivery.model_validate_json(row[1])

    def confirm(self, delivery: Delivery) -> None:
        """It arrived."""
        self._db.execute("DELETE FROM deliveries WHERE id = ?", [delivery.id])
