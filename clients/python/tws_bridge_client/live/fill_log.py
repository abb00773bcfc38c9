"""The fill log: each execution of a client's orders once, over restarts of the program and of the bridge.

It reads the order log of the client, and keeps position and fills in a store. It knows no socket and no clock.
"""

from __future__ import annotations

import logging
from typing import Protocol

from tws_bridge_client.executions import base_of, is_newer
from tws_bridge_client.live.fills import Commission, Fill, fill_of
from tws_bridge_client.orderlog import LogEvent, LogPosition
from tws_bridge_client.struct import Data

log = logging.getLogger("tws_bridge_client")
#: So many losses are kept.
MOST_LOST = 1000


class FillStore(Protocol):
    """Where a fill log keeps what it has delivered. `owner` is the name of the client. `SqliteStore` is one."""

    def position(self, owner: str) -> LogPosition | None:
        """The position of the last `save`; None before the first one."""
        ...

    def latest(self, owner: str, base: str) -> Fill | None:
        """The stored fill whose execId is this one up to its last dot; with corrections, the newest."""
        ...

    def charged(self, owner: str, base: str) -> Fill | None:
        """The same, of those fills that have a commission. Only a log with commissions asks for it."""
        ...

    def save(self, owner: str, position: LogPosition, fill: Fill) -> None:
        """Store a fill (a new one, or in place of the one with its execId) and the position, in one transaction."""
        ...

    def undo(self) -> None:
        """Drop what the program has written in the open transaction, if the store has one."""
        ...


class FillReader:
    """Finds the fills in the order log of `owner`, and their commissions if the program wants them.

    An entry counts as delivered when the caller asks for the next one. If the program dies before, it comes again.
    """

    def __init__(self, store: FillStore, owner: str, *, commissions: bool = False) -> None:
        self._store = store
        self._owner = owner
        self._commissions = commissions
        self._pending: tuple[LogPosition, Fill] | None = None
        #: The entry that the caller has got last.
        self._entry: Fill | Commission | None = None
        #: What the log has lost and cannot deliver any more, as text for people: the newest `MOST_LOST` entries.
        #: Compare with TWS's executions then.
        self.lost: list[str] = []

    def position(self) -> LogPosition | None:
        """Where to begin to read."""
        return self._store.position(self._owner)

    def take(self, event: LogEvent) -> Fill | Commission | None:
        """Take the next event of the log. Returns the entry to deliver, or None if it is none or was delivered."""
        self._entry = self._entry_of(event)
        return self._entry

    def _entry_of(self, event: LogEvent) -> Fill | Commission | None:
        match event.event:
            case "execDetails":
                return self._on_execution(event)
            case "commissionAndFeesReport":
                return self._on_commission(event.position, event.data)
            case "orderGap" if not _is_without_fills(event.data):
                self.lost.append(event.data["reason"])
                del self.lost[:-MOST_LOST]
                log.warning("the fill log of %s has a gap: %s", self._owner, event.data["reason"])
        return None

    def settle(self) -> None:
        """The caller is done with the entry that it has got last: store it."""
        if self._pending is not None:
            position, fill = self._pending
            self._store.save(self._owner, position, fill)
            self._pending = None

    @property
    def has_pending(self) -> bool:
        """Whether the caller has an entry that is not stored."""
        return self._pending is not None

    def again(self) -> Fill | Commission | None:
        """The caller has failed over the entry that it has got last, and gets it again without a new start."""
        self._store.undo()
        return self._entry

    def abandon(self) -> None:
        """The caller has failed over the entry that it has got last: it comes again."""
        self._pending = None
        self._store.undo()

    def _on_execution(self, event: LogEvent) -> Fill | None:
        exec_id = event.data["execution"]["execId"]
        known = self._store.latest(self._owner, base_of(exec_id))
        if known is not None and not is_newer(exec_id, known.exec_id):
            return None  # the log of a bridge that has lost its disk brings the executions of the day again
        key = event.topic.removeprefix(f"order.{self._owner}.").partition(".")[0]
        fill = fill_of(key, event.data, event.ts, known)
        self._pending = event.position, fill
        return fill

    def _on_commission(self, position: LogPosition, report: Data) -> Commission | None:
        base = base_of(report.get("execId", ""))
        known = self._store.latest(self._owner, base)
        if known is None or known.exec_id != report["execId"]:
            return None  # of an execution that is corrected: the correction has a commission of its own
        fill = known.with_commission(report)
        if not self._commissions or fill.commission in (None, known.commission):
            self._store.save(self._owner, position, fill)
            return None
        self._pending = position, fill
        return Commission(fill, self._store.charged(self._owner, base))


def _is_without_fills(data: Data) -> bool:
    """Whether an `orderGap` is about an order that TWS never had: nothing of it can have been executed."""
    return data.get("state") == "notFound" and not float(data.get("filled", 0))
