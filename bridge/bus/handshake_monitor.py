"""Limits the connections of a socket, and logs the peers whose handshake fails before ZAP.

Such a peer has no key, a wrong server key, or does not speak ZeroMQ. The ZAP handler does not see these peers, but the
socket monitor does. The log names the same peer with the same fault at most once every 10 seconds. ZeroMQ has no limit
of connections, so the monitor ends those that are too many, or that come too fast, as soon as it hears of them. It also
ends those that send more than the guard allows.
"""

from __future__ import annotations

import itertools
import logging
import math
import threading
import time
from collections.abc import Mapping

import zmq
from zmq.utils.monitor import parse_monitor_message

from bridge.bus.byte_guard import ByteGuard
from bridge.bus.peers import address, arrived_bytes, disconnect
from bridge.logs import Said, tell

_LOG = logging.getLogger("bridge")
_FLOOD = "a connection has sent too much at once: disconnected"
_CROWD = "too many connections, or too many new ones in a short time; the bridge ends some"
#: For this many seconds the log does not repeat a peer with the same fault: some clients retry many times a second.
_QUIET = 10.0
_MOST = 1000
_CONNECTIONS = zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED | zmq.EVENT_MONITOR_STOPPED
_FAILED = zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
#: The key is unknown: the ZAP handler has logged it already.
_NAMED = -1
#: How many connections may come in a second, and how many at once after a pause. A client of ZeroMQ tries again.
_CONNECTIONS_A_SECOND = 20.0
_BURST = 200.0
#: For so many seconds after a pause, one connection may come in a second.
_SLOW = 10.0
#: There are too many connections.
_TOO_MANY = -2
#: A connection has sent too much.
_TOO_MUCH = -3
#: The shortest and the longest pause in which no connection is accepted, in seconds.
_PAUSE = 5.0
_LONGEST_PAUSE = 60.0
#: Seconds between two looks at what has arrived: so many, and so many more for each connection.
_LOOK = 0.03
_LOOK_A_PEER = 0.0002
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
    `refused`: how many the monitor has ended. `logs_failures`: log failed handshakes. `guard`: how much a connection
    may send. `read`: by descriptor, how many bytes the bridge has read. `pauses`: after the guard has ended a
    connection, accept none for a while.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        socket: zmq.Socket[bytes],
        endpoint: str,
        *,
        most: int,
        logs_failures: bool,
        guard: ByteGuard,
        read: Mapping[int, int],
        pauses: bool = False,
    ) -> None:
        super().__init__(name="watch", daemon=True)
        self._watched = socket
        self._endpoint = endpoint
        self._most = most
        self._logs_failures = logs_failures
        self._guard = guard
        self._read = read
        self._pauses = pauses
        self._pause = _PAUSE / 2
        self.refused = 0
        self._room, self._accepted_at, self._closed_until, self._looked = _BURST, 0.0, -math.inf, 0.0
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
                if not self._monitor.poll(int(1000 * (_LOOK + len(self._peers) * _LOOK_A_PEER))):
                    self._look(time.monotonic())
                    continue
                event = parse_monitor_message(self._monitor.recv_multipart())
                if time.monotonic() - self._looked > 2 * _LOOK:  # events come without a pause
                    self._look(time.monotonic())
                if event["event"] == zmq.EVENT_MONITOR_STOPPED:
                    return
                if said := self.line_for(event["event"], event["value"], time.monotonic()):
                    tell(_LOG, said.event, **said.fields)

    def put_off(self, clock: float) -> None:
        """Accept no connection for some seconds, and then one by one. Those that are open stay.

        One that was ended comes back at once, and without keys the bridge cannot tell it from others. If it floods
        again, the next pause is longer.
        """
        if clock < self._closed_until:
            return
        self._pause = _PAUSE if clock > self._closed_until + _LONGEST_PAUSE else min(_LONGEST_PAUSE, 2 * self._pause)
        until = clock + self._pause
        self._closed_until, self._room, self._accepted_at = until, 1.0, until

    def _look(self, clock: float) -> None:
        """End the connections that have sent too much."""
        self._looked = clock
        for descriptor in list(self._peers):
            arrived = arrived_bytes(descriptor)
            if arrived is None or not self._guard.is_over(descriptor, arrived, self._read.get(descriptor, 0), clock):
                continue
            self._guard.close(descriptor)
            self.refused += 1
            disconnect(descriptor, self._endpoint)
            if self._pauses:
                self.put_off(clock)
            if self._is_new(self._endpoint, _TOO_MUCH, clock):
                tell(_LOG, "peersLimited", endpoint=self._endpoint, reason=_FLOOD)

    @property
    def connections(self) -> int:
        """How many connections are open, also those whose handshake is under way."""
        return len(self._peers)

    def close(self) -> None:
        """End the thread. The caller closes the watched socket afterwards."""
        self._watched.disable_monitor()
        self.join(timeout=5)

    def line_for(self, kind: int, value: int, clock: float) -> Said | None:
        """Returns the event to log after an event of the monitor, or None. `clock` is monotonic, in seconds."""
        if kind == zmq.EVENT_ACCEPTED:
            return self._accept(value, clock)
        elif kind == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            # libzmq keeps a suspended connection open for a while, so the next disconnect is of another one.
            self._fault = self._fault if value == _NOT_NOW else _NAMED
        elif kind & _FAILED and self._fault is None:
            self._fault = value
        elif kind == zmq.EVENT_DISCONNECTED:
            # libzmq reports a failed handshake and the disconnect directly after each other.
            self._guard.close(value)
            peer, fault, self._fault = self._peers.pop(value, "an unknown address"), self._fault, None
            if self._logs_failures and fault not in (None, _NAMED) and self._is_new(peer, fault, clock):
                reason = _REASONS.get(fault, _NO_REASON)
                return Said("peerRefused", {"address": peer, "reason": reason})
        return None

    def _accept(self, descriptor: int, clock: float) -> Said | None:
        """A peer has connected. End the connection if there are too many, and return the event to log."""
        self._peers[descriptor] = address(descriptor) if self._logs_failures else ""
        self._guard.open(descriptor, self._read.get(descriptor, 0), clock)
        if clock > self._accepted_at:
            a_second = _CONNECTIONS_A_SECOND if clock > self._closed_until + _SLOW else 1.0
            self._room = min(_BURST, self._room + (clock - self._accepted_at) * a_second)
            self._accepted_at = clock
        if len(self._peers) <= self._most and self._room >= 1 and clock >= self._closed_until:
            self._room -= 1
            return None
        self.refused += 1
        disconnect(descriptor, self._endpoint)
        if not self._is_new(self._endpoint, _TOO_MANY, clock):
            return None
        return Said("peersLimited", {"endpoint": self._endpoint, "reason": _CROWD})

    def _is_new(self, peer: str, fault: int, clock: float) -> bool:
        host = peer.rpartition(":")[0] or peer
        if clock - self._logged.get((host, fault), -_QUIET) < _QUIET:
            return False
        self._logged.pop((host, fault), None)
        self._logged[host, fault] = clock
        if len(self._logged) > _MOST:
            del self._logged[next(iter(self._logged))]
        return True
