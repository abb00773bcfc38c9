"""What is to happen later: a heap of moments and actions. Knows no clock; the time is handed in."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from bridge.session.values import Instant

Action = Callable[[Instant], None]


class Timer:
    """One planned action; `cancel` it and it will not run."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Action) -> None:
        self.at = at
        self.action: Action | None = action

    def cancel(self) -> None:
        self.action = None


class TimerQueue:
    """Actions by the second (steady clock) at which they are due."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        return sum(entry.action is not None for _, _, entry in self._heap)

    def at(self, clock: float, action: Action) -> Timer:
        """Plan `action` for `clock`; of two at the same second the one planned first runs first."""
        entry = Timer(clock, action)
        heapq.heappush(self._heap, (clock, next(self._order), entry))
        return entry

    def next(self) -> float | None:
        """When something is due, or None. Entries that were cancelled are forgotten here."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, now: Instant) -> None:
        """Run what is due. What these actions plan for now or earlier runs in the same call."""
        while (due := self.next()) is not None and due <= now.clock:
            action = heapq.heappop(self._heap)[2].action
            if action is not None:
                action(now)
