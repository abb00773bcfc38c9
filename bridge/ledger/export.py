"""Writes the orders or the executions of a ledger as CSV or Parquet, also while a bridge uses the ledger."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bridge.ledger import rows
from bridge.ledger.check import LedgerUnusable, reading
from bridge.ledger.schema import MIGRATIONS
from bridge.ledger.tables import Table, writer
from bridge.session.orders.executions import StandingReports
from bridge.session.records import Reported

ORDERS = Table("orders", ("orderId",), {
    "orderId": "integer", "owner": "text", "orderKey": "text", "permId": "integer", "placedAt": "time",
    "state": "text", "status": "text", "account": "text", "conId": "integer", "symbol": "text", "secType": "text",
    "exchange": "text", "currency": "text", "action": "text", "orderType": "text", "totalQuantity": "decimal",
    "lmtPrice": "float", "auxPrice": "float", "tif": "text", "filled": "decimal", "finalFilled": "decimal",
    "revision": "integer", "parentKey": "text", "orderRef": "text", "ocaGroup": "text",
})  # fmt: skip
FILLS = Table("log", ("owner", "n"), {
    "owner": "text", "n": "integer", "reportedAt": "time", "orderId": "integer", "orderKey": "text",
    "execId": "text", "isValid": "flag", "time": "text", "account": "text", "conId": "integer", "symbol": "text",
    "secType": "text", "exchange": "text", "currency": "text", "side": "text", "shares": "decimal",
    "price": "float", "permId": "integer", "commissionAndFees": "float", "commissionCurrency": "text",
    "realizedPNL": "float",
})  # fmt: skip
_ORDERS = """
    SELECT order_id, owner, key, perm_id, placed_at, state, status, filled, final_filled, revision, parent, contract,
        "order" FROM orders WHERE placed_at >= ? ORDER BY order_id
"""
_FILLS = """
    SELECT log.owner, log.n, log.ts, log.order_id, orders.key, log.exec_id, log.data
    FROM log LEFT JOIN orders ON orders.order_id = log.order_id
    WHERE log.event = 'execDetails' AND log.exec_id IS NOT NULL AND log.ts >= ? ORDER BY log.owner, log.n
"""
#: The newest one: where TWS has changed a commission, a digest is behind the execId.
_FEES = """
    SELECT owner, n, data FROM log WHERE event = 'commissionAndFeesReport'
    AND (exec_id = ?1 OR (exec_id > ?1 || '~' AND exec_id < ?1 || '~g')) ORDER BY n DESC LIMIT 1
"""
_REPORTS = "SELECT owner, n, exec_id FROM log WHERE order_id = ? AND event = 'execDetails' AND exec_id IS NOT NULL"


def export_orders(path: Path, to: Path, since: date | None = None) -> int:
    """Write a row for each order placed since that day (UTC). Returns their number. Raises LedgerUnusable.

    `to`: a new file; Parquet if its name ends in `.parquet`, otherwise CSV.
    """
    return _export(path, to, ORDERS, _orders, since)


def export_fills(path: Path, to: Path, since: date | None = None) -> int:
    """Write a row for each execution reported since that day (UTC). Returns their number. Raises LedgerUnusable.

    `isValid` is false for an execution that TWS has corrected since: the correction has a row of its own.
    """
    return _export(path, to, FILLS, _fills, since)


def _export(path: Path, to: Path, table: Table, read: Any, since: date | None) -> int:
    if os.path.lexists(to):
        raise LedgerUnusable(f"{to}: the file exists already")
    if not to.parent.is_dir():
        raise LedgerUnusable(f"{to.parent}: there is no such folder")
    db = reading(path)
    part = to.with_name(f"{to.name}.part-{secrets.token_hex(4)}")  # `to` never has only some of the rows
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version != len(MIGRATIONS):
            message = f"its tables have version {version}, and this program reads version {len(MIGRATIONS)}"
            raise LedgerUnusable(f"{path}: {message}; a bridge brings an older file up to date when it starts")
        begin = 0 if since is None else int(datetime(since.year, since.month, since.day, tzinfo=UTC).timestamp() * 1e9)
        count = writer(to)(part, table, read(db, begin))
        if os.path.lexists(to):  # somebody has made it meanwhile
            raise LedgerUnusable(f"{to}: the file exists already")
        part.rename(to)
        return count
    except (sqlite3.Error, OSError, ValueError) as error:
        raise LedgerUnusable(f"cannot export {path} to {to}: {error}") from None
    finally:
        db.close()
        with suppress(OSError):  # it has its name, or could not be made
            part.unlink()


def _cells(table: str, keys: int, found: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, as the bridge reads them. The first columns, `keys` in number, name the row in an error."""
    names = [name for name, *_ in found.description]
    for row in found:
        try:
            yield tuple(map(rows.cell, names, row))
        except rows.OddContent as error:
            raise ValueError(f"table {table}, row {rows.shown(' '.join(map(str, row[:keys])))}: {error}") from None


def _orders(db: sqlite3.Connection, begin: int) -> Iterator[dict[str, Any]]:
    for row in _cells("orders", 1, db.execute(_ORDERS, (begin,))):
        order_id, owner, key, perm_id, placed_at, state, status, filled, final, revision, parent, contract, order = row
        yield {
            **order, **contract, "orderId": order_id, "owner": owner, "orderKey": key,
            "permId": perm_id, "placedAt": placed_at, "state": state, "status": status, "filled": filled,
            "finalFilled": final, "revision": revision, "parentKey": parent,
        }  # fmt: skip


def _fills(db: sqlite3.Connection, begin: int) -> Iterator[dict[str, Any]]:
    order_of_valid: int | None = None
    valid: set[str] = set()
    for owner, n, ts, order_id, key, exec_id, data in _cells("log", 2, db.execute(_FILLS, (begin,))):
        fees: dict[str, Any] = next((told for *_, told in _cells("log", 2, db.execute(_FEES, (exec_id,)))), {})
        if order_id != order_of_valid:
            order_of_valid, valid = order_id, _valid(db, order_id)
        contract, execution = (_part(f"{owner} {n}", data, name) for name in ("contract", "execution"))
        yield {
            **contract, **execution, "owner": owner, "n": n, "reportedAt": ts,
            "orderId": order_id, "orderKey": key, "execId": exec_id, "isValid": exec_id in valid,
            "account": execution.get("acctNumber"), "commissionAndFees": fees.get("commissionAndFees"),
            "commissionCurrency": fees.get("currency"), "realizedPNL": fees.get("realizedPNL"),
        }  # fmt: skip


def _part(row: str, data: dict[str, Any], name: str) -> dict[str, Any]:
    """An object in the data of an event; empty where TWS sent none."""
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise ValueError(f"table log, row {row}: {name} in data is no JSON object")
    return found


def _valid(db: sqlite3.Connection, order_id: int) -> set[str]:
    """The executions of the order that no correction has replaced."""
    found = [exec_id for *_, exec_id in _cells("log", 2, db.execute(_REPORTS, (order_id,)))]
    standing = StandingReports(Reported("", 0, "execDetails", order_id, exec_id, None) for exec_id in found)
    return {exec_id for exec_id in found if standing.add("execDetails", exec_id) is None}
