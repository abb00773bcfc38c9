"""The cache file: keys with packed values, the bytes that they take, and when each was used.

SQLite and not Parquet: a request reads a few small values by key, and values are replaced, dropped by tag and removed
one by one when the file is full. SQLite does all that in place and in one file. A value is msgpack, compressed with
zlib. WAL with `synchronous=OFF`: a loss of power may cost the file, and then the bridge begins a new one.

This module blocks. It knows no thread, and nothing about TWS.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]

from bridge.session.effects import CacheEntry

_LOG = logging.getLogger("bridge.cache")
#: The version of the tables and of the values. A file of another version is put aside.
VERSION = 1
_TABLES = f"""
    BEGIN;
    CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, size INTEGER NOT NULL, used INTEGER NOT NULL);
    CREATE INDEX by_use ON entries (used);
    CREATE TABLE tags (tag TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (tag, key)) WITHOUT ROWID;
    CREATE INDEX by_key ON tags (key);
    PRAGMA user_version={VERSION};
    COMMIT;
"""
#: About how many bytes an entry takes beside its key and value.
_OVERHEAD = 100
#: When the file is too large, entries are removed until it is this part of its limit, so that this happens rarely.
_ROOM = 0.9
#: SQLite truncates the WAL to this many bytes.
_LONGEST_WAL = 16 * 2**20
_DAMAGED = (sqlite3.DatabaseError, zlib.error, ValueError)


class CacheStore:
    """An open cache file of at most about `limit` bytes. Only one thread at a time may use it.

    A file that cannot be used is put aside as `<name>.bad`, and a new one is made.
    """

    def __init__(self, path: Path, limit: int) -> None:
        """Open the file, or make it. Raises sqlite3.Error or OSError if no file can be made."""
        self._path = path
        self.limit = limit
        self._uses = 0
        try:
            self._db = self._open()
        except sqlite3.Error as error:
            self._put_aside(str(error))
            self._db = self._open()
        (self._uses,) = self._db.execute("SELECT coalesce(max(used), 0) FROM entries").fetchone()
        self.entries, self.size = self._db.execute("SELECT count(*), coalesce(sum(size), 0) FROM entries").fetchone()
        self._shrink()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=5.0)
        try:
            db.execute("PRAGMA auto_vacuum=INCREMENTAL")
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=OFF")
            db.execute(f"PRAGMA journal_size_limit={_LONGEST_WAL}")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if version == 0 and tables == 0:
                db.executescript(_TABLES)
            elif version != VERSION:
                raise sqlite3.DatabaseError(f"made by another version of tws-bridge ({version}, not {VERSION})")
            db.execute("SELECT count(*), max(used), sum(size) FROM entries").fetchone()
        except BaseException:
            db.close()
            raise
        return db

    def _put_aside(self, reason: str) -> None:
        aside = self._path.with_name(self._path.name + ".bad")
        _LOG.warning("the cache %s cannot be used (%s): it is now %s, and a new one is made", self._path, reason, aside)
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        if self._path.exists():
            self._path.replace(aside)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def begin_anew(self, reason: str) -> None:
        """The open file is damaged: put it aside, and make a new one. Raises sqlite3.Error or OSError."""
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        self._put_aside(reason)
        self._db = self._open()
        self.entries, self.size = 0, 0

    def read(self, keys: Sequence[str]) -> dict[str, Any]:
        """Return the values of those keys that the file has. Raises sqlite3.Error; ValueError or zlib.error if one is
        damaged.
        """
        found: dict[str, Any] = {}
        for key in keys:
            row = self._db.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
            if row is not None:
                found[key] = msgpack.unpackb(zlib.decompress(row[0]), strict_map_key=False)
        if found:
            self._uses += 1
            self._db.executemany("UPDATE entries SET used = ? WHERE key = ?", [(self._uses, key) for key in found])
        return found

    def write(self, entries: Iterable[CacheEntry]) -> None:
        """Write the values in one transaction, and remove old ones if the file is too large. Raises sqlite3.Error."""
        packed = [(entry, zlib.compress(msgpack.packb(entry.value), 1)) for entry in entries]
        self._uses += 1
        with self._transaction():
            for entry, value in packed:
                self._remove(entry.key)
                size = len(value) + len(entry.key) + _OVERHEAD * (1 + len(entry.tags))
                self._db.execute("INSERT INTO entries VALUES (?, ?, ?, ?)", (entry.key, value, size, self._uses))
                self._db.executemany("INSERT INTO tags VALUES (?, ?)", {(tag, entry.key) for tag in entry.tags})
                self.entries += 1
                self.size += size
        self._shrink()

    def drop(self, tags: Iterable[str] = (), keys: Iterable[str] = ()) -> None:
        """Remove the entries with one of these tags or keys. Raises sqlite3.Error."""
        gone = set(keys)
        for tag in tags:
            gone |= {key for (key,) in self._db.execute("SELECT key FROM tags WHERE tag = ?", (tag,))}
        with self._transaction():
            for key in gone:
                self._remove(key)

    def _remove(self, key: str) -> None:
        row = self._db.execute("DELETE FROM entries WHERE key = ? RETURNING size", (key,)).fetchone()
        if row is not None:
            self._db.execute("DELETE FROM tags WHERE key = ?", (key,))
            self.entries -= 1
            self.size -= row[0]

    def _shrink(self) -> None:
        """If the entries take more than the limit, remove those that were used longest ago."""
        if self.size <= self.limit:
            return
        target = self.limit * _ROOM
        with self._transaction():
            while self.size > target:
                keys = [key for (key,) in self._db.execute("SELECT key FROM entries ORDER BY used LIMIT 100")]
                for key in keys:
                    if self.size > target:
                        self._remove(key)
                if not keys:
                    break
        self._db.execute("PRAGMA incremental_vacuum")

    @contextlib.contextmanager
    def _transaction(self) -> Any:
        before = self.entries, self.size
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self.entries, self.size = before
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
