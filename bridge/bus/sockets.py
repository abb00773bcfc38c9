"""The two ZeroMQ sockets of the bridge: XPUB for events, ROUTER for requests. It does not look into messages.

One event loop reads and writes both sockets and never blocks. The XPUB socket is in manual mode: the bridge itself
applies each subscription. If clients have keys, it applies only what the client may receive.
"""

from __future__ import annotations

import functools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import zmq
import zmq.backend

from bridge.bus import endpoints
from bridge.bus.byte_guard import ByteGuard
from bridge.bus.frames import MOST_FRAMES, MOST_ROUTE_BYTES
from bridge.bus.handshake_monitor import HandshakeMonitor
from bridge.bus.ipc_files import check_free
from bridge.bus.local_connections import LocalConnections
from bridge.bus.peers import disconnect, identity
from bridge.bus.probe import Probe
from bridge.bus.reply_backlog import LARGE, ReplyBacklog
from bridge.bus.subscription_filter import WINDOW, SubscriptionFilter
from bridge.bus.zap import EVENTS, REQUESTS, AccessList, name_of

#: ZeroMQ disconnects a peer that sends a larger message, before it has the whole message in memory.
MOST_WIRE_BYTES = 2 << 20
#: How many requests of one connection ZeroMQ reads ahead. Further ones wait at the client.
_READ_AHEAD = 64
#: The longest message that a SUB client may send. A topic has at most 255 bytes; CURVE's handshake needs more.
_MOST_SUBSCRIPTION = 1024
#: How many subscription messages are read at a time. The bridge may apply each as some dozens of prefixes.
_CHANGES = 100
#: How many bytes of large replies may wait for one connection.
_MOST_UNREAD = 8 << 20
#: The same for all connections together.
_MOST_UNREAD_OF_ALL = 64 << 20
_HEARTBEAT_MS = 5_000
#: After a ZAP status of 300, ZeroMQ keeps the connection this long before the client tries again.
_HANDSHAKE_MS = 10_000
_LINGER_MS = 1_000
#: How many bytes of subscriptions a connection may send at once, and then each second. CURVE makes them longer.
_SUBSCRIPTION_BYTES = 512 << 10
_SUBSCRIPTION_BYTES_CURVE = 2 << 20
_SUBSCRIPTION_BYTES_A_SECOND = 128 << 10
#: How many bytes of requests a connection may send that the bridge has not read yet. ZeroMQ's heartbeats count too.
_UNREAD_REQUEST_BYTES = 32 << 20
_HEARTBEAT_BYTES_A_SECOND = 1000
#: About how many bytes travel with each frame besides its content.
_FRAME_BYTES = 64
_MORE = int(zmq.SNDMORE | zmq.NOBLOCK)
_LAST = int(zmq.NOBLOCK)


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """One request as received. `route` has the frames before the body.

    `speaker`: the name of the client whose key the connection has; None if the bridge has no key. `is_revoked`: a
    reload has taken the key from the client, so the bridge must refuse the request.
    """

    route: tuple[bytes, ...]
    body: bytes
    speaker: str | None = None
    is_revoked: bool = False


