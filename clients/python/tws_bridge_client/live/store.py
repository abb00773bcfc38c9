"""A store of fills in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tws_bridge_client.executions import base_of, is_newer
from tws_bridge_client.generated.types import Contract, Execution
from tws_bridge_client.live.fills import Fill
from tws_bridge_client.orderlog import LogPosition

_TABLES = """
CREATE TABLE IF NOT EXISTS tws_fills (
    owner TEXT, base TEXT, exec_id TEXT, ts INTEGER, key TEXT, contract TEXT, execution TEXT,
    commission REAL, commission_currency TEXT, realized REAL, PRIMARY KEY (owner, exec_id)
) STRICT;
CREATE INDEX IF NOT EXISTS tws_fills_base ON tws_fills (owner, base);
CREATE TABLE IF NOT EXISTS tws_position (owner TEXT PRIMARY KEY, log TEXT, n INTEGER) STRICT;
"""
_COLUMNS = "key, contract, execution, ts, commission, commission_currency, realized"


class SqliteStore:
    """The fills and the position of a fill log, in one file, written in one transaction for each fill.

    `connection` is the open database. A program that writes its own tables with it while it has a fill in hand, and
    does not commit, has them in the same transaction: they take effect exactly once. Only the thread that has made the
    store may use it.

    Example:
        with SqliteStore("fills.db") as store:
            for fill in client.fill_log(store):
                print(fill.key, fill.quantity, fill.price)
    """

    def __init__(self, path: str | Path) -> None:
        """Open the file; make it if there is none. Raises sqlite3.Error if it cannot be written."""
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. What is not committed is dropped."""
        self.connection.close()

    def fills(self, owner: str = "") -> list[Fill]:
        """The stored fills of one client, or of all: the oldest first, with corrections applied."""
        newest: dict[tuple[str, str], Fill] = {}
        rows = self.connection.execute(
            f"SELECT owner, {_COLUMNS} FROM tws_fills WHERE ? IN ('', owner) ORDER BY rowid", (owner,)
        )
        for row_owner, *columns in rows:
            fill = _fill(columns)
            place = row_owner, base_of(fill.exec_id)
            known = newest.get(place)
            if known is None or is_newer(fill.exec_id, known.exec_id):
                newest[place] = fill
        return list(newest.values())

    def position(self, owner: str) -> LogPosition | None:
        """The position of the last `save`; None before the first one."""
        row = self.connection.execute("SELECT log, n FROM tws_position WHERE owner = ?", (owner,)).fetchone()
        return None if row is None else LogPosition(*row)

    def latest(self, owner: str, base: str) -> Fill | None:
        """The stored fill whose execId is this one up to its last dot; with corrections, the newest."""
        return _newest(self._versions(owner, base))

    def charged(self, owner: str, base: str) -> Fill | None:
        """The same, of those fills that have a commission."""
        return _newest([fill for fill in self._versions(owner, base) if fill.commission is not None])

    def _versions(self, owner: str, base: str) -> list[Fill]:
        rows = self.connection.execute(
            f"SELECT {_COLUMNS} FROM tws_fills WHERE owner = ? AND base = ?", (owner, base)
        ).fetchall()
        return [_fill(row) for row in rows]

    def save(self, owner: str, position: LogPosition, fill: Fill) -> None:
        """Store a fill and the position, and commit the transaction."""
        self.connection.execute(
            f"INSERT INTO tws_fills (owner, base, exec_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET commission = excluded.commission, realized = excluded.realized,"
            " commission_currency = excluded.commission_currency",
            (
                owner, base_of(fill.exec_id), fill.exec_id, fill.key, json.dumps(fill.contract.to_dict()),
                json.dumps(fill.execution.to_dict()), fill.ts, fill.commission, fill.commission_currency, fill.realized,
            ),
        )  # fmt: skip
        self.connection.execute(
            "INSERT INTO tws_position VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET log = excluded.log, n = excluded.n",
            (owner, *position),
        )
        self.connection.commit()

    def undo(self) -> None:
        """Drop what the program has written since the last `save`."""
        self.connection.rollback()


def _newest(versions: list[Fill]) -> Fill | None:
    newest: Fill | None = None
    for fill in versions:
        if newest is None or is_newer(fill.exec_id, newest.exec_id):
            newest = fill
    return newest


def _fill(columns: Any) -> Fill:
    key, contract, execution, *rest = columns
    return Fill(key, Contract.from_dict(json.loads(contract)), Execution.from_dict(json.loads(execution)), *rest)
