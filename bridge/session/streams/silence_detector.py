"""The silence detector: it finds streams that are silent for much longer than usual. TWS may no longer serve them.

Users have reported bars that stop in the night and never come back while all other data goes on (nautilus_trader#3968).
A stream's usual silence is the longest one between two of its events so far. The detector learns it anew with each
subscription at TWS. So a stream with a good reason to be silent (its market has closed) is requested once, and then
left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bridge.session.routing import STREAM_FAMILIES
from bridge.session.streams.streams import Stream

#: Seconds between two looks.
EVERY = 5.0
#: A stream has a usual silence after so many silences.
HABIT = 12
#: A silence is too long when it lasts so many times as long as the longest one before, and at least so many seconds.
TIMES = 5.0
SHORTEST = 60.0


class Silence(NamedTuple):
    """A stream that is silent for too long. `lasts` and `usual` in seconds."""

    stream: Stream
    lasts: float
    usual: float


@dataclass(slots=True)
class _Activity:
    """One subscription at TWS: how many events it has had, when a look last saw a new one, its longest silence."""

    req_id: int | None
    events: int
    since: float
    breaks: int = 0
    longest: float = EVERY


class SilenceDetector:
    """Finds live streams that are silent for too long."""

    def __init__(self) -> None:
        self._activities: dict[Stream, _Activity] = {}
        self._looked = float("-inf")

    def look(self, streams: Iterable[Stream], clock: float) -> list[Silence]:
        """Return the live streams that are silent for too long. `clock`: seconds on the steady clock."""
        lag = clock - self._looked
        if lag < EVERY:
            return []
        self._looked = clock
        live = [stream for stream in streams if stream.state == "live" and stream.plan.family in STREAM_FAMILIES]
        known = self._activities
        if lag > 2 * EVERY:  # a stall of the bridge, or an outage of IBKR: no silence of the streams
            self._activities = {stream: self._after_a_pause(stream, known.get(stream), clock) for stream in live}
            return []
        self._activities = {stream: self._observed(stream, known.get(stream), clock) for stream in live}
        return [
            Silence(stream, clock - activity.since, activity.longest)
            for stream, activity in self._activities.items()
            if activity.breaks >= HABIT and clock - activity.since > max(SHORTEST, TIMES * activity.longest)
        ]

    @staticmethod
    def _after_a_pause(stream: Stream, activity: _Activity | None, clock: float) -> _Activity:
        events = sum(topic.seq for topic in stream.topics.values())
        if activity is None or activity.req_id != stream.req_id:
            return _Activity(stream.req_id, events, clock)
        activity.events, activity.since = events, clock
        return activity

    @staticmethod
    def _observed(stream: Stream, activity: _Activity | None, clock: float) -> _Activity:
        events = sum(topic.seq for topic in stream.topics.values())
        if activity is None or activity.req_id != stream.req_id:
            return _Activity(stream.req_id, events, clock)
        if events != activity.events:
            activity.longest = max(activity.longest, clock - activity.since)
            activity.events, activity.since = events, clock
            activity.breaks += 1
        return activity
