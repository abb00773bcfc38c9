"""Outages of streams: one `gap` when it begins and one `recovered` when it ends, for each that may hear the streams.

An outage begins when TWS may no longer serve a stream, and is over when TWS serves it again, or when it has ended.
Knows no values and no request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bridge.session.outlet import Outlet
from bridge.session.streams.streams import Stream
from bridge.session.values import Data, Instant

#: A stream -> below which prefixes those listen who may hear it.
Listeners = Callable[[Stream], list[str]]


@dataclass(slots=True, eq=False)
class _Outage:
    prefix: str
    since: int
    missing: set[Stream]
    back: list[Stream] = field(default_factory=list)


class Outages:
    def __init__(self, outlet: Outlet, listeners: Listeners) -> None:
        self._outlet = outlet
        self._listeners = listeners
        self._open: list[_Outage] = []

    def begin(self, streams: Iterable[Stream], reason: str, now: Instant, code: int | None = None) -> None:
        """Tell of the streams that are not in an outage already."""
        told: dict[str, list[Stream]] = {}
        for stream in streams:
            self._relapse(stream)
            if not self.is_out(stream):
                for prefix in self._listeners(stream):
                    told.setdefault(prefix, []).append(stream)
        for prefix, lost in told.items():
            self._open.append(_Outage(prefix, now.ts, set(lost)))
            gap = {**_named(lost), "reason": reason, "since": now.ts} | ({} if code is None else {"code": code})
            self._outlet.pass_on(prefix, "gap", gap, now)

    def _relapse(self, stream: Stream) -> None:
        """It was back in an outage of which nobody has been told the end: that goes on."""
        for outage in self._open:
            if stream in outage.back:
                outage.back.remove(stream)
                outage.missing.add(stream)

    def is_out(self, stream: Stream) -> bool:
        return any(stream in outage.missing for outage in self._open)

    def end(self, stream: Stream, now: Instant, *, is_back: bool = True) -> None:
        """TWS serves the stream again; or it is over."""
        for outage in self._open:
            if not is_back and stream in outage.back:
                outage.back.remove(stream)
            if stream in outage.missing:
                outage.missing.discard(stream)
                if is_back:
                    outage.back.append(stream)
                if not outage.missing and outage.back:
                    told = {**_named(outage.back), "since": outage.since, "until": now.ts}
                    self._outlet.pass_on(outage.prefix, "recovered", told, now)
        self._open = [outage for outage in self._open if outage.missing]


def _named(streams: list[Stream]) -> Data:
    return {"streams": [stream.name for stream in streams], "topics": [stream.prefix for stream in streams]}
