"""The share of one lane: a part of the message budget that its messages may use."""

from __future__ import annotations

from collections import deque

from bridge.session.pacing.budget import MessageBudget

#: Less than this is rounding.
_EPSILON = 1e-6


class Share:
    """At most `part` of the messages that the budget allows in `window` seconds. `evenly`: see `MessageBudget`.

    If that is less than one message, the share is one message in a longer window. `kept`: how many messages it must
    leave to others at least, up to half of the limit; `kept_besides`: how many more.
    """

    def __init__(self, budget: MessageBudget, part: float, window: float, *, evenly: bool = False) -> None:
        self._budget = budget
        self._part = part
        self._window = window
        self._evenly = evenly
        self.kept = self.kept_besides = 0
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
            return window * (cost / most)
        over = len(self._sent) + cost - most
        return self._sent[over - 1] + window - now if over > 0 else 0.0

    def spend(self, cost: int, now: float) -> None:
        """`cost` messages leave now."""
        if self._budget.limit(now) is not None:
            self._sent.extend([now] * cost)

    def _most(self, now: float) -> tuple[int | None, float]:
        """Return how many messages may leave in how many seconds; None for any number."""
        limit = self._budget.limit(now, evenly=self._evenly)
        if limit is None:
            return None, self._window
        rate = limit * self._part
        kept = min(self.kept, limit // 2) + self.kept_besides
        most = max(1, min(int(rate * self._window), limit - kept))
        window = max(self._window, most / rate)
        while self._sent and self._sent[0] + window <= now + _EPSILON:
            self._sent.popleft()
        return most, window
