"""An order that a client sends back as openOrder showed it: what TWS alone sets is no part of a change."""

from __future__ import annotations

from bridge.session.orders.order import Order
from bridge.session.orders.shown import alike
from bridge.session.requests import Refused
from bridge.session.values import Data

#: Fields of an order that TWS sets and no client does. Source: openOrder and completedOrder as TWS sends them.
TWS_OWN = (
    "orderId", "clientId", "permId", "parentId", "parentPermId", "filledQuantity", "autoCancelDate", "refFuturesConId",
    "shareholder", "bondAccruedInterest", "submitter",
)  # fmt: skip


def without_tws_own(order: Order, fields: Data) -> Data:
    """The fields less those that TWS alone sets. Raises Refused for one that differs from what TWS said."""
    known = {"orderId": order.order_id, "permId": order.record.perm_id, **(order.shown or {})}
    for name in TWS_OWN:
        if name in fields and not alike(fields[name], known.get(name)):
            said = "TWS has said none" if known.get(name) is None else f"TWS says {known[name]}"
            message = f"order.{name}: a change cannot set it, and {said}"
            raise Refused("invalidParams", message, field=f"order.{name}")
    return {name: value for name, value in fields.items() if name not in TWS_OWN}
