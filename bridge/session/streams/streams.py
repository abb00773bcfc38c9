"""Subscriptions at TWS and who holds them: one subscription, many holders, gone with the last.

A stream is named by what it is (`names.stream`); method and name are its identity, its prefix (`market.265598.`) is
where it is published. Who asked is a holder, by client. Knows no topic's content and no route.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bridge.session.asks import Ask
from bridge.session.board import Topic
from bridge.session.questions.flights import Ids
from bridge.session.values import Data
from bridge.session.vocabulary import Endings, RequestPlan

StreamState = Literal["new", "asking", "live", "lost", "ended"]


@dataclass(slots=True, eq=False)
class Stream:
    """One subscription. `asking` until TWS's first word, `lost` with the connection, `ended` by TWS or by us."""

    plan: RequestPlan
    params: Data
    name: str
    prefix: str
    req_id: int | None = None
    state: StreamState = "new"
    ends: Endings = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    holders: set[str] = field(default_factory=set)
    waiting: list[Ask] = field(default_factory=list)


class Streams:
    """All streams, by identity and by the request id under which TWS knows them."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._by_name: dict[tuple[str, str], Stream] = {}
        #: Read by the session for every tick.
        self.by_id: dict[int | None, Stream] = {}
        #: Ids of streams that have ended: TWS may send a few more events before it hears of it.
        self._retired: dict[int, None] = {}

    def __iter__(self) -> Iterator[Stream]:
        return iter(self._by_name.values())

    def open(self, plan: RequestPlan, params: Data, name: str, prefix: str) -> Stream:
        """The stream of that method and name: the one there is, or a new one, which is to be asked from TWS."""
        stream = self._by_name.get((plan.name, name))
        if stream is None:
            stream = self._by_name[plan.name, name] = Stream(plan, params, name, prefix)
        return stream

    def rival(self, plan: RequestPlan, name: str) -> Stream | None:
        """A held stream that TWS would silently replace by this one: subscriptions without an id come one at a time."""
        if plan.keyed:
            return None
        return next((s for s in self if s.plan is plan and s.name != name), None)

    def ask(self, stream: Stream, ends: Endings) -> Data:
        """The parameters with which the stream is to be asked from TWS now."""
        stream.state, stream.ends = "asking", ends
        if not stream.plan.keyed:
            return dict(stream.params)
        stream.req_id = self._ids.take()
        self.by_id[stream.req_id] = stream
        return {"reqId": stream.req_id, **stream.params}

    def unkeyed(self, event: str) -> Stream | None:
        """The stream without an id that this callback belongs to."""
        return next((s for s in self if not s.plan.keyed and event in s.plan.answers), None)

    def held_by(self, client: str) -> list[Stream]:
        return [stream for stream in self if client in stream.holders]

    def end(self, stream: Stream) -> None:
        """The stream is over, by TWS's word or ours."""
        self._retire(stream)
        stream.state = "ended"
        stream.holders.clear()
        self._by_name.pop((stream.plan.name, stream.name), None)

    def lose(self) -> list[Stream]:
        """The connection is gone, and with it every subscription; their holders stay."""
        for stream in self:
            self._retire(stream)
            stream.state = "lost"
            stream.topics.clear()
        self._retired.clear()
        return list(self)

    def is_retired(self, req_id: object) -> bool:
        return req_id in self._retired

    def _retire(self, stream: Stream) -> None:
        if stream.req_id is None:
            return
        self.by_id.pop(stream.req_id, None)
        self._retired[stream.req_id] = None
        if len(self._retired) > 10_000:
            del self._retired[next(iter(self._retired))]
        stream.req_id = None
