"""Live objects of the blocking client. They change only while the program is inside a call of the client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, Protocol, Self, TypeVar, Unpack, overload

import zmq

from tws_bridge_client.calls import BridgeError, Call, Data
from tws_bridge_client.closed import Closed
from tws_bridge_client.feeds import Feed, FeedClient, OrderFeed, Subscription
from tws_bridge_client.follow import Event
from tws_bridge_client.generated.types import Order, OrderChanges, PlacedOrder
from tws_bridge_client.likes import ContractLike, OrderLike, given, key_of
from tws_bridge_client.live import shared
from tws_bridge_client.live.accounts import AccountValues, Portfolio, Positions
from tws_bridge_client.live.book import Live
from tws_bridge_client.live.fill_log import FillReader, FillStore
from tws_bridge_client.live.fill_logs import FillLog
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

_FOREVER = float("inf")
_MOST_READING = 1.0


class LiveFeed(Feed[Event]):
    """The socket of all live objects of one client. The client serves it in each of its calls."""

    def __init__(self, client: FeedClient, event_socket: EventSocket, hub: Hub) -> None:
        self.hub = hub
        self._is_calling = False
        #: Whether all events that had arrived are taken.
        self.is_drained = True
        super().__init__(client, event_socket, hub)

    def prepare(self) -> float:
        """Carry out the commands of the hub. Returns when its next one is due."""
        if not self._event_socket.closed:
            self._run_commands()
        return self.hub.next_timer()

    def serve(self) -> None:
        """Take all that has arrived, and call the callbacks."""
        if self._event_socket.closed:
            return
        self._event_socket.connection.try_again()
        self.hub.on_link(self._event_socket.connection.is_up)
        self._take()
        self._run_commands()
        self.hub.settle()
        if not self._is_calling:
            self._is_calling = True
            try:
                for due in self.hub.listeners.due():
                    self._client.check()  # a callback may close the client
                    shared.run(due.callback, due.arguments)
            finally:
                self._is_calling = False

    def _deliver(self, now: float) -> None:
        self.is_drained = not self._event_socket.deliver(self._follower, now)
        if self.is_drained:
            self.hub.on_drained(now)

    def _on_answer(self, token: int, call: Call, now: float) -> None:
        error = shared.error_of(call)
        self.hub.on_answer(token, None if error is not None else call.result(), error, now)


class _Client(Protocol):
    """The parts of the client that an order handle uses."""

    def request(self, method: str, params: Data | None = None, timeout: float = 30.0) -> Any: ...
    def wait_for(self, condition: Callable[[], Any], timeout: float | None = None) -> bool: ...


class OrderHandle(OrderView):
    """One order of this client, by its key. `client.place` and `client.order` make it.

    Example:
        order = client.place("entry-1", contract, {"action": "BUY", "orderType": "MKT", "totalQuantity": "10"})
        if order.wait(60) and order.state == "filled":
            print(order.filled, order.average_price)
    """

    def __init__(self, client: _Client, hub: Hub, book: OrderBook, key: str) -> None:
        super().__init__(hub, book, key)
        self._client = client

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the order is over and its fills are final, for `timeout` seconds at most.

        Returns whether that is so.

        Raises BridgeError with the code `unknownOrder` if the bridge has lost the order: look at TWS then. Raises
        Closed if the handle is closed before that.
        """
        self._client.wait_for(lambda: not self.is_waited_for(), timeout)
        return self.end_of_wait()

    def cancel(self, timeout: float = 30.0) -> Self:
        """Cancel the order. It may be executed until it is over: `wait` waits for that.

        Raises BridgeError if TWS refuses that. For an order that is over it does nothing.
        """
        self.take(self._client.request("cancelOrder", {"orderKey": self.key}, timeout), self._owner.now())
        return self

    def modify(self, *, timeout: float = 30.0, **changes: Unpack[OrderChanges]) -> Self:
        """Change fields of the order, for example `modify(lmtPrice=187.5)`, and wait until TWS shows the change.

        Raises BridgeError if the order cannot be changed, and TypeError for a field that an order does not have.
        """
        revision, order = self.change_of({**changes})
        params = given("modifyOrder", {"orderKey": self.key, "revision": revision, "order": order})
        try:
            facts = self._client.request("modifyOrder", params, timeout)
        except BridgeError as error:
            self.take_change_error(error, revision)
            raise
        self.take_change(facts, Order.from_dict(params["order"]), revision)
        return self


