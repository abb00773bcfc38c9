"""The iterators of the asyncio client: `AsyncSubscription` and `AsyncOrderFeed`. Each has its own SUB socket."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from tws_bridge_client.calls import BridgeError, Data, is_wrong
from tws_bridge_client.closed import Closed
from tws_bridge_client.follow import Event, Follower, FollowerLike, SnapshotRequest, Subscribe
from tws_bridge_client.orderlog import LogEvent, LogFollower, LogPosition
from tws_bridge_client.sockets import EventSocket, descriptor
from tws_bridge_client.values import seconds

E = TypeVar("E")

#: How many events the feed buffers. Further ones wait in the receive queue of the socket.
_MOST_READY = 10_000
_TICK = 0.25


class AsyncFeedClient(Protocol):
    """The methods of the client that a feed uses."""

    async def ask(self, method: str, params: Data | None, timeout: float) -> Any: ...
    def check(self) -> None: ...
    def forget(self, feed: Any) -> None: ...


class AsyncFeed(Generic[E]):
    """An endless asynchronous iterator of events, also an asynchronous context manager."""

    def __init__(self, client: AsyncFeedClient, event_socket: EventSocket, follower: FollowerLike[E]) -> None:
        self._client = client
        self._event_socket = event_socket
        self._follower = follower
        self._paused = False
        #: Why the bridge refuses the subscription. `next` raises it, once.
        self._failure: BridgeError | None = None
        self._ready: deque[E] = deque()
        self._arrived = asyncio.Event()
        self._requests: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        follower.start(time.monotonic())
        asyncio.get_running_loop().add_reader(descriptor(event_socket.connection.monitor), self._on_monitor)
        self._resume()
        self._advance()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the socket. A task that waits in `next` gets Closed. A second call does nothing."""
        if self._event_socket.closed:
            return
        self._client.forget(self)
        requests = list(self._requests)
        if not self._loop.is_closed():
            for task in requests:
                task.cancel()
            if self._timer is not None:
                self._timer.cancel()
            for socket in self._event_socket.sockets:
                self._loop.remove_reader(descriptor(socket))
        self._event_socket.close()
        if not self._loop.is_closed():
            self.wake()
            await asyncio.gather(*requests, return_exceptions=True)

    async def __aiter__(self) -> AsyncIterator[E]:
        while True:
            yield await self.next()

    async def next(self) -> E:
        """Wait for the next event. The caller may cancel it at any time; no event is lost.

        Raises Closed if the feed is closed, and BridgeError: `fenced` if a newer run has fenced this one,
        `invalidParams` or `notPermitted` if the bridge refuses the subscription, `refusedKey` if it refuses the key.
        """
        self._client.check()
        while not self._ready:
            self._raise_failure()
            if self._event_socket.closed:
                raise Closed("the feed")
            self._arrived.clear()
            if self._paused:
                self._resume()
            self._take()
            if not self._ready:
                await self._arrived.wait()
                self._client.check()
        return self._ready.popleft()

    async def poll(self, timeout: float) -> E | None:
        """Wait for the next event as `next`, for `timeout` seconds at most; None if none has arrived.

        With 0 it takes only what has arrived.
        """
        try:
            async with asyncio.timeout(None if timeout == math.inf else seconds(timeout, is_wait=True)):
                return await self.next()
        except TimeoutError:
            return None

    # For a loop over all feeds

    def take(self) -> list[E]:
        """Take the events that have arrived. Raises BridgeError as `next` does."""
        self._raise_failure()
        if self._event_socket.closed:
            return []
        self._arrived.clear()
        if self._paused and not self._ready:
            self._resume()
            self._take()
        ready = list(self._ready)
        self._ready.clear()
        return ready

    async def arrived(self) -> None:
        """Wait until `take` may have something."""
        await self._arrived.wait()

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            self._event_socket.connection.try_again()
            raise failure

    def wake(self) -> None:
        """Wake the tasks that wait in `next`, so that they check whether the feed is closed, fenced or refused."""
        self._arrived.set()

    def _resume(self) -> None:
        """Start reading the SUB socket."""
        self._paused = False
        asyncio.get_running_loop().add_reader(descriptor(self._event_socket.sub), self._take)

    def _pause(self) -> None:
        """Stop reading the SUB socket until the caller has taken the buffered events. The socket's queue is bounded."""
        self._paused = True
        asyncio.get_running_loop().remove_reader(descriptor(self._event_socket.sub))

    def _on_monitor(self) -> None:
        """Handle the socket monitor, which reports each connection."""
        if self._event_socket.closed:
            return
        if self._event_socket.connection.take_reconnect():
            self._follower.on_reconnect(time.monotonic())
            self._advance()
        if (refused := self._event_socket.connection.refused) is not None:
            self._fail(refused)

    def _fail(self, failure: BridgeError) -> None:
        self._failure = failure
        self.wake()

    def _take(self) -> None:
        """Read the SUB socket. The descriptor is edge-triggered, so it reads, in batches, until nothing is left."""
        if self._event_socket.closed or self._paused:
            return
        now = time.monotonic()
        if self._event_socket.deliver(self._follower, now):
            asyncio.get_running_loop().call_soon(self._take)
        else:
            self._follower.on_timer(now)
        self._advance()

    def _advance(self) -> None:
        """Buffer the follower's events, run its commands, and set its timer."""
        if self._event_socket.closed:
            return
        self._ready += self._follower.events()
        if self._ready:
            self._arrived.set()
        loop = asyncio.get_running_loop()
        if len(self._ready) >= _MOST_READY and not self._paused:
            self._pause()
        if not self._paused:
            self._run_commands()
        if self._timer is None:
            wait = max(0.01, self._follower.next_timer() - time.monotonic())
            self._timer = loop.call_later(min(wait, _TICK), self._on_timer)

    def _run_commands(self) -> None:
        """Run the follower's commands. The feed does not run them while it is paused: they may bring more events."""
        loop = asyncio.get_running_loop()
        for command in self._follower.commands():
            if isinstance(command, SnapshotRequest):
                task = loop.create_task(self._request_snapshot(command))
                self._requests.add(task)
                task.add_done_callback(self._requests.discard)
            else:
                self._event_socket.apply(command)
                loop.call_soon(self._take)

    def _on_timer(self) -> None:
        """Read both sockets without an event: a message that came before the last read may have used up the edge."""
        self._timer = None
        self._on_monitor()
        self._take()

    async def _request_snapshot(self, command: SnapshotRequest) -> None:
        try:
            result = await self._client.ask(command.method, command.params, command.timeout)
        except Closed:
            return
        except BridgeError as error:
            result = None
            if is_wrong({"code": error.code}) or error.code == "refusedKey":
                self._fail(error)
        self._follower.on_reply(command.token, result, time.monotonic())
        self._advance()


