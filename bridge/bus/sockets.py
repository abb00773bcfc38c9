"""The two ZeroMQ sockets of the bridge: XPUB for events, ROUTER for requests. Carries frames, knows no meaning.

Both are read and written from one loop, never blocking. A subscription is granted here, by hand (manual XPUB): cut down
to what the client may hear, where keys say who it is.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from dataclasses import dataclass

import zmq
import zmq.backend

from bridge.bus import endpoints
from bridge.bus.frames import MOST_FRAMES
from bridge.bus.handshake_monitor import HandshakeMonitor
from bridge.bus.peers import hang_up, identity
from bridge.bus.reply_backlog import LARGE, ReplyBacklog
from bridge.bus.subscription_filter import WINDOW, SubscriptionFilter
from bridge.bus.zap import EVENTS, REQUESTS, Access, name_of

#: ZeroMQ drops the peer that sends a larger message, with the connection, before it is in memory as a whole.
MOST_WIRE_BYTES = 16 << 20
#: The longest message that a SUB client may send: a topic has 255 bytes at most, and CURVE's handshake needs more.
_MOST_SUBSCRIPTION = 1024
#: Subscriptions read at one time, at most: each may be granted as a few dozen prefixes.
_CHANGES = 100
#: Bytes of large answers that one connection may leave unread.
_MOST_UNREAD = 8 << 20
_HEARTBEAT_MS = 5_000
#: ZeroMQ lets one that ZAP puts off wait as long before it tries again.
_HANDSHAKE_MS = 10_000
_LINGER_MS = 1_000
_MORE = int(zmq.SNDMORE | zmq.NOBLOCK)
_LAST = int(zmq.NOBLOCK)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request as it came: the frames before the body, and the body.

    `speaker`: the client whose key it came with; None where there are no keys.
    """

    route: tuple[bytes, ...]
    body: bytes
    speaker: str | None = None


