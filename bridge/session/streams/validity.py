"""Which kept values belong to a stream, and whether they are still true.

A value belongs to one subscription at TWS. When that ends or is in doubt, its values are stale; when TWS serves the
stream anew, those that it has not told again are dropped, and what an account no longer has is published as gone.
"""

from __future__ import annotations

from bridge.session.outbox import Outbox
from bridge.session.routing import STREAM_FAMILIES
from bridge.session.streams.streams import Stream
from bridge.session.topic_store import Owns, Topic
from bridge.session.values import Data, Instant


class Validity:
    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def doubt(self, stream: Stream, now: Instant) -> None:
        """Its values may no longer be true."""
        owns = _owns(stream)
        for topic in self._topics(stream):
            topic.doubt(now.ts, owns)

    def take(self, topic: Topic, data: Data, since: int | None) -> None:
        """A value has come. `since`: the outage in which it was told; until that is over it may not be true."""
        if since is not None:
            topic.take(data, since)

    def trust(self, stream: Stream) -> None:
        """TWS has served it all along: its values are true."""
        owns = _owns(stream)
        for topic in self._topics(stream):
            topic.trust(owns)

    def renew(self, stream: Stream, now: Instant) -> None:
        """TWS serves it anew, and has told what it has: what it has not told again does not hold any more."""
        owns = _owns(stream)
        for topic in self._topics(stream):
            topic.settle(owns)
            for data in topic.drop_stale(owns):
                if stream.plan.family == "account":
                    self._tell_gone(topic, data, now)
        stream.past.clear()  # nothing is kept that TWS told under these ids

    def empty(self, stream: Stream) -> None:
        """Nothing of it holds any more: TWS says so, or no client holds the stream."""
        owns = _owns(stream)
        for topic in self._topics(stream):
            topic.drop(owns)

    def newest(self, stream: Stream) -> int | None:
        """When TWS last told a value of it: ns since 1970 UTC; None where none is kept."""
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
