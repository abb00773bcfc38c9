"""How a client's sockets are made: one DEALER for requests, and a SUB for each subscription, apart.

High-water marks count per connection, so a flood on one subscription costs the others nothing.
"""

from __future__ import annotations

import itertools

import zmq

from bridge.client.follow import Subscribe, Unsubscribe

_QUEUE = 100_000
_NUMBERS = itertools.count(1)
_HEARTBEAT_MS = 5_000


def prepare(socket: zmq.Socket[bytes], endpoint: str) -> zmq.Socket[bytes]:
    """Connect a DEALER or SUB socket as the contract has it."""
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
