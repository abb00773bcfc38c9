"""Rules for requests in addition to the declarations: a contract is named, and an order is possible.

The rules cover only what TWS would refuse in every case. TWS decides what is right in some account or market.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

Data = dict[str, Any]

#: A contract must have at least one of these fields.
NAMED_BY = ("conId", "symbol", "localSymbol", "secId", "comboLegs", "issuerId")
#: The security type of a combination.
COMBO = "BAG"
ACTIONS = ("BUY", "SELL", "SSHORT", "SLONG")
#: Order type -> prices that it needs.
PRICES = {
    "LMT": ("lmtPrice",),
    "LOC": ("lmtPrice",),
    "STP": ("auxPrice",),
    "MIT": ("auxPrice",),
    "STP LMT": ("lmtPrice", "auxPrice"),
    "LIT": ("lmtPrice", "auxPrice"),
}

#: Condition type -> fields that it needs. TWS would accept a condition without them, and use 0 or an empty value.
CONDITIONS = {
    1: ("conId", "exchange", "price"),
    3: ("time",),
    4: ("percent",),
    5: ("secType", "exchange", "symbol"),
    6: ("conId", "exchange", "volume"),
    7: ("conId", "exchange", "changePercent"),
}


class RuleBroken(Exception):
    """A rule is broken. `field`: the path of the field. `expected`: the value that it expects."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: {expected}")
        self.field = field
        self.expected = expected


def check(method: str, params: Data) -> None:
    """Raise Broken if the checked and typed params break a rule."""
    contract = params.get("contract")
    if contract is not None:
        _contract(contract)
    match method:
        case "placeOrder":
            _order(params["contract"], params["order"])
        case "placeOrders":
            _hold_back(params["orders"])
            for number, placed in enumerate(params["orders"]):
                _within(f"orders.{number}.", placed)
        case "modifyOrder":
            if params["order"].get("whatIf"):
                raise RuleBroken(
                    "order.whatIf", "expected none: a change is always carried out; use placeOrder for what-if"
                )
            _order(params.get("contract", {}), params["order"])
        case "cancelOrder" | "abandon":
            _one_of(params, "orderId", "orderKey")
            if "owner" in params and "orderKey" not in params:
                raise RuleBroken("owner", "expected only with an orderKey: an orderId needs no owner")
        case "exerciseOptions":
            _exercise(params)


def _hold_back(group: list[Data]) -> None:
    """Drop `transmit: false` from each order that another one of its family follows: the bridge holds it back anyway.

    A family is a parent and its children. TWS transmits it with its last order, so that one cannot be held back.
    """
    last = {_family(placed): number for number, placed in enumerate(group)}
    for number, placed in enumerate(group):
        if last[_family(placed)] != number and placed["order"].get("transmit") is False:
            placed["order"]["transmit"] = True


def _family(placed: Data) -> str:
    return str(placed.get("parentKey") or placed["orderKey"])


def _within(path: str, placed: Data) -> None:
    """Check one order of a group. `path` goes before the names of its fields."""
    try:
        check("placeOrder", placed)
    except RuleBroken as broken:
        raise RuleBroken(path + broken.field, broken.expected) from None


def _one_of(params: Data, first: str, second: str) -> None:
    if (first in params) == (second in params):
        raise RuleBroken(first, f"expected either {first} or {second}")


def _contract(contract: Data) -> None:
    """Check that the contract is named, and that only a combination has legs."""
    if not any(contract.get(name) for name in NAMED_BY):
        raise RuleBroken("contract", f"expected one of {', '.join(NAMED_BY)}")
    is_combo = contract.get("secType") == COMBO
    if contract.get("comboLegs") and not is_combo:
        raise RuleBroken("contract.secType", f"expected {COMBO}: only a combination has comboLegs")
    if contract.get("conId") and is_combo:
        raise RuleBroken("contract.conId", "expected none: comboLegs name a combination")


def _exercise(params: Data) -> None:
    if params["contract"].get("secType") == COMBO:
        raise RuleBroken("contract.secType", "expected an option: exercise each leg of a combination by itself")
    if params["exerciseQuantity"] <= 0:
        raise RuleBroken("exerciseQuantity", "expected more than 0")


def _order(contract: Data, order: Data) -> None:
    if order.get("action") not in ACTIONS:
        raise RuleBroken("order.action", f"expected one of {', '.join(ACTIONS)}")
    kind = order.get("orderType", "")
    if not kind or not kind.isascii() or kind != " ".join(kind.upper().split()):
        raise RuleBroken(
            "order.orderType", "expected an order type in TWS's spelling and in capitals, such as MKT or STP LMT"
        )
    if order.get("transmit") is False:
        held = "TWS reports nothing about an order that it holds back"
        way = "in placeOrders, only an order that its child or sibling follows may have false; leave transmit out"
        raise RuleBroken("order.transmit", f"expected true: {held}; {way}")
    _quantity(order)
    _conditions(order.get("conditions", ()))
    legs = contract.get("comboLegs", ())
    if any("perLegPrice" in leg for leg in legs):
        return
    for price in PRICES.get(kind, ()):
        if price not in order:
            raise RuleBroken(f"order.{price}", f"required for an order of type {kind}")
        if not legs and contract.get("secType") != COMBO and order[price] == 0 and price == "auxPrice":
            raise RuleBroken("order.auxPrice", "expected a price that is not 0")


def _conditions(conditions: Iterable[Data]) -> None:
    for place, condition in enumerate(conditions):
        path = f"order.conditions.{place}"
        needed = CONDITIONS.get(condition.get("type", 0))
        if needed is None:
            raise RuleBroken(f"{path}.type", f"expected one of {', '.join(map(str, CONDITIONS))}")
        for name in needed:
            if name not in condition:
                raise RuleBroken(f"{path}.{name}", f"required for a condition of type {condition['type']}")


def _quantity(order: Data) -> None:
    """Check the quantity, which cash or the allocation of an advisor's group may replace."""
    quantity, cash = Decimal(order.get("totalQuantity", 0)), order.get("cashQty", 0)
    if cash < 0:
        raise RuleBroken("order.cashQty", "expected more than 0")
    is_told = cash > 0 or order.get("faGroup") or order.get("faPercentage")
    if quantity < 0 or (quantity == 0 and not is_told):
        raise RuleBroken("order.totalQuantity", "expected more than 0")