class Bus:
    """Bound sockets. Raises EndpointRefused, or zmq.ZMQError where an address is taken.

    `queue`: events held for one slow subscriber; beyond it that one loses events, and sees the hole in `seq`.
    `access`: whose keys may connect, and hear what; without it only this machine can, and hears everything.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        events: str,
        requests: str,
        queue: int,
        access: Access | None = None,
    ) -> None:
        for endpoint in (events, requests):
            endpoints.check(endpoint, curve=access is not None)
        self.undelivered = 0
        self._access = access
        self._filter = None if access is None else SubscriptionFilter(access.hears, identity)
        self._events = context.socket(zmq.XPUB)
        self._requests = context.socket(zmq.ROUTER)
        self._events.setsockopt(zmq.XPUB_MANUAL, 1)
        self._events.setsockopt(zmq.SNDHWM, queue)
        self._events.setsockopt(zmq.MAXMSGSIZE, _MOST_SUBSCRIPTION)
        self._events.setsockopt(zmq.HANDSHAKE_IVL, _HANDSHAKE_MS)
        self._requests.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self._requests.setsockopt(zmq.MAXMSGSIZE, MOST_WIRE_BYTES)
        self._requests.copy_threshold = LARGE
        self._backlog = ReplyBacklog(_MOST_UNREAD)
        for socket, endpoint, domain in ((self._events, events, EVENTS), (self._requests, requests, REQUESTS)):
            socket.setsockopt(zmq.IPV6, int(endpoint.startswith("tcp://[")))
            socket.setsockopt(zmq.LINGER, _LINGER_MS)
            socket.setsockopt(zmq.HEARTBEAT_IVL, _HEARTBEAT_MS)
            socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3 * _HEARTBEAT_MS)
            socket.setsockopt(zmq.HEARTBEAT_TTL, 3 * _HEARTBEAT_MS)
            if access is not None:
                _encrypt(socket, access, domain)
        self._context = context
        self._monitors: list[HandshakeMonitor] = []
        try:
            self._events.bind(events)
            self._requests.bind(requests)
        except zmq.ZMQError:
            self.close()
            raise
        self.events_endpoint = _bound(self._events)
        self.requests_endpoint = _bound(self._requests)
        # pyzmq's own Socket.send checks what is known here, at the cost of the send itself (measured: 2.3 to 1.0 us).
        self._send_event = functools.partial(zmq.backend.Socket.send, self._events)

    def descriptors(self) -> tuple[int, int]:
        """To be watched for reading. Edge-triggered: read until there is nothing, and look again after each send."""
        return int(self._events.getsockopt(zmq.FD)), int(self._requests.getsockopt(zmq.FD))

    def watch(self) -> None:
        """From now on, log who is turned away before its key was looked at."""
        self._monitors = [HandshakeMonitor(self._context, socket) for socket in (self._events, self._requests)]
        for watch in self._monitors:
            watch.start()

    def close(self) -> None:
        for watch in self._monitors:
            watch.close()
        self._events.close()
        self._requests.close()

    # Events

    def publish(self, topic: bytes, body: bytes) -> None:
        """Hand an event to all who want it. Never blocks: a subscriber whose queue is full loses it."""
        self._send_event(topic, _MORE, True)
        self._send_event(body, _LAST, True)

    def grant_subscriptions(self, most: int = _CHANGES) -> bool:
        """Let subscribers hear what they have asked for, up to `most` changes of it; whether there may be more."""
        clock = time.monotonic()
        for _ in range(most):
            if not _has_input(self._events):
                return False
            frame = self._events.recv(zmq.NOBLOCK, copy=False)
            change = frame.bytes
            if change[:1] in (b"\0", b"\1"):
                option = zmq.SUBSCRIBE if change[0] else zmq.UNSUBSCRIBE
                for prefix in self._granted(frame, change, clock):
                    self._events.setsockopt(option, prefix)
        return True

    def listeners(self) -> set[str]:
        """The clients with an open connection that hears something; none where no key says whose it is."""
        return set() if self._filter is None else self._filter.names()

    def _granted(self, frame: zmq.Frame, change: bytes, clock: float) -> list[bytes]:
        """What of a subscription is granted, or taken back. Manual XPUB applies it to the connection just read."""
        if self._filter is None or self._access is None:
            return [change[1:]]
        user_id = _user_id(frame)
        if user_id is None:
            return []
        descriptor = int(str(frame.get("__fd")))
        weight = self._filter.weigh(user_id, descriptor, clock)
        if weight == "fair":
            change_of = self._filter.subscribe if change[0] else self._filter.unsubscribe
            return change_of(user_id, descriptor, change[1:])
        if weight == "too much":
            self._access.suspended[name_of(user_id)] = clock + WINDOW
            hang_up(descriptor, self.events_endpoint)
        return []

    # Requests

    def requests(self, most: int) -> Iterator[Incoming]:
        """Up to `most` requests that have arrived. What has too many frames is dropped unread."""
        for _ in range(most):
            if not _has_input(self._requests):
                return
            frames = self._receive()
            if not 2 <= len(frames) <= MOST_FRAMES:
                continue
            *route, body = (frame.bytes for frame in frames)
            if self._filter is None:
                yield Incoming(tuple(route), body)
            elif (user_id := _user_id(frames[-1])) is not None:
                yield Incoming(tuple(route), body, name_of(user_id))

    def has_requests(self) -> bool:
        return _has_input(self._requests)

    def reply(self, route: tuple[bytes, ...], body: bytes) -> None:
        """Answer on that route. One who has gone, or does not read, can ask again: the answer is kept."""
        if len(body) >= LARGE and not self._backlog.has_room(route):
            self.undelivered += 1
            return
        try:
            if len(body) < LARGE:
                self._requests.send_multipart((*route, body), zmq.NOBLOCK)
            else:
                tracker = self._requests.send_multipart((*route, body), zmq.NOBLOCK, copy=False, track=True)
                assert tracker is not None
                self._backlog.add(route, tracker, len(body))
        except zmq.ZMQError as error:
            if error.errno not in (zmq.EHOSTUNREACH, zmq.EAGAIN):
                raise
            self.undelivered += 1

    def _receive(self) -> list[zmq.Frame]:
        frames = [self._requests.recv(zmq.NOBLOCK, copy=False)]
        while self._requests.getsockopt(zmq.RCVMORE):
            frame = self._requests.recv(zmq.NOBLOCK, copy=False)
            if len(frames) <= MOST_FRAMES:
                frames.append(frame)
        return frames


def _encrypt(socket: zmq.Socket[bytes], access: Access, domain: str) -> None:
    """CURVE, with ZAP: a socket of this domain refuses everyone as long as no handler answers for it."""
    socket.setsockopt(zmq.CURVE_SERVER, 1)
    socket.setsockopt(zmq.CURVE_SECRETKEY, access.keys.secret.encode("ascii"))
    socket.setsockopt(zmq.ZAP_DOMAIN, domain.encode("ascii"))
    socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)


def _user_id(frame: zmq.Frame) -> str | None:
    """The User-Id that ZAP gave to the connection which the frame came on; None for frames of libzmq's own."""
    try:
        return str(frame.get("User-Id"))
    except zmq.ZMQError:
        return None


def _has_input(socket: zmq.Socket[bytes]) -> bool:
    return bool(int(socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN)


def _bound(socket: zmq.Socket[bytes]) -> str:
    endpoint = socket.getsockopt(zmq.LAST_ENDPOINT)
    return endpoint.rstrip(b"\0").decode() if isinstance(endpoint, bytes) else str(endpoint)