class AsyncSubscription(AsyncFeed[Event]):
    """An endless asynchronous iterator of `Event`. `AsyncBridgeClient.subscribe` creates it.

    Example:
        async with client.subscribe("market.") as events:
            async for event in events:
                print(event.topic, event.data)
    """

    def __init__(self, client: AsyncFeedClient, event_socket: EventSocket, prefixes: tuple[str, ...]) -> None:
        self._topic_follower = Follower(prefixes or ("",))
        super().__init__(client, event_socket, self._topic_follower)

    @property
    def is_live(self) -> bool:
        """Whether the feed has delivered its snapshot. False again while it waits for a new one after a gap."""
        return self._topic_follower.is_live


class AsyncOrderFeed(AsyncFeed[LogEvent]):
    """An endless asynchronous iterator of `LogEvent`. `AsyncBridgeClient.orders` creates it.

    It has its own socket, so other subscriptions do not delay it. Store `event.position` in one transaction with the
    effects of the event, and pass it to `orders` at the next start. Then each event takes effect exactly once.
    """

    def __init__(
        self, client: AsyncFeedClient, event_socket: EventSocket, owner: str, position: LogPosition | None
    ) -> None:
        self._log_follower = follower = LogFollower(owner, position)
        event_socket.apply(Subscribe(follower.prefix))
        super().__init__(client, event_socket, follower)

    @property
    def behind(self) -> bool:
        """Whether the log may have events that `next` has not delivered.

        True before the first answer of the bridge, after lost events and after a reconnect until the log is read, while
        the bridge does not answer, and after `close`.
        """
        if self._event_socket.closed or self._ready or self._paused:
            return True
        return self._log_follower.is_behind(time.monotonic()) or not self._event_socket.connection.is_up
