"""The self-test at each start: it connects to the bridge's endpoints with an unknown key and without a key.

Both connections must fail. Without a working ZAP handler libzmq would admit every CURVE key, without a warning.
"""

from __future__ import annotations

import itertools

import zmq
from zmq.utils.monitor import parse_monitor_message

from bridge import keys
from bridge.bus.zap import AccessList

_PATIENCE_MS = 5_000
_NUMBERS = itertools.count()
_ENDS = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)


class EndpointsUnprotected(Exception):
    """An endpoint admits an unknown client, or the self-test could not prove that it does not. The text says which."""


def prove(events: str, requests: str, access: AccessList) -> None:
    """Raise EndpointsUnprotected unless both bound endpoints refuse an unknown key and a client without a key."""
    stranger = keys.fresh("stranger")
    access.selftest_keys.add(stranger.public)
    with zmq.Context() as context:
        for kind, endpoint in ((zmq.SUB, events), (zmq.DEALER, requests)):
            target = reachable(endpoint)
            outcome = _attempt(context, kind, target, stranger, access.keys.public)
            if outcome != zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                raise EndpointsUnprotected(
                    f"{endpoint}: a client with an unknown key {_outcome(outcome)}; the bridge must refuse it"
                )
            outcome = _attempt(context, kind, target, None, access.keys.public)
            if outcome not in (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL):
                raise EndpointsUnprotected(
                    f"{endpoint}: a client without a key {_outcome(outcome)}; the bridge must refuse it"
                )


def reachable(endpoint: str) -> str:
    """The loopback endpoint through which this machine reaches an endpoint that is bound to all addresses."""
    for everywhere, here in (("tcp://0.0.0.0:", "tcp://127.0.0.1:"), ("tcp://[::]:", "tcp://[::1]:")):
        if endpoint.startswith(everywhere):
            return here + endpoint.removeprefix(everywhere)
    return endpoint


def _attempt(
    context: zmq.Context[zmq.Socket[bytes]], kind: int, endpoint: str, pair: keys.KeyPair | None, server: str
) -> int | None:
    """Returns the monitor event with which the handshake ended, or None if there was none in time."""
    socket, monitor = context.socket(kind), context.socket(zmq.PAIR)
    try:
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.IPV6, int("[" in endpoint))
        if pair is not None:
            socket.setsockopt(zmq.CURVE_PUBLICKEY, pair.public.encode("ascii"))
            socket.setsockopt(zmq.CURVE_SECRETKEY, pair.secret.encode("ascii"))
            socket.setsockopt(zmq.CURVE_SERVERKEY, server.encode("ascii"))
        # A counter and not id(socket): libzmq frees an inproc name later than the socket, and Python reuses ids.
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


def _outcome(outcome: int | None) -> str:
    if outcome is None:
        return "got no answer"
    return "can connect" if outcome == zmq.EVENT_HANDSHAKE_SUCCEEDED else "is refused for another reason"
