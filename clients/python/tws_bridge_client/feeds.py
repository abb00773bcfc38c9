"""The iterators of the blocking client: `Subscription` and `OrderFeed`. Each has its own SUB socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

import zmq

from tws_bridge_client.calls import BridgeError, Call, Data, is_wrong
from tws_bridge_client.closed import Closed
from tws_bridge_client.follow import Event, Follower, FollowerLike, SnapshotRequest, Subscribe
from tws_bridge_client.lifetimes import CallGuard
from tws_bridge_client.orderlog import LogEvent, LogFollower, LogPosition
from tws_bridge_client.sockets import EventSocket
from tws_bridge_client.values import seconds

E = TypeVar("E")


class FeedClient(Protocol):
    """The methods of the client that a feed uses."""

    def send(self, method: str, params: Data | None, timeout: float) -> Call: ...
    def pump(self, until: float, *sockets: zmq.Socket[bytes]) -> None: ...
    def check(self) -> None: ...
    @property
    def guard(self) -> CallGuard: ...
    def forget(self, feed: Any) -> None: ...


class Feed(Generic[E]):
    """An endless iterator of events, also a context manager. `poll` waits for one event for a limited time."""

    def __init__(self, client: FeedClient, event_socket: EventSocket, follower: FollowerLike[E]) -> None:
        self._client = client
        self._event_socket = event_socket
        self._follower = follower
        self._open_calls: dict[int, Call] = {}
        self._ready: list[E] = []
        follower.start(time.monotonic())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket. A second call does nothing."""
        if not self._event_socket.closed and not self._client.guard.is_over:
            with self._client.guard:
                self.end()

    def end(self) -> None:
        """Close the socket; the client is not in a call."""
        self._client.forget(self)
        self._event_socket.close()

    def __iter__(self) -> Iterator[E]:
        while True:
            event = self.poll(float("inf"))
            if event is not None:
                yield event

    def poll(self, timeout: float) -> E | None:
        """Wait for the next event, for at most `timeout` seconds: with 0 it takes only what has arrived. Returns None
        if no event has arrived.

        Raises BridgeError: `fenced` if a newer run has fenced this one, `invalidParams` or `notPermitted` if the bridge
        refuses the subscription, `refusedKey` if it refuses the client's key. Raises Closed after `close`.
        """
        end = time.monotonic() + seconds(timeout, is_wait=True)
        with self._client.guard:
            self._check()
            self._event_socket.connection.try_again()
            while not self._ready:
                self._run_commands()
                self._client.pump(min(end, self._follower.next_timer()), *self._event_socket.sockets)
                self._check()
                self._event_socket.check()
                self._take()
                self._ready = list(self._follower.events())[::-1]
                if not self._ready and time.monotonic() >= end:
                    return None
            return self._ready.pop()

    def _check(self) -> None:
        self._client.check()
        if self._event_socket.closed:
            raise Closed("the feed")

    # For a loop over all feeds

    @property
    def sockets(self) -> tuple[zmq.Socket[bytes], ...]:
        """The sockets to poll; none after `close`."""
        return () if self._event_socket.closed else self._event_socket.sockets

    @property
    def due(self) -> float:
        """When to call `take` again, also without input."""
        return self._follower.next_timer()

    def take(self) -> list[E]:
        """Take the events that have arrived. Raises BridgeError as `poll` does."""
        with self._client.guard:
            if self._event_socket.closed:
                return []
            self._event_socket.connection.try_again()
            self._run_commands()
            self._event_socket.check()
            self._take()
            self._run_commands()
            ready, self._ready = self._ready[::-1], []
            return [*ready, *self._follower.events()]

    def _run_commands(self) -> None:
        for command in self._follower.commands():
            if isinstance(command, SnapshotRequest):
                self._open_calls[command.token] = self._client.send(command.method, command.params, command.timeout)
            else:
                self._event_socket.apply(command)

    def _take(self) -> None:
        """Pass everything that has arrived to the follower: reconnects, replies, events, and the time."""
        now = time.monotonic()
        if self._event_socket.connection.take_reconnect():
            self._follower.on_reconnect(now)
        for token, call in list(self._open_calls.items()):
            if call.is_over:
                del self._open_calls[token]
                self._on_answer(token, call, now)
        self._deliver(now)
        self._follower.on_timer(now)

    def _deliver(self, now: float) -> None:
        self._event_socket.deliver(self._follower, now)

    def _on_answer(self, token: int, call: Call, now: float) -> None:
        if call.reply is not None and not call.reply["ok"] and is_wrong(call.reply["error"]):
            raise BridgeError(call.reply["error"])
        ok = call.reply is not None and call.reply["ok"]
        self._follower.on_reply(token, call.reply["result"] if ok and call.reply else None, now)


class Subscription(Feed[Event]):
    """An endless iterator of `Event`. `BridgeClient.subscribe` creates it.

    Example:
        with client.subscribe("market.", "system.") as events:
            while (event := events.poll(1.0)) is not None:
                print(event.topic, event.data)
    """

    def __init__(self, client: FeedClient, event_socket: EventSocket, prefixes: tuple[str, ...]) -> None:
        self._topic_follower = Follower(prefixes or ("",))
        super().__init__(client, event_socket, self._topic_follower)

    @property
    def is_live(self) -> bool:
        """Whether the feed has delivered its snapshot. False again while it waits for a new one after a gap."""
        return self._topic_follower.is_live


class OrderFeed(Feed[LogEvent]):
    """An endless iterator of `LogEvent`. `BridgeClient.orders` creates it.

    It has its own socket, so other subscriptions do not delay it. Store `event.position` in one transaction with the
    effects of the event, and pass it to `orders` at the next start. Then each event takes effect exactly once.

    Example:
        with client.orders(load_position()) as orders:
            for event in orders:
                store(event.data, event.position)
    """

    def __init__(self, client: FeedClient, event_socket: EventSocket, owner: str, position: LogPosition | None) -> None:
        self._log_follower = follower = LogFollower(owner, position)
        event_socket.apply(Subscribe(follower.prefix))
        super().__init__(client, event_socket, follower)

    @property
    def behind(self) -> bool:
        """Whether the log may have events that `poll` has not delivered, as far as the last `poll` shows.

        True before the first answer of the bridge, after lost events and after a reconnect until the log is read, while
        the bridge does not answer, and after `close`.
        """
        closed = self._event_socket.closed
        return closed or bool(self._ready) or self._log_follower.is_behind(time.monotonic()) or not self._is_up

    @property
    def _is_up(self) -> bool:
        return self._event_socket.connection.is_up

    def run(self, consume: Callable[[LogEvent], None]) -> None:
        """Call `consume` with each event. It returns only if `consume` raises."""
        for event in self:
            consume(event)
