"""The message budget: TWS accepts so many messages per second from one connection.

Source: IBKR's documentation and TWS_RULES. TWS accepts half as many messages per second as the user has market data
lines, 50 for the usual 100 lines. Above that TWS sends error 100, and may disconnect at the third one. TWS counts when
it reads them. The network and a busy TWS compress the time between messages, so the window here is longer than a
second.
"""

from __future__ import annotations

from collections import deque

#: Seconds in which at most `rate` messages leave.
WINDOW = 1.15
#: Seconds in which at most `rate * SLOT` messages leave that are not urgent, so that they are spread evenly.
SLOT = 0.1
#: The part of the limit that is kept for urgent messages, so that an order does not wait for data.
URGENT = 0.1
#: Less than this is rounding.
_EPSILON = 1e-6
#: After TWS has reported that the bridge sends too fast (error 100), the budget is halved for so many seconds.
SLOW = 60.0


class MessageBudget:
    """At most `rate` messages in any window of `WINDOW` seconds. `rate` None: no limit."""

    def __init__(self, rate: int | None) -> None:
        self._rate = rate
        self._slow_until = float("-inf")
        self._halvings = 0
        self._sent: deque[float] = deque()
        #: How many of the newest have not been written yet.
        self._unwritten = 0

    def change(self, rate: int | None, now: float) -> None:
        """Another rate applies from now on.

        Without a limit the budget has counted nothing. So a first limit begins with a window in which nothing leaves.
        """
        if self._rate is None and rate is not None:
            self._sent.extend([now] * rate)
        if rate is None:
            self._sent.clear()
            self._unwritten = 0
        self._rate = rate

    def limit(self, now: float, *, evenly: bool = False) -> int | None:
        """Return how many messages a second may leave now; None for no limit.

        `evenly`: without what is kept for urgent messages.
        """
        if self._rate is None:
            return None
        if now >= self._slow_until:
            self._halvings = 0
        limit = max(1, self._rate >> self._halvings)
        return limit - min(limit - 1, max(1, int(limit * URGENT))) if evenly else limit

    def slow_down(self, now: float) -> float:
        """TWS has reported error 100: halve the limit. Return when the full limit applies again (steady clock).

        TWS reports each message that was too much: the reports of one window halve the limit once.
        """
        self.limit(now)
        if now >= self._slow_until - SLOW + WINDOW:
            self._halvings += 1
            self._slow_until = now + SLOW
        return self._slow_until

    def wait(self, cost: int, now: float, *, evenly: bool, ahead: int = 0) -> float:
        """Return the seconds until `cost` messages may leave; 0 for now.

        `evenly`: not more than a slot allows, and not what is kept for urgent messages. `ahead`: messages that leave
        before these.

        A group of orders leaves as a whole. If it is larger than the halved limit, the full limit applies to it. More
        than the full limit never leave together.
        """
        limit = self.limit(now, evenly=evenly)
        if limit is None or self._rate is None:
            return 0.0
        if cost > limit and not evenly:
            limit = self._rate
        while self._sent and self._sent[0] + WINDOW <= now + _EPSILON:
            self._sent.popleft()
        wait = self._until(ahead + min(cost, limit), limit, WINDOW, now)
        if evenly:
            slot = max(1, int(limit * SLOT + 0.5))
            wait = max(wait, self._until(ahead + min(cost, slot), slot, SLOT, now))
        return wait

    def sent(self, now: float) -> int:
        """Return how many messages have left within the window before `now`; 0 without a limit."""
        return sum(at + WINDOW > now for at in self._sent)

    def spend(self, cost: int, now: float) -> None:
        """`cost` messages leave now."""
        if self._rate is not None:
            self._sent.extend([now] * cost)
            self._unwritten += cost

    def refund(self, cost: int) -> None:
        """`cost` of the messages that were about to leave do not leave."""
        cost = min(cost, self._unwritten, len(self._sent))
        self._unwritten -= cost
        for _ in range(cost):
            self._sent.pop()

    def written(self, now: float) -> None:
        """The messages that left since the last call are written now: the turn of the event loop took until now."""
        unwritten, self._unwritten = min(self._unwritten, len(self._sent)), 0
        if unwritten and self._sent[-1] < now:
            for _ in range(unwritten):
                self._sent.pop()
            self._sent.extend([now] * unwritten)

    def _until(self, cost: int, limit: int, window: float, now: float) -> float:
        """Return the seconds until at most `limit - cost` of the messages sent are younger than `window`.

        If `cost` is above the limit, the rest needs further windows.
        """
        if cost > limit:
            return window * (cost / limit)
        over = len(self._sent) - (limit - cost)  # so many of the oldest must be older than the window
        if over <= 0:
            return 0.0
        wait = self._sent[over - 1] + window - now
        return wait if wait > _EPSILON else 0.0
