"""The blocking face of the client. One thread uses it; make another client for another thread."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import zmq

from bridge.bus.frames import unpack_event
from bridge.client import links
from bridge.client.calls import KEEP_ALIVE, Call, Calls, Data
from bridge.client.follow import Ask, Event, Follower
from bridge.client.orderlog import Position
from bridge.client.orders import OrderFeed
from bridge.settings import EVENTS, REQUESTS

_BATCH = 1000


class BridgeClient:
    """A client by name. What it subscribes to at TWS it holds as long as it is heard from: iterating does that."""

    def __init__(
        self,
        client: str,
        requests: str = REQUESTS,
        events: str = EVENTS,
        *,
        curve: links.Curve | None = None,
        instance: str | None = None,
    ) -> None:
        """`curve`: keys, for a bridge that has some. `instance`: this run of the client, which fences older ones."""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._dealer = links.prepare(self._context.socket(zmq.DEALER), requests, curve)
        self._events = events
        self._curve = curve
        self._calls = Calls(client, instance)
        self._subscriptions: list[Subscription | OrderFeed] = []
        self._spoke = time.monotonic()
        if instance is not None:
            self.send("hello", {"instance": instance}, KEEP_ALIVE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        for subscription in list(self._subscriptions):
            subscription.close()
        self._context.destroy(linger=0)

    def request(self, method: str, params: Data | None = None, timeout: float = 30.0, *, id: str | None = None) -> Any:
        """Ask the bridge, and wait for the answer's result. `timeout`: seconds that TWS has.

        Raises BridgeError with the bridge's code; BridgeTimeout where the bridge itself does not answer.
        """
        call = self.send(method, params, timeout, id=id)
        while call.reply is None and time.monotonic() < call.deadline:
            self.pump(self._calls.next_timer())
        return call.result()

    def subscribe(self, *prefixes: str) -> Subscription:
        """Follow topics: first the last values, then each event as it comes. Close it when done."""
        subscription = Subscription(self, self._context, self._events, prefixes, self._curve)
        self._subscriptions.append(subscription)
        return subscription

    def orders(self, position: Position | None = None) -> OrderFeed:
        """Follow one's own orders from a position on: each event once. Close it when done."""
        sub = links.prepare(self._context.socket(zmq.SUB), self._events, self._curve)
        feed = OrderFeed(self, self._calls.client, sub, position)
        self._subscriptions.append(feed)
        return feed

    # For subscriptions

    def send(self, method: str, params: Data | None, timeout: float, *, id: str | None = None) -> Call:
        """Ask, without waiting: `pump` brings the answer."""
        call = self._calls.make(method, params, timeout, time.monotonic(), id)
        self._speak(call.body)
        return call

    def pump(self, until: float, *sockets: zmq.Socket[bytes]) -> None:
        """Wait for replies, or input on other sockets, until then at the latest; take the replies."""
        poller = zmq.Poller()
        for socket in (self._dealer, *sockets):
            poller.register(socket, zmq.POLLIN)
        now = time.monotonic()
        until = min(until, self._calls.next_timer(), self._spoke + KEEP_ALIVE)
        poller.poll(round(max(0.0, until - now) * 1000 + 0.5))
        while links.has_input(self._dealer):
            self._calls.on_reply(self._dealer.recv_multipart()[-1])
        now = time.monotonic()
        for body in self._calls.due(now)[0]:
            self._speak(body)
        if now - self._spoke >= KEEP_ALIVE:
            self.send("ping", None, KEEP_ALIVE)

    def forget(self, subscription: Subscription | OrderFeed) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def _speak(self, body: bytes) -> None:
        self._spoke = time.monotonic()
        self._dealer.send(body)


class Subscription:
    """An endless iterator of `Event(topic, envelope, origin)`. `poll` waits for one no longer than it is told."""

    def __init__(
        self,
        client: BridgeClient,
        context: zmq.Context[zmq.Socket[bytes]],
        endpoint: str,
        prefixes: tuple[str, ...],
        curve: links.Curve | None,
    ) -> None:
        self._client = client
        self._sub = context.socket(zmq.SUB)
        self._monitor = context.socket(zmq.PAIR)
        self._monitor.connect(links.watch(self._sub))
        links.prepare(self._sub, endpoint, curve)
        self._connected = False
        self._asked: dict[int, Call] = {}
        self._ready: list[Event] = []
        self._follower = Follower(prefixes or ("",))
        self._follower.start(time.monotonic())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._sub.closed:
            return
        self._client.forget(self)
        self._sub.disable_monitor()
        self._monitor.close(linger=0)
        self._sub.close()

    def __iter__(self) -> Iterator[Event]:
        while True:
            event = self.poll(float("inf"))
            if event is not None:
                yield event

    def poll(self, timeout: float) -> Event | None:
        """The next event, or None after `timeout` seconds without one."""
        end = time.monotonic() + timeout
        while not self._ready:
            now = time.monotonic()
            if now >= end:
                return None
            self._obey()
            self._client.pump(min(end, self._follower.next_timer()), self._sub, self._monitor)
            self._take()
            self._ready = self._follower.events()[::-1]
        return self._ready.pop()

    @property
    def is_live(self) -> bool:
        """Whether the first snapshot is there, or the last one that was needed."""
        return self._follower.is_live

    def _obey(self) -> None:
        for command in self._follower.commands():
            if isinstance(command, Ask):
                self._asked[command.token] = self._client.send(command.method, command.params, 5.0)
            else:
                links.apply(self._sub, command)

    def _take(self) -> None:
        """Everything that has come: connections, replies, events, time."""
        now = time.monotonic()
        while links.has_input(self._monitor):
            self._monitor.recv_multipart()
            if self._connected:
                self._follower.on_reconnect(now)
            self._connected = True
        for token, call in list(self._asked.items()):
            if call.reply is not None or now >= call.deadline:
                del self._asked[token]
                ok = call.reply is not None and call.reply["ok"]
                self._follower.on_reply(token, call.reply["result"] if ok and call.reply else None, now)
        with contextlib.suppress(zmq.Again):
            for _ in range(_BATCH):
                topic, body = self._sub.recv_multipart(zmq.NOBLOCK)
                self._follower.on_event(topic.decode("ascii"), unpack_event(body), now)
        self._follower.on_timer(now)
