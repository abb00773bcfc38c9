"""Timers: a heap of times and actions. The caller hands in the time."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from bridge.session.values import Instant

Action = Callable[[Instant], None]


class Timer:
    """One planned action. It does not run after `cancel`."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Action) -> None:
        self.at = at
        self.action: Action | None = action

    def cancel(self) -> None:
        """Do not run the action."""
        self.action = None


class TimerQueue:
    """Actions by the time at which they are due, in seconds on the steady clock."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        return sum(entry.action is not None for _, _, entry in self._heap)

    def at(self, clock: float, action: Action) -> Timer:
        """Plan `action` for the time `clock`. Of two actions for the same time, the one planned first runs first."""
        entry = Timer(clock, action)
        heapq.heappush(self._heap, (clock, next(self._order), entry))
        return entry

    def next(self) -> float | None:
        """Return when the next action is due, or None. Drop cancelled entries at the head."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, now: Instant) -> None:
        """Run the actions that are due, also those that they plan for now or earlier."""
        while (due := self.next()) is not None and due <= now.clock:
            action = heapq.heappop(self._heap)[2].action
            if action is not None:
                action(now)
