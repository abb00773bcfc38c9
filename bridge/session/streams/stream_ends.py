"""The ends of streams: a client leaves, the last one has left, TWS or the bridge ends the stream."""

from __future__ import annotations

from bridge.session.outbox import Outbox
from bridge.session.routing import STREAM_FAMILIES
from bridge.session.streams.hold_life import TOLD
from bridge.session.streams.holds import Holds
from bridge.session.streams.life import StreamEvent
from bridge.session.streams.outages import Outages
from bridge.session.streams.prefixes import Prefixes
from bridge.session.streams.streams import Stream, Streams
from bridge.session.streams.upstream import UpstreamSubscriptions
from bridge.session.streams.validity import Validity
from bridge.session.values import Data, Instant


class StreamEnds:
    """`linger`: seconds for which a stream that uses a line stays at TWS after its last client has left."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        streams: Streams,
        validity: Validity,
        outages: Outages,
        upstream: UpstreamSubscriptions,
        holds: Holds,
        prefixes: Prefixes,
        linger: float,
    ) -> None:
        self._outbox = outbox
        self._streams = streams
        self._validity = validity
        self._outages = outages
        self._upstream = upstream
        self._holds = holds
        self._prefixes = prefixes
        self.linger = linger

    def leave(self, stream: Stream, client: str | None, now: Instant, reason: str | None = None) -> None:
        """End the client's hold. If it was the last, end the stream; `reason` is published with `ended`."""
        self._holds.end(stream, client or "")
        stream.waiting = [request for request in stream.waiting if request.client != client]
        if stream.clients:
            return
        if reason is None and self.linger and stream.plan.line is not None and stream.state == "live":
            stream.departures += 1
            nth = stream.departures
            self._outbox.timers.at(now.clock + self.linger, lambda later: self._end_linger(stream, nth, later))
            return
        if reason is not None:
            self._tell_ended(stream, reason, None, now)
        self.release(stream, now)

    def _end_linger(self, stream: Stream, nth: int, now: Instant) -> None:
        """The last client has left the stream `linger` seconds ago. End it if no client has come back."""
        if stream.departures == nth and not stream.clients and stream.state != "ended":
            self.release(stream, now)

    def release(self, stream: Stream, now: Instant) -> None:
        """No client holds the stream: end it."""
        self._upstream.cancel(stream)
        self.forget(stream, "released", now)

    def end_untold_holds(self, stream: Stream) -> None:
        """End the holds of clients that were not told of them and do not wait for an answer."""
        waiting = {request.client for request in stream.waiting}
        for client, hold in list(stream.holds.items()):
            if hold.state not in TOLD and client not in waiting:
                self._holds.end(stream, client)

    def end(self, stream: Stream, kind: str, reason: str, code: int | None, now: Instant) -> None:
        """TWS has ended the stream, or has refused it."""
        for request in stream.waiting:
            self._outbox.fail(request, kind, reason, code)
        stream.waiting.clear()
        if stream.holders:
            self._tell_ended(stream, reason, code, now)
        self.forget(stream, "refused", now)

    def _tell_ended(self, stream: Stream, reason: str, code: int | None, now: Instant) -> None:
        """Publish `ended` to the clients that may hear the stream."""
        told: Data = {"stream": stream.name, "topic": stream.prefix, "method": stream.plan.name, "reason": reason}
        told |= {} if code is None else {"code": code}
        in_family = stream.plan.family in STREAM_FAMILIES
        for prefix in [stream.prefix] if in_family else self._prefixes.listeners(stream):
            self._outbox.pass_on(prefix, "ended", told, now)

    def forget(self, stream: Stream, event: StreamEvent, now: Instant) -> None:
        """The stream is over: drop its values and holds, and its topics, unless another stream has the same topics."""
        self._outages.end(stream, now, is_back=False)
        for client in list(stream.holds):
            self._holds.end(stream, client)
        self._validity.empty(stream)
        self._streams.end(stream, event)
        if stream.plan.family in STREAM_FAMILIES and all(other.prefix != stream.prefix for other in self._streams):
            self._outbox.topic_store.drop(stream.prefix)
