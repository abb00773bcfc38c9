"""What the asyncio face follows, each thing on a socket of its own: topics, and the log of one's own orders."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

import zmq

from bridge.client.calls import BridgeError, Data
from bridge.client.follow import Event, Follower, Following, SnapshotRequest, Subscribe
from bridge.client.orderlog import LogEvent, LogFollower, Position
from bridge.client.sockets import EventSocket, descriptor

E = TypeVar("E")

#: Events taken from the socket and not yet from us; beyond it the rest waits in the socket's own queue.
_MOST_READY = 10_000
_TICK = 0.25


class AsyncLine(Protocol):
    """What a feed needs of its client."""

    async def request(self, method: str, params: Data | None = None, timeout: float = 30.0) -> Any: ...
    def check(self) -> None: ...
    def forget(self, feed: Any) -> None: ...


class AsyncFeed(Generic[E]):
    """An endless asynchronous iterator."""

    def __init__(self, line: AsyncLine, event_socket: EventSocket, follower: Following[E]) -> None:
        self._line = line
        self._event_socket = event_socket
        self._following = follower
        self._paused = False
        self._ready: deque[E] = deque()
        self._arrived = asyncio.Event()
        self._asking: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        follower.start(time.monotonic())
        asyncio.get_running_loop().add_reader(descriptor(event_socket.monitor), self._look)
        self._watch()
        self._go_on()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._event_socket.closed:
            return
        self._line.forget(self)
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        for socket in self._event_socket.sockets:
            asyncio.get_running_loop().remove_reader(descriptor(socket))
        self._event_socket.close()
        self.wake()

    async def __aiter__(self) -> AsyncIterator[E]:
        while True:
            yield await self.next()

    async def next(self) -> E:
        """The next event. It may be cancelled at any time without losing one. Raises ZMQError when all is closed."""
        self._line.check()
        while not self._ready:
            if self._event_socket.closed:
                raise zmq.ZMQError(zmq.ENOTSOCK)
            self._arrived.clear()
            if self._paused:
                self._watch()
            self._take()
            if not self._ready:
                await self._arrived.wait()
                self._line.check()
        return self._ready.popleft()

    def wake(self) -> None:
        """Have who waits for an event look whether there is still one to come."""
        self._arrived.set()

    def _watch(self) -> None:
        """Be woken by what arrives, for our user keeps up."""
        self._paused = False
        asyncio.get_running_loop().add_reader(descriptor(self._event_socket.sub), self._take)

    def _pause(self) -> None:
        """Leave what arrives in the socket's own queue, which is bounded, until our user has taken what is ready."""
        self._paused = True
        asyncio.get_running_loop().remove_reader(descriptor(self._event_socket.sub))

    def _look(self) -> None:
        """The monitor tells of each connection."""
        if not self._event_socket.closed and self._event_socket.was_reconnected():
            self._following.on_reconnect(time.monotonic())
            self._go_on()

    def _take(self) -> None:
        """What has come. The descriptor is edge-triggered: until there is nothing, but in turns with others."""
        if self._event_socket.closed or self._paused:
            return
        now = time.monotonic()
        if self._event_socket.tell(self._following, now):
            asyncio.get_running_loop().call_soon(self._take)
        else:
            self._following.on_timer(now)
        self._go_on()

    def _go_on(self) -> None:
        """Hand out what is ready, do what the follower asks for, and wake when it wants to be woken."""
        self._ready += self._following.events()
        if self._ready:
            self._arrived.set()
        loop = asyncio.get_running_loop()
        if len(self._ready) >= _MOST_READY and not self._paused:
            self._pause()
        if not self._paused:
            self._obey()
        if self._timer is None:
            wait = max(0.01, self._following.next_timer() - time.monotonic())
            self._timer = loop.call_later(min(wait, _TICK), self._ring)

    def _obey(self) -> None:
        """Do what the follower asks for: not while our user does not keep up, for it may ask for more events."""
        loop = asyncio.get_running_loop()
        for command in self._following.commands():
            if isinstance(command, SnapshotRequest):
                task = loop.create_task(self._ask(command))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            else:
                self._event_socket.turn_to(command)
                loop.call_soon(self._take)

    def _ring(self) -> None:
        """Look at both sockets without being woken: the edge of a message that came before the last look is lost."""
        self._timer = None
        self._look()
        self._take()

    async def _ask(self, command: SnapshotRequest) -> None:
        try:
            result = await self._line.request(command.method, command.params, 5.0)
        except BridgeError:
            result = None
        self._following.on_reply(command.token, result, time.monotonic())
        self._go_on()


class AsyncSubscription(AsyncFeed[Event]):
    """An endless asynchronous iterator of `Event(topic, envelope, origin)`."""

    def __init__(self, line: AsyncLine, event_socket: EventSocket, prefixes: tuple[str, ...]) -> None:
        self._follower = Follower(prefixes or ("",))
        super().__init__(line, event_socket, self._follower)

    @property
    def is_live(self) -> bool:
        """Whether the first snapshot is there, or the last one that was needed."""
        return self._follower.is_live


class AsyncOrderFeed(AsyncFeed[LogEvent]):
    """An endless asynchronous iterator of `LogEvent`, on its own socket, so that a flood of ticks costs it nothing.

    Store `event.position` together with what the event has changed, and begin there next time: nothing is taken twice
    and nothing is left out.
    """

    def __init__(self, line: AsyncLine, event_socket: EventSocket, owner: str, position: Position | None) -> None:
        follower = LogFollower(owner, position)
        event_socket.turn_to(Subscribe(follower.prefix))
        super().__init__(line, event_socket, follower)
