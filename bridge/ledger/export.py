"""Writes the orders or the executions of a ledger as CSV, one row at a time, also while a bridge uses the ledger."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bridge.ledger.check import LedgerUnusable, reading
from bridge.ledger.schema import MIGRATIONS
from bridge.session.orders.executions import StandingReports
from bridge.session.records import Reported

ORDERS = (
    "orderId", "owner", "orderKey", "permId", "placedAt", "state", "status", "account", "conId", "symbol", "secType",
    "exchange", "currency", "action", "orderType", "totalQuantity", "lmtPrice", "auxPrice", "tif", "filled",
    "finalFilled", "revision", "parentKey", "orderRef", "ocaGroup",
)  # fmt: skip
FILLS = (
    "owner", "n", "reportedAt", "orderId", "orderKey", "execId", "isValid", "time", "account", "conId", "symbol",
    "secType", "exchange", "currency", "side", "shares", "price", "permId", "commissionAndFees", "commissionCurrency",
    "realizedPNL",
)  # fmt: skip
_ORDERS = """
    SELECT order_id, owner, key, perm_id, placed_at, state, status, filled, final_filled, revision, parent, contract,
        "order" FROM orders WHERE placed_at >= ? ORDER BY order_id
"""
_FILLS = """
    SELECT log.owner, log.n, log.ts, log.order_id, orders.key, log.exec_id, log.data,
        (SELECT data FROM log AS other WHERE other.exec_id = log.exec_id AND other.event = 'commissionAndFeesReport')
    FROM log LEFT JOIN orders ON orders.order_id = log.order_id
    WHERE log.event = 'execDetails' AND log.exec_id IS NOT NULL AND log.ts >= ? ORDER BY log.owner, log.n
"""
_REPORTS = "SELECT exec_id FROM log WHERE order_id = ? AND event = 'execDetails' AND exec_id IS NOT NULL"


def export_orders(path: Path, to: Path, since: date | None = None) -> int:
    """Write a row for each order placed since that day (UTC). Returns their number. Raises LedgerUnusable."""
    return _export(path, to, ORDERS, _orders, since)


def export_fills(path: Path, to: Path, since: date | None = None) -> int:
    """Write a row for each execution reported since that day (UTC). Returns their number. Raises LedgerUnusable.

    `isValid` is false for an execution that TWS has corrected since: the correction has a row of its own.
    """
    return _export(path, to, FILLS, _fills, since)


def _export(path: Path, to: Path, header: tuple[str, ...], read: Any, since: date | None) -> int:
    db = reading(path)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version != len(MIGRATIONS):
            message = f"its tables have version {version}, and this program reads version {len(MIGRATIONS)}"
            raise LedgerUnusable(f"{path}: {message}; a bridge brings an older file up to date when it starts")
        begin = 0 if since is None else int(datetime(since.year, since.month, since.day, tzinfo=UTC).timestamp() * 1e9)
        with to.open("x", newline="", encoding="utf-8") as file:
            return _write(file, header, read(db, begin))
    except FileExistsError:
        raise LedgerUnusable(f"{to}: the file exists already") from None
    except (sqlite3.Error, OSError, ValueError) as error:
        raise LedgerUnusable(f"cannot export {path} to {to}: {error}") from None
    finally:
        db.close()


def _write(file: Any, header: tuple[str, ...], found: Iterable[dict[str, Any]]) -> int:
    writer = csv.DictWriter(file, header, extrasaction="ignore", restval="")
    writer.writeheader()
    count = 0
    for row in found:
        writer.writerow(row)
        count += 1
    return count


def _orders(db: sqlite3.Connection, begin: int) -> Iterator[dict[str, Any]]:
    for row in db.execute(_ORDERS, (begin,)):
        order_id, owner, key, perm_id, placed_at, state, status, filled, final, revision, parent, contract, order = row
        yield {
            **json.loads(order), **json.loads(contract), "orderId": order_id, "owner": owner, "orderKey": key,
            "permId": perm_id, "placedAt": _time(placed_at), "state": state, "status": status, "filled": filled,
            "finalFilled": final, "revision": revision, "parentKey": parent,
        }  # fmt: skip


def _fills(db: sqlite3.Connection, begin: int) -> Iterator[dict[str, Any]]:
    order_of_valid: int | None = None
    valid: set[str] = set()
    for owner, n, ts, order_id, key, exec_id, data, commission in db.execute(_FILLS, (begin,)):
        told, fees = json.loads(data), json.loads(commission) if commission else {}
        if order_id != order_of_valid:
            order_of_valid, valid = order_id, _valid(db, order_id)
        execution: dict[str, Any] = told.get("execution", {})
        yield {
            **told.get("contract", {}), **execution, "owner": owner, "n": n, "reportedAt": _time(ts),
            "orderId": order_id, "orderKey": key, "execId": exec_id, "isValid": str(exec_id in valid).lower(),
            "account": execution.get("acctNumber"), "commissionAndFees": fees.get("commissionAndFees"),
            "commissionCurrency": fees.get("currency"), "realizedPNL": fees.get("realizedPNL"),
        }  # fmt: skip


def _valid(db: sqlite3.Connection, order_id: int) -> set[str]:
    """The executions of the order that no correction has replaced."""
    found = [exec_id for (exec_id,) in db.execute(_REPORTS, (order_id,))]
    standing = StandingReports(Reported("", 0, "execDetails", order_id, exec_id, None) for exec_id in found)
    return {exec_id for exec_id in found if standing.add("execDetails", exec_id) is None}


def _time(ts: int) -> str:
    """ns since 1970 UTC as ISO 8601, in UTC; empty where it is unknown."""
    return f"{datetime.fromtimestamp(ts / 1e9, UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if ts else ""
