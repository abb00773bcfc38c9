"""The proof, at each start, that strangers stay outside: it tries the bridge's own endpoints, and must fail.

CURVE without a working ZAP handler would admit any key, silently.
"""

from __future__ import annotations

import itertools

import zmq
from zmq.utils.monitor import parse_monitor_message

from bridge import keys
from bridge.bus.zap import Access

_PATIENCE_MS = 5_000
_NUMBERS = itertools.count()
_ENDS = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)


class EndpointsUnprotected(Exception):
    """A stranger gets in, or it could not be shown that none does; why."""


def prove(events: str, requests: str, access: Access) -> None:
    """Raise GateOpen unless both endpoints, as bound, refuse an unknown key and no key at all."""
    stranger = keys.fresh("stranger")
    access.rehearsed.add(stranger.public)
    with zmq.Context() as context:
        for kind, endpoint in ((zmq.SUB, events), (zmq.DEALER, requests)):
            target = reachable(endpoint)
            outcome = _attempt(context, kind, target, stranger, access.keys.public)
            if outcome != zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                raise EndpointsUnprotected(f"{endpoint}: an unknown key {_told(outcome)}, where it must be refused")
            outcome = _attempt(context, kind, target, None, access.keys.public)
            if outcome not in (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL):
                raise EndpointsUnprotected(
                    f"{endpoint}: a client without a key {_told(outcome)}, where it must be refused"
                )


def reachable(endpoint: str) -> str:
    """An address at which this machine reaches an endpoint that may be bound to all of its addresses."""
    for everywhere, here in (("tcp://0.0.0.0:", "tcp://127.0.0.1:"), ("tcp://[::]:", "tcp://[::1]:")):
        if endpoint.startswith(everywhere):
            return here + endpoint.removeprefix(everywhere)
    return endpoint


def _attempt(
    context: zmq.Context[zmq.Socket[bytes]], kind: int, endpoint: str, pair: keys.KeyPair | None, server: str
) -> int | None:
    """How the handshake ended: one of the monitor's events, None for not at all."""
    socket, monitor = context.socket(kind), context.socket(zmq.PAIR)
    try:
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.IPV6, int("[" in endpoint))
        if pair is not None:
            socket.setsockopt(zmq.CURVE_PUBLICKEY, pair.public.encode("ascii"))
            socket.setsockopt(zmq.CURVE_SECRETKEY, pair.secret.encode("ascii"))
            socket.setsockopt(zmq.CURVE_SERVERKEY, server.encode("ascii"))
        # Not id(socket): libzmq frees an inproc name some time after its socket, and Python gives ids out again.
        watched = f"inproc://selftest-{next(_NUMBERS)}"
        socket.monitor(watched, _ENDS)
        monitor.connect(watched)
        socket.connect(endpoint)
        if not monitor.poll(_PATIENCE_MS):
            return None
        return int(parse_monitor_message(monitor.recv_multipart())["event"])
    finally:
        socket.disable_monitor()
        monitor.close(linger=0)
        socket.close(linger=0)


def _told(outcome: int | None) -> str:
    if outcome is None:
        return "got no answer"
    return "gets in" if outcome == zmq.EVENT_HANDSHAKE_SUCCEEDED else "is refused for another reason"
