"""A client's sockets: one DEALER for requests, and an `EventSocket` for each thing that it follows, apart.

High-water marks count per connection, so a flood on one subscription costs the others nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import zmq

from bridge import keys
from bridge.bus.frames import unpack_event
from bridge.client.follow import Following, Subscribe, Unsubscribe

Context = zmq.Context[zmq.Socket[bytes]]

_QUEUE = 100_000
_NUMBERS = itertools.count(1)
_HEARTBEAT_MS = 5_000
#: Events taken in one go, so that others have their turn too.
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Curve:
    """What a client needs for a bridge with keys: its own pair, and the bridge's public key (z85)."""

    pair: keys.KeyPair
    server_key: str

    @classmethod
    def load(cls, key: Path, server_key: str) -> Self:
        """From the client's `.secret` file and the bridge's public key or `.public` file; raises keys.KeyFileError."""
        return cls(keys.load(key), keys.load_public(server_key))

    def apply(self, socket: zmq.Socket[bytes]) -> None:
        socket.setsockopt(zmq.CURVE_PUBLICKEY, self.pair.public.encode("ascii"))
        socket.setsockopt(zmq.CURVE_SECRETKEY, self.pair.secret.encode("ascii"))
        socket.setsockopt(zmq.CURVE_SERVERKEY, self.server_key.encode("ascii"))


def prepare(socket: zmq.Socket[bytes], endpoint: str, curve: Curve | None) -> zmq.Socket[bytes]:
    """Connect a DEALER or SUB socket as the contract has it."""
    if curve is not None:
        curve.apply(socket)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.IPV6, int("[" in endpoint))
    socket.setsockopt(zmq.RCVHWM, _QUEUE)
    socket.setsockopt(zmq.HEARTBEAT_IVL, _HEARTBEAT_MS)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3 * _HEARTBEAT_MS)
    socket.connect(endpoint)
    return socket


def has_input(socket: zmq.Socket[bytes]) -> bool:
    return bool(int(socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN)


def descriptor(socket: zmq.Socket[bytes]) -> int:
    """To be watched for reading; edge-triggered, and each send or change of a subscription may take its edge away."""
    return int(socket.getsockopt(zmq.FD))


class EventSocket:
    """A SUB socket, and the monitor that tells when it was connected anew."""

    def __init__(self, context: Context, endpoint: str, curve: Curve | None) -> None:
        self.sub = context.socket(zmq.SUB)
        self.monitor = context.socket(zmq.PAIR)
        watched = f"inproc://watch-{next(_NUMBERS)}"
        self.sub.monitor(watched, zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self.monitor.connect(watched)
        prepare(self.sub, endpoint, curve)
        self._connected = False

    @property
    def closed(self) -> bool:
        return bool(self.sub.closed)

    @property
    def sockets(self) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
        return self.sub, self.monitor

    def turn_to(self, change: Subscribe | Unsubscribe) -> None:
        option = zmq.SUBSCRIBE if isinstance(change, Subscribe) else zmq.UNSUBSCRIBE
        self.sub.setsockopt(option, change.topic.encode("ascii"))

    def was_reconnected(self) -> bool:
        """Whether it was connected anew since the last look; the first time does not count."""
        anew = False
        while has_input(self.monitor):
            self.monitor.recv_multipart()
            anew, self._connected = anew or self._connected, True
        return anew

    def tell(self, follower: Following[object], now: float) -> bool:
        """Tell the follower what has come, a batch of it; whether there may be more."""
        try:
            for _ in range(_BATCH):
                topic, body = self.sub.recv_multipart(zmq.NOBLOCK)
                follower.on_event(topic.decode("ascii"), unpack_event(body), now)
        except zmq.Again:
            return False
        return True

    def close(self) -> None:
        self.sub.disable_monitor()
        self.monitor.close(linger=0)
        self.sub.close()
