"""Whether TWS answers the orders that the bridge sends.

TWS answers an order within a second. If it does not, a dialog of TWS may hold the order, or TWS does not read. Each
answer to any order shows that TWS works; without one, the doubt ends with the connection, or after `LASTS`.
"""

from __future__ import annotations

import math

from bridge.session.values import Instant

#: Seconds without an answer, after which orders count as unanswered.
SLOW = 10.0
#: Seconds after the last order that TWS has not answered, for which it counts.
LASTS = 600.0


class OrderAnswers:
    """See the module. An order waits from when it leaves until TWS sends a message about it, or about a later one:
    then TWS works, and the bridge looks for the earlier order in TWS's lists.
    """

    def __init__(self) -> None:
        #: Order -> when it left (steady clock), the oldest first.
        self._waiting: dict[int, float] = {}
        self._last_left = 0.0
        #: When TWS has last taken an order (steady clock).
        self.accepted_at = -math.inf

    def on_left(self, order_id: int, now: Instant) -> None:
        """The bridge has sent the order."""
        self._waiting[order_id] = self._last_left = now.clock

    def on_answer(self, order_id: int, now: Instant, *, accepted: bool) -> None:
        """TWS has sent a message about the order. `accepted`: TWS has taken it."""
        if accepted:
            self.accepted_at = now.clock
        if (left := self._waiting.get(order_id)) is not None:
            self._waiting = {other: at for other, at in self._waiting.items() if at > left}

    def forget(self) -> None:
        """A new connection begins."""
        self._waiting.clear()

    def silent_for(self, now: Instant) -> float | None:
        """Return for how many seconds TWS has answered no order, although some wait; None if that is not long."""
        if not self._waiting or now.clock - self._last_left > LASTS:
            return None
        seconds = now.clock - next(iter(self._waiting.values()))
        return seconds if seconds >= SLOW else None
