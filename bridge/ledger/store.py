"""The file of the ledger: SQLite in WAL mode with `synchronous=FULL`, so that commits survive a loss of power.

This module writes records and reads them back, and blocks. It knows no thread and no rule about orders.
"""

from __future__ import annotations

import gc
import json
import secrets
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

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
    Reported,
)
from bridge.session.values import Data

_ORDER = (
    "order_id", "owner", "key", "digest", "instance", "perm_id", "tag", "parent", "parent_id", "contract", "order",
    "revision", "change", "change_digest", "change_verdict", "before", "state", "status", "filled", "verdict",
    "placed_at", "placed_day", "heard", "final_filled", "reason", "position",
)  # fmt: skip
_JSON = ("contract", "order", "verdict", "change_verdict", "before")
_PLAIN = tuple(name for name in _ORDER if name not in _JSON)
_LOG = tuple(name for name in LogRecord._fields if name != "data")
_LOG_OF = attrgetter(*_LOG)
_PLAIN_OF, _JSON_OF = attrgetter(*_PLAIN), attrgetter(*_JSON)
#: Columns that copy fields of `order`, for people who read the file.
_COPIES = ("order_ref", "oca_group")
#: A record replaces the one of the same order. Another order with the same owner and key is an error.
_UPDATE = "ON CONFLICT (order_id) DO UPDATE SET " + ", ".join(
    f'"{name}" = excluded."{name}"' for name in (*_ORDER[1:], *_COPIES)
)


def _insert(into: str, names: Sequence[str], otherwise: str = "") -> str:
    """An INSERT statement with a placeholder for each column."""
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"INSERT {into} ({quoted}) VALUES ({', '.join('?' * len(names))}) {otherwise}"


_PUT_ORDER = _insert("INTO orders", (*_PLAIN, *_JSON, *_COPIES), _UPDATE)
_PUT_LOG = _insert("INTO log", (*_LOG, "data"))
_PUT_FACT = _insert("OR REPLACE INTO facts", Fact._fields)
_PUT_ONCE = _insert("OR REPLACE INTO once", OnceRecord._fields)
_PUT_HOLD = _insert("OR REPLACE INTO holds", HoldRecord._fields)
_DROP_HOLD = "DELETE FROM holds WHERE client = ? AND method = ? AND stream = ?"
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode
#: SQLite truncates the WAL to this many bytes at a reset. It is longer only while another program reads the file.
_LONGEST_WAL = 16 * 2**20
#: The newest number of each owner, with one index look-up for each, so that SQLite does not read the whole log.
_HEADS = """
    WITH RECURSIVE owners (owner) AS (
        SELECT min(owner) FROM log
        UNION ALL SELECT (SELECT min(owner) FROM log WHERE log.owner > owners.owner) FROM owners WHERE owner IS NOT NULL
    )
    SELECT owner, (SELECT max(n) FROM log WHERE log.owner = owners.owner) FROM owners WHERE owner IS NOT NULL
"""
#: SQLite answers this from the index `reports` alone.
_REPORTED = "SELECT owner, n, event, order_id, exec_id, shares FROM log WHERE exec_id IS NOT NULL ORDER BY owner, n"


class LedgerRefused(Exception):
    """The ledger cannot be used: the file is damaged, newer than this program, or of another client id."""


