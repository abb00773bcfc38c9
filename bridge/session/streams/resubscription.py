"""Which streams TWS is asked for again, and when: evenly, those first that most clients hold.

Knows no topic and no values; it calls `request` with each stream.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session.streams.streams import Stream, Streams
from bridge.session.timers import TimerQueue
from bridge.session.values import Instant

#: Subscriptions in a turn, and seconds between turns: 50 a second, which is what TWS takes without pacing.
TURN = 5
PAUSE = 0.1


class Resubscription:
    """`request` asks TWS for a stream now. Nothing is asked until `begin`, and after `stop`."""

    def __init__(self, timers: TimerQueue, streams: Streams, request: Callable[[Stream, Instant], None]) -> None:
        self._timers = timers
        self._streams = streams
        self._ask = request
        self._is_open = self._is_planned = False

    def begin(self, now: Instant) -> None:
        """TWS takes requests."""
        self._is_open = True
        self.plan(now)

    def stop(self) -> None:
        self._is_open = False

    def plan(self, now: Instant) -> None:
        """There may be streams to ask for."""
        if self._is_open and not self._is_planned:
            self._is_planned = True
            self._timers.at(now.clock, self._turn)

    def _turn(self, now: Instant) -> None:
        self._is_planned = False
        if not self._is_open:
            return
        lost = sorted((s for s in self._streams if s.state == "lost"), key=lambda s: -len(s.clients))
        for stream in lost[:TURN]:
            self._ask(stream, now)
        if lost[TURN:]:
            self._is_planned = True
            self._timers.at(now.clock + PAUSE, self._turn)
