"""The time at the hostile TWS: a date and time of its own that run on from where the process began, and timers."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """`start` is TWS's own time when the process began: `20261123 14:00:00`."""

    def __init__(self, start: str) -> None:
        self._start = datetime.strptime(start, "%Y%m%d %H:%M:%S").replace(tzinfo=UTC)
        self._began = time.monotonic()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        """Seconds on the steady clock."""
        return time.monotonic()

    def _moment(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def stamp(self) -> str:
        """TWS's time as its handshake and its executions write it."""
        return self._moment().strftime("%Y%m%d %H:%M:%S UTC")

    def day(self) -> str:
        return self._moment().strftime("%Y%m%d")

    def seconds(self) -> int:
        """TWS's time in seconds since 1970 UTC."""
        return int(self._moment().timestamp())

    def later(self, delay: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (self.now() + delay, next(self._numbers), do))

    def run_due(self) -> None:
        """Run every timer whose time has come."""
        while self._timers and self._timers[0][0] <= self.now():
            heapq.heappop(self._timers)[2]()

    def wait(self, most: float) -> float:
        """Seconds until the next timer, `most` at the most."""
        return most if not self._timers else min(most, max(0.0, self._timers[0][0] - self.now()))
