"""The streams: subscriptions at TWS, and the clients that hold them. Many clients share one subscription.

A stream's identity is its method and its name (`topic_names.stream`). Its prefix (`market.265598.`) is where the bridge
publishes its events. The bridge ends the subscription when the last client releases it. This module knows no topic's
content and no route.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.session.request_ids import RequestIds
from bridge.session.requests import Request
from bridge.session.routing import Endings, RequestPlan
from bridge.session.streams.hold_life import TOLD, Hold
from bridge.session.streams.life import StreamEvent, StreamLife, StreamState
from bridge.session.streams.unions import Wants
from bridge.session.topic_store import Topic
from bridge.session.values import Data


@dataclass(slots=True, eq=False)
class Stream:
    """One subscription that clients hold, and its state at TWS.

    * `holds`: by client, the holds on it. `waiting`: requests that are not answered yet.
    * `past`: earlier request ids of it under which TWS sent values that may still be kept.
    * `tries`: how often the bridge has requested it since TWS last answered. `times_asked`: how often in all.
    * `wants`: the params of the subscription.
    * `departures`: how often its last client has left it.
    * `asked_at`: when the bridge last requested it; `heard_at`: when TWS sent its last message since then, or
      `asked_at` (steady clock).
    * `doubts`: how often it became doubtful, or its verification began. `asked_at_doubts`: the same at the last
      request. `verify_at`: when its verification after an outage ends (steady
      clock). A competing session (10197) does not delay that.
    * `last_ts`: when TWS sent its last message that was not a tick, or its last tick before the newest break (ns since
      1970 UTC); 0 for none. See `newest`.
    """

    plan: RequestPlan
    wants: Wants
    name: str
    prefix: str
    req_id: int | None = None
    life: StreamLife = field(default_factory=StreamLife)
    past: set[int] = field(default_factory=set)
    tries: int = 0
    times_asked: int = 0
    departures: int = 0
    doubts: int = 0
    asked_at_doubts: int = 0
    verify_at: float = float("inf")
    asked_at: float = 0.0
    heard_at: float = 0.0
    last_ts: int = 0
    ends: Endings = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    waiting: list[Request] = field(default_factory=list)

    @property
    def params(self) -> Data:
        return self.wants.params

    @property
    def state(self) -> StreamState:
        return self.life.state

    @property
    def clients(self) -> set[str]:
        """The clients that hold the stream or wait for it."""
        return {*self.holds, *(request.client for request in self.waiting)}

    @property
    def holders(self) -> set[str]:
        """The clients that the bridge has told that they hold the stream."""
        return {client for client, hold in self.holds.items() if hold.state in TOLD}

    def newest(self) -> int:
        """Return when TWS sent its last message in this run (ns since 1970 UTC); 0 for none."""
        newest = self.last_ts
        for topic in self.topics.values():
            newest = max(newest, topic.ts)
        return newest

    def happen(self, event: StreamEvent) -> bool:
        """Apply the event. Return whether the state changed. Only a live stream's callbacks take the fast path."""
        changed = self.life.happen(event)
        if self.topics and self.life.state != "live":
            self.last_ts = self.newest()
            self.topics.clear()
        return changed


class Streams:
    """All streams, by identity and by request id."""

    def __init__(self, ids: RequestIds) -> None:
        self._ids = ids
        self._by_name: dict[tuple[str, str], Stream] = {}
        #: The session reads it for every tick.
        self.by_id: dict[int | None, Stream] = {}
        #: Request ids of ended subscriptions: TWS may send a few more events before it receives the cancel.
        self._retired: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def __iter__(self) -> Iterator[Stream]:
        return iter(self._by_name.values())

    def open(self, plan: RequestPlan, params: Data, name: str, prefix: str) -> Stream:
        """Return the stream of that method and name. A new one is created; the caller must request it from TWS."""
        stream = self._by_name.get((plan.name, name))
        if stream is None:
            stream = self._by_name[plan.name, name] = Stream(plan, Wants(params), name, prefix)
        return stream

    def find(self, plan: RequestPlan, name: str) -> Stream | None:
        """Return the stream of that method and name, or None."""
        return self._by_name.get((plan.name, name))

    def rival(self, plan: RequestPlan, name: str) -> Stream | None:
        """Return a held stream that TWS would silently replace by this one; None if there is none.

        TWS serves one subscription at a time of each kind without a request id.
        """
        if plan.keyed:
            return None
        return next((s for s in self if s.plan is plan and s.name != name), None)

    def ask(self, stream: Stream, ends: Endings, clock: float) -> Data:
        """Record that the stream is requested from TWS at `clock`. Return the parameters to send."""
        self._retire(stream)
        stream.happen("asked")
        stream.ends, stream.asked_at, stream.heard_at = ends, clock, clock
        stream.asked_at_doubts = stream.doubts
        stream.tries += 1
        stream.times_asked += 1
        if not stream.plan.keyed:
            return dict(stream.params)
        stream.req_id = self._ids.take()
        self.by_id[stream.req_id] = stream
        return {"reqId": stream.req_id, **stream.params}

    def unkeyed(self, event: str) -> Stream | None:
        """Return the stream without a request id that this callback belongs to."""
        return next((s for s in self if not s.plan.keyed and event in s.plan.answers), None)

    def count(self, client: str) -> int:
        """Return how many streams the client holds or waits for."""
        return sum(
            client in stream.holds or any(request.client == client for request in stream.waiting) for stream in self
        )

    def held_by(self, client: str) -> list[Stream]:
        """Return the streams that the client holds or waits for."""
        return [stream for stream in self if client in stream.clients]

    def drop(self, stream: Stream, event: StreamEvent) -> None:
        """TWS no longer serves the stream under its request id."""
        self._retire(stream)
        stream.happen(event)

    def end(self, stream: Stream, event: StreamEvent) -> None:
        """The stream is over: TWS ended it (`refused`), or the bridge did (`released`)."""
        self._retire(stream)
        stream.happen(event)
        self._by_name.pop((stream.plan.name, stream.name), None)

    def disconnect(self) -> None:
        """The connection has ended, and with it every subscription. The holds remain."""
        for stream in self:
            self.drop(stream, "disconnected")
            stream.wants.disconnect()

    def is_retired(self, req_id: object) -> bool:
        """Return whether an earlier subscription had this request id."""
        return req_id in self._retired

    def _retire(self, stream: Stream) -> None:
        if stream.req_id is None:
            return
        self.by_id.pop(stream.req_id, None)
        stream.past.add(stream.req_id)
        self._retired[stream.req_id] = None
        if len(self._retired) > 10_000:
            del self._retired[next(iter(self._retired))]
        stream.req_id = None
