"""Virtual time: one queue of what happens when. Nothing in the simulation reads another clock, or draws other chance.

What happens at the same moment happens in the order in which it was planned.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bridge.session import Instant

#: When every simulation begins, at TWS and on the machine of the bridge.
BEGIN = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
_BEGIN_NS = int(BEGIN.timestamp()) * 1_000_000_000
#: What the steady clock shows then.
_STEADY = 1000.0
DAY = 86_400.0


class Timer:
    """Something that happens later, unless it is cancelled."""

    __slots__ = ("args", "do")

    def __init__(self, do: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.do: Callable[..., object] | None = do
        self.args = args

    def cancel(self) -> None:
        self.do = None


class Clock:
    """`now` in seconds since the beginning. `events` counts what has happened."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events = 0
        self._queue: list[tuple[float, int, Timer]] = []
        self._planned = 0

    def at(self, when: float, do: Callable[..., object], *args: Any) -> Timer:
        timer = Timer(do, args)
        self._planned += 1
        heapq.heappush(self._queue, (when if when > self.now else self.now, self._planned, timer))
        return timer

    def after(self, delay: float, do: Callable[..., object], *args: Any) -> Timer:
        return self.at(self.now + delay, do, *args)

    def run(self, until: float) -> None:
        """Let happen what is planned up to then."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            self.now, _, timer = heapq.heappop(queue)
            if timer.do is not None:
                self.events += 1
                timer.do(*timer.args)
        self.now = until

    def instant(self) -> Instant:
        return Instant(_STEADY + self.now, self.ns())

    def ns(self, when: float | None = None) -> int:
        """Now, or that time, in ns since 1970 UTC."""
        return _BEGIN_NS + int((self.now if when is None else when) * 1e9)

    def steady(self, clock: float) -> float:
        """What `now` is when the bridge's steady clock shows that."""
        return clock - _STEADY

    def moment(self) -> datetime:
        return BEGIN + timedelta(seconds=self.now)


def dice(seed: int, name: str) -> Random:
    """The chance of one party: it does not hang on what the others draw, nor on Python's hashes."""
    return Random(f"{seed}/{name}")


def until_time(day: int, hour: float) -> float:
    """Seconds since the beginning of a time of day; day 0 is the first."""
    midnight = BEGIN.replace(hour=0, minute=0)
    return (midnight - BEGIN).total_seconds() + day * DAY + hour * 3600
