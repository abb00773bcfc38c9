"""The ledger: orders, their log and what must not happen twice, on disk before anything that depends on it leaves."""

from bridge.ledger.store import LedgerRefused, Store
from bridge.ledger.worker import Ledger, LogRead, Outcome, Written

__all__ = ["Ledger", "LedgerRefused", "LogRead", "Outcome", "Store", "Written"]
