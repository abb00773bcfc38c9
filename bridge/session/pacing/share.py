"""The share of one lane: a part of the message budget that its messages may use."""

from __future__ import annotations

import math
from collections import deque

from bridge.session.pacing.budget import WINDOW, MessageBudget

#: Less than this is rounding.
_EPSILON = 1e-6


class Share:
    """At most `part` of what the budget allows, counted in `window` seconds. `evenly`: see `MessageBudget`.

    If that is no whole number, the share is one message more in a longer window. `kept`: how many messages it must
    leave to others at least. `may_stop`: whether it may be less than one message because of that.
    """

    def __init__(self, budget: MessageBudget, part: float, window: float, *, evenly: bool = False) -> None:
        self._budget = budget
        self._part = part
        self._window = window
        self._evenly = evenly
        self.kept = 0
        self.may_stop = False
        self._sent: deque[float] = deque()

    def room(self, now: float) -> int | None:
        """Return how many messages may leave now; None for any number."""
        most, _ = self._most(now)
        return None if most is None else max(0, most - len(self._sent))

    def wait(self, now: float, cost: int = 1) -> float:
        """Return the seconds until `cost` messages may leave; 0 for now. More than the share need several windows."""
        most, window = self._most(now)
        if most is None:
            return 0.0
        if cost > most:
            return window * (cost / max(1, most))
        over = len(self._sent) + cost - most
        return self._sent[over - 1] + window - now if over > 0 else 0.0

    def spend(self, cost: int, now: float) -> None:
        """`cost` messages leave now."""
        if self._budget.limit(now) is not None:
            self._sent.extend([now] * cost)

    def refund(self, cost: int) -> None:
        """`cost` of the messages that were about to leave do not leave."""
        for _ in range(min(cost, len(self._sent))):
            self._sent.pop()

    def _most(self, now: float) -> tuple[int | None, float]:
        """Return how many messages may leave in how many seconds; None for any number."""
        limit = self._budget.limit(now, evenly=self._evenly)
        if limit is None:
            return None, self._window
        rate = limit * self._part / WINDOW
        full = math.ceil(rate * self._window - _EPSILON)
        most = max(0 if self.may_stop else 1, min(full, limit - self.kept))
        window = max(self._window, most / rate)
        while self._sent and self._sent[0] + window <= now + _EPSILON:
            self._sent.popleft()
        return most, window
