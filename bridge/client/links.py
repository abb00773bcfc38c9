"""How a client's sockets are made: one DEALER for requests, and a SUB for each subscription, apart.

High-water marks count per connection, so a flood on one subscription costs the others nothing.
"""

from __future__ import annotations

from typing import Any, TypeVar

import zmq

from bridge.client.follow import Subscribe, Unsubscribe

Socket = TypeVar("Socket", bound="zmq.Socket[Any]")

_QUEUE = 100_000
_HEARTBEAT_MS = 5_000


def prepare(socket: Socket, endpoint: str) -> Socket:
    """Connect a DEALER or SUB socket as the contract has it."""
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVHWM, _QUEUE)
    socket.setsockopt(zmq.HEARTBEAT_IVL, _HEARTBEAT_MS)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3 * _HEARTBEAT_MS)
    socket.connect(endpoint)
    return socket


def watch(socket: zmq.Socket[Any]) -> str:
    """Have the socket report on an inproc endpoint, which is returned, each time it is connected."""
    endpoint = f"inproc://watch-{id(socket)}"
    socket.monitor(endpoint, zmq.EVENT_HANDSHAKE_SUCCEEDED)
    return endpoint


def apply(socket: zmq.Socket[Any], command: Subscribe | Unsubscribe) -> None:
    option = zmq.SUBSCRIBE if isinstance(command, Subscribe) else zmq.UNSUBSCRIBE
    socket.setsockopt(option, command.topic.encode("ascii"))
