"""The asyncio face of the client: the same words as the blocking one, for many things at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from bridge.client import sockets
from bridge.client.aio_feeds import AsyncOrderFeed, AsyncSubscription
from bridge.client.base import BaseClient
from bridge.client.calls import Call, Data
from bridge.client.orderlog import Position

_TICK = 0.25


class AsyncBridgeClient(BaseClient[AsyncSubscription | AsyncOrderFeed]):
    """A client by name, in one event loop; use it with `async with`."""

    #: The calls that someone waits for, by their ids.
    _answered: dict[str, asyncio.Future[Call]]
    _timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._answered = {}
        asyncio.get_running_loop().add_reader(sockets.descriptor(self._dealer), self._read)
        self._tick()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for feed in list(self._feeds):
            await feed.close()
        if self._timer is not None:
            self._timer.cancel()
        asyncio.get_running_loop().remove_reader(sockets.descriptor(self._dealer))
        self._context.destroy(linger=0)

    async def request(
        self, method: str, params: Data | None = None, timeout: float = 30.0, *, id: str | None = None
    ) -> Any:
        """Ask the bridge, and wait for the answer's result. `timeout`: seconds that TWS has.

        Raises BridgeError with the bridge's code; BridgeTimeout where the bridge itself does not answer.
        """
        self.check()
        call = self._send(method, params, timeout, id)
        answered = self._answered[call.id] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(self._read)
        try:
            return (await answered).result()
        finally:
            self._answered.pop(call.id, None)

    def subscribe(self, *prefixes: str) -> AsyncSubscription:
        """Follow topics: first the last values, then each event as it comes. Close it when done."""
        subscription = AsyncSubscription(self, self._event_socket(), prefixes)
        self._feeds.append(subscription)
        return subscription

    def orders(self, position: Position | None = None) -> AsyncOrderFeed:
        """Follow one's own orders from a position on: each event once. Close it when done."""
        feed = AsyncOrderFeed(self, self._event_socket(), self._calls.client, position)
        self._feeds.append(feed)
        return feed

    def _read(self) -> None:
        """Bring each reply to who waits for it. The descriptor is edge-triggered: `_replies` reads all there is."""
        self._resolve(self._replies())
        if self.fenced is not None:
            for feed in self._feeds:
                feed.wake()

    def _tick(self) -> None:
        """Ask again what was not answered, give up what is late, and give signs of life."""
        self._resolve(self._turn(time.monotonic()))
        loop = asyncio.get_running_loop()
        loop.call_soon(self._read)
        self._timer = loop.call_later(_TICK, self._tick)

    def _resolve(self, calls: Iterable[Call]) -> None:
        for call in calls:
            answered = self._answered.get(call.id)
            if answered is not None and not answered.done():
                answered.set_result(call)
