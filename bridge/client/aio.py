"""The asyncio face of the client: the same words as the blocking one, for many things at a time."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import zmq
import zmq.asyncio

from bridge.bus.frames import unpack_event
from bridge.client import links
from bridge.client.calls import KEEP_ALIVE, BridgeError, Call, Calls, Data
from bridge.client.follow import Ask, Event, Follower
from bridge.settings import EVENTS, REQUESTS

_BATCH = 1000


class AsyncBridgeClient:
    """A client by name, in one event loop; use it with `async with`."""

    def __init__(self, client: str, requests: str = REQUESTS, events: str = EVENTS) -> None:
        self._context = zmq.asyncio.Context()
        self._dealer = links.prepare(self._context.socket(zmq.DEALER), requests)
        self._events = events
        self._calls = Calls(client)
        self._answered: dict[str, asyncio.Future[Call]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._subscriptions: list[AsyncSubscription] = []

    async def __aenter__(self) -> Self:
        self._tasks = {asyncio.create_task(self._read()), asyncio.create_task(self._keep_going())}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for subscription in list(self._subscriptions):
            await subscription.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._dealer.close()
        self._context.term()

    async def request(
        self, method: str, params: Data | None = None, timeout: float = 30.0, *, id: str | None = None
    ) -> Any:
        """Ask the bridge, and wait for the answer's result. `timeout`: seconds that TWS has.

        Raises BridgeError with the bridge's code; BridgeTimeout where the bridge itself does not answer.
        """
        call = self._calls.make(method, params, timeout, time.monotonic(), id)
        answered = self._answered[call.id] = asyncio.get_running_loop().create_future()
        await self._dealer.send(call.body)
        try:
            return (await answered).result()
        finally:
            self._answered.pop(call.id, None)

    def subscribe(self, *prefixes: str) -> AsyncSubscription:
        """Follow topics: first the last values, then each event as it comes. Close it when done."""
        subscription = AsyncSubscription(self, self._context, self._events, prefixes)
        self._subscriptions.append(subscription)
        return subscription

    def forget(self, subscription: AsyncSubscription) -> None:
        self._subscriptions.remove(subscription)

    async def _read(self) -> None:
        """Bring each reply to who waits for it."""
        while True:
            frames = await self._dealer.recv_multipart()
            call = self._calls.on_reply(frames[-1])
            if call is not None:
                self._resolve(call)

    async def _keep_going(self) -> None:
        """Ask again what was not answered, give up what is late, and give signs of life."""
        spoke = time.monotonic()
        while True:
            await asyncio.sleep(0.25)
            now = time.monotonic()
            again, late = self._calls.due(now)
            for body in again:
                await self._dealer.send(body)
            for call in late:
                self._resolve(call)
            if now - spoke >= KEEP_ALIVE:
                spoke = now
                await self._dealer.send(self._calls.make("ping", None, KEEP_ALIVE, now).body)

    def _resolve(self, call: Call) -> None:
        answered = self._answered.get(call.id)
        if answered is not None and not answered.done():
            answered.set_result(call)


class AsyncSubscription:
    """An endless asynchronous iterator of `Event(topic, envelope, origin)`."""

    def __init__(
        self, client: AsyncBridgeClient, context: zmq.asyncio.Context, endpoint: str, prefixes: tuple[str, ...]
    ) -> None:
        self._client = client
        self._sub = context.socket(zmq.SUB)
        self._monitor = context.socket(zmq.PAIR)
        self._monitor.connect(links.watch(self._sub))
        links.prepare(self._sub, endpoint)
        #: The same socket, read without awaiting: a burst is taken in one go.
        self._plain: zmq.Socket[bytes] = zmq.Socket.shadow(self._sub.underlying)
        self._connected = False
        self._ready: deque[Event] = deque()
        self._asking: set[asyncio.Task[None]] = set()
        self._follower = Follower(prefixes or ("",))
        self._follower.start(time.monotonic())
        self._obey()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        self._client.forget(self)
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        self._sub.disable_monitor()
        self._monitor.close(linger=0)
        self._sub.close()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            yield await self.next()

    async def next(self) -> Event:
        """The next event. It may be cancelled at any time without losing one."""
        while not self._ready:
            wait = max(0.0, self._follower.next_timer() - time.monotonic())
            await self._sub.poll(min(wait, 0.25 if self.is_live else 0.02) * 1000)
            self._take()
        return self._ready.popleft()

    @property
    def is_live(self) -> bool:
        """Whether the first snapshot is there, or the last one that was needed."""
        return self._follower.is_live

    def _take(self) -> None:
        now = time.monotonic()
        while int(self._monitor.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
            zmq.Socket.shadow(self._monitor.underlying).recv_multipart(zmq.NOBLOCK)
            if self._connected:
                self._follower.on_reconnect(now)
            self._connected = True
        for _ in range(_BATCH):
            if not int(self._plain.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
                break
            topic, body = self._plain.recv_multipart(zmq.NOBLOCK)
            self._follower.on_event(topic.decode("ascii"), unpack_event(body), now)
        self._follower.on_timer(now)
        self._ready += self._follower.events()
        self._obey()

    def _obey(self) -> None:
        for command in self._follower.commands():
            if isinstance(command, Ask):
                task = asyncio.get_running_loop().create_task(self._ask(command))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            else:
                links.apply(self._plain, command)

    async def _ask(self, command: Ask) -> None:
        try:
            result = await self._client.request(command.method, command.params, 5.0)
        except BridgeError:
            result = None
        self._follower.on_reply(command.token, result, time.monotonic())
        self._ready += self._follower.events()
        self._obey()
