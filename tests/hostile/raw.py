"""What the crowd does besides requests: half-open connections, floods of subscriptions, peers that never read."""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

import msgpack
import zmq

#: ZMTP 3.1's greeting with the mechanism NULL, and a READY command of a DEALER.
GREETING = b"\xff" + b"\0" * 8 + b"\x7f" + b"\x03\x01" + b"NULL".ljust(20, b"\0") + b"\0" * 32
READY = b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06DEALER"
#: How many sockets of one kind a mad client keeps open.
MOST_OPEN = 12


class Raw:
    """`act` does one of these things, and returns its name."""

    def __init__(self, context: zmq.Context[Any], requests: str, events: str, name: str, seed: int) -> None:
        self._context = context
        self._requests, self._events, self._name = requests, events, name
        self._chance = Random(f"raw {seed} {name}")
        self._open: deque[Any] = deque()
        self._acts: list[Callable[[], str]] = [
            self._half_open, self._garbage, self._greeting_only, self._dropped_in_a_frame, self._huge_frame,
            self._subscriptions, self._deaf_dealer, self._deaf_subscriber, self._many_connections,
            self._long_message,
        ]  # fmt: skip

    def act(self) -> str:
        """Do one thing."""
        return f"raw {self._chance.choice(self._acts)()}"

    def close(self) -> None:
        """Close all that is open."""
        while self._open:
            self._open.popleft().close()

    def _keep(self, one: Any) -> None:
        self._open.append(one)
        while len(self._open) > MOST_OPEN:
            self._open.popleft().close()

    def _tcp(self, endpoint: str) -> socket.socket:
        host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
        return socket.create_connection((host, int(port)), timeout=5)

    def _either(self) -> str:
        return self._chance.choice((self._requests, self._events))

    def _say(self, endpoint: str, *parts: bytes, keep: bool = False) -> None:
        with contextlib.suppress(OSError):
            tcp = self._tcp(endpoint)
            for part in parts:
                tcp.sendall(part)
            if keep:
                self._keep(tcp)
            else:
                tcp.close()

    def _half_open(self) -> str:
        self._say(self._either(), keep=True)
        return "half-open connection"

    def _garbage(self) -> str:
        self._say(self._either(), self._chance.choice((b"GET / HTTP/1.1\r\n\r\n", self._chance.randbytes(5000))))
        return "garbage instead of a greeting"

    def _greeting_only(self) -> str:
        self._say(self._either(), GREETING[: self._chance.randint(1, 64)], keep=self._chance.random() < 0.5)
        return "dropped in the handshake"

    def _dropped_in_a_frame(self) -> str:
        self._say(self._requests, GREETING, READY, b"\0\xc8" + b"x" * self._chance.randint(0, 199))
        return "dropped within a frame"

    def _huge_frame(self) -> str:
        """A frame that is declared to have 2 GB, and one of more than 2 MiB."""
        self._say(self._requests, GREETING, READY, b"\x02\0\0\0\0\x80\0\0\0" + b"x" * 100_000)
        self._say(self._requests, GREETING, READY, b"\x02\0\0\0\0\0\x30\0\0" + b"x" * 3_000_000)
        return "huge frame"

    def _long_message(self) -> str:
        """A message of very many frames that never ends."""
        frame = b"\x03" + (60_000).to_bytes(8, "big") + b"x" * 60_000
        self._say(self._requests, GREETING, READY, *([frame] * 20))
        return "message without an end"

    def _subscriptions(self) -> str:
        flood = self._context.socket(zmq.XSUB)
        flood.setsockopt(zmq.LINGER, 0)
        flood.setsockopt(zmq.SNDHWM, 0)
        flood.connect(self._events)
        long = self._chance.random() < 0.5
        for number in range(3000):
            flood.send(b"\1" + (self._chance.randbytes(240) if long else b"market.%d." % number))
        self._keep(flood)
        return "flood of subscriptions"

    def _deaf_dealer(self) -> str:
        deaf = self._context.socket(zmq.DEALER)
        deaf.setsockopt(zmq.LINGER, 0)
        deaf.setsockopt(zmq.RCVHWM, 1)
        deaf.connect(self._requests)
        for number in range(100):
            body = {"v": 1, "id": f"d{number}", "client": self._name, "method": "methods"}
            deaf.send(msgpack.packb(body))
        self._keep(deaf)
        return "client that never reads"

    def _deaf_subscriber(self) -> str:
        deaf = self._context.socket(zmq.SUB)
        deaf.setsockopt(zmq.LINGER, 0)
        deaf.setsockopt(zmq.RCVHWM, 1)
        deaf.connect(self._events)
        deaf.setsockopt(zmq.SUBSCRIBE, b"")
        self._keep(deaf)
        return "subscriber that never reads"

    def _many_connections(self) -> str:
        for _ in range(30):
            self._say(self._either())
        return "connections opened and dropped"
