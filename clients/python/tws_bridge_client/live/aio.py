"""Live objects of the asyncio client, under the same names. They change whenever the event loop runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, Protocol, Self, TypeVar, Unpack, overload

from tws_bridge_client.aio_feeds import AsyncFeed, AsyncFeedClient, AsyncOrderFeed, AsyncSubscription
from tws_bridge_client.calls import BridgeError, Data
from tws_bridge_client.closed import Closed
from tws_bridge_client.follow import Event, SnapshotRequest
from tws_bridge_client.generated.types import Order, OrderChanges, PlacedOrder
from tws_bridge_client.likes import ContractLike, OrderLike, given, key_of
from tws_bridge_client.live import shared
from tws_bridge_client.live.accounts import AccountValues, Portfolio, Positions
from tws_bridge_client.live.book import Live
from tws_bridge_client.live.callback_runs import CallbackRuns
from tws_bridge_client.live.fill_log import FillReader, FillStore
from tws_bridge_client.live.fill_logs import AsyncFillLog
from tws_bridge_client.live.fills import Commission, Fill
from tws_bridge_client.live.hub import Hub
from tws_bridge_client.live.orders import Fills, OpenOrders, OrderBook, OrderView, order_question
from tws_bridge_client.live.ticker import Ticker
from tws_bridge_client.orderlog import LogPosition
from tws_bridge_client.sockets import EventSocket
from tws_bridge_client.struct import Struct
from tws_bridge_client.values import seconds as duration

M = TypeVar("M", bound=Struct)
L = TypeVar("L", bound=Live)

_MOST_READING = 1.0


class AsyncLiveFeed(AsyncFeed[Event]):
    """The socket of all live objects of one client. It reads in the background."""

    def __init__(self, client: AsyncFeedClient, event_socket: EventSocket, hub: Hub) -> None:
        self.hub = hub
        self._waiting: list[asyncio.Future[None]] = []
        self._runs = CallbackRuns()
        super().__init__(client, event_socket, hub)

    async def wait(self, timeout: float, *others: AsyncFeed[Any]) -> None:
        """Wait until something has arrived, here or for another feed, for `timeout` seconds at most.

        Raises BridgeError if a newer run has fenced this one, or if the bridge refuses the key.
        """
        self._client.check()
        self._raise_failure()
        self._advance()
        self._client.check()  # a callback may have closed the client
        arrived = asyncio.get_running_loop().create_future()
        self._waiting.append(arrived)
        waits = [asyncio.ensure_future(feed.arrived()) for feed in others]
        try:
            await asyncio.wait({arrived, *waits}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._client.check()

    def read(self) -> None:
        """Take what has arrived while the program kept the event loop busy."""
        self._on_monitor()
        start = time.monotonic()
        while not self._event_socket.closed and self._event_socket.deliver(self._follower, start):
            if time.monotonic() > start + _MOST_READING:  # under a flood something always has arrived
                break
        self._take()

    async def close(self) -> None:
        self._runs.cancel()
        await super().close()

    def wake(self) -> None:
        super().wake()
        waiting, self._waiting = self._waiting, []
        for arrived in waiting:
            if not arrived.done():
                arrived.set_result(None)

    def _on_monitor(self) -> None:
        super()._on_monitor()
        if not self._event_socket.closed:
            self.hub.on_link(self._event_socket.connection.is_up)

    def _take(self) -> None:
        if self._event_socket.closed:
            return
        now = time.monotonic()
        if self._event_socket.deliver(self._follower, now):
            asyncio.get_running_loop().call_soon(self._take)
        else:
            self.hub.on_drained(now)
            self._follower.on_timer(now)
        self._advance()

    def _advance(self) -> None:
        super()._advance()
        if self._event_socket.closed:
            return
        self.hub.settle()
        for due in self.hub.listeners.due():
            self._runs.call(due)
        self.wake()

    async def _request_snapshot(self, command: SnapshotRequest) -> None:
        try:
            result, error = await self._client.ask(command.method, command.params, command.timeout), None
        except Closed:
            return
        except BridgeError as failure:
            result, error = None, failure
            if failure.code == "refusedKey":
                self._fail(failure)
        self.hub.on_answer(command.token, result, error, time.monotonic())
        self._advance()


class _Client(Protocol):
    """The parts of the client that an order handle uses."""

    async def request(self, method: str, params: Data | None = None, timeout: float = 30.0) -> Any: ...
    async def wait_for(self, condition: Callable[[], Any], timeout: float | None = None) -> bool: ...


class AsyncOrderHandle(OrderView):
    """One order of this client, by its key. `client.place` and `client.order` make it.

    Example:
        order = await client.place("entry-1", contract, {"action": "BUY", "orderType": "MKT", "totalQuantity": "10"})
        if await order.done(60) and order.state == "filled":
            print(order.filled, order.average_price)
    """

    def __init__(self, client: _Client, hub: Hub, book: OrderBook, key: str) -> None:
        super().__init__(hub, book, key)
        self._client = client

    async def done(self, timeout: float | None = None) -> bool:
        """Wait until the order is over and its fills are final, for `timeout` seconds at most.

        Returns whether that is so.

        Raises BridgeError with the code `unknownOrder` if the bridge has lost the order: look at TWS then. Raises
        Closed if the handle is closed before that.
        """
        await self._client.wait_for(lambda: not self.is_waited_for(), timeout)
        return self.end_of_wait()

    async def cancel(self, timeout: float = 30.0) -> Self:
        """Cancel the order. It may be executed until it is over: `done` waits for that.

        Raises BridgeError if TWS refuses that. For an order that is over it does nothing.
        """
        self.take(await self._client.request("cancelOrder", {"orderKey": self.key}, timeout), self._owner.now())
        return self

    async def modify(self, *, timeout: float = 30.0, **changes: Unpack[OrderChanges]) -> Self:
        """Change fields of the order, for example `modify(lmtPrice=187.5)`, and wait until TWS shows the change.

        Raises BridgeError if the order cannot be changed, and TypeError for a field that an order does not have.
        """
        revision, order = self.change_of({**changes})
        params = given("modifyOrder", {"orderKey": self.key, "revision": revision, "order": order})
        try:
            facts = await self._client.request("modifyOrder", params, timeout)
        except BridgeError as error:
            self.take_change_error(error, revision)
            raise
        self.take_change(facts, Order.from_dict(params["order"]), revision)
        return self


class AsyncLiveMethods:
    """The live objects of the asyncio client."""

    _live: AsyncLiveFeed | None = None
    _feeds: list[Any]

    # What the client has

    async def request(self, method: str, params: Data | None = None, timeout: float = 30.0) -> Any:
        """Send a request, and wait for its result."""
        raise NotImplementedError

    def orders(self, position: LogPosition | None = None) -> AsyncOrderFeed:
        """Follow the order log of this client."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise Closed after `close`, and BridgeError with the code `fenced` if a newer run has fenced this one."""
        raise NotImplementedError

    def _new_live(self) -> AsyncLiveFeed:
        raise NotImplementedError

    def _cause(self) -> str:
        raise NotImplementedError

    # Live objects

    async def ticker(self, contract: ContractLike, genericTickList: str = "", *, timeout: float = 30.0) -> Ticker:
        """Subscribe to the quotes of an instrument. Returns when the bridge has answered.

        Parameters:
            contract: the instrument.
            genericTickList: numbers of further tick types, such as `233,236`.
            timeout: how many seconds the call lasts at most.

        Raises BridgeError if the bridge or TWS refuses the subscription.
        """
        return await self._begin(shared.new_ticker(self._hub, contract, genericTickList), timeout)

    async def positions(self, account: str = "", *, timeout: float = 30.0) -> Positions:
        """The open positions of an account, or of all.

        Raises BridgeError with the code `invalidParams` for an account that the login does not have.
        """
        end = time.monotonic() + timeout
        if account:
            shared.check_account(account, await self.request("status", {}, timeout))
        return await self._begin(shared.new_positions(self._hub, account), shared.left(end, time.monotonic()))

    async def portfolio(self, account: str = "", *, timeout: float = 30.0) -> Portfolio:
        """The positions of an account with value and profit. TWS serves one account at a time."""
        return await self._begin(shared.new_portfolio(self._hub, account), timeout)

    async def account(self, account: str = "", *, timeout: float = 30.0) -> AccountValues:
        """The values of an account, such as `NetLiquidation`. TWS serves one account at a time."""
        return await self._begin(shared.new_account(self._hub, account), timeout)

    async def open_orders(self, *, all: bool = False, timeout: float = 30.0) -> OpenOrders:
        """The orders of this client that work at TWS, or may do so, by key.

        `all`: those of all clients, and those that no client has placed, by `<owner>.<key>`.

        Raises BridgeError with the code `notPermitted` if `all` is true and this client is no admin.
        """
        end = time.monotonic() + duration(timeout)
        if all:
            await self._ask_for_all(timeout)
        return await self._begin(shared.new_open_orders(self._hub, all=all), shared.left(end, time.monotonic()))

    async def fills(
        self,
        since: datetime | None = None,
        *,
        all: bool = False,
        timeout: float = 30.0,
    ) -> Fills:
        """The executions of this client's orders, since this time if it is given.

        `all`: those of all clients, and of orders that no client has placed. Raises BridgeError as `open_orders` does.
        """
        end = time.monotonic() + duration(timeout)
        if all:
            await self._ask_for_all(timeout)
        return await self._begin(shared.new_fills(self._hub, since, all=all), shared.left(end, time.monotonic()))

    @overload
    def fill_log(self, store: FillStore, *, commissions: Literal[False] = False) -> AsyncFillLog[Fill]: ...
    @overload
    def fill_log(self, store: FillStore, *, commissions: Literal[True]) -> AsyncFillLog[Fill | Commission]: ...
    def fill_log(self, store: FillStore, *, commissions: bool = False) -> AsyncFillLog[Any]:
        """Each execution of this client's orders once.

        Parameters:
            store: what keeps the delivered fills, for example `SqliteStore`.
            commissions: whether the log has an entry for each commission, too. It comes after the fill.
        """
        reader = FillReader(store, self._hub.client, commissions=commissions)
        return AsyncFillLog(self.orders(reader.position()), reader)

    async def place(
        self, key: str, contract: ContractLike, order: OrderLike, *, parent: str | None = None, timeout: float = 30.0
    ) -> AsyncOrderHandle:
        """Place an order under a key. The same key with the same content is the same order, so repeating it is safe.

        Returns when TWS has answered, also if it rejects the order: `state` and `reason` say so.

        Raises ValueError for a preview (`whatIf`), and BridgeError if the bridge refuses the order, or if it cannot say
        what became of it (`noBridge`, `connectionLost` ...): place it again with the same key then. If the call is
        cancelled, the order may be at TWS all the same: `order(key)` finds it.
        """
        end = time.monotonic() + duration(timeout)
        params = shared.placing(key, contract, order, parent)
        handle = await self._handle(key, timeout)
        try:
            facts = await self.request("placeOrder", params, shared.left(end, time.monotonic()))
            shared.note_placed(handle, params, facts, self._hub.now())
        except BaseException as error:
            if not (isinstance(error, BridgeError) and shared.is_rejection(handle, error, self._hub.now())):
                handle.close()
                raise
        return handle

    async def place_group(
        self, orders: Iterable[PlacedOrder | Mapping[str, Any]], *, timeout: float = 30.0
    ) -> list[AsyncOrderHandle]:
        """Place orders that belong together, such as a bracket: all of them leave, or none. Repeating it is safe.

        `orders`: each with `orderKey`, `contract` and `order`, and with `parentKey` for a child. Returns a handle for
        each, in the same order, when TWS has answered, also if it rejects one.

        Raises BridgeError and ValueError as `place` does, and ValueError if an order has no `orderKey` of its
        own.
        """
        end = time.monotonic() + duration(timeout)
        params, keys = shared.placing_group(orders)
        handles: list[AsyncOrderHandle] = []
        try:
            for key in keys:
                handles.append(await self._handle(key, shared.left(end, time.monotonic())))
            try:
                answer = await self.request("placeOrders", params, shared.left(end, time.monotonic()))
                facts = answer["orders"]
            except BridgeError as error:
                facts = shared.facts_of_rejected(handles, error)
            shared.note_group(handles, params["orders"], facts, self._hub.now())
        except BaseException:
            for handle in handles:
                handle.close()
            raise
        return handles

    async def order(self, key: str, *, timeout: float = 30.0) -> AsyncOrderHandle:
        """The order that this client placed under this key, also in an earlier run.

        Raises BridgeError with the code `unknownOrder` if there is none.
        """
        end = time.monotonic() + duration(timeout)
        handle = await self._handle(key_of(key, "key"), timeout)
        try:
            facts = await self.request("awaitOrder", order_question(key), shared.left(end, time.monotonic()))
            handle.take(facts, self._hub.now())
        except BaseException:
            handle.close()
            raise
        return handle

    # Waiting

    async def sleep(self, seconds: float) -> bool:
        """Wait so many seconds. Returns True, so `while await client.sleep(1):` works."""
        self.check()
        await asyncio.sleep(duration(seconds, "seconds", is_wait=True))
        self.check()
        return True

    async def wait_for(self, condition: Callable[[], Any], timeout: float | None = None) -> bool:
        """Wait until the condition holds, for `timeout` seconds at most. Returns whether it holds.

        It is tested when all that has arrived is read, and again whenever something has arrived.
        """
        end = float("inf") if timeout is None else time.monotonic() + duration(timeout, is_wait=True)
        live = self._feed_of_live()
        live.read()
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                return False
            await live.wait(min(left, 0.25))
        return True

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Each event of the live objects and of the subscriptions of this client, as it arrives.

        After lost events there is one with the origin `gap`. The order log has a loop of its own. The loop ends when
        the client is closed.
        """
        live = self._feed_of_live()
        while True:
            try:
                arrived = await self._arrived(live)
            except Closed:
                return
            for event in arrived:
                yield event

    async def _arrived(self, live: AsyncLiveFeed) -> list[Event]:
        """The next events, after a wait if there are none; maybe none."""
        self.check()
        event = live.hub.unread.take()
        if event is not None:
            return [event]
        subscriptions = [feed for feed in self._feeds if isinstance(feed, AsyncSubscription)]
        arrived = [event for feed in subscriptions for event in feed.take()]
        if not arrived:
            await live.wait(1.0, *subscriptions)
        return arrived

    # Callbacks

    def on(self, kind: type[M], callback: Callable[[M, Event], Any]) -> Callable[[], None]:
        """Call `callback(message, event)` for each event of this class below the live objects.

        `kind` is a class of `tws_bridge_client.messages`. The callback may be a coroutine function. Its exception is
        logged. Returns a function that ends the calls.
        """
        return self._hub.listeners.on(kind, callback)

    def on_update(self, live: L, callback: Callable[[L], Any]) -> Callable[[], None]:
        """Call `callback(live)` after events have changed the object. Returns a function that ends the calls."""
        return self._hub.listeners.on_update(live, callback)

    # Inside

    def _feed_of_live(self) -> AsyncLiveFeed:
        self.check()
        if self._live is None:
            self._live = self._new_live()
        return self._live

    @property
    def _hub(self) -> Hub:
        return self._feed_of_live().hub

    async def _ask_for_all(self, timeout: float) -> None:
        """Raise BridgeError if this client may not hear of the orders of others. The bridge would say nothing."""
        await self.request("clients", {}, timeout)

    async def _begin(self, live: L, timeout: float) -> L:
        try:
            duration(timeout)
            in_time = await self.wait_for(lambda: shared.has_begun(self._hub, live), timeout)
        except BaseException:
            live.close()
            raise
        shared.begun(self._hub, live, in_time, timeout, self._cause())
        return live

    async def _handle(self, key: str, timeout: float) -> AsyncOrderHandle:
        handle = AsyncOrderHandle(self, self._hub, self._hub.orders(), key)
        self._hub.enter(handle)
        return await self._begin(handle, timeout)