class Bus:
    """The two bound sockets.

    Parameters:
        context: the ZeroMQ context.
        events: the endpoint of the XPUB socket.
        requests: the endpoint of the ROUTER socket.
        queue: how many events may wait for one slow subscriber. It loses further ones and sees a hole in `seq`.
        access: which keys may connect, and which topics each may receive. Without it only this machine can connect, and
            receives everything.
        connections: how many connections each socket may have. The bridge ends further ones.
        ipc_group: whether the group of an ipc endpoint's file may connect, and not only its owner.

    Raises EndpointRefused if the bridge must not bind to an endpoint, zmq.ZMQError if binding fails.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        events: str,
        requests: str,
        queue: int,
        access: AccessList | None = None,
        *,
        connections: int = 1000,
        ipc_group: bool = False,
    ) -> None:
        for endpoint in (events, requests):
            endpoints.check(endpoint, curve=access is not None)
        self.undelivered = 0
        self._dropped = 0
        #: By descriptor, how many bytes of requests were read.
        self._read_bytes: Counter[int] = Counter()
        self._queue = queue
        self._most_connections = connections
        self._access = access
        self._filter = SubscriptionFilter(_hears_all if access is None else _hearing(access), identity)
        #: By descriptor: what it is, and the User-Id of the connection that has sent requests on it.
        self._speakers: dict[int, tuple[object, str]] = {}
        self._local = LocalConnections(identity)
        self._events = context.socket(zmq.XPUB)
        self._requests = context.socket(zmq.ROUTER)
        self._events.setsockopt(zmq.XPUB_MANUAL, 1)
        self._events.setsockopt(zmq.SNDHWM, queue)
        self._events.setsockopt(zmq.MAXMSGSIZE, _MOST_SUBSCRIPTION)
        self._events.setsockopt(zmq.HANDSHAKE_IVL, _HANDSHAKE_MS)
        self._requests.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self._requests.setsockopt(zmq.MAXMSGSIZE, MOST_WIRE_BYTES)
        self._requests.setsockopt(zmq.RCVHWM, _READ_AHEAD)
        self._requests.setsockopt(zmq.HANDSHAKE_IVL, _HANDSHAKE_MS)
        self._requests.copy_threshold = LARGE
        self._backlog = ReplyBacklog(_MOST_UNREAD, _MOST_UNREAD_OF_ALL)
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
        self._probe: Probe | None = None
        try:
            for endpoint in (events, requests):
                check_free(endpoint)
            self._events.bind(events)
            self._requests.bind(requests)
        except zmq.ZMQError:
            self.close()
            raise
        self.events_endpoint = _bound(self._events)
        self.requests_endpoint = _bound(self._requests)
        for endpoint in (self.events_endpoint, self.requests_endpoint):
            endpoints.admit(endpoint, group=ipc_group)
        # pyzmq's Socket.send repeats checks that are not needed here (measured: 2.3 us instead of 1.0 us).
        self._send_event = functools.partial(zmq.backend.Socket.send, self._events)

    def descriptors(self) -> tuple[int, int]:
        """The descriptors to watch for reading. Edge-triggered: read until empty, and check again after each send."""
        return int(self._events.getsockopt(zmq.FD)), int(self._requests.getsockopt(zmq.FD))

    def watch(self) -> None:
        """Start to limit the connections and, with keys, to log the peers whose handshake fails before ZAP."""
        keyed = self._access is not None
        subscriptions = _SUBSCRIPTION_BYTES_CURVE if keyed else _SUBSCRIPTION_BYTES
        guards = (
            ByteGuard(subscriptions, _SUBSCRIPTION_BYTES_A_SECOND),
            ByteGuard(_UNREAD_REQUEST_BYTES, _HEARTBEAT_BYTES_A_SECOND),
        )
        sockets = (self._events, self._requests)
        endpoints_ = (self.events_endpoint, self.requests_endpoint)
        for socket, endpoint, guard in zip(sockets, endpoints_, guards, strict=True):
            is_events = socket is self._events
            monitor = HandshakeMonitor(
                self._context, socket, endpoint,
                most=self._most_connections, logs_failures=keyed, guard=guard,
                read={} if is_events else self._read_bytes, pauses=is_events and not keyed,
            )  # fmt: skip
            self._monitors.append(monitor)
        for monitor in self._monitors:
            monitor.start()

    def probe(self) -> Probe:
        """A way to ask, from inside the process, whether the socket for requests is served. Call it once."""
        assert self._probe is None
        self._probe = Probe(self._context, self._requests)
        return self._probe

    def close(self) -> None:
        """End the monitors and close the sockets."""
        for monitor in self._monitors:
            monitor.close()
        if self._probe is not None:
            self._probe.close()
        self._events.close()
        self._requests.close()

    # Events

    def publish(self, topic: bytes, body: bytes) -> None:
        """Send an event to all subscribers of its topic. It never blocks; a subscriber with a full queue loses it."""
        self._send_event(topic, _MORE, True)
        self._send_event(body, _LAST, True)

    def grant_subscriptions(self, most: int = _CHANGES) -> bool:
        """Read and apply up to `most` subscription messages. Returns whether more may be waiting."""
        clock = time.monotonic()
        for _ in range(most):
            # Not `_has_input`: while libzmq takes in a flood there, pyzmq holds the GIL, and no monitor could end it.
            try:
                frame = self._events.recv(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return False
            change = frame.bytes
            if change[:1] in (b"\0", b"\1"):
                option = zmq.SUBSCRIBE if change[0] else zmq.UNSUBSCRIBE
                for prefix in self._granted(frame, change, clock):
                    self._events.setsockopt(option, prefix)
                for late, prefix in self._late_changes(frame):
                    self._events.setsockopt(late, prefix)
        return True

    def follow_rights(self) -> int:
        """The rights of clients have changed: end the connections that may not go on. Return how many that were.

        A connection may not go on if the configuration has its key no longer, or if it hears too much. The client of
        the latter connects again at once.
        """
        access = self._access
        if access is None:
            return 0
        over = self._filter.reconsider(access.speaker)
        for descriptor in over:
            disconnect(descriptor, self.events_endpoint)
        for descriptor, (known, user_id) in list(self._speakers.items()):
            if identity(descriptor) != known:
                del self._speakers[descriptor]
            elif access.speaker(user_id) is None:
                del self._speakers[descriptor]
                disconnect(descriptor, self.requests_endpoint)
                over.append(descriptor)
        return len(over)

    def _late_changes(self, frame: zmq.Frame) -> list[tuple[int, bytes]]:
        """What a reload has changed for the connection of this frame."""
        if self._access is None or not self._filter.behind:
            return []
        descriptor, user_id = _descriptor(frame), _user_id(frame)
        if descriptor is None or user_id is None:
            return []
        new, old = self._filter.catch_up(user_id, descriptor)
        return [*((zmq.SUBSCRIBE, prefix) for prefix in new), *((zmq.UNSUBSCRIBE, prefix) for prefix in old)]

    def listeners(self) -> set[str]:
        """The clients with an open connection and at least one applied subscription; empty if clients have no keys."""
        return set() if self._access is None else self._filter.names()

    def figures(self) -> dict[str, tuple[int | None, int | None, int]]:
        """What is in use of each bound of the sockets, the most, and how often something was refused. See `Usage`."""
        figures: dict[str, tuple[int | None, int | None, int]] = {
            "eventQueue": (None, self._queue, 0),
            "subscribedPrefixes": (self._filter.count(), None, self._filter.refused),
            "unreadReplyBytes": (self._backlog.bytes(), _MOST_UNREAD_OF_ALL, self.undelivered),
            "requestFrames": (None, MOST_FRAMES, self._dropped),
        }
        for bound, monitor in zip(("eventConnections", "requestConnections"), self._monitors, strict=False):
            figures[bound] = (monitor.connections, self._most_connections, monitor.refused)
        return figures

    def _granted(self, frame: zmq.Frame, change: bytes, clock: float) -> list[bytes]:
        """The prefixes to apply or to remove. XPUB applies them to the connection from which the last message came."""
        descriptor = _descriptor(frame)
        if descriptor is None:
            return []
        user_id = self._local.user_id(descriptor) if self._access is None else _user_id(frame)
        if user_id is None:
            return []
        if self._access is not None and self._access.speaker(user_id) is None:
            disconnect(descriptor, self.events_endpoint)
            return []
        verdict = self._filter.judge(user_id, descriptor, clock)
        if verdict == "accept":
            change_of = self._filter.subscribe if change[0] else self._filter.unsubscribe
            return change_of(user_id, descriptor, change[1:])
        if verdict == "disconnect":
            if self._access is not None:
                self._access.suspended[name_of(user_id)] = clock + WINDOW
            elif self._monitors:
                self._monitors[0].put_off(clock)
            disconnect(descriptor, self.events_endpoint)
        return []

    # Requests

    def requests(self, most: int) -> Iterator[IncomingRequest]:
        """Receive up to `most` requests. The bridge drops a message with too many frames, or too long ones."""
        for _ in range(most):
            if not _has_input(self._requests):
                return
            frames = self._receive()
            if not 2 <= len(frames) <= MOST_FRAMES or sum(map(len, frames[1:-1])) > MOST_ROUTE_BYTES:
                self._dropped += 1
                continue
            *route, body = (frame.bytes for frame in frames)
            if self._probe is not None and route == [self._probe.identity]:
                self.reply(tuple(route), body)
            elif self._access is None:
                yield IncomingRequest(tuple(route), body)
            elif (user_id := _user_id(frames[-1])) is not None:
                self._note_speaker(frames[-1], user_id)
                is_revoked = self._access.speaker(user_id) is None
                yield IncomingRequest(tuple(route), body, name_of(user_id), is_revoked)

    def _note_speaker(self, frame: zmq.Frame, user_id: str) -> None:
        descriptor = _descriptor(frame)
        if descriptor is not None and self._speakers.get(descriptor, (None, ""))[1] != user_id:
            self._speakers[descriptor] = identity(descriptor), user_id

    def has_requests(self) -> bool:
        """Whether a request is waiting."""
        return _has_input(self._requests)

    def reply(self, route: tuple[bytes, ...], body: bytes) -> None:
        """Send a reply. It never blocks.

        If the client has disconnected or does not read, the reply is dropped. The client can send the request again,
        because the session keeps the answer.
        """
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
        bytes_ = 0
        while self._requests.getsockopt(zmq.RCVMORE):
            frame = self._requests.recv(zmq.NOBLOCK, copy=False)
            bytes_ += len(frame) + _FRAME_BYTES
            if len(frames) <= MOST_FRAMES:
                frames.append(frame)
        if (descriptor := _descriptor(frames[-1])) is not None:
            self._read_bytes[descriptor] += bytes_
        return frames


def _hears_all(_client: str) -> tuple[str, ...]:
    return ("",)


def _hearing(access: AccessList) -> Callable[[str], tuple[str, ...]]:
    """What a client may receive at present."""

    def hears(client: str) -> tuple[str, ...]:
        return access.hears(client)

    return hears


def _encrypt(socket: zmq.Socket[bytes], access: AccessList, domain: str) -> None:
    """Enable CURVE and ZAP. Until a ZAP handler answers for the domain, the socket refuses every client."""
    socket.setsockopt(zmq.CURVE_SERVER, 1)
    socket.setsockopt(zmq.CURVE_SECRETKEY, access.keys.secret.encode("ascii"))
    socket.setsockopt(zmq.ZAP_DOMAIN, domain.encode("ascii"))
    socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)


def _user_id(frame: zmq.Frame) -> str | None:
    """The User-Id that ZAP gave to the connection of the frame; None for a frame that libzmq itself made."""
    try:
        return str(frame.get("User-Id"))
    except zmq.ZMQError:
        return None


def _descriptor(frame: zmq.Frame) -> int | None:
    """The descriptor of the frame's connection; None for a frame that libzmq itself made when the connection ended."""
    try:
        return int(str(frame.get("__fd")))
    except zmq.ZMQError:
        return None


def _has_input(socket: zmq.Socket[bytes]) -> bool:
    return bool(int(socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN)


def _bound(socket: zmq.Socket[bytes]) -> str:
    endpoint = socket.getsockopt(zmq.LAST_ENDPOINT)
    return endpoint.rstrip(b"\0").decode() if isinstance(endpoint, bytes) else str(endpoint)
