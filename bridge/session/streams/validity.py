"""Validity: which kept values belong to a stream, and whether they are still true.

A value belongs to one subscription at TWS. When the subscription ends or becomes doubtful, its values are stale. When
TWS serves the stream again, the values that TWS has not sent again are dropped; of an account, they are published as
`gone`.
"""

from __future__ import annotations

from bridge.session.outbox import Outbox
from bridge.session.routing import STREAM_FAMILIES
from bridge.session.streams.streams import Stream
from bridge.session.topic_store import Owns, Topic
from bridge.session.values import Data, Instant


class Validity:
    """Marks and drops the kept values of streams."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def doubt(self, stream: Stream, now: Instant) -> None:
        """Mark the stream's values as stale."""
        owns = _owns(stream)
        for topic in self._topics(stream):
            topic.doubt(now.ts, owns)

    def take(self, topic: Topic, data: Data, since: int | None) -> None:
        """A value has arrived. `since`: when the current outage began; the value is stale until the outage is over."""
        if since is not None:
            topic.take(data, since)

    def trust(self, stream: Stream) -> None:
        """TWS has served the stream without interruption: its values are true."""
        owns = _owns(stream)
        for topic in self._topics(stream):
            topic.trust(owns)

    def renew(self, stream: Stream, now: Instant) -> None:
        """TWS serves the stream again, and has sent all that it has. Drop the values that it has not sent again."""
        owns = _owns(stream)
        for topic in self._topics(stream):
            topic.settle(owns)
            for data in topic.drop_stale(owns):
                if stream.plan.family == "account":
                    self._tell_gone(topic, data, now)
        stream.past.clear()  # No value is kept that TWS sent under these ids.

    def empty(self, stream: Stream) -> None:
        """Drop all values of the stream: TWS has reset it, or no client holds it."""
        owns = _owns(stream)
        for topic in self._topics(stream):
            topic.drop(owns)

    def newest(self, stream: Stream) -> int | None:
        """Return when TWS last sent a value of the stream (ns since 1970 UTC); None if no value is kept."""
        owns = _owns(stream)
        times = [value[2] for topic in self._topics(stream) for value in topic.last.values() if owns(value[3])]
        return max(times, default=None)

    def _topics(self, stream: Stream) -> list[Topic]:
        if stream.plan.family in STREAM_FAMILIES:
            return self._outbox.topic_store.kept(stream.prefix, stream.plan.answers)
        return self._outbox.topic_store.kept(f"{stream.plan.family}.", stream.plan.answers)

    def _tell_gone(self, topic: Topic, data: Data, now: Instant) -> None:
        prefix = topic.name.removesuffix(topic.event)
        self._outbox.pass_on(prefix, "gone", {"event": topic.event, "data": data}, now)


def _owns(stream: Stream) -> Owns:
    if stream.plan.family in STREAM_FAMILIES or not stream.plan.keyed:
        return lambda _data: True
    ids = {*stream.past, stream.req_id}
    return lambda data: data.get("reqId") in ids
