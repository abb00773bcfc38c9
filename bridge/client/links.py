"""How a client's sockets are made: one DEALER for requests, and a SUB for each subscription, apart.

High-water marks count per connection, so a flood on one subscription costs the others nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import zmq

from bridge import keys
from bridge.client.follow import Subscribe, Unsubscribe

_QUEUE = 100_000
_NUMBERS = itertools.count(1)
_HEARTBEAT_MS = 5_000


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
    socket.setsockopt(zmq.RCVHWM, _QUEUE)
    socket.setsockopt(zmq.HEARTBEAT_IVL, _HEARTBEAT_MS)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3 * _HEARTBEAT_MS)
    socket.connect(endpoint)
    return socket


def watch(socket: zmq.Socket[bytes]) -> str:
    """Have the socket report on an inproc endpoint, which is returned, each time it is connected."""
    endpoint = f"inproc://watch-{next(_NUMBERS)}"
    socket.monitor(endpoint, zmq.EVENT_HANDSHAKE_SUCCEEDED)
    return endpoint


def apply(socket: zmq.Socket[bytes], command: Subscribe | Unsubscribe) -> None:
    option = zmq.SUBSCRIBE if isinstance(command, Subscribe) else zmq.UNSUBSCRIBE
    socket.setsockopt(option, command.topic.encode("ascii"))


def has_input(socket: zmq.Socket[bytes]) -> bool:
    return bool(int(socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN)


def descriptor(socket: zmq.Socket[bytes]) -> int:
    """To be watched for reading; edge-triggered, and each send or change of a subscription may take its edge away."""
    return int(socket.getsockopt(zmq.FD))
