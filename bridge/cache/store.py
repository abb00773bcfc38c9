"""The cache file: keys with packed values, the bytes that they take, and when each was used.

SQLite and not Parquet: a request reads a few small values by key, and values are replaced, dropped by tag and removed
one by one when the file is full. SQLite does all that in place and in one file. A value is msgpack, compressed with
zlib. WAL with `synchronous=OFF`: a loss of power may cost the file, and then the bridge begins a new one.

This module blocks. It knows no thread, and nothing about TWS.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import shutil
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]

from bridge.logs import tell
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
#: SQLite truncates the WAL to this many bytes. If another process reads the file all the time, the WAL cannot be
#: truncated: above `_MOST_WAL` nothing is written.
_LONGEST_WAL = 16 * 2**20
_MOST_WAL = 64 * 2**20
#: So many bytes of the disk stay free for others, the ledger first of all.
_SPARE = 256 * 2**20
#: So many pages go back to the disk after each write that has removed entries. Later writes use the others.
_FREED = 2000
#: Seconds to wait for another process that has the file locked.
_LOCKED = 1.0
#: SQLite's codes that say that the file is not, or no longer, what this module has made.
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT})


class Damaged(Exception):
    """A value cannot be read back, or another version has made the file."""


def is_damage(error: BaseException) -> bool:
    """Return whether the file itself is at fault. If not (locked, full, not allowed), it may be good later."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, Damaged) or (code is not None and code & 0xFF in _DAMAGE)


class CacheStore:
    """An open cache file of at most about `limit` bytes. Only one thread at a time may use it.

    A file that is damaged is put aside as `<name>.bad`, and a new one is made.
    """

    def __init__(self, path: Path, limit: int) -> None:
        """Open the file, or make it. Raises sqlite3.Error or OSError if that is not possible now."""
        self._path = path
        self.limit = limit
        self._uses = 0
        self.entries = self.size = 0
        try:
            self._db = self._open()
        except (sqlite3.Error, Damaged) as error:
            if not is_damage(error):
                raise
            self._put_aside(str(error))
            self._db = self._open()
        try:
            self._shrink()
            self._free_pages()
        except sqlite3.Error as error:
            tell(_LOG, "cacheFailed", path=str(path), what="it stays as large as it is", reason=str(error))

    def _open(self) -> sqlite3.Connection:
        self._path.touch(mode=0o600)
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=_LOCKED)
        try:
            db.execute("PRAGMA auto_vacuum=INCREMENTAL")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if version != VERSION and (version or tables):
                raise Damaged(f"made by another version of tws-bridge ({version}, not {VERSION})")
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=OFF")
            db.execute(f"PRAGMA journal_size_limit={_LONGEST_WAL}")
            if not tables:
                db.executescript(_TABLES)
            facts = db.execute("SELECT count(*), coalesce(sum(size), 0), coalesce(max(used), 0) FROM entries")
            self.entries, self.size, self._uses = facts.fetchone()
        except BaseException:
            db.close()
            raise
        return db

    def _put_aside(self, reason: str) -> None:
        aside = self._path.with_name(self._path.name + ".bad")
        tell(_LOG, "cacheReplaced", path=str(self._path), reason=reason, aside=str(aside))
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

    def read(self, keys: Sequence[str]) -> dict[str, Any]:
        """Return the values of those keys that the file has. Raises sqlite3.Error, or Damaged."""
        found: dict[str, Any] = {}
        for key in keys:
            row = self._db.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
            if row is not None:
                found[key] = _unpacked(key, row[0])
        if found:
            self._mark_used(found)
        return found

    def _mark_used(self, keys: Iterable[str]) -> None:
        """Mark the entries as used. If the file may only be read now, they keep their marks."""
        self._uses += 1
        try:
            with self._transaction():
                self._db.executemany("UPDATE entries SET used = ? WHERE key = ?", [(self._uses, key) for key in keys])
        except sqlite3.Error as error:
            if is_damage(error):
                raise

    def write(self, entries: Sequence[CacheEntry]) -> None:
        """Write the values in one transaction, and remove old ones if the file is too large.

        If the values are too large for the file, remove the earlier values of their keys. Raises sqlite3.Error or
        OSError; TypeError, ValueError or OverflowError if msgpack cannot carry a value. Then nothing is written.
        """
        packed = [(entry, zlib.compress(msgpack.packb(entry.value), 1)) for entry in entries]
        sizes = [len(value) + len(entry.key) + _OVERHEAD * (1 + len(entry.tags)) for entry, value in packed]
        if sum(sizes) > self.limit // 2:
            self.drop(keys=[entry.key for entry in entries])
            return
        self._check_room(sum(sizes))
        self._uses += 1
        with self._transaction():
            for (entry, value), size in zip(packed, sizes, strict=True):
                self._remove(entry.key)
                self._db.execute("INSERT INTO entries VALUES (?, ?, ?, ?)", (entry.key, value, size, self._uses))
                self._db.executemany("INSERT INTO tags VALUES (?, ?)", {(tag, entry.key) for tag in entry.tags})
                self.entries += 1
                self.size += size
        if self._shrink():
            self._free_pages(_FREED)

    def _check_room(self, size: int) -> None:
        """Raise OSError if the disk would be nearly full, or if the WAL is too long."""
        if shutil.disk_usage(self._path.parent).free < _SPARE + size:
            raise OSError(errno.ENOSPC, "the disk is nearly full")
        wal = self._path.with_name(self._path.name + "-wal")
        if wal.exists() and wal.stat().st_size > _MOST_WAL:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            if wal.exists() and wal.stat().st_size > _MOST_WAL:
                raise OSError(errno.EBUSY, "another process reads the file, so that its WAL cannot be truncated")

    def drop(self, tags: Iterable[str] = (), keys: Iterable[str] = ()) -> None:
        """Remove the entries with one of these tags or keys. Raises sqlite3.Error."""
        gone = {*keys, *self.keys_of(tags)}
        if gone:
            with self._transaction():
                for key in gone:
                    self._remove(key)

    def keys_of(self, tags: Iterable[str]) -> set[str]:
        """Return the keys of the entries with one of these tags. Raises sqlite3.Error."""
        found: set[str] = set()
        for tag in tags:
            found |= {key for (key,) in self._db.execute("SELECT key FROM tags WHERE tag = ?", (tag,))}
        return found

    def _remove(self, key: str) -> None:
        row = self._db.execute("DELETE FROM entries WHERE key = ? RETURNING size", (key,)).fetchone()
        if row is not None:
            self._db.execute("DELETE FROM tags WHERE key = ?", (key,))
            self.entries -= 1
            self.size -= row[0]

    def _shrink(self) -> bool:
        """If the entries take more than the limit, remove those that were used longest ago. Return whether it did."""
        if self.size <= self.limit:
            return False
        target = self.limit * _ROOM
        with self._transaction():
            while self.size > target:
                keys = [key for (key,) in self._db.execute("SELECT key FROM entries ORDER BY used LIMIT 100")]
                for key in keys:
                    if self.size > target:
                        self._remove(key)
                if not keys:
                    break
        return True

    def _free_pages(self, most: int = 0) -> None:
        """Give pages back to the disk; 0: all that are free. SQLite frees one at each step, and has no rows for it."""
        self._db.executescript(f"PRAGMA incremental_vacuum({most})")

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


def _unpacked(key: str, value: bytes) -> Any:
    try:
        return msgpack.unpackb(zlib.decompress(value), strict_map_key=False)
    except (zlib.error, ValueError, TypeError) as error:
        raise Damaged(f"the value of {key} cannot be read back: {error}") from error
