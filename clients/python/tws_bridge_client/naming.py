"""Errors of programs without a type checker: a wrong name is answered with the nearest right one."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from tws_bridge_client.generated.contract import FIELD_ALIASES, METHOD_ALIASES, NOTES

F = TypeVar("F", bound=Callable[..., Any])

#: Names of `ib_async.Ticker`, `ib_async.Trade` and `ib_async.IB` for what has another name in the client.
IB_ASYNC_NAMES = {
    "bidSize": "bid_size",
    "askSize": "ask_size",
    "lastSize": "last_size",
    "markPrice": "mark",
    "marketPrice": "midpoint(), mark or last",
    "prevClose": "previous_close",
    "orderStatus": "state, status, filled, remaining and average_price",
    "isDone": "is_done",
    "isActive": "is_done",
    "log": "client.orders(), which has each event of your orders",
    "filledEvent": "client.on_update(handle, callback)",
    "statusEvent": "client.on_update(handle, callback)",
    "fillEvent": "client.on_update(handle, callback)",
    "updateEvent": "client.on_update(object, callback)",
    "qualifyContracts": "qualify",
    "bracketOrder": "bracket(key, contract, entry, ...) with place_group",
    "oneCancelsAll": "oca(group, *orders)",
    "whatIfOrder": "place_order, with whatIf=True in the order",
    "trades": "orders() or fill_log(store)",
    "openTrades": "open_orders()",
    "accountValues": "account()",
    "connect": "BridgeClient(name): the bridge is connected to TWS",
    "disconnect": "close()",
    "isConnected": "status().connection",
}


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The text of an error about an unknown name, with the known one that is meant.

    That is the one for which `ibapi`, IBKR's documentation or `ib_async` has this name, otherwise the nearest one.
    """
    known = tuple(known)
    if name in IB_ASYNC_NAMES and what.endswith(" has no"):
        return f"{what} {name}: did you mean {IB_ASYNC_NAMES[name]}?"
    for aliases in (FIELD_ALIASES, METHOD_ALIASES):
        if found := [other for other in aliases.get(name, ()) if other in known]:
            return f"{what} {name}: did you mean {found[0]}?"
    if name in NOTES:
        return f"{what} {name}: {NOTES[name]}"
    names = {other.lower(): other for other in known}
    near = difflib.get_close_matches(name.lower(), names, 1, 0.6)
    return f"{what} {name}" + (f": did you mean {names[near[0]]}?" if near else "")


def unknown_of(owner: object, name: str) -> AttributeError:
    """The error of an attribute that an object does not have."""
    known = [one for one in dir(type(owner)) if not one.startswith("_")]
    return AttributeError(unknown(f"{type(owner).__name__} has no", name, known), name=name, obj=owner)


def checks_names(function: F) -> F:
    """Let a method of keyword parameters answer a wrong one with TypeError and the nearest right one."""
    code = function.__code__
    known = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]

    @functools.wraps(function)
    def checked(self: Any, *args: Any, **given: Any) -> Any:
        for name in given:
            if name not in known:
                raise TypeError(unknown(f"{function.__name__} has no parameter", name, known))
        return function(self, *args, **given)

    return cast(F, checked)
