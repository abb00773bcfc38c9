"""The asyncio client. It has the methods of the blocking client, as coroutines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from tws_bridge_client import sockets
from tws_bridge_client.aio_feeds import AsyncOrderFeed, AsyncSubscription
from tws_bridge_client.base import BaseClient
from tws_bridge_client.calls import BridgeError, Call, Data
from tws_bridge_client.closed import Closed
from tws_bridge_client.generated.aio_methods import AsyncMethods
from tws_bridge_client.generated.types import Contract
from tws_bridge_client.likes import ContractLike, contract_of
from tws_bridge_client.live.aio import AsyncLiveFeed, AsyncLiveMethods
from tws_bridge_client.live.hub import Hub
from tws_bridge_client.live.shared import left
from tws_bridge_client.orderlog import LogPosition
from tws_bridge_client.qualifying import ContractNotUnique, is_none, the_one
from tws_bridge_client.values import seconds

_TICK = 0.25


class AsyncBridgeClient(AsyncMethods, BaseClient[AsyncSubscription | AsyncOrderFeed | AsyncLiveFeed], AsyncLiveMethods):
    """A client for one asyncio event loop. Use it with `async with`.

    In a notebook it also works without: it begins at its first use, and `await client.close()` ends it.

    Several tasks may call `request` and iterate over subscriptions at the same time:

        async with AsyncBridgeClient("momentum") as client:
            details = await client.request("reqContractDetails", {"contract": {"symbol": "AAPL", "secType": "STK"}})
            async with client.subscribe("market.") as events:
                async for event in events:
                    print(event.topic, event.data)

    The parameters are those of `BaseClient`.
    """

    #: The calls that a task waits for, by request id, and the event loop. They exist from the first use on.
    _answered: dict[str, asyncio.Future[Call]]
    _loop: asyncio.AbstractEventLoop | None = None
    _timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all subscriptions, order feeds and sockets. The client cannot be used afterwards.

        What waits for the client in another task raises Closed, and a loop over the client ends. A second call does
        nothing.
        """
        if self._life.is_closed:
            return
        loop = self._loop
        if loop is not None and not loop.is_closed() and not self._life.is_foreign:
            self._check_loop(loop)
        self._life.is_closed = True
        if self._life.is_foreign:
            return
        for answered in getattr(self, "_answered", {}).values():
            if not answered.done() and loop is not None and not loop.is_closed():
                answered.set_exception(Closed(self._life.what))
        for feed in list(self._feeds):
            await feed.close()
        if self._timer is not None and loop is not None and not loop.is_closed():
            self._timer.cancel()
            loop.remove_reader(sockets.descriptor(self._socket.dealer))
        self._close_sockets()

    def check(self) -> None:
        """Raise Closed after `close`, RuntimeError in another event loop, and BridgeError `fenced` by a newer run."""
        super().check()
        if self._loop is not None:
            self._check_loop(self._loop)

    def _check_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        if asyncio.get_running_loop() is not loop:
            raise RuntimeError(f"{self._life.what} belongs to another event loop: make a client in each event loop")

    def _start(self) -> None:
        """Begin to read in the running event loop, at the first use. Raises as `check` does."""
        self.check()
        if self._loop is None:
            self._answered = {}
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(sockets.descriptor(self._socket.dealer), self._read)
            self._tick()

    async def request(
        self,
        method: str,
        params: Data | None = None,
        timeout: float = 30.0,
        *,
        id: str | None = None,
        wait: bool = True,
        fresh: bool = False,
    ) -> Any:
        """Send a request to the bridge and wait for its result.

        Parameters:
            method: the name of a method, for example `reqMktData`.
            params: the parameters of the method; none if omitted.
            timeout: how many seconds the call lasts at most. The bridge gets 1.5 seconds less to wait for TWS, or 70%
                of the time if that is more, so that its answer can arrive.
            id: the id of the request. The bridge answers a request with a known id again and does not repeat it. If
                omitted, the client makes a new id.
            wait: False if the bridge must refuse the request (`paced`) when TWS takes no more messages now.
            fresh: True if the answer must come from TWS, and not from what the bridge has kept of earlier answers.

        Returns the result of the method: a dict, or a list of dicts if the method has several results. The reference
        of the methods describes it.

        Raises BridgeError if the bridge answers with an error, BridgeTimeout if it does not answer, and
        BridgeRefusedKey if it refuses the client's key.
        """
        self._start()
        call = self._send(method, params, timeout, id, wait=wait, fresh=fresh)
        self._requested.on_sent(method)
        try:
            return await self._answer_of(call)
        finally:
            ended = self._is_over(method, params, call)
            if ended is not None and self._live is not None:
                self._live.hub.on_released(ended, time.monotonic())

    async def qualify(self, *contracts: ContractLike, timeout: float = 30.0) -> list[Contract]:
        """Ask TWS for the one instrument that each description means. Returns contracts with all their fields.

        `timeout`: how many seconds the call lasts at most, for all contracts together.

        Raises ContractNotUnique if a description fits several instruments, or none.
        """
        end = time.monotonic() + seconds(timeout)
        found: list[Contract] = []
        for asked in [contract_of(like) for like in contracts]:
            try:
                answer = await self.req_contract_details(asked, timeout=left(end, time.monotonic()))
            except BridgeError as error:
                if is_none(error):
                    raise ContractNotUnique(asked, []) from error
                raise
            found.append(the_one(asked, answer))
        return found

    def subscribe(self, *prefixes: str) -> AsyncSubscription:
        """Subscribe to all topics that begin with one of the prefixes; to all topics if no prefix is given.

        Returns an iterator of `Event`: first the last values, then each event as it arrives. The subscription has its
        own SUB socket. Close it when you no longer need it.
        """
        self._start()
        subscription = AsyncSubscription(self, self._event_socket(), self._checked(prefixes))
        self._feeds.append(subscription)
        return subscription

    def orders(self, position: LogPosition | None = None) -> AsyncOrderFeed:
        """Follow the order log of this client.

        `position` is the position of the last event that the caller has processed. If omitted, the feed begins with
        the first event of the log.

        Returns an iterator of `LogEvent`, which delivers each event once. Close it when you no longer need it.
        """
        self._start()
        feed = AsyncOrderFeed(self, self._event_socket(), self._calls.client, position)
        self._feeds.append(feed)
        return feed

    # For the feeds

    async def ask(self, method: str, params: Data | None, timeout: float) -> Any:
        """Send a request of the client itself, and wait for its result."""
        self._start()
        return await self._answer_of(self._send(method, params, timeout))

    async def _answer_of(self, call: Call) -> Any:
        loop = asyncio.get_running_loop()
        answered = self._answered[call.id] = loop.create_future()
        loop.call_soon(self._read)
        deadline = loop.call_later(call.timeout, self._end_late)
        try:
            return (await answered).result()
        finally:
            deadline.cancel()
            self._calls.forget(call)
            self._answered.pop(call.id, None)

    def _has_ended(self) -> bool:
        return self._life.is_over or (self._loop is not None and self._loop.is_closed())

    def _new_live(self) -> AsyncLiveFeed:
        self._start()
        hub = Hub(self._calls.client, time.monotonic, requested=self._requested, is_over=self._has_ended)
        feed = AsyncLiveFeed(self, self._event_socket(), hub)
        self._feeds.append(feed)
        return feed

    def _read(self) -> None:
        """Hand each reply to the task that waits for it. The descriptor is edge-triggered, so `_replies` reads all."""
        if self._life.is_closed:
            return
        self._resolve(self._replies())
        if self._calls.is_unsent and self._socket.connection.is_up:
            self._resolve(self._turn(time.monotonic()))
        if self.fenced is not None:
            for feed in self._feeds:
                feed.wake()

    def _end_late(self) -> None:
        """End the calls that have passed their deadline."""
        if not self._life.is_closed:
            self._resolve(self._turn(time.monotonic()))

    def _tick(self) -> None:
        """Send unanswered requests again, end calls after their deadline, and send keep-alives."""
        self._resolve(self._turn(time.monotonic()))
        loop = asyncio.get_running_loop()
        loop.call_soon(self._read)
        self._timer = loop.call_later(_TICK, self._tick)

    def _resolve(self, calls: Iterable[Call]) -> None:
        for call in calls:
            answered = self._answered.get(call.id)
            if answered is not None and not answered.done():
                answered.set_result(call)
