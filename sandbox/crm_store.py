"""Records of a CRM stand-in: in memory, and written through to one SQLite file when a folder is given."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class _Index:
    """Which rows have which value; rows without one are not in it."""

    def __init__(self, by: Callable[[Row], str | None]) -> None:
        self._by = by
        self.keys: dict[str, dict[str, None]] = {}

    def change(self, key: str, before: Row | None, after: Row | None) -> None:
        """Take note that a row came, changed or went."""
        old = None if before is None else self._by(before)
        new = None if after is None else self._by(after)
        if old == new:
            return
        if old is not None:
            self.keys[old].pop(key, None)
        if new is not None:
            self.keys.setdefault(new, {})[key] = None


class Store:
    """Tables of JSON rows by key. With a file, a row is on disk before `put` returns, so a restart keeps it.

    Rows are never changed in place: `put` a changed copy.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._tables: dict[str, dict[str, Row]] = {}
        self._db: sqlite3.Connection | None = None
        self._undo: list[tuple[str, str, Row | None]] | None = None
        self._removed: dict[str, int] = {}
        self._indexes: dict[tuple[str, str], _Index] = {}
        self._watchers: dict[str, Callable[[Row | None, Row], None]] = {}
        if file is None:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        # The server is started in one thread and serves in another in tests; never in two at once.
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS row (kind TEXT, key TEXT, data TEXT, PRIMARY KEY (kind, key))"
        )
        for kind, key, data in self._db.execute("SELECT kind, key, data FROM row ORDER BY rowid"):
            self._tables.setdefault(kind, {})[key] = json.loads(data)

    def is_empty(self) -> bool:
        """Return whether nothing was ever kept here."""
        return not self._tables

    def put(self, kind: str, key: str, row: Row) -> None:
        """Keep a row, replacing the one of the same key; a replaced row keeps its place in the order."""
        if self._undo is not None:
            self._undo.append((kind, key, self.get(kind, key)))
        before = self.get(kind, key)
        self._set(kind, key, row)
        self._execute(
            "INSERT INTO row VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET data = excluded.data",
            (kind, key, json.dumps(row)),
        )
        if kind in self._watchers:
            self._watchers[kind](before, row)

    def watch(self, kind: str, heard: Callable[[Row | None, Row], None]) -> None:
        """Have `heard` called with each row of a table that is kept, and what it was before."""
        self._watchers[kind] = heard

    def remove(self, kind: str, key: str) -> None:
        """Forget a row as if it had never been; raises KeyError. Not for use inside a transaction."""
        self._set(kind, key, None)
        self._removed[kind] = self._removed.get(kind, 0) + 1
        self._execute("DELETE FROM row WHERE kind = ? AND key = ?", (kind, key))

    def get(self, kind: str, key: str) -> Row | None:
        """Return the row of this key, or None."""
        return self._tables.get(kind, {}).get(key)

    def lookup(self, kind: str, name: str, value: str, by: Callable[[Row], str | None]) -> list[Row]:
        """List the rows of a table for which `by` gives this value, oldest first; `name` names the index that is kept of it."""
        index = self._indexes.get((kind, name))
        if index is None:
            index = self._indexes[kind, name] = _Index(by)
            for key, row in self._tables.get(kind, {}).items():
                index.change(key, None, row)
        table = self._tables.get(kind, {})
        return [table[key] for key in index.keys.get(value, ())]

    def rows(self, kind: str) -> Iterator[Row]:
        """Return the rows of a table in the order they were first kept."""
        return iter(list(self._tables.get(kind, {}).values()))

    def keys(self, kind: str) -> list[str]:
        """List the keys of a table in the order they were first kept."""
        return list(self._tables.get(kind, {}))

    def count(self, kind: str) -> int:
        """Return how many rows a table has."""
        return len(self._tables.get(kind, {}))

    def made(self, kind: str) -> int:
        """Return how many rows a table has had, those removed since this process began among them."""
        return self.count(kind) + self._removed.get(kind, 0)

    def clear(self) -> None:
        """Forget everything."""
        self._tables.clear()
        self._indexes.clear()
        self._execute("DELETE FROM row")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write many rows at once; when the block raises, all of them are taken back."""
        if self._undo is not None:
            raise RuntimeError("transactions of the store do not nest")
        self._undo = []
        self._execute("BEGIN")
        try:
            yield
        except BaseException:
            self._execute("ROLLBACK")
            for kind, key, row in reversed(self._undo):
                self._set(kind, key, row)
            raise
        else:
            self._execute("COMMIT")
        finally:
            self._undo = None

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()

    def _set(self, kind: str, key: str, row: Row | None) -> None:
        table = self._tables.setdefault(kind, {})
        for (indexed, _), index in self._indexes.items():
            if indexed == kind:
                index.change(key, table.get(key), row)
        if row is None:
            del table[key]
        else:
            table[key] = row

    def _execute(self, statement: str, values: tuple[str, ...] = ()) -> None:
        if self._db is not None:
            self._db.execute(statement, values)
