"""The order log of one owner, as the ledger keeps it, and the instrument of all scenarios."""

from __future__ import annotations

import itertools

from bridge.session.values import Data

CONTRACT: Data = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}


class OrderLog:
    """On a disk that outlives the bridge. `name`: another one, where the disk was lost."""

    def __init__(self, name: str, owner: str) -> None:
        self.name = name
        self._owner = owner
        self._events: list[Data] = []
        self._fills = itertools.count(1)

    @property
    def head(self) -> int:
        return len(self._events)

    def after(self, n: int, limit: int) -> list[Data]:
        return self._events[n : n + limit]

    def older(self, head: int) -> OrderLog:
        """An older copy of it."""
        copy = OrderLog(self.name, self._owner)
        copy._events = self._events[:head]
        copy._fills = self._fills  # TWS gives no execId twice
        return copy

    def fill(self, shares: str, ts: int) -> Data:
        """An execution of order k1."""
        execution = {"orderId": 12, "execId": f"0000e0d5.{self.name}.{next(self._fills):04}.01", "side": "BOT",
                     "time": "20251009 08:53:20 UTC", "shares": shares, "price": 187.25,
                     "permId": "1840736113"}  # fmt: skip
        return self._add("execDetails", {"reqId": -1, "contract": CONTRACT, "execution": execution}, ts)

    def again(self, told: Data, ts: int) -> Data:
        """An execution of before, which this log does not have: the bridge has asked TWS for it."""
        event = self._add("execDetails", told["data"], ts)
        event["replayed"] = True
        return event

    def status(self, ts: int) -> Data:
        """An order status, which fills nothing."""
        return self._add("orderStatus", {"orderId": 12, "status": "Submitted", "permId": "1840736113"}, ts)

    def _add(self, event: str, data: Data, ts: int) -> Data:
        topic = f"order.{self._owner}.k1.{event}"
        told = {"event": event, "topic": topic, "n": self.head + 1, "ts": ts, "data": data}
        self._events.append(told)
        return told
