"""What the faces of the two clients share: how a live object begins, and how its callbacks are called."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from tws_bridge_client.calls import BridgeError, BridgeTimeout, Call, Data
from tws_bridge_client.generated.types import Contract, Order, PlacedOrder
from tws_bridge_client.likes import ContractLike, OrderLike, given, key_of
from tws_bridge_client.live.accounts import AccountValues, Portfolio, Positions
from tws_bridge_client.live.book import Live
from tws_bridge_client.live.hub import Hub
from tws_bridge_client.live.life import HELD
from tws_bridge_client.live.orders import Fills, OpenOrders, OrderView
from tws_bridge_client.live.ticker import Ticker
from tws_bridge_client.values import expected

log = logging.getLogger("tws_bridge_client")

#: The errors of a snapshot for which no live object waits.
_FINAL = frozenset({"refusedKey", "invalidParams", "notPermitted"})


def new_ticker(hub: Hub, contract: ContractLike, ticks: str) -> Ticker:
    """A ticker that has not begun yet."""
    params = given("reqMktData", {"contract": contract, "genericTickList": ticks or None})
    ticker = Ticker(hub, hub.hold("reqMktData", params), contract)
    hub.enter(ticker)
    known = ticker.hold
    if known is not None and known.topic:
        hub.show(known)
    return ticker


def new_positions(hub: Hub, account: str) -> Positions:
    """Positions that have not begun yet."""
    found = Positions(hub, hub.hold("reqPositions", {}), hub.account_book(), account)
    hub.enter(found)
    return found


def _account_hold(hub: Hub, account: str) -> Any:
    return hub.hold("reqAccountUpdates", given("reqAccountUpdates", {"subscribe": True, "acctCode": account or None}))


def new_portfolio(hub: Hub, account: str) -> Portfolio:
    """A portfolio that has not begun yet."""
    found = Portfolio(hub, _account_hold(hub, account), hub.account_book(), account)
    hub.enter(found)
    return found


def new_account(hub: Hub, account: str) -> AccountValues:
    """Values of an account that have not begun yet."""
    found = AccountValues(hub, _account_hold(hub, account), hub.account_book(), account)
    hub.enter(found)
    return found


def new_open_orders(hub: Hub, *, all: bool = False) -> OpenOrders:
    """Open orders that have not begun yet. `all`: those of all clients."""
    found = OpenOrders(hub, hub.all_orders() if all else hub.orders())
    hub.enter(found)
    return found


def new_fills(hub: Hub, since: datetime | None, *, all: bool = False) -> Fills:
    """Fills that have not begun yet. `all`: those of all clients.

    Raises TypeError or ValueError if `since` is no time with a time zone.
    """
    if since is not None and not isinstance(since, datetime):
        raise expected("since", "a datetime with a time zone", since)
    if since is not None and since.utcoffset() is None:
        raise ValueError(f"since: {since!r:.80} names no time zone: give it one, such as tzinfo=UTC")
    found = Fills(hub, hub.all_orders() if all else hub.orders(), since)
    hub.enter(found)
    return found


def has_begun(hub: Hub, live: Live) -> bool:
    """Whether the object shows all values that the bridge has, or has been refused."""
    hold = live.hold
    if refusal(hub, live) is not None:
        return True
    if hold is not None and hold.state not in HELD:
        return False
    prefixes = list(live.prefixes)
    return bool(prefixes) and all(hub.is_joined(prefix) for prefix in prefixes)


def refusal(hub: Hub, live: Live) -> BridgeError | None:
    """Why the object does not begin. A stream that was there before is asked for again, so it is no reason."""
    hold = live.hold
    if hold is not None and hold.error is not None and (hold.state == "refused" or not hold.was_granted):
        return hold.error
    return hub.failure if hub.failure is not None and hub.failure.code in _FINAL else None


def begun(hub: Hub, live: Live, in_time: bool, timeout: float, cause: str) -> None:
    """Raise BridgeError, and close the object, if it has been refused or has not begun in time."""
    error = refusal(hub, live)
    if error is None and not in_time:
        what = live.hold.method if live.hold is not None else "snapshot"
        error = live.error or BridgeTimeout(what, timeout, cause)
    if error is not None:
        live.close()
        raise error


def left(end: float, now: float) -> float:
    """The time until `end`, as the timeout of a request, which is never 0."""
    return max(0.001, end - now)


def placing(key: str, contract: ContractLike, order: OrderLike, parent: str | None) -> Data:
    """The params of `placeOrder`. Raises ValueError for a preview, which is no order, and for a key that is no text."""
    params = given(
        "placeOrder", {"orderKey": key_of(key, "key"), "contract": contract, "order": order, "parentKey": parent}
    )
    _refuse_preview(params["order"], "order")
    return params


def placing_group(orders: Iterable[PlacedOrder | Mapping[str, Any]]) -> tuple[Data, list[str]]:
    """The params of `placeOrders`, and the key of each order.

    Raises ValueError if an order has no key of its own, or is a preview.
    """
    params = given("placeOrders", {"orders": list(orders)})
    keys: list[str] = []
    for place, one in enumerate(params["orders"]):
        key = key_of(one.get("orderKey") if isinstance(one, dict) else None, f"orders.{place}.orderKey")
        if key in keys:
            raise ValueError(f"orders.{place}.orderKey: {key} is the key of another order of the group too")
        keys.append(key)
        _refuse_preview(one.get("order"), f"orders.{place}.order")
    return params, keys


def _refuse_preview(order: Any, name: str) -> None:
    if isinstance(order, dict) and order.get("whatIf"):
        raise ValueError(
            f"{name}.whatIf: a handle follows an order, and this only asks what it would cost. "
            "Take client.place_order, which returns TWS's answer"
        )


def check_account(account: str, status: Data) -> None:
    """Raise BridgeError if the login does not have the account, or if this client may not hear of it.

    `status`: the answer to `status`. Without TWS the bridge knows no accounts.
    """
    known = status["accounts"]
    if known and account not in known:
        message = f"account: {account} is not one of the accounts that this client may hear: {', '.join(known)}"
        raise BridgeError({"code": "invalidParams", "message": message, "data": {"field": "account"}})


def note_placed(view: OrderView, params: Data, facts: Data, now: float) -> None:
    """Note the answer to `placeOrder`. An order that was placed before may have been changed since."""
    view.take(facts, now)
    view.show_sent(Contract.from_dict(deepcopy(params["contract"])), Order.from_dict(deepcopy(params["order"])), 0)


def note_group(views: Sequence[OrderView], orders: Sequence[Data], facts: Sequence[Data], now: float) -> None:
    """Note the answer to `placeOrders`."""
    by_key = {one["orderKey"]: one for one in facts}
    for view, order in zip(views, orders, strict=True):
        if view.key in by_key:
            note_placed(view, order, by_key[view.key], now)


def facts_of_rejected(views: Sequence[OrderView], error: BridgeError) -> list[Data]:
    """The states of a group of which TWS has rejected one. Raises the error if it is another one."""
    facts: list[Data] = error.data.get("orders", [])
    if error.code != "rejectedByTws" or not facts:
        raise error
    for view in views:
        if view.key == error.data.get("orderKey"):
            view.note_reason(error.message)
    return facts


def is_rejection(view: OrderView, error: BridgeError, now: float) -> bool:
    """Take the error of `placeOrder`. Returns whether TWS has rejected the order, so that its state is known."""
    if "state" in error.data:
        view.take_error(error, now)
        if error.code == "rejectedByTws":
            return True
    view.close()
    return False


def error_of(call: Call) -> BridgeError | None:
    """The error of a call that is over."""
    try:
        call.result()
    except BridgeError as error:
        return error
    return None


def run(callback: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a callback. Its exception is logged, and harms nothing else. Returns what it returns, or None."""
    try:
        return callback(*arguments)
    except Exception:
        log.exception("a callback has failed: %r", callback)
    except BaseException as error:
        if not _is_cancellation(error):
            raise
        log.exception("a callback has failed: %r", callback)
    return None


def _is_cancellation(error: BaseException) -> bool:
    """Whether it is asyncio's CancelledError. The blocking client does not import asyncio for that."""
    exceptions = sys.modules.get("asyncio.exceptions")
    return exceptions is not None and isinstance(error, exceptions.CancelledError)
