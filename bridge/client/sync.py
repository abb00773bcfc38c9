"""The blocking face of the client. One thread uses it; make another client for another thread."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

import zmq

from bridge.client.base import BaseClient
from bridge.client.calls import KEEP_ALIVE, Call, Data
from bridge.client.feeds import OrderFeed, Subscription
from bridge.client.orderlog import Position


class BridgeClient(BaseClient[Subscription | OrderFeed]):
    """A client by name. What it subscribes to at TWS it holds as long as it is heard from: iterating does that."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        for feed in list(self._feeds):
            feed.close()
        self._context.destroy(linger=0)

    def request(self, method: str, params: Data | None = None, timeout: float = 30.0, *, id: str | None = None) -> Any:
        """Ask the bridge, and wait for the answer's result. `timeout`: seconds that TWS has.

        Raises BridgeError with the bridge's code; BridgeTimeout where the bridge itself does not answer.
        """
        self.check()
        call = self._send(method, params, timeout, id)
        while call.reply is None and time.monotonic() < call.deadline:
            self.pump(call.deadline)
        return call.result()

    def subscribe(self, *prefixes: str) -> Subscription:
        """Follow topics: first the last values, then each event as it comes. Close it when done."""
        subscription = Subscription(self, self._event_socket(), prefixes)
        self._feeds.append(subscription)
        return subscription

    def orders(self, position: Position | None = None) -> OrderFeed:
        """Follow one's own orders from a position on: each event once. Close it when done."""
        feed = OrderFeed(self, self._event_socket(), self._calls.client, position)
        self._feeds.append(feed)
        return feed

    # For what follows

    def send(self, method: str, params: Data | None, timeout: float) -> Call:
        """Ask, without waiting: `pump` brings the answer."""
        return self._send(method, params, timeout)

    def pump(self, until: float, *sockets: zmq.Socket[bytes]) -> None:
        """Wait for replies, or input on other sockets, until then at the latest; take the replies."""
        poller = zmq.Poller()
        for socket in (self._dealer, *sockets):
            poller.register(socket, zmq.POLLIN)
        now = time.monotonic()
        until = min(until, self._calls.next_timer(), self._calls.next_life(), now + KEEP_ALIVE)
        poller.poll(round(max(0.0, until - now) * 1000 + 0.5))
        self._replies()
        self._turn(time.monotonic())
