"""The archive over SQLite: a connection of its own that only reads, in the thread of the event loop.

In WAL mode a reader does not wait for the writer, and does not delay it. Each look-up is one SELECT over an index, and
reads all its rows at once, so that no read transaction stays open.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from bridge.ledger import rows
from bridge.session.records import OnceRecord, OrderRecord, Reported
from bridge.session.requests import Refused

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
        return [order_id for (order_id,) in self._all("executed_on", day)]

    def reports_of_order(self, order_id: int) -> list[Reported]:
        """See Archive."""
        return [rows.reported(row) for row in self._all("reports_of_order", order_id)]

    def reports_with(self, exec_id: str) -> list[Reported]:
        """See Archive."""
        return [rows.reported(row) for row in self._all("reports_with", exec_id)]

    def once_record(self, owner: str, key: str) -> OnceRecord | None:
        """See Archive."""
        found = self._all("once_record", owner, key)
        return rows.once(found[0]) if found else None

    def _order(self, query: str, *names: object) -> OrderRecord | None:
        found = self._all(query, *names)
        if not found:
            return None
        try:
            return rows.order(found[0])
        except ValueError as error:
            raise _unreadable(error) from None

    def _all(self, query: str, *names: object) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(QUERIES[query], names).fetchall()
        except sqlite3.Error as error:
            raise _unreadable(error) from None


def _unreadable(error: Exception) -> Refused:
    return Refused("ledgerFailed", f"the bridge could not read the ledger: {error}")
