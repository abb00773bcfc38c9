"""What both faces of the client are made of: its sockets, its open requests, and what it follows.

Knows no way to wait: the faces do that, blocking or in an event loop, and call `_replies` and `_turn` when they have.
"""

from __future__ import annotations

import time
from typing import Generic, TypeVar

import zmq

from bridge.client import sockets
from bridge.client.calls import BridgeError, Call, Calls, Data
from bridge.settings import EVENTS, REQUESTS

Feed = TypeVar("Feed")


class BaseClient(Generic[Feed]):
    """A client by name. `Feed` is how its face follows things."""

    def __init__(
        self,
        client: str,
        requests: str = REQUESTS,
        events: str = EVENTS,
        *,
        curve: sockets.Curve | None = None,
        instance: str | None = None,
    ) -> None:
        """`curve`: keys, for a bridge that has some.

        `instance`: this run of the client, under a name never used before. It fences older runs, and is fenced by newer
        ones: from then on each request and each iteration raises BridgeError `fenced`.
        """
        self._context: sockets.Context = zmq.Context()
        self._dealer = sockets.prepare(self._context.socket(zmq.DEALER), requests, curve)
        self._events = events
        self._curve = curve
        self._calls = Calls(client, instance)
        self._feeds: list[Feed] = []
        self._turn(time.monotonic())

    @property
    def fenced(self) -> BridgeError | None:
        """What the bridge has said, where a newer run of this client has taken its place.

        Each sign of life asks for it: the older run knows 10 seconds later, if it is not stuck in something else.
        """
        return self._calls.fenced

    # For what follows

    def check(self) -> None:
        """Raise BridgeError `fenced` where a newer run of this client has taken its place."""
        self._calls.check()

    def forget(self, feed: Feed) -> None:
        if feed in self._feeds:
            self._feeds.remove(feed)

    # For the faces

    def _event_socket(self) -> sockets.EventSocket:
        return sockets.EventSocket(self._context, self._events, self._curve)

    def _send(self, method: str, params: Data | None, timeout: float, id_: str | None = None) -> Call:
        call = self._calls.make(method, params, timeout, time.monotonic(), id_)
        self._dealer.send(call.body)
        return call

    def _replies(self) -> list[Call]:
        """Take all replies that have come; the calls that they answer."""
        answered = []
        while not self._dealer.closed and sockets.has_input(self._dealer):
            call = self._calls.on_reply(self._dealer.recv_multipart()[-1])
            if call is not None:
                answered.append(call)
        return answered

    def _turn(self, now: float) -> list[Call]:
        """Ask again what was not answered, give signs of life, and give up what is late: those calls."""
        again, late = self._calls.due(now)
        sign = self._calls.life(now)
        for body in again if sign is None else [*again, sign]:
            self._dealer.send(body)
        return late
