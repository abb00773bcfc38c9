"""Who was turned away before keys were even compared: with no key, the wrong server key, or no ZeroMQ at all.

ZAP never hears of them; ZeroMQ's monitor does. Knows addresses and reasons, and repeats itself at most now and then.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time

import zmq
from zmq.utils.monitor import parse_monitor_message

from bridge.bus.peers import address

_LOG = logging.getLogger("bridge")
#: Seconds for which the same peer with the same fault is not named again: some clients try many times a second.
_QUIET = 10.0
_MOST = 1000
_OTHERS = zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED | zmq.EVENT_MONITOR_STOPPED
_FAILED = zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
#: The key was unknown: ZAP has said so, with the key.
_NAMED = -1
#: ZAP's status for one that may come again later.
_NOT_NOW = 300
#: libzmq's ZMQ_PROTOCOL_ERROR_ZMTP_*: CRYPTOGRAPHIC and MECHANISM_MISMATCH.
_REASONS = {
    0x11000001: "it takes the bridge for one with another public key",
    0x11000002: "it came without a key",
}

#: Where the peer hung up first, having seen that we want a key.
_UNTOLD = "it came without a key, or is no ZeroMQ client"

#: Names of inproc endpoints are never used twice.
_NUMBERS = itertools.count()


class HandshakeMonitor(threading.Thread):
    """Reads the monitor of one socket that is about to be bound, in a thread of its own, and logs. `start`, `close`."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], socket: zmq.Socket[bytes]) -> None:
        super().__init__(name="watch", daemon=True)
        self._watched = socket
        self._monitor = context.socket(zmq.PAIR)
        # Unlimited: libzmq's I/O thread would wait for a monitor that is full, and everyone with it.
        self._monitor.setsockopt(zmq.RCVHWM, 0)
        endpoint = f"inproc://watch-{next(_NUMBERS)}"
        socket.monitor(endpoint, _OTHERS | _FAILED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        self._monitor.connect(endpoint)
        self._peers: dict[int, str] = {}
        self._fault: int | None = None
        self._told: dict[tuple[str, int], float] = {}

    def run(self) -> None:
        with self._monitor:
            while True:
                event = parse_monitor_message(self._monitor.recv_multipart())
                if event["event"] == zmq.EVENT_MONITOR_STOPPED:
                    return
                if line := self.told(event["event"], event["value"], time.monotonic()):
                    _LOG.warning(line)

    def close(self) -> None:
        """End the thread; the watched socket is still open."""
        self._watched.disable_monitor()
        self.join(timeout=5)

    def told(self, kind: int, value: int, clock: float) -> str | None:
        """What there is to say after one more event of the monitor. `clock` in seconds, steady."""
        if kind == zmq.EVENT_ACCEPTED:
            self._peers[value] = address(value)
        elif kind == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            # One that is put off stays on for a while: the next that ends is another.
            self._fault = self._fault if value == _NOT_NOW else _NAMED
        elif kind & _FAILED and self._fault is None:
            self._fault = value
        elif kind == zmq.EVENT_DISCONNECTED:
            # ZeroMQ tells of a failed handshake and of its end in one go, from one thread.
            peer, fault, self._fault = self._peers.pop(value, "an unknown address"), self._fault, None
            if fault not in (None, _NAMED) and self._is_news(peer, fault, clock):
                reason = _REASONS.get(fault, _UNTOLD)
                return f"refused a connection from {peer}: {reason}"
        return None

    def _is_news(self, peer: str, fault: int, clock: float) -> bool:
        host = peer.rpartition(":")[0] or peer
        if clock - self._told.get((host, fault), -_QUIET) < _QUIET:
            return False
        self._told.pop((host, fault), None)
        self._told[host, fault] = clock
        if len(self._told) > _MOST:
            del self._told[next(iter(self._told))]
        return True
