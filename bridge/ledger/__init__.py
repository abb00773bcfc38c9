"""The ledger: orders, order logs, requests that must not run twice, and holds, in a SQLite file.

The bridge sends an order or a reply only after the records that it depends on are on disk.
"""

from bridge.ledger.archive import SqliteArchive
from bridge.ledger.backup import backup
from bridge.ledger.check import LedgerCheck, LedgerUnread, LedgerUnusable, check, glance
from bridge.ledger.export import export_fills, export_orders
from bridge.ledger.store import LedgerRefused, Store
from bridge.ledger.worker import Ledger, LogRead, Outcome, Unusable, Written

__all__ = [
    "Ledger",
    "LedgerCheck",
    "LedgerRefused",
    "LedgerUnread",
    "LedgerUnusable",
    "LogRead",
    "Outcome",
    "SqliteArchive",
    "Store",
    "Unusable",
    "Written",
    "backup",
    "check",
    "export_fills",
    "export_orders",
    "glance",
]
