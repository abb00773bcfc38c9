"""The blocking face of the order log: each event of one's own orders once, across restarts of either side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

import zmq

from bridge.bus.frames import unpack_event
from bridge.client import links
from bridge.client.calls import Call
from bridge.client.orderlog import LogEvent, LogFollower, Position

if TYPE_CHECKING:
    from bridge.client.sync import BridgeClient

_BATCH = 1000


class OrderFeed:
    """An endless iterator of `LogEvent`, on a socket of its own, so that a flood of ticks costs it nothing.

    Store `event.position` together with what the event has changed, and begin there next time: nothing is taken twice
    and nothing is left out.
    """

    def __init__(self, client: BridgeClient, owner: str, sub: zmq.Socket[bytes], position: Position | None) -> None:
        """`sub`: connected to the bridge's events, with nothing subscribed yet."""
        self._client = client
        self._sub = sub
        self._asked: dict[int, Call] = {}
        self._ready: list[LogEvent] = []
        self._follower = LogFollower(owner, position)
        self._sub.setsockopt(zmq.SUBSCRIBE, self._follower.prefix.encode("ascii"))
        self._follower.start(time.monotonic())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._client.forget(self)
        self._sub.close()

    def __iter__(self) -> Iterator[LogEvent]:
        while True:
            event = self.poll(float("inf"))
            if event is not None:
                yield event

    def run(self, consume: Callable[[LogEvent], None]) -> None:
        """Hand each event to `consume`, which stores `event.position` with its own state; for ever."""
        for event in self:
            consume(event)

    def poll(self, timeout: float) -> LogEvent | None:
        """The next event, or None after `timeout` seconds without one."""
        end = time.monotonic() + timeout
        while not self._ready:
            now = time.monotonic()
            if now >= end:
                return None
            for command in self._follower.commands():
                self._asked[command.token] = self._client.send(command.method, command.params, 5.0)
            self._client.pump(min(end, self._follower.next_timer()), self._sub)
            self._take()
            self._ready = self._follower.events()[::-1]
        return self._ready.pop()

    def _take(self) -> None:
        now = time.monotonic()
        for token, call in list(self._asked.items()):
            if call.reply is not None or now >= call.deadline:
                del self._asked[token]
                ok = call.reply is not None and call.reply["ok"]
                self._follower.on_reply(token, call.reply["result"] if ok and call.reply else None, now)
        for _ in range(_BATCH):
            if not links.has_input(self._sub):
                break
            topic, body = self._sub.recv_multipart()
            self._follower.on_event(topic.decode("ascii"), unpack_event(body), now)
        self._follower.on_timer(now)
