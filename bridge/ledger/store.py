"""The file of the ledger: SQLite in WAL mode with `synchronous=FULL`, so that commits survive a loss of power.

This module writes records and reads them back, and blocks. It knows no thread and no rule about orders.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from bridge.ledger import rows
from bridge.ledger.held_files import HeldFiles, LogRemoved
from bridge.ledger.migrate import migrate, version_of
from bridge.ledger.schema import MIGRATIONS
from bridge.session.records import (
    Fact,
    HighWater,
    HoldRecord,
    LogRecord,
    OnceRecord,
    OrderRecord,
    Record,
    RecoveredState,
)
from bridge.session.values import Data

#: A record replaces the one of the same order. Another order with the same owner and key is an error.
_UPDATE = "ON CONFLICT (order_id) DO UPDATE SET " + ", ".join(
    f'"{name}" = excluded."{name}"' for name in (*rows.ORDER[1:], *rows.COPIES)
)


def _insert(into: str, names: Sequence[str], otherwise: str = "") -> str:
    """An INSERT statement with a placeholder for each column."""
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"INSERT {into} ({quoted}) VALUES ({', '.join('?' * len(names))}) {otherwise}"


_PUT_ORDER = _insert("INTO orders", (*rows.PLAIN, *rows.JSON, *rows.COPIES), _UPDATE)
_PUT_LOG = _insert("INTO log", (*rows.LOG, "data"))
_PUT_FACT = _insert("OR REPLACE INTO facts", Fact._fields)
_PUT_ONCE = _insert("OR REPLACE INTO once", OnceRecord._fields)
_PUT_HOLD = _insert("OR REPLACE INTO holds", HoldRecord._fields)
_DROP_HOLD = "DELETE FROM holds WHERE client = ? AND method = ? AND stream = ?"
#: Seconds that SQLite waits for another program.
_PATIENCE = 5.0
#: Bytes of the WAL that need not be given back to the disk.
_LONGEST_WAL = 16 * 2**20
#: The newest number of each owner, with one index look-up for each, so that SQLite does not read the whole log.
HEADS = """
    WITH RECURSIVE owners (owner) AS (
        SELECT min(owner) FROM log
        UNION ALL SELECT (SELECT min(owner) FROM log WHERE log.owner > owners.owner) FROM owners WHERE owner IS NOT NULL
    )
    SELECT owner, (SELECT max(n) FROM log WHERE log.owner = owners.owner) FROM owners WHERE owner IS NOT NULL
"""
#: The orders that a session starts with. SQLite answers both parts from partial indexes, whatever the ledger has.
_ORDERS = f"""
    SELECT {rows.ORDER_COLUMNS} FROM orders WHERE order_id IN (
        SELECT order_id FROM orders INDEXED BY orders_not_ended
            WHERE state NOT IN ('filled', 'cancelled', 'rejected', 'abandoned', 'unsent')
        UNION SELECT order_id FROM orders INDEXED BY orders_unsure
            WHERE state IN ('filled', 'cancelled') AND final_filled IS NULL
            AND placed_day = (SELECT max(placed_day) FROM orders WHERE placed_day IS NOT NULL)
    ) ORDER BY order_id
