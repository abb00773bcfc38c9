"""Limits the connections of a socket, and logs the peers whose handshake fails before ZAP.

Such a peer has no key, a wrong server key, or does not speak ZeroMQ. The ZAP handler does not see these peers, but the
socket monitor does. The log names the same peer with the same fault at most once every 10 seconds. ZeroMQ has no limit
of connections, so the monitor ends those that are too many as soon as it hears of them.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time

import zmq
from zmq.utils.monitor import parse_monitor_message

from bridge.bus.peers import address, disconnect

_LOG = logging.getLogger("bridge")
#: For this many seconds the log does not repeat a peer with the same fault: some clients retry many times a second.
_QUIET = 10.0
_MOST = 1000
_CONNECTIONS = zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED | zmq.EVENT_MONITOR_STOPPED
_FAILED = zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
#: The key is unknown: the ZAP handler has logged it already.
_NAMED = -1
#: There are too many connections.
_TOO_MANY = -2
#: The ZAP status for a client that may connect again later.
_NOT_NOW = 300
#: libzmq's ZMQ_PROTOCOL_ERROR_ZMTP_*: CRYPTOGRAPHIC and MECHANISM_MISMATCH.
_REASONS = {
    0x11000001: "it uses a wrong public key for the bridge",
    0x11000002: "it has no key",
}

#: The peer closed the connection when it saw that the bridge requires a key.
_NO_REASON = "it has no key, or is not a ZeroMQ client"

#: Each inproc endpoint needs a new name.
_NUMBERS = itertools.count()


class HandshakeMonitor(threading.Thread):
    """A thread that reads the monitor of one socket, limits its connections and logs failed handshakes.

    `endpoint`: where the socket is bound. `most`: how many connections it may have. `connections`: how many it has.
    `refused`: how many the monitor has ended. `logs_failures`: log failed handshakes.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        socket: zmq.Socket[bytes],
        endpoint: str,
        *,
        most: int,
        logs_failures: bool,
    ) -> None:
        super().__init__(name="watch", daemon=True)
        self._watched = socket
        self._endpoint = endpoint
        self._most = most
        self._logs_failures = logs_failures
        self.refused = 0
        self._monitor = context.socket(zmq.PAIR)
        # Unlimited, because libzmq's I/O thread blocks when the monitor's queue is full.
        self._monitor.setsockopt(zmq.RCVHWM, 0)
        watch = f"inproc://watch-{next(_NUMBERS)}"
        socket.monitor(watch, _CONNECTIONS | _FAILED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        self._monitor.connect(watch)
        self._peers: dict[int, str] = {}
        self._fault: int | None = None
        self._logged: dict[tuple[str, int], float] = {}

    def run(self) -> None:
        """Read and log until `close`. The thread calls it."""
        with self._monitor:
            while True:
                event = parse_monitor_message(self._monitor.recv_multipart())
                if event["event"] == zmq.EVENT_MONITOR_STOPPED:
                    return
                if line := self.line_for(event["event"], event["value"], time.monotonic()):
                    _LOG.warning(line)

    @property
    def connections(self) -> int:
        """How many connections are open, also those whose handshake is under way."""
        return len(self._peers)

    def close(self) -> None:
        """End the thread. The caller closes the watched socket afterwards."""
        self._watched.disable_monitor()
        self.join(timeout=5)

    def line_for(self, kind: int, value: int, clock: float) -> str | None:
        """Returns the line to log after an event of the monitor, or None. `clock` is monotonic, in seconds."""
        if kind == zmq.EVENT_ACCEPTED:
            return self._accept(value, clock)
        elif kind == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            # libzmq keeps a suspended connection open for a while, so the next disconnect is of another one.
            self._fault = self._fault if value == _NOT_NOW else _NAMED
        elif kind & _FAILED and self._fault is None:
            self._fault = value
        elif kind == zmq.EVENT_DISCONNECTED:
            # libzmq reports a failed handshake and the disconnect directly after each other.
            peer, fault, self._fault = self._peers.pop(value, "an unknown address"), self._fault, None
            if self._logs_failures and fault not in (None, _NAMED) and self._is_new(peer, fault, clock):
                reason = _REASONS.get(fault, _NO_REASON)
                return f"refused a connection from {peer}: {reason}"
        return None

    def _accept(self, descriptor: int, clock: float) -> str | None:
        """A peer has connected. End the connection if there are too many, and return the line to log."""
        self._peers[descriptor] = address(descriptor) if self._logs_failures else ""
        if len(self._peers) <= self._most:
            return None
        self.refused += 1
        disconnect(descriptor, self._endpoint)
        if not self._is_new(self._endpoint, _TOO_MANY, clock):
            return None
        return f"{self._endpoint} has {self._most} connections, and the bridge ends further ones"

    def _is_new(self, peer: str, fault: int, clock: float) -> bool:
        host = peer.rpartition(":")[0] or peer
        if clock - self._logged.get((host, fault), -_QUIET) < _QUIET:
            return False
        self._logged.pop((host, fault), None)
        self._logged[host, fault] = clock
        if len(self._logged) > _MOST:
            del self._logged[next(iter(self._logged))]
        return True
