"""The cancels of orders that have left in the last seconds: TWS counts each repetition as a message."""

from __future__ import annotations

from collections import deque

from bridge.session.pacing.lane_queue import Entry, sends_of
from bridge.session.values import Data

#: Seconds until a client can send the same cancel again, if TWS has not answered it.
AGAIN = 2.0


class RecentCancels:
    """The cancels that have left in the last `AGAIN` seconds."""

    def __init__(self) -> None:
        self._left: deque[tuple[float, Data]] = deque()

    def left(self, entry: Entry, now: float) -> None:
        """These messages leave now."""
        self._left.extend((now, send.data) for send in sends_of(entry) if send.name == "cancelOrder")

    def has(self, data: Data, now: float) -> bool:
        """Return whether a cancel with these fields has just left."""
        while self._left and self._left[0][0] <= now - AGAIN:
            self._left.popleft()
        return any(left == data for _, left in self._left)
