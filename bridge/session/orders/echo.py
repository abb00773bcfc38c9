"""Accepts a change whose fields the client copied from openOrder: removes the fields that only TWS sets."""

from __future__ import annotations

from bridge.session.orders.order import Order
from bridge.session.orders.shown import alike
from bridge.session.requests import Refused
from bridge.session.values import Data

#: Fields of an order that only TWS sets. Source: the openOrder and completedOrder messages of TWS.
TWS_OWN = (
    "orderId", "clientId", "permId", "parentId", "parentPermId", "filledQuantity", "autoCancelDate", "refFuturesConId",
    "shareholder", "bondAccruedInterest", "submitter",
)  # fmt: skip


def without_tws_own(order: Order, fields: Data) -> Data:
    """The fields of a change without those that only TWS sets.

    Raises Refused `invalidParams` where the client gives such a field another value than TWS.
    """
    known = {"orderId": order.order_id, "permId": order.record.perm_id, **(order.shown or {})}
    for name in TWS_OWN:
        if name in fields and not alike(fields[name], known.get(name)):
            said = "TWS has sent no value" if known.get(name) is None else f"TWS has {known[name]}"
            message = f"order.{name}: a change cannot set this field, and {said}"
            raise Refused("invalidParams", message, field=f"order.{name}")
    return {name: value for name, value in fields.items() if name not in TWS_OWN}
