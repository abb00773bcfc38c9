"""A message to the bridge itself through the ROUTER socket, to prove that somebody serves that socket.

The probe connects inside the process (`inproc`), so it needs neither keys nor one of the connections for clients. Its
identity is a random number that no client can guess; the bus sends its messages back and passes none to the session.
"""

from __future__ import annotations

import secrets

import zmq


class Probe:
    """A DEALER socket connected to `router`, which must be bound already."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], router: zmq.Socket[bytes]) -> None:
        self.identity = b"probe-" + secrets.token_bytes(16)
        self._dealer = context.socket(zmq.DEALER)
        self._dealer.setsockopt(zmq.ROUTING_ID, self.identity)
        self._dealer.setsockopt(zmq.LINGER, 0)
        endpoint = f"inproc://{secrets.token_hex(16)}"
        router.bind(endpoint)
        self._dealer.connect(endpoint)

    def descriptor(self) -> int:
        """The descriptor to watch for reading. It is edge-triggered: read until empty, also after each send."""
        return int(self._dealer.getsockopt(zmq.FD))

    def send(self) -> None:
        """Send a message. If its queue is full, nothing is sent: the answers to earlier messages are still to come."""
        try:
            self._dealer.send(b"", zmq.NOBLOCK)
        except zmq.Again:
            return

    def answers(self) -> int:
        """How many messages have come back since the last call."""
        count = 0
        while True:
            try:
                self._dealer.recv(zmq.NOBLOCK)
            except zmq.Again:
                return count
            count += 1

    def close(self) -> None:
        """Close the socket."""
        self._dealer.close()
