"""Timers: a heap of times and actions. The caller hands in the time."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from bridge.session.values import Instant

Action = Callable[[Instant], None]
#: So many cancelled timers may stay in the queue, whatever else it has.
_MOST_CANCELLED = 1000


class Timer:
    """One planned action. It does not run after `cancel`."""

    __slots__ = ("_queue", "action", "at")

    def __init__(self, at: float, action: Action, queue: TimerQueue) -> None:
        self.at = at
        self.action: Action | None = action
        self._queue = queue

    def cancel(self) -> None:
        """Do not run the action."""
        if self.action is not None:
            self.action = None
            self._queue.on_cancelled()


class TimerQueue:
    """Actions by the time at which they are due, in seconds on the steady clock."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._cancelled = 0

    def __len__(self) -> int:
        return len(self._heap) - self._cancelled

    def at(self, clock: float, action: Action) -> Timer:
        """Plan `action` for the time `clock`. Of two actions for the same time, the one planned first runs first."""
        entry = Timer(clock, action, self)
        heapq.heappush(self._heap, (clock, next(self._order), entry))
        return entry

    def next(self) -> float | None:
        """Return when the next action is due, or None. Drop cancelled entries at the head."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0][0] if self._heap else None

    def run(self, now: Instant) -> None:
        """Run the actions that are due, also those that they plan for now or earlier."""
        while (due := self.next()) is not None and due <= now.clock:
            timer = heapq.heappop(self._heap)[2]
            action, timer.action = timer.action, None
            if action is not None:
                action(now)

    def on_cancelled(self) -> None:
        """A timer of the queue was cancelled. When most of them are, drop them: they may be due only in minutes."""
        self._cancelled += 1
        if self._cancelled > _MOST_CANCELLED and 2 * self._cancelled > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].action is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0
