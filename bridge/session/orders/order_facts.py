"""What the log says about orders: which line belongs to which state, and the fields of these lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.session.effects import Log
from bridge.session.orders.order import Order
from bridge.session.orders.state import FREE, State
from bridge.session.values import Data, Instant

#: State -> the event that the log has when an order enters it. None: the bridge has not decided about the order yet.
LINES: Mapping[State, str | None] = {
    "queued": None,
    "written": None,
    "withdrawn": None,
    "sent": "orderPlaced",
    "acknowledged": "orderAcknowledged",
    "inactive": "orderInactive",
    "unknown": "orderInDoubt",
    "notFound": "orderNotFound",
    "filled": "orderEnded",
    "cancelled": "orderEnded",
    "rejected": "orderRejected",
    "abandoned": "orderAbandoned",
    "unsent": "orderNotSent",
}


def entered(order: Order, before: State, now: Instant, reason: str | None) -> Iterator[Log]:
    """Yield the lines for an order whose state has changed from `before`. `reason`: why, if the order has no verdict.

    The end of a doubt is a line of its own; that TWS has the order then needs no second one.
    """
    record = order.record
    if before == "unknown":
        yield Log.of("orderDoubtOver", **named(order), state=record.state, filled=record.filled)
        if record.state == "acknowledged":
            return
    event = LINES[record.state]
    if event is not None:
        yield Log.of(event, **named(order), **_facts(order, before, now, reason))


def _facts(order: Order, before: State, now: Instant, reason: str | None) -> Data:
    record, verdict = order.record, order.record.verdict or {}
    match record.state:
        case "sent":
            return _content(order) | {"parentKey": record.parent, "instance": record.instance}
        case "acknowledged":
            waited = round(1000 * (now.clock - order.left_at), 1) if before == "sent" else None
            return {"from": before, "milliseconds": waited}
        case "filled" | "cancelled":
            return {"from": before, "state": record.state, "filled": record.filled}
        case "rejected":
            text = verdict.get("message") or reason or "TWS gives no reason"
            return {"from": before, "twsCode": verdict.get("twsCode"), "reason": text}
        case "unsent":
            code, text = verdict.get("code", "cancelled"), verdict.get("message") or reason or "it was withdrawn"
            return {"from": before, "code": code, "reason": text, "rule": (verdict.get("data") or {}).get("rule")}
        case "unknown":
            return {"from": before, "reason": reason or record.reason or "TWS does not answer"}
        case _:
            return {"from": before} | ({"reason": reason} if record.state in FREE | {"notFound"} else {})


def named(order: Order) -> Data:
    """The fields that name the order."""
    record = order.record
    named: Data = {"client": record.owner, "orderKey": record.key, "orderId": record.order_id}
    return named | ({"permId": str(record.perm_id)} if record.perm_id and record.state != "sent" else {})


def _content(order: Order) -> Data:
    fields, contract = order.record.order, order.record.contract
    return {
        "action": fields.get("action") or f"exercise {fields.get('exerciseAction')}",
        **_figures(fields),
        **_instrument(contract),
        "secType": contract.get("secType"),
        "orderType": fields.get("orderType"),
        "tif": fields.get("tif") or None,
        "account": fields.get("account") or None,
    }


def _figures(fields: Data) -> Data:
    quantity = fields.get("totalQuantity") or fields.get("exerciseQuantity") or fields.get("cashQty")
    return {
        "quantity": str(quantity or "?"),
        "limitPrice": _number(fields.get("lmtPrice")),
        "stopPrice": _number(fields.get("auxPrice")),
    }


def _instrument(contract: Data) -> Data:
    return {"symbol": contract.get("localSymbol") or contract.get("symbol"), "conId": contract.get("conId") or None}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def fill(order: Order, data: Data) -> Data:
    """The fields of an execution, from the data of execDetails."""
    execution: Data = data["execution"]
    return {
        **named(order),
        "execId": str(execution.get("execId")),
        "side": execution.get("side"),
        "shares": str(execution.get("shares")),
        "price": _number(execution.get("price")),
        "averagePrice": _number(execution.get("avgPrice")),
        **_instrument(data.get("contract", {})),
        "account": execution.get("acctNumber"),
    }


def changed(order: Order) -> Data:
    """The fields of the newest change of the order."""
    facts: Data = {**named(order), "revision": order.record.revision, "change": order.record.change}
    return facts | (_figures(order.record.order) if order.record.change == "sent" else {})
