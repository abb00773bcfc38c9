"""Streams that are silent against their own habit: TWS may have stopped serving them without a word.

Seen in the field: bars that end in the night and never come back while all else goes on (nautilus_trader#3968). A
stream's habit is the longest silence that it has broken so far. It is learned anew with each subscription at TWS, so
that a stream that has a reason to be silent (its market has closed) is asked for once, and then left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bridge.session.routing import STREAM_FAMILIES
from bridge.session.streams.streams import Stream

#: Seconds between two looks.
EVERY = 5.0
#: How often a stream must have broken its silence before it has a habit.
HABIT = 12
#: A silence is against a stream's habit when it is so many times as long as the longest before, and so many seconds.
TIMES = 5.0
SHORTEST = 60.0


class Silence(NamedTuple):
    """A stream that is silent against its habit. `lasts` and `usual` in seconds."""

    stream: Stream
    lasts: float
    usual: float


@dataclass(slots=True)
class _Pulse:
    """What was seen of one subscription at TWS: events so far, since when, and its longest silence in seconds."""

    req_id: int | None
    events: int
    since: float
    breaks: int = 0
    longest: float = EVERY


class SilenceDetector:
    def __init__(self) -> None:
        self._pulses: dict[Stream, _Pulse] = {}
        self._looked = float("-inf")

    def look(self, streams: Iterable[Stream], clock: float) -> list[Silence]:
        """The live streams that have become silent against their habit. `clock` in seconds, steady."""
        lag = clock - self._looked
        if lag < EVERY:
            return []
        self._looked = clock
        live = [stream for stream in streams if stream.state == "live" and stream.plan.family in STREAM_FAMILIES]
        known = self._pulses
        if lag > 2 * EVERY:  # the bridge has stood still, or IBKR was out of reach: that is no silence of the stream
            self._pulses = {stream: self._after_a_pause(stream, known.get(stream), clock) for stream in live}
            return []
        self._pulses = {stream: self._felt(stream, known.get(stream), clock) for stream in live}
        return [
            Silence(stream, clock - pulse.since, pulse.longest)
            for stream, pulse in self._pulses.items()
            if pulse.breaks >= HABIT and clock - pulse.since > max(SHORTEST, TIMES * pulse.longest)
        ]

    @staticmethod
    def _after_a_pause(stream: Stream, pulse: _Pulse | None, clock: float) -> _Pulse:
        events = sum(topic.seq for topic in stream.topics.values())
        if pulse is None or pulse.req_id != stream.req_id:
            return _Pulse(stream.req_id, events, clock)
        pulse.events, pulse.since = events, clock
        return pulse

    @staticmethod
    def _felt(stream: Stream, pulse: _Pulse | None, clock: float) -> _Pulse:
        events = sum(topic.seq for topic in stream.topics.values())
        if pulse is None or pulse.req_id != stream.req_id:
            return _Pulse(stream.req_id, events, clock)
        if events != pulse.events:
            pulse.longest = max(pulse.longest, clock - pulse.since)
            pulse.events, pulse.since = events, clock
            pulse.breaks += 1
        return pulse
