"""The archive over SQLite: a connection of its own that only reads, in the thread of the event loop.

In WAL mode a reader does not wait for the writer, and does not delay it. Each look-up is one SELECT over an index, and
reads all its rows at once, so that no read transaction stays open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bridge.ledger import rows
from bridge.session.records import OnceRecord, OrderRecord, Reported
from bridge.session.requests import Refused
from bridge.session.values import Data

T = TypeVar("T")
#: KiB of the file that this connection keeps in memory.
_CACHE = 8192
_FREE = "('abandoned', 'unsent')"

#: Each look-up by name. Tests check that SQLite answers each of them from an index.
QUERIES = {
    "order": f"SELECT {rows.ORDER_COLUMNS} FROM orders WHERE order_id = ?",
    "order_of_key": f"SELECT {rows.ORDER_COLUMNS} FROM orders WHERE owner = ? AND key = ? AND state NOT IN {_FREE}",
    "abandoned": f"SELECT {rows.ORDER_COLUMNS} FROM orders WHERE owner = ? AND key = ? AND state = 'abandoned' "
    "ORDER BY order_id DESC LIMIT 1",
    "order_of_perm": f"SELECT {rows.ORDER_COLUMNS} FROM orders WHERE perm_id = ? AND state != 'unsent' "
    "ORDER BY order_id DESC LIMIT 1",
    "executed_on": "SELECT order_id FROM orders WHERE placed_day = ? AND (filled != '0' OR EXISTS (SELECT 1 FROM log "
    "WHERE log.order_id = orders.order_id AND event = 'execDetails' AND exec_id IS NOT NULL)) ORDER BY order_id",
    "reports_of_order": f"SELECT {rows.REPORTED} FROM log WHERE order_id = ? AND exec_id IS NOT NULL ORDER BY owner, n",
    "reports_with": f"SELECT {rows.REPORTED} FROM log WHERE exec_id = ? ORDER BY owner, n",
    "event_data": "SELECT data FROM log WHERE owner = ? AND n = ?",
    "once_record": f"SELECT {rows.ONCE} FROM once WHERE owner = ? AND key = ?",
}


class SqliteArchive:
    """See bridge/session/archive.py. Only one thread at a time may use it."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, which exists. Raises sqlite3.Error."""
        uri = f"{path.resolve().as_uri()}?mode=ro"
        self._db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=1.0)
        self._db.execute(f"PRAGMA cache_size=-{_CACHE}")

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def order(self, order_id: int) -> OrderRecord | None:
        """See Archive."""
        return self._order("order", order_id)

    def order_of_key(self, owner: str, key: str) -> OrderRecord | None:
        """See Archive."""
        return self._order("order_of_key", owner, key)

    def abandoned(self, owner: str, key: str) -> OrderRecord | None:
        """See Archive."""
        return self._order("abandoned", owner, key)

    def order_of_perm(self, perm_id: str) -> OrderRecord | None:
        """See Archive."""
        return self._order("order_of_perm", perm_id)

    def executed_on(self, day: str) -> list[int]:
        """See Archive."""
        return self._records("executed_on", lambda row: rows.cell("order_id", row[0]), day)

    def reports_of_order(self, order_id: int) -> list[Reported]:
        """See Archive."""
        return self._records("reports_of_order", rows.reported, order_id)

    def reports_with(self, exec_id: str) -> list[Reported]:
        """See Archive."""
        return self._records("reports_with", rows.reported, exec_id)

    def event_data(self, owner: str, n: int) -> Data | None:
        """See Archive."""
        found: list[Data] = self._records("event_data", lambda row: rows.cell("data", row[0]), owner, n)
        return found[0] if found else None

    def once_record(self, owner: str, key: str) -> OnceRecord | None:
        """See Archive."""
        found = self._records("once_record", rows.once, owner, key)
        return found[0] if found else None

    def _order(self, query: str, *names: object) -> OrderRecord | None:
        found = self._records(query, rows.order, *names)
        return found[0] if found else None

    def _records(self, query: str, record: Callable[[Sequence[Any]], T], *names: object) -> list[T]:
        """Run the query, and make each row a record. Raises Refused."""
        try:
            return [record(row) for row in self._db.execute(QUERIES[query], names).fetchall()]
        except (sqlite3.Error, rows.OddContent) as error:
            raise Refused("ledgerFailed", f"the bridge could not read the ledger: {error}") from None
