"""Outages of streams: the bridge publishes one `gap` when an outage begins and one `recovered` when it ends.

An outage of a stream begins when TWS may no longer serve it. It ends when TWS serves the stream again, or when the
stream has ended. The bridge publishes `gap` and `recovered` for each group of clients that may hear the streams. It
also publishes `stale` and `fresh` on the stream's own topics. This module knows no values and no request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bridge.session.outbox import Outbox
from bridge.session.routing import STREAM_FAMILIES
from bridge.session.streams.streams import Stream
from bridge.session.values import Data, Instant

#: The log names so many streams of an outage.
MOST_NAMES = 10
#: Returns, for a stream, the topic prefixes of the clients that may hear it.
Listeners = Callable[[Stream], list[str]]


@dataclass(slots=True, eq=False)
class _Outage:
    prefix: str
    since: int
    missing: set[Stream]
    #: `{reason, since, code?}`, as published with `gap`.
    why: Data
    #: The streams that TWS serves again, and since when.
    back: dict[Stream, int] = field(default_factory=dict)


class Outages:
    """The current outages of all streams."""

    def __init__(self, outbox: Outbox, listeners: Listeners) -> None:
        self._outbox = outbox
        self._listeners = listeners
        self._open: list[_Outage] = []

    def begin(self, streams: Iterable[Stream], reason: str, now: Instant, code: int | None = None) -> None:
        """Publish an outage of the streams that are not in one already.

        `code`: TWS's code, if TWS reported the outage.
        """
        streams = list(streams)
        self._close_for_returned(streams)
        told: dict[str, list[Stream]] = {}
        for stream in streams:
            if not self.is_out(stream):
                self._tell_stale(stream, reason, now, code)
                for prefix in self._listeners(stream):
                    told.setdefault(prefix, []).append(stream)
        for prefix, lost in told.items():
            why = {"reason": reason, "since": now.ts} | ({} if code is None else {"code": code})
            self._open.append(_Outage(prefix, now.ts, set(lost), why))
            self._outbox.pass_on(prefix, "gap", {**_named(lost), **why}, now)
            self._log("streamsInterrupted", prefix, lost, reason=reason, twsCode=code)

    def current(self, *prefixes: str) -> list[Data]:
        """Return the streams below these prefixes that are in an outage, each as published with `stale`."""
        found: dict[Stream, Data] = {}
        for outage in self._open:
            for stream in outage.missing:
                if _is_below(stream.prefix, prefixes):
                    found[stream] = {"stream": stream.name, "topic": stream.prefix, **outage.why}
        return sorted(found.values(), key=lambda told: (told["topic"], told["stream"]))

    def _close_for_returned(self, streams: list[Stream]) -> None:
        """Close the old outage for streams that are back but whose outage goes on for others.

        Clients may since have read that TWS serves them.
        """
        for outage in self._open:
            if back := [stream for stream in streams if stream in outage.back]:
                self._tell_recovered(outage, back)

    def _tell_stale(self, stream: Stream, reason: str, now: Instant, code: int | None) -> None:
        """Publish `stale` on the stream's own topics, too: a client may follow these and not `system.`."""
        if stream.plan.family in STREAM_FAMILIES:
            told: Data = {"stream": stream.name, "topic": stream.prefix, "reason": reason, "since": now.ts}
            self._outbox.pass_on(stream.prefix, "stale", told if code is None else told | {"code": code}, now)

    def _tell_fresh(self, stream: Stream, since: int, now: Instant) -> None:
        if stream.plan.family in STREAM_FAMILIES:
            told = {"stream": stream.name, "topic": stream.prefix, "since": since, "until": now.ts}
            self._outbox.pass_on(stream.prefix, "fresh", told, now)

    def is_out(self, stream: Stream) -> bool:
        """Return whether the stream is in an outage."""
        return self.since(stream) is not None

    def since(self, stream: Stream) -> int | None:
        """Return when the stream's outage began (ns since 1970 UTC); None if it is in none."""
        return next((outage.since for outage in self._open if stream in outage.missing), None)

    def end(self, stream: Stream, now: Instant, *, is_back: bool = True) -> None:
        """TWS serves the stream again (`is_back`), or the stream has ended."""
        for outage in self._open:
            if not is_back:
                outage.back.pop(stream, None)
            if stream in outage.missing:
                outage.missing.discard(stream)
                if is_back:
                    outage.back[stream] = now.ts
                    self._tell_fresh(stream, outage.since, now)
                if not outage.missing and outage.back:
                    self._tell_recovered(outage, list(outage.back))
        self._open = [outage for outage in self._open if outage.missing]

    def set_aside(self, stream: Stream) -> None:
        """Move the stream to an outage of its own, so that the other streams of its outage need not wait for it."""
        for outage in list(self._open):
            if stream in outage.missing and len(outage.missing) + len(outage.back) > 1:
                outage.missing.discard(stream)
                self._open.append(_Outage(outage.prefix, outage.since, {stream}, outage.why))
                if not outage.missing:
                    self._tell_recovered(outage, list(outage.back))
        self._open = [outage for outage in self._open if outage.missing]

    def _tell_recovered(self, outage: _Outage, streams: list[Stream]) -> None:
        until = max(outage.back.pop(stream) for stream in streams)
        told = {**_named(streams), "since": outage.since, "until": until}
        self._outbox.pass_on(outage.prefix, "recovered", told, Instant(0.0, until))
        seconds = round((until - outage.since) / 1e9, 3)
        self._log("streamsRecovered", outage.prefix, streams, seconds=seconds, reason=outage.why["reason"])

    def _log(self, event: str, prefix: str, streams: list[Stream], **facts: Any) -> None:
        names = sorted(stream.name for stream in streams)[:MOST_NAMES]
        self._outbox.log(event, count=len(streams), topic=prefix, streams=names, **facts)


def _named(streams: list[Stream]) -> Data:
    return {"streams": [stream.name for stream in streams], "topics": [stream.prefix for stream in streams]}


def _is_below(prefix: str, asked: tuple[str, ...]) -> bool:
    """Return whether a stream of that prefix publishes below one of the prefixes. Positions do, below any account."""
    return any(prefix.startswith(one) or (prefix == "account." and one.startswith(prefix)) for one in asked)
