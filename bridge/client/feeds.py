"""What the blocking face follows, each thing on a socket of its own: topics, and the log of one's own orders."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

import zmq

from bridge.client.calls import Call, Data
from bridge.client.follow import Event, Follower, Following, SnapshotRequest, Subscribe
from bridge.client.orderlog import LogEvent, LogFollower, Position
from bridge.client.sockets import EventSocket

E = TypeVar("E")


class Line(Protocol):
    """What a feed needs of its client."""

    def send(self, method: str, params: Data | None, timeout: float) -> Call: ...
    def pump(self, until: float, *sockets: zmq.Socket[bytes]) -> None: ...
    def check(self) -> None: ...
    def forget(self, feed: Any) -> None: ...


class Feed(Generic[E]):
    """An endless iterator. `poll` waits for an event no longer than it is told."""

    def __init__(self, line: Line, event_socket: EventSocket, follower: Following[E]) -> None:
        self._line = line
        self._event_socket = event_socket
        self._following = follower
        self._asked: dict[int, Call] = {}
        self._ready: list[E] = []
        follower.start(time.monotonic())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if not self._event_socket.closed:
            self._line.forget(self)
            self._event_socket.close()

    def __iter__(self) -> Iterator[E]:
        while True:
            event = self.poll(float("inf"))
            if event is not None:
                yield event

    def poll(self, timeout: float) -> E | None:
        """The next event, or None after `timeout` seconds without one."""
        end = time.monotonic() + timeout
        self._line.check()
        while not self._ready:
            if time.monotonic() >= end:
                return None
            self._obey()
            self._line.pump(min(end, self._following.next_timer()), *self._event_socket.sockets)
            self._line.check()
            self._take()
            self._ready = list(self._following.events())[::-1]
        return self._ready.pop()

    def _obey(self) -> None:
        for command in self._following.commands():
            if isinstance(command, SnapshotRequest):
                self._asked[command.token] = self._line.send(command.method, command.params, 5.0)
            else:
                self._event_socket.turn_to(command)

    def _take(self) -> None:
        """Everything that has come: connections, replies, events, time."""
        now = time.monotonic()
        if self._event_socket.was_reconnected():
            self._following.on_reconnect(now)
        for token, call in list(self._asked.items()):
            if call.reply is not None or now >= call.deadline:
                del self._asked[token]
                ok = call.reply is not None and call.reply["ok"]
                self._following.on_reply(token, call.reply["result"] if ok and call.reply else None, now)
        self._event_socket.tell(self._following, now)
        self._following.on_timer(now)


class Subscription(Feed[Event]):
    """An endless iterator of `Event(topic, envelope, origin)`. `poll` waits for one no longer than it is told."""

    def __init__(self, line: Line, event_socket: EventSocket, prefixes: tuple[str, ...]) -> None:
        self._follower = Follower(prefixes or ("",))
        super().__init__(line, event_socket, self._follower)

    @property
    def is_live(self) -> bool:
        """Whether the first snapshot is there, or the last one that was needed."""
        return self._follower.is_live


class OrderFeed(Feed[LogEvent]):
    """An endless iterator of `LogEvent`, on a socket of its own, so that a flood of ticks costs it nothing.

    Store `event.position` together with what the event has changed, and begin there next time: nothing is taken twice
    and nothing is left out.
    """

    def __init__(self, line: Line, event_socket: EventSocket, owner: str, position: Position | None) -> None:
        follower = LogFollower(owner, position)
        event_socket.turn_to(Subscribe(follower.prefix))
        super().__init__(line, event_socket, follower)

    def run(self, consume: Callable[[LogEvent], None]) -> None:
        """Hand each event to `consume`, which stores `event.position` with its own state; for ever."""
        for event in self:
            consume(event)
