"""The answers of a minimal TWS: to the bridge's own requests, and to an order, which it fills at once."""

from __future__ import annotations

from typing import Any

Data = dict[str, Any]
#: One message of TWS: its name and its fields.
Word = tuple[str, Data]

CONTRACT = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
ORDER = {"action": "BUY", "totalQuantity": "100", "orderType": "LMT", "lmtPrice": 190.5, "tif": "DAY"}
TIME = "20260101 12:00:00 UTC"
#: The end messages of the lists that the bridge requests before it sends orders. All lists are empty.
_ENDS = {
    "reqAllOpenOrders": "openOrderEnd",
    "reqCompletedOrders": "completedOrdersEnd",
    "reqExecutions": "execDetailsEnd",
    "reqPositions": "positionEnd",
}


def answers(name: str, data: Data, next_order: int = 1) -> list[Word]:
    """The answers to a request that the bridge makes by itself; none to others. `next_order`: the next order id."""
    if name == "startApi":
        return [("managedAccounts", {"accountsList": "DU1"}), ("nextValidId", {"orderId": next_order})]
    if name == "reqCurrentTime":
        return [("currentTime", {"currentTime": 1})]
    if name in _ENDS:
        return [(_ENDS[name], {"reqId": data["reqId"]} if "reqId" in data else {})]
    return []


def filled(data: Data) -> list[Word]:
    """The messages about an order that is filled at once: openOrder, execDetails and orderStatus."""
    order_id, perm_id = data["orderId"], str(1_000_000 + data["orderId"])
    named = {"orderId": order_id, "permId": perm_id, "clientId": 1}
    order = {**data["order"], "permId": perm_id, "clientId": 1, "orderId": order_id}
    shares = {"shares": "100", "cumQty": "100", "price": 190.5, "avgPrice": 190.5}
    execution = {**named, **shares, "execId": f"0000e0d5.{order_id:08x}.01.01", "time": TIME}
    return [
        (
            "openOrder",
            {"orderId": order_id, "contract": CONTRACT, "order": order, "orderState": {"status": "Submitted"}},
        ),
        ("execDetails", {"reqId": -1, "contract": CONTRACT, "execution": execution}),
        ("orderStatus", {**named, "status": "Filled", "filled": "100", "remaining": "0"}),
    ]
