"""Outages of streams: one `gap` when it begins and one `recovered` when it ends, for each that may hear the streams.

An outage begins when TWS may no longer serve a stream, and is over when TWS serves it again, or when it has ended. The
stream's own topics tell it, too: `stale`, and `fresh`.
Knows no values and no request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bridge.session.outbox import Outbox
from bridge.session.routing import STREAM_FAMILIES
from bridge.session.streams.streams import Stream
from bridge.session.values import Data, Instant

#: A stream -> below which prefixes those listen who may hear it.
Listeners = Callable[[Stream], list[str]]


@dataclass(slots=True, eq=False)
class _Outage:
    prefix: str
    since: int
    missing: set[Stream]
    #: `{reason, since, code?}`, as `gap` has told it.
    why: Data
    #: Which are served again, and since when.
    back: dict[Stream, int] = field(default_factory=dict)


class Outages:
    def __init__(self, outbox: Outbox, listeners: Listeners) -> None:
        self._outbox = outbox
        self._listeners = listeners
        self._open: list[_Outage] = []

    def begin(self, streams: Iterable[Stream], reason: str, now: Instant, code: int | None = None) -> None:
        """Tell of the streams that are not in an outage already."""
        streams = list(streams)
        self._relapse(streams)
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

    def told(self, *prefixes: str) -> list[Data]:
        """The streams below these prefixes that are out now, each as `stale` tells it; for those who join late."""
        found: dict[Stream, Data] = {}
        for outage in self._open:
            for stream in outage.missing:
                if _is_below(stream.prefix, prefixes):
                    found[stream] = {"stream": stream.name, "topic": stream.prefix, **outage.why}
        return sorted(found.values(), key=lambda told: (told["topic"], told["stream"]))

    def _relapse(self, streams: list[Stream]) -> None:
        """Those that are back from an outage of others: clients may have been told since that TWS serves them."""
        for outage in self._open:
            if back := [stream for stream in streams if stream in outage.back]:
                self._tell_recovered(outage, back)

    def _tell_stale(self, stream: Stream, reason: str, now: Instant, code: int | None) -> None:
        """Where the stream has topics of its own, on these too: not all who follow it follow `system.`."""
        if stream.plan.family in STREAM_FAMILIES:
            told: Data = {"stream": stream.name, "topic": stream.prefix, "reason": reason, "since": now.ts}
            self._outbox.pass_on(stream.prefix, "stale", told if code is None else told | {"code": code}, now)

    def _tell_fresh(self, stream: Stream, since: int, now: Instant) -> None:
        if stream.plan.family in STREAM_FAMILIES:
            told = {"stream": stream.name, "topic": stream.prefix, "since": since, "until": now.ts}
            self._outbox.pass_on(stream.prefix, "fresh", told, now)

    def is_out(self, stream: Stream) -> bool:
        return self.since(stream) is not None

    def since(self, stream: Stream) -> int | None:
        """When the outage began that the stream is in (ns since 1970 UTC); None where it is in none."""
        return next((outage.since for outage in self._open if stream in outage.missing), None)

    def end(self, stream: Stream, now: Instant, *, is_back: bool = True) -> None:
        """TWS serves the stream again; or it is over."""
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
        """Nobody knows when the stream is back: the others of its outage need not wait for it."""
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


def _named(streams: list[Stream]) -> Data:
    return {"streams": [stream.name for stream in streams], "topics": [stream.prefix for stream in streams]}


def _is_below(prefix: str, asked: tuple[str, ...]) -> bool:
    """Whether a stream of that prefix tells anything below one that was asked for: positions do below any account."""
    return any(prefix.startswith(one) or (prefix == "account." and one.startswith(prefix)) for one in asked)
