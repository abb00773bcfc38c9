"""Brings the tables of a ledger up to date. All migrations of a file are one transaction.

If the process is killed at any step, the file is as it was before, or it is up to date.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

_LOG = logging.getLogger("bridge.ledger")
#: Seconds between two progress lines in the log, and how many steps of SQLite are between two looks at the clock.
_SECONDS = 5.0
_STEPS = 1_000_000


def version_of(path: Path) -> int:
    """The version of the tables in the file; 0 for an empty file. The file is not changed. Raises sqlite3.Error."""
    if not path.exists() or not path.stat().st_size:
        return 0
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        return int(version)
    finally:
        db.close()


def migrate(db: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    """Apply the migrations that the file does not have yet. `db`: in autocommit mode. Raises sqlite3.Error."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == len(migrations):
        return
    statements = [statement for script in migrations[version:] for statement in split(script)]
    begun = time.monotonic()
    if version:
        _LOG.info("the bridge brings the ledger %s from version %d to %d", path, version, len(migrations))
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
        _LOG.info("the ledger is up to date, after %.1f s", time.monotonic() - begun)


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
            _LOG.info("the bridge still brings the ledger up to date, for %.0f s now", now - self._begun)
        return 0
