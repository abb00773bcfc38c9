"""The file in which a simulated TWS keeps what IBKR would: SQLite, a row for each record, its data as JSON.

Knows no meaning of any record. WAL with `synchronous=NORMAL`: what was committed has been handed to the system, so it
survives the death of the process; only a loss of power may take the last of it, which `FULL` would cost a sync of the
disk at each commit to prevent.
"""

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bridge.simulator.kept import Record, Unusable

FILE = "simulator.sqlite"
_VERSION = 1
"""Of the table and of what is in it; kept as `user_version`, 0 in a new file."""
# Rows stay in the order in which their records first came: a replaced row keeps its rowid.
_TABLE = """
CREATE TABLE record (
    kind TEXT NOT NULL, key TEXT NOT NULL, data TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (kind, key)
)
"""
_PUT = """
INSERT INTO record VALUES (?, ?, ?, ?)
ON CONFLICT (kind, key) DO UPDATE SET data = excluded.data, checksum = excluded.checksum
"""


class Unwritable(Exception):
    """The file takes no more, and why."""


class Keeper:
    """An open file. Its folder is locked by who opens it."""

    def __init__(self, folder: Path) -> None:
        """Opens or makes the file. Raises Unusable for one that is broken or newer than this program."""
        self._path = folder / FILE
        with contextlib.ExitStack() as undone, self._refusing():
            self._db = sqlite3.connect(self._path, isolation_level=None)
            undone.callback(self._db.close)
            self._prepare()
            undone.pop_all()

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        """What goes wrong inside is said with the file's name."""
        try:
            yield
        except (sqlite3.Error, AttributeError, TypeError, ValueError, Unusable) as error:
            raise Unusable(f"{self._path}: {error}") from None

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise Unusable(f"made by a newer tws-bridge (version {version} of its table)")
        if version == 0:
            self._db.executescript(f"BEGIN; {_TABLE}; PRAGMA user_version={_VERSION}; COMMIT;")
        (found,) = self._db.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise Unusable(str(found))

    def read(self) -> list[Record]:
        """All records, in the order in which they first came. Raises Unusable for what is no record."""
        with self._refusing():
            rows = self._db.execute("SELECT kind, key, data, checksum FROM record ORDER BY rowid").fetchall()
            for kind, key, data, checksum in rows:
                if _checksum(kind, key, data) != checksum:
                    raise Unusable(f"{kind} {key} is not what was written")
            return [Record(kind, key, json.loads(data)) for kind, key, data, _ in rows]

    def write(self, records: Iterable[Record]) -> None:
        """All of them or none; when it returns they survive the death of the process. Raises Unwritable."""
        rows = [_row(record) for record in records]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(_PUT, rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise Unwritable(f"{self._path}: {error}") from None

    def close(self) -> None:
        """What was not committed is gone."""
        self._db.close()


def _row(record: Record) -> tuple[str, str, str, int]:
    data = json.dumps(record.data, separators=(",", ":"))
    return record.kind, record.key, data, _checksum(record.kind, record.key, data)


def _checksum(*texts: str) -> int:
    """SQLite looks at its own structure, not at what is written in it."""
    return zlib.crc32("\0".join(texts).encode())
