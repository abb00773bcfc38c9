"""The state file: the orders, executions and accounts that IBKR would keep while TWS does not run.

An SQLite database with one row for each record; the data is JSON. The file is in WAL mode with `synchronous=NORMAL`: a
committed record survives the end of the process, but a power failure may lose the last records. `FULL` would prevent
that, but it needs a sync of the disk at each commit.
"""

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bridge.simulator.persistence.records import Record, Unusable

FILE = "simulator.sqlite"
_VERSION = 1
"""Version of the table and its contents, stored as `user_version`. A new file has 0."""
# Rows stay in the order in which their records were first written: a replaced row keeps its rowid.
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
    """The state file cannot be written. The text says why."""


class StateFile:
    """An open state file. The caller must lock its folder."""

    def __init__(self, folder: Path) -> None:
        """Open or create the file. Raises Unusable if it is damaged or was written by a newer program."""
        self._path = folder / FILE
        with contextlib.ExitStack() as undone, self._refusing():
            self._db = sqlite3.connect(self._path, isolation_level=None)
            undone.callback(self._db.close)
            self._prepare()
            undone.pop_all()

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        """Add the name of the file to errors."""
        try:
            yield
        except (sqlite3.Error, AttributeError, TypeError, ValueError, Unusable) as error:
            raise Unusable(f"{self._path}: {error}") from None

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise Unusable(f"a newer tws-bridge wrote this file (version {version} of its table)")
        if version == 0:
            self._db.executescript(f"BEGIN; {_TABLE}; PRAGMA user_version={_VERSION}; COMMIT;")
        (found,) = self._db.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise Unusable(str(found))

    def read(self) -> list[Record]:
        """Return all records, in the order in which they were first written. Raises Unusable if a record is damaged."""
        with self._refusing():
            rows = self._db.execute("SELECT kind, key, data, checksum FROM record ORDER BY rowid").fetchall()
            for kind, key, data, checksum in rows:
                if _checksum(kind, key, data) != checksum:
                    raise Unusable(f"{kind} {key} is damaged: its checksum is wrong")
            return [Record(kind, key, json.loads(data)) for kind, key, data, _ in rows]

    def write(self, records: Iterable[Record]) -> None:
        """Write all records or none. After it returns, they survive the end of the process. Raises Unwritable."""
        rows = [_row(record) for record in records]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(_PUT, rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise Unwritable(f"{self._path}: {error}") from None

    def close(self) -> None:
        """Close the file. Uncommitted records are lost."""
        self._db.close()


def _row(record: Record) -> tuple[str, str, str, int]:
    data = json.dumps(record.data, separators=(",", ":"))
    return record.kind, record.key, data, _checksum(record.kind, record.key, data)


def _checksum(*texts: str) -> int:
    """SQLite checks the structure of the file, not the contents of its rows. This checksum does that."""
    return zlib.crc32("\0".join(texts).encode())
