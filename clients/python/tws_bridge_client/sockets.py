"""The sockets of a client: one DEALER for requests, and an `EventSocket` for each subscription.

Each subscription has its own SUB socket, because ZeroMQ applies the high-water mark to each connection. So a flood on
one subscription does not delay the others or make them lose events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import zmq

from tws_bridge_client import keys
from tws_bridge_client.connection import Connection, Context
from tws_bridge_client.follow import FollowerLike, Subscribe, Unsubscribe
from tws_bridge_client.wire import unpack

_QUEUE = 100_000
_HEARTBEAT_MS = 5_000
#: How many events a client takes at a time before it lets other tasks run.
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Curve:
    """The keys of a client, for a bridge that has a key.

    Attributes:
        pair: the client's own key pair.
        server_key: the bridge's public key, 40 characters of z85.

    Example:
        curve = Curve.load(Path("momentum.secret"), "bridge.public")
        client = BridgeClient(curve.pair.name, curve=curve)
    """

    pair: keys.KeyPair
    server_key: str

    @classmethod
    def load(cls, key: Path, server_key: str) -> Self:
        """Read the client's `.secret` file. `server_key` is the bridge's public key or the path of its `.public` file.

        Raises keys.KeyFileError if a file cannot be read or has no valid key.
        """
        return cls(keys.load(key), keys.load_public(server_key))

    def apply(self, socket: zmq.Socket[bytes]) -> None:
        """Set the keys on a socket, before it connects."""
        socket.setsockopt(zmq.CURVE_PUBLICKEY, self.pair.public.encode("ascii"))
        socket.setsockopt(zmq.CURVE_SECRETKEY, self.pair.secret.encode("ascii"))
        socket.setsockopt(zmq.CURVE_SERVERKEY, self.server_key.encode("ascii"))


def prepare(socket: zmq.Socket[bytes], endpoint: str, curve: Curve | None) -> zmq.Socket[bytes]:
    """Set the options that the contract requires on a DEALER or SUB socket, and connect it. Returns the socket."""
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
    """Whether the socket can receive without blocking."""
    return bool(int(socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN)


def descriptor(socket: zmq.Socket[bytes]) -> int:
    """The descriptor to watch for reading. It is edge-triggered; a send or a change of subscription may reset it."""
    return int(socket.getsockopt(zmq.FD))


class RequestSocket:
    """A DEALER socket, and what is known of its connection. It never blocks."""

    def __init__(self, context: Context, endpoint: str, curve: Curve | None) -> None:
        self.dealer = context.socket(zmq.DEALER)
        self.connection = Connection(context, self.dealer, endpoint, has_key=curve is not None)
        # Without it ZeroMQ keeps requests for a bridge that is not there, and delivers them after their calls are over.
        self.dealer.setsockopt(zmq.IMMEDIATE, 1)
        prepare(self.dealer, endpoint, curve)

    @property
    def sockets(self) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
        """The sockets to poll: the DEALER socket and its monitor."""
        return self.dealer, self.connection.monitor

    def send(self, body: bytes) -> bool:
        """Send a request. Returns False if there is no connection, or no room: then it is not sent."""
        try:
            self.dealer.send(body, zmq.DONTWAIT)
        except zmq.Again:
            return False
        return True

    def replies(self) -> Iterator[bytes]:
        """The replies that have arrived."""
        while not self.dealer.closed and has_input(self.dealer):
            yield self.dealer.recv_multipart()[-1]


class EventSocket:
    """A SUB socket, and what is known of its connection."""

    def __init__(self, context: Context, endpoint: str, curve: Curve | None) -> None:
        self.sub = context.socket(zmq.SUB)
        self.connection = Connection(context, self.sub, endpoint, has_key=curve is not None)
        prepare(self.sub, endpoint, curve)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return bool(self.sub.closed)

    @property
    def sockets(self) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
        """The sockets to poll: the SUB socket and its monitor."""
        return self.sub, self.connection.monitor

    def apply(self, change: Subscribe | Unsubscribe) -> None:
        """Subscribe to a prefix, or unsubscribe from it."""
        option = zmq.SUBSCRIBE if isinstance(change, Subscribe) else zmq.UNSUBSCRIBE
        self.sub.setsockopt(option, change.topic.encode("ascii"))

    def check(self) -> None:
        """Raise BridgeRefusedKey if the bridge refuses the connection."""
        self.connection.look()
        if (refused := self.connection.refused) is not None:
            raise refused

    def deliver(self, follower: FollowerLike[object], now: float) -> bool:
        """Pass one batch of events to the follower. Returns whether more may be waiting."""
        try:
            for _ in range(_BATCH):
                topic, body = self.sub.recv_multipart(zmq.NOBLOCK)
                follower.on_event(topic.decode("ascii"), unpack(body), now)
        except zmq.Again:
            return False
        return True

    def close(self) -> None:
        """Close both sockets."""
        self.connection.close()
        self.sub.close()
