"""Resubscription: in which order and how fast the bridge requests lost streams from TWS again.

Streams with the most holders come first. This module knows no topic and no values.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session.pacing.history import HistoryRules
from bridge.session.pacing.pacer import Pacer
from bridge.session.streams.streams import Stream, Streams
from bridge.session.timers import TimerQueue
from bridge.session.values import Instant

#: Subscriptions in a turn at most.
TURN = 5
#: Seconds until the next turn at most. If the pacer has room sooner, the turn comes then, but not sooner than `LOOK`.
PAUSE = 0.1
LOOK = 0.02


class Resubscription:
    """`request` requests a stream from TWS. It is called only after `begin` and before `stop`."""

    def __init__(
        self,
        timers: TimerQueue,
        pacer: Pacer,
        streams: Streams,
        request: Callable[[Stream, Instant], None],
        history: HistoryRules,
    ) -> None:
        self._timers = timers
        self._pacer = pacer
        self._streams = streams
        self._request = request
        self._history = history
        self._is_open = self._is_planned = False

    def is_renewing(self, now: Instant) -> bool:
        """Return whether lost streams wait for their turn. Those that a rule of TWS makes wait hold up nobody."""
        if not self._is_open or not self._is_planned:
            return False
        return any(stream.state == "lost" and self._rule_wait(stream, now) <= 0 for stream in self._streams)

    def _rule_wait(self, stream: Stream, now: Instant) -> float:
        return self._history.wait(stream.plan.name, stream.params, now.clock)

    def begin(self, now: Instant) -> None:
        """TWS accepts requests."""
        self._is_open = True
        self.plan(now)

    def stop(self) -> None:
        """TWS accepts no requests."""
        self._is_open = False

    def plan(self, now: Instant) -> None:
        """Plan a turn, because there may be lost streams."""
        if self._is_open and not self._is_planned:
            self._is_planned = True
            self._timers.at(now.clock, self._turn)

    def _turn(self, now: Instant) -> None:
        self._is_planned = False
        if not self._is_open:
            return
        lost = sorted((s for s in self._streams if s.state == "lost"), key=lambda s: -len(s.clients))
        requested = 0
        for stream in lost:
            if self._rule_wait(stream, now) > 0:
                continue
            if requested == TURN or not self._pacer.reserve("rest", 1, now.clock):
                break
            self._request(stream, now)
            requested += 1
        if any(stream.state == "lost" for stream in lost):
            self._is_planned = True
            wait = self._pacer.wait("rest", 1, now.clock) or PAUSE
            self._timers.at(now.clock + min(max(wait, LOOK), PAUSE), self._turn)
