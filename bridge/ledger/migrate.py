"""Brings the tables of a ledger up to date. All migrations of a file are one transaction.

If the process is killed at any step, the file is as it was before, or it is up to date.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bridge.logs import tell

_LOG = logging.getLogger("bridge.ledger")
#: Seconds between two progress lines in the log, and how many steps of SQLite are between two looks at the clock.
_SECONDS = 5.0
_STEPS = 1_000_000


def version_of(path: Path, newest: int) -> int:
    """The version of the tables in the file; 0 for an empty file. Raises sqlite3.Error.

    The file is not changed, with one exception: if a kill left a rollback journal, SQLite first rolls the transaction
    back, because the file is not whole before. Even that does not happen to a file of a version above `newest`.
    """
    if not path.exists() or not path.stat().st_size:
        return 0
    try:
        return _version(path, "ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
    stored = _stored_version(path)
    return stored if stored > newest else _version(path, "rw")


def _version(path: Path, mode: str) -> int:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=5.0)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        return int(version)
    finally:
        db.close()


def _stored_version(path: Path) -> int:
    """`user_version` as it is in the header of the file, whatever a journal says: https://sqlite.org/fileformat.html"""
    with path.open("rb") as file:
        return int.from_bytes(file.read(64)[60:], "big", signed=True)


def migrate(db: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    """Apply the migrations that the file does not have yet. `db`: in autocommit mode. Raises sqlite3.Error."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == len(migrations):
        return
    statements = [statement for script in migrations[version:] for statement in split(script)]
    begun = time.monotonic()
    if version:
        tell(_LOG, "ledgerMigrates", path=str(path), oldVersion=version, newVersion=len(migrations))
        db.set_progress_handler(_Progress(), _STEPS)
    try:
        db.execute("BEGIN IMMEDIATE")
        for statement in statements:
            db.execute(statement)
        db.execute(f"PRAGMA user_version={len(migrations)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    finally:
        db.set_progress_handler(None, 0)
    if version:
        tell(_LOG, "ledgerMigrated", seconds=round(time.monotonic() - begun, 1))


def split(script: str) -> Iterator[str]:
    """The statements of a script, one by one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield from _parts(statement)
            statement = ""


def _parts(line: str) -> Iterator[str]:
    """`sqlite3` runs one statement at a time: separate statements that share a line."""
    part = ""
    for piece in line.split(";")[:-1]:
        part += f"{piece};"
        if sqlite3.complete_statement(part):
            yield part.strip()
            part = ""


class _Progress:
    """Writes a line to the log every few seconds. SQLite calls it."""

    def __init__(self) -> None:
        self._begun = self._told = time.monotonic()

    def __call__(self) -> int:
        now = time.monotonic()
        if now - self._told >= _SECONDS:
            self._told = now
            tell(_LOG, "ledgerStillMigrates", seconds=round(now - self._begun))
        return 0
