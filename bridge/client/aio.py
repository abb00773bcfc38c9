"""The asyncio face of the client: the same words as the blocking one, for many things at a time."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import zmq

from bridge.bus.frames import unpack_event
from bridge.client import links
from bridge.client.calls import KEEP_ALIVE, BridgeError, Call, Calls, Data
from bridge.client.follow import Ask, Event, Follower
from bridge.settings import EVENTS, REQUESTS

#: Events taken from the socket and not yet from us; beyond it the rest waits in the socket's own queue.
_MOST_READY = 10_000
_BATCH = 1000
_TICK = 0.25


class AsyncBridgeClient:
    """A client by name, in one event loop; use it with `async with`."""

    def __init__(
        self,
        client: str,
        requests: str = REQUESTS,
        events: str = EVENTS,
        *,
        curve: links.Curve | None = None,
        instance: str | None = None,
    ) -> None:
        """`curve`: keys, for a bridge that has some. `instance`: this run of the client, which fences older ones."""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._dealer = links.prepare(self._context.socket(zmq.DEALER), requests, curve)
        self._events = events
        self._curve = curve
        self._calls = Calls(client, instance)
        self._answered: dict[str, asyncio.Future[Call]] = {}
        self._subscriptions: list[AsyncSubscription] = []
        self._spoke = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().add_reader(links.descriptor(self._dealer), self._read)
        self._tick()
        if self._calls.instance is not None:
            self._speak(
                self._calls.make("hello", {"instance": self._calls.instance}, KEEP_ALIVE, time.monotonic()).body
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for subscription in list(self._subscriptions):
            await subscription.close()
        if self._timer is not None:
            self._timer.cancel()
        asyncio.get_running_loop().remove_reader(links.descriptor(self._dealer))
        self._context.destroy(linger=0)

    async def request(
        self, method: str, params: Data | None = None, timeout: float = 30.0, *, id: str | None = None
    ) -> Any:
        """Ask the bridge, and wait for the answer's result. `timeout`: seconds that TWS has.

        Raises BridgeError with the bridge's code; BridgeTimeout where the bridge itself does not answer.
        """
        call = self._calls.make(method, params, timeout, time.monotonic(), id)
        answered = self._answered[call.id] = asyncio.get_running_loop().create_future()
        self._speak(call.body)
        try:
            return (await answered).result()
        finally:
            self._answered.pop(call.id, None)

    def subscribe(self, *prefixes: str) -> AsyncSubscription:
        """Follow topics: first the last values, then each event as it comes. Close it when done."""
        subscription = AsyncSubscription(self, self._context, self._events, prefixes, self._curve)
        self._subscriptions.append(subscription)
        return subscription

    def forget(self, subscription: AsyncSubscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def _speak(self, body: bytes) -> None:
        self._spoke = time.monotonic()
        self._dealer.send(body)
        asyncio.get_running_loop().call_soon(self._read)

    def _read(self) -> None:
        """Bring each reply to who waits for it. The descriptor is edge-triggered: read until there is nothing."""
        while not self._dealer.closed and links.has_input(self._dealer):
            call = self._calls.on_reply(self._dealer.recv_multipart()[-1])
            if call is not None:
                self._resolve(call)

    def _tick(self) -> None:
        """Ask again what was not answered, give up what is late, and give signs of life."""
        now = time.monotonic()
        again, late = self._calls.due(now)
        for body in again:
            self._speak(body)
        for call in late:
            self._resolve(call)
        if now - self._spoke >= KEEP_ALIVE:
            self._speak(self._calls.make("ping", None, KEEP_ALIVE, now).body)
        self._timer = asyncio.get_running_loop().call_later(_TICK, self._tick)

    def _resolve(self, call: Call) -> None:
        answered = self._answered.get(call.id)
        if answered is not None and not answered.done():
            answered.set_result(call)


class AsyncSubscription:
    """An endless asynchronous iterator of `Event(topic, envelope, origin)`."""

    def __init__(
        self,
        client: AsyncBridgeClient,
        context: zmq.Context[zmq.Socket[bytes]],
        endpoint: str,
        prefixes: tuple[str, ...],
        curve: links.Curve | None,
    ) -> None:
        self._client = client
        self._sub = context.socket(zmq.SUB)
        self._monitor = context.socket(zmq.PAIR)
        self._monitor.connect(links.watch(self._sub))
        links.prepare(self._sub, endpoint, curve)
        self._connected = self._paused = False
        self._ready: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self._asking: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._follower = Follower(prefixes or ("",))
        self._follower.start(time.monotonic())
        asyncio.get_running_loop().add_reader(links.descriptor(self._monitor), self._reconnected)
        self._watch()
        self._go_on()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._sub.closed:
            return
        self._client.forget(self)
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        for socket in (self._sub, self._monitor):
            asyncio.get_running_loop().remove_reader(links.descriptor(socket))
        self._sub.disable_monitor()
        self._monitor.close(linger=0)
        self._sub.close()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            yield await self.next()

    async def next(self) -> Event:
        """The next event. It may be cancelled at any time without losing one."""
        while not self._ready:
            self._arrived.clear()
            if self._paused:
                self._watch()
            self._take()
            if not self._ready:
                await self._arrived.wait()
        return self._ready.popleft()

    @property
    def is_live(self) -> bool:
        """Whether the first snapshot is there, or the last one that was needed."""
        return self._follower.is_live

    def _watch(self) -> None:
        """Be woken by what arrives, for our user keeps up."""
        self._paused = False
        asyncio.get_running_loop().add_reader(links.descriptor(self._sub), self._take)

    def _pause(self) -> None:
        """Leave what arrives in the socket's own queue, which is bounded, until our user has taken what is ready."""
        self._paused = True
        asyncio.get_running_loop().remove_reader(links.descriptor(self._sub))

    def _reconnected(self) -> None:
        """The monitor tells of each connection; all but the first were made anew."""
        while not self._monitor.closed and links.has_input(self._monitor):
            self._monitor.recv_multipart()
            if self._connected:
                self._follower.on_reconnect(time.monotonic())
                self._go_on()
            self._connected = True

    def _take(self) -> None:
        """What has come. The descriptor is edge-triggered: until there is nothing, but in turns with others."""
        if self._sub.closed or self._paused:
            return
        now = time.monotonic()
        try:
            for _ in range(_BATCH):
                topic, body = self._sub.recv_multipart(zmq.NOBLOCK)
                self._follower.on_event(topic.decode("ascii"), unpack_event(body), now)
            asyncio.get_running_loop().call_soon(self._take)
        except zmq.Again:
            self._follower.on_timer(now)
        self._go_on()
        if len(self._ready) >= _MOST_READY:
            self._pause()

    def _go_on(self) -> None:
        """Hand out what is ready, do what the follower asks for, and wake when it wants to be woken."""
        self._ready += self._follower.events()
        if self._ready:
            self._arrived.set()
        loop = asyncio.get_running_loop()
        for command in self._follower.commands():
            if isinstance(command, Ask):
                task = loop.create_task(self._ask(command))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            else:
                links.apply(self._sub, command)
                loop.call_soon(self._take)
        if self._timer is None:
            wait = max(0.01, self._follower.next_timer() - time.monotonic())
            self._timer = loop.call_later(min(wait, _TICK), self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._take()

    async def _ask(self, command: Ask) -> None:
        try:
            result = await self._client.request(command.method, command.params, 5.0)
        except BridgeError:
            result = None
        self._follower.on_reply(command.token, result, time.monotonic())
        self._go_on()
