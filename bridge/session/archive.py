"""The archive: what the ledger has on disk, looked up one item at a time.

The session keeps in memory what may still change, and what changed in the last week. It looks up everything else here.
Each look-up must be fast: it runs inside a turn. The archive has only what is on disk: a record that the ledger has not
written yet is not in it, so the session looks in its own memory first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bridge.session.records import OnceRecord, OrderRecord, Reported
from bridge.session.values import Data


class Archive(Protocol):
    """Look-ups in the ledger. Each raises Refused `ledgerFailed` where the disk cannot be read."""

    def order(self, order_id: int) -> OrderRecord | None:
        """The order with that order ID, or None."""
        ...

    def order_of_key(self, owner: str, key: str) -> OrderRecord | None:
        """The order that uses the owner's key, or None. Orders in a state of `FREE` use no key."""
        ...

    def abandoned(self, owner: str, key: str) -> OrderRecord | None:
        """The abandoned order of that key with the highest order ID, or None."""
        ...

    def order_of_perm(self, perm_id: str) -> OrderRecord | None:
        """The order with that permId, or None; the one with the highest order ID where there are several."""
        ...

    def executed_on(self, day: str) -> Sequence[int]:
        """The IDs of the orders placed on that day at TWS (`20251001`) of which TWS has reported an execution."""
        ...

    def reports_of_order(self, order_id: int) -> Sequence[Reported]:
        """The entries of the order log for that order that have an execId or another ID, in the order of the log."""
        ...

    def reports_with(self, exec_id: str) -> Sequence[Reported]:
        """The entries of all order logs with that execId (or other ID)."""
        ...

    def event_data(self, owner: str, n: int) -> Data | None:
        """The data of the event with that number in the owner's order log, or None."""
        ...

    def once_record(self, owner: str, key: str) -> OnceRecord | None:
        """The idempotent request with that key, or None."""
        ...


class EmptyArchive:
    """The archive of a session without a ledger."""

    def order(self, _order_id: int) -> OrderRecord | None:
        """See Archive."""
        return None

    def order_of_key(self, _owner: str, _key: str) -> OrderRecord | None:
        """See Archive."""
        return None

    def abandoned(self, _owner: str, _key: str) -> OrderRecord | None:
        """See Archive."""
        return None

    def order_of_perm(self, _perm_id: str) -> OrderRecord | None:
        """See Archive."""
        return None

    def executed_on(self, _day: str) -> Sequence[int]:
        """See Archive."""
        return ()

    def reports_of_order(self, _order_id: int) -> Sequence[Reported]:
        """See Archive."""
        return ()

    def reports_with(self, _exec_id: str) -> Sequence[Reported]:
        """See Archive."""
        return ()

    def event_data(self, _owner: str, _n: int) -> Data | None:
        """See Archive."""
        return None

    def once_record(self, _owner: str, _key: str) -> OnceRecord | None:
        """See Archive."""
        return None