class Store:
    """An open ledger. Every method may raise sqlite3.Error. A failed `write` does not change the file.

    Only one thread at a time may use it.
    """

    def __init__(self, path: Path, client_id: int) -> None:
        """Open the file, or make it and bind it to the client id. Raises LedgerRefused."""
        self._path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
            self._prepare(path)
            self._bind(path, client_id)
        except sqlite3.Error as error:
            raise LedgerRefused(f"ledger {path}: {error}") from None

    def _prepare(self, path: Path) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(f"PRAGMA journal_size_limit={_LONGEST_WAL}")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise LedgerRefused(f"ledger {path}: made by a newer tws-bridge (version {version} of the tables)")
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            self._db.executescript(f"BEGIN; {script} PRAGMA user_version={number}; COMMIT;")

    def _bind(self, path: Path, client_id: int) -> None:
        for fact in (Fact("log", secrets.token_hex(8)), Fact("clientId", str(client_id))):
            self._db.execute(_insert("OR IGNORE INTO facts", Fact._fields), fact)
        bound = self._fact("clientId")
        if bound != str(client_id):
            raise LedgerRefused(
                f"ledger {path}: it belongs to client id {bound}, not {client_id}; use another state folder"
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # Writing

    def write(self, records: Iterable[Record]) -> None:
        """Write all records in one transaction. They are on disk when this returns; after an error none is."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for record in records:
                self._put(record)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _put(self, record: Record) -> None:
        match record:
            case OrderRecord():
                copies = (record.order.get("orderRef"), record.order.get("ocaGroup"))
                self._db.execute(_PUT_ORDER, (*_PLAIN_OF(record), *map(_text, _JSON_OF(record)), *copies))
            case LogRecord():
                self._db.execute(_PUT_LOG, (*_LOG_OF(record), _text(record.data)))
            case HighWater():
                self._db.execute(
                    "INSERT INTO facts VALUES ('highWater', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value "
                    "WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)",
                    (str(record.order_id),),
                )
            case Fact():
                self._db.execute(_PUT_FACT, record)
            case OnceRecord():
                self._db.execute(_PUT_ONCE, (*record[:-1], _text(record.outcome)))
            case HoldRecord(params=None):
                self._db.execute(_DROP_HOLD, record[:-1])
            case HoldRecord():
                self._db.execute(_PUT_HOLD, (*record[:-1], _text(record.params)))

    # Reading

    def recover(self) -> RecoveredState:
        """Read the state from which a session starts. Raises LedgerRefused if the file is damaged."""
        try:
            with _without_gc():
                return self._recovered_state()
        except (sqlite3.Error, ValueError) as error:
            raise LedgerRefused(f"ledger {self._path}: {error}") from None

    def _recovered_state(self) -> RecoveredState:
        names = ", ".join(f'"{name}"' for name in _ORDER)
        orders = self._db.execute(f"SELECT {names} FROM orders ORDER BY order_id")
        once = self._db.execute("SELECT owner, key, method, digest, outcome FROM once")
        holds = self._db.execute("SELECT client, method, stream, params FROM holds ORDER BY client, method, stream")
        return RecoveredState(
            log=self._fact("log") or "",
            accounts=self._fact("accounts"),
            high_water=int(self._fact("highWater") or 0),
            orders=tuple(_order(row) for row in orders),
            heads=dict(self._db.execute(_HEADS)),
            reported=tuple(_reported(row) for row in self._db.execute(_REPORTED)),
            once=tuple(
                OnceRecord(owner, key, method, digest, _value(outcome)) for owner, key, method, digest, outcome in once
            ),
            holds=tuple(HoldRecord(client, method, name, _value(params)) for client, method, name, params in holds),
        )

    def read_log(self, owner: str, after: int, limit: int) -> list[Data]:
        """Read up to `limit` events of the owner's log whose `n` is above `after`, in order."""
        rows = self._db.execute(
            "SELECT n, ts, topic, event, data, replayed FROM log WHERE owner = ? AND n > ? ORDER BY n LIMIT ?",
            (owner, after, limit),
        )
        return [_logged(row) for row in rows]

    def _fact(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])


def _order(row: tuple[Any, ...]) -> OrderRecord:
    named = dict(zip(_ORDER, row, strict=True))
    values = {name: _value(named[name]) for name in _JSON}
    return OrderRecord(**named | values | {"change": named["change"] or "none", "heard": bool(named["heard"])})


def _logged(row: tuple[Any, ...]) -> Data:
    *columns, data, replayed = row
    event = {**dict(zip(("n", "ts", "topic", "event"), columns, strict=True)), "data": json.loads(data)}
    return event | {"replayed": True} if replayed else event


def _reported(row: tuple[Any, ...]) -> Reported:
    owner, n, event, order_id, exec_id, shares = row
    return Reported(sys.intern(owner), n, sys.intern(event), order_id, exec_id, shares)


@contextmanager
def _without_gc() -> Iterator[None]:
    """Disable garbage collection: it would take as long as the reading itself, and find nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _text(value: Any) -> str | None:
    return None if value is None else _ENCODE(value)


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