class LiveMethods:
    """The live objects of the blocking client."""

    _live: LiveFeed | None = None
    _feeds: list[Any]

    # What the client has

    def request(self, method: str, params: Data | None = None, timeout: float = 30.0) -> Any:
        """Send a request, and wait for its result."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise BridgeError with the code `fenced` if a newer run has fenced this one."""
        raise NotImplementedError

    def orders(self, position: LogPosition | None = None) -> OrderFeed:
        """Follow the order log of this client."""
        raise NotImplementedError

    def pump(self, until: float, *sockets: zmq.Socket[bytes]) -> None:
        """Wait until a socket has input or the time `until` has come."""
        raise NotImplementedError

    def _new_live(self) -> LiveFeed:
        raise NotImplementedError

    def _cause(self) -> str:
        raise NotImplementedError

    # Live objects

    def ticker(self, contract: ContractLike, genericTickList: str = "", *, timeout: float = 30.0) -> Ticker:
        """Subscribe to the quotes of an instrument. Returns when the bridge has answered.

        Parameters:
            contract: the instrument.
            genericTickList: numbers of further tick types, such as `233,236`.
            timeout: how many seconds the call lasts at most.

        Raises BridgeError if the bridge or TWS refuses the subscription.
        """
        return self._begin(shared.new_ticker(self._hub, contract, genericTickList), timeout)

    def positions(self, account: str = "", *, timeout: float = 30.0) -> Positions:
        """The open positions of an account, or of all.

        Raises BridgeError with the code `invalidParams` for an account that the login does not have.
        """
        end = time.monotonic() + timeout
        if account:
            shared.check_account(account, self.request("status", {}, timeout))
        return self._begin(shared.new_positions(self._hub, account), shared.left(end, time.monotonic()))

    def portfolio(self, account: str = "", *, timeout: float = 30.0) -> Portfolio:
        """The positions of an account with value and profit. TWS serves one account at a time."""
        return self._begin(shared.new_portfolio(self._hub, account), timeout)

    def account(self, account: str = "", *, timeout: float = 30.0) -> AccountValues:
        """The values of an account, such as `NetLiquidation`. TWS serves one account at a time."""
        return self._begin(shared.new_account(self._hub, account), timeout)

    def open_orders(self, *, all: bool = False, timeout: float = 30.0) -> OpenOrders:
        """The orders of this client that work at TWS, or may do so, by key.

        `all`: those of all clients, and those that no client has placed, by `<owner>.<key>`.

        Raises BridgeError with the code `notPermitted` if `all` is true and this client is no admin.
        """
        end = time.monotonic() + duration(timeout)
        if all:
            self._ask_for_all(timeout)
        return self._begin(shared.new_open_orders(self._hub, all=all), shared.left(end, time.monotonic()))

    def fills(
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
            self._ask_for_all(timeout)
        return self._begin(shared.new_fills(self._hub, since, all=all), shared.left(end, time.monotonic()))

    @overload
    def fill_log(self, store: FillStore, *, commissions: Literal[False] = False) -> FillLog[Fill]: ...
    @overload
    def fill_log(self, store: FillStore, *, commissions: Literal[True]) -> FillLog[Fill | Commission]: ...
    def fill_log(self, store: FillStore, *, commissions: bool = False) -> FillLog[Any]:
        """Each execution of this client's orders once.

        Parameters:
            store: what keeps the delivered fills, for example `SqliteStore`.
            commissions: whether the log has an entry for each commission, too. It comes after the fill.
        """
        reader = FillReader(store, self._hub.client, commissions=commissions)
        return FillLog(self.orders(reader.position()), reader)

    def place(
        self, key: str, contract: ContractLike, order: OrderLike, *, parent: str | None = None, timeout: float = 30.0
    ) -> OrderHandle:
        """Place an order under a key. The same key with the same content is the same order, so repeating it is safe.

        Returns when TWS has answered, also if it rejects the order: `state` and `reason` say so.

        Raises ValueError for a preview (`whatIf`), and BridgeError if the bridge refuses the order, or if it cannot say
        what became of it (`noBridge`, `connectionLost` ...): place it again with the same key then.
        """
        end = time.monotonic() + duration(timeout)
        params = shared.placing(key, contract, order, parent)
        handle = self._handle(key, timeout)
        try:
            facts = self.request("placeOrder", params, shared.left(end, time.monotonic()))
            shared.note_placed(handle, params, facts, self._hub.now())
        except BaseException as error:
            if not (isinstance(error, BridgeError) and shared.is_rejection(handle, error, self._hub.now())):
                handle.close()
                raise
        return handle

    def place_group(
        self, orders: Iterable[PlacedOrder | Mapping[str, Any]], *, timeout: float = 30.0
    ) -> list[OrderHandle]:
        """Place orders that belong together, such as a bracket: all of them leave, or none. Repeating it is safe.

        `orders`: each with `orderKey`, `contract` and `order`, and with `parentKey` for a child. Returns a handle for
        each, in the same order, when TWS has answered, also if it rejects one.

        Raises BridgeError and ValueError as `place` does, and ValueError if an order has no `orderKey` of its
        own.
        """
        end = time.monotonic() + duration(timeout)
        params, keys = shared.placing_group(orders)
        handles: list[OrderHandle] = []
        try:
            for key in keys:
                handles.append(self._handle(key, shared.left(end, time.monotonic())))
            try:
                answer = self.request("placeOrders", params, shared.left(end, time.monotonic()))
                facts = answer["orders"]
            except BridgeError as error:
                facts = shared.facts_of_rejected(handles, error)
            shared.note_group(handles, params["orders"], facts, self._hub.now())
        except BaseException:
            for handle in handles:
                handle.close()
            raise
        return handles

    def order(self, key: str, *, timeout: float = 30.0) -> OrderHandle:
        """The order that this client placed under this key, also in an earlier run.

        Raises BridgeError with the code `unknownOrder` if there is none.
        """
        end = time.monotonic() + duration(timeout)
        handle = self._handle(key_of(key, "key"), timeout)
        try:
            facts = self.request("awaitOrder", order_question(key), shared.left(end, time.monotonic()))
            handle.take(facts, self._hub.now())
        except BaseException:
            handle.close()
            raise
        return handle

    # Waiting

    def sleep(self, seconds: float) -> bool:
        """Wait so many seconds and keep all live objects current. Returns True, so `while client.sleep(1):` works."""
        end = time.monotonic() + duration(seconds, "seconds", is_wait=True)
        while True:
            self._turn_live(end)
            if time.monotonic() >= end:
                return True

    def wait_for(self, condition: Callable[[], Any], timeout: float | None = None) -> bool:
        """Wait until the condition holds, for `timeout` seconds at most. Returns whether it holds.

        It is tested when all that has arrived is read, and again whenever something has arrived.
        """
        end = _FOREVER if timeout is None else time.monotonic() + duration(timeout, is_wait=True)
        self._read_live()
        while not condition():
            if time.monotonic() >= end:
                return False
            self._turn_live(min(end, time.monotonic() + 0.25))
        return True

    def __iter__(self) -> Iterator[Event]:
        """Each event of the live objects and of the subscriptions of this client, as it arrives.

        After lost events there is one with the origin `gap`. The order log has a loop of its own. The loop ends when
        the client is closed.
        """
        self.check()
        with suppress(Closed):
            yield from self._arriving()

    def _arriving(self) -> Iterator[Event]:
        unread = self._hub.unread
        while True:
            self.check()
            event = unread.take()
            if event is not None:
                yield event
            else:
                subscriptions = [feed for feed in self._feeds if isinstance(feed, Subscription)]
                arrived = [event for feed in subscriptions for event in feed.take()]
                yield from arrived
                if not arrived:
                    until = min([time.monotonic() + 1.0, *(feed.due for feed in subscriptions)])
                    self._turn_live(until, *(one for feed in subscriptions for one in feed.sockets))

    # Callbacks

    def on(self, kind: type[M], callback: Callable[[M, Event], Any]) -> Callable[[], None]:
        """Call `callback(message, event)` for each event of this class below the live objects.

        `kind` is a class of `tws_bridge_client.messages`. An exception of the callback is logged. Returns a function
        that ends the calls.
        """
        return self._hub.listeners.on(kind, callback)

    def on_update(self, live: L, callback: Callable[[L], Any]) -> Callable[[], None]:
        """Call `callback(live)` after events have changed the object. Returns a function that ends the calls."""
        return self._hub.listeners.on_update(live, callback)

    # Inside

    @property
    def _hub(self) -> Hub:
        self.check()
        if self._live is None:
            self._live = self._new_live()
        return self._live.hub

    def _ask_for_all(self, timeout: float) -> None:
        """Raise BridgeError if this client may not hear of the orders of others. The bridge would say nothing."""
        self.request("clients", {}, timeout)

    def _begin(self, live: L, timeout: float) -> L:
        try:
            duration(timeout)
            in_time = self.wait_for(lambda: shared.has_begun(self._hub, live), timeout)
        except BaseException:
            live.close()
            raise
        shared.begun(self._hub, live, in_time, timeout, self._cause())
        return live

    def _handle(self, key: str, timeout: float) -> OrderHandle:
        handle = OrderHandle(self, self._hub, self._hub.orders(), key)
        self._hub.enter(handle)
        return self._begin(handle, timeout)

    def _read_live(self) -> None:
        """Take what has arrived, for `_MOST_READING` seconds at most: under a flood something always has."""
        start = time.monotonic()
        self._turn_live(start)
        while self._live is not None and not self._live.is_drained and time.monotonic() < start + _MOST_READING:
            self._turn_live(start)

    def _turn_live(self, until: float, *sockets: zmq.Socket[bytes]) -> None:
        """Wait for input, and take it."""
        self.check()
        self.pump(until, *sockets)
        self.check()