"""


class LedgerRefused(Exception):
    """The ledger cannot be used: the file is damaged, newer than this program, or of another client id."""


class Store:
    """An open ledger. Every method may raise sqlite3.Error. A failed `write` does not change the file.

    Only one thread at a time may use it.
    """

    def __init__(self, path: Path, client_id: int) -> None:
        """Open the file, or make it and bind it to the client id. Raises LedgerRefused."""
        self._path = path
        self._wal = path.with_name(f"{path.name}-wal")
        try:
            version = version_of(path, len(MIGRATIONS))
            if version > len(MIGRATIONS):
                raise LedgerRefused(f"ledger {path}: made by a newer tws-bridge (version {version} of the tables)")
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_PATIENCE)
            self._prepare(path)
            self._bind(path, client_id)
            self._files = HeldFiles(path)
        except sqlite3.Error as error:
            raise LedgerRefused(f"ledger {path}: {error}") from None

    def _prepare(self, path: Path) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        migrate(self._db, path, MIGRATIONS)

    def _bind(self, path: Path, client_id: int) -> None:
        for fact in (Fact("log", secrets.token_hex(8)), Fact("clientId", str(client_id))):
            self._db.execute(_insert("OR IGNORE INTO facts", Fact._fields), fact)
        bound = self._fact("clientId")
        if bound != str(client_id):
            raise LedgerRefused(
                f"ledger {path}: it belongs to client id {bound}, not {client_id}; use another state folder"
            )

    def shorten_wal(self) -> None:
        """Give the bytes of a long WAL back to the disk, unless another program reads it.

        A backup makes the WAL long, because SQLite keeps what the bridge commits meanwhile. SQLite needs 0.1 s or more
        to shorten it, so call this when no commit waits. `journal_size_limit` would shorten it within a commit.
        """
        if self._wal.stat().st_size > _LONGEST_WAL:
            self._db.execute("PRAGMA busy_timeout=0")
            try:
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                self._db.execute(f"PRAGMA busy_timeout={_PATIENCE * 1000:.0f}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # Writing

    def write(self, records: Iterable[Record]) -> None:
        """Write all records in one transaction. They are on disk when this returns; after an error none is.

        Raises OSError where `check_files` does.
        """
        self.check_files()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for record in records:
                self._put(record)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def check_files(self) -> None:
        """Raise OSError if a file is no longer where it was: SQLite would write into one that nobody finds again."""
        try:
            self._files.check()
        except LogRemoved:
            # What is only in the removed log would be lost with the process: copy it into the ledger.
            self._db.execute("PRAGMA wal_checkpoint")
            raise

    def _put(self, record: Record) -> None:
        match record:
            case OrderRecord():
                self._db.execute(_PUT_ORDER, rows.order_row(record))
            case LogRecord():
                self._db.execute(_PUT_LOG, rows.log_row(record))
            case HighWater():
                self._db.execute(
                    "INSERT INTO facts VALUES ('highWater', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value "
                    "WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)",
                    (str(record.order_id),),
                )
            case Fact():
                self._db.execute(_PUT_FACT, record)
            case OnceRecord():
                self._db.execute(_PUT_ONCE, (*record[:-1], rows.text(record.outcome)))
            case HoldRecord(params=None):
                self._db.execute(_DROP_HOLD, record[:-1])
            case HoldRecord():
                self._db.execute(_PUT_HOLD, (*record[:-1], rows.text(record.params)))

    # Reading

    def recover(self) -> RecoveredState:
        """Read the state from which a session starts. Raises LedgerRefused if the file is damaged."""
        try:
            return self._recovered_state()
        except (sqlite3.Error, ValueError) as error:
            raise LedgerRefused(f"ledger {self._path}: {error}") from None

    def _recovered_state(self) -> RecoveredState:
        holds = self._db.execute("SELECT client, method, stream, params FROM holds ORDER BY client, method, stream")
        (newest,) = self._db.execute("SELECT max(order_id) FROM orders").fetchone()
        return RecoveredState(
            log=self._fact("log") or "",
            accounts=self._fact("accounts"),
            high_water=max(int(self._fact("highWater") or 0), newest or 0),
            orders=tuple(rows.order(row) for row in self._db.execute(_ORDERS)),
            heads={rows.cell("owner", owner): rows.cell("n", n) for owner, n in self._db.execute(HEADS)},
            holds=tuple(HoldRecord(*map(rows.cell, HoldRecord._fields, hold)) for hold in holds),
        )

    def read_log(self, owner: str, after: int, limit: int) -> list[Data]:
        """Read up to `limit` events of the owner's log whose `n` is above `after`, in order."""
        found = self._db.execute(
            "SELECT n, ts, topic, event, data, replayed FROM log WHERE owner = ? AND n > ? ORDER BY n LIMIT ?",
            (owner, after, limit),
        )
        return [rows.logged(row) for row in found]

    def _fact(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])
