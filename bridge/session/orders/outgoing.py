"""An order's record as the message that goes to TWS, and the digest by which the same content is known again."""

from __future__ import annotations

import hashlib
import json

from bridge.session.effects import Send
from bridge.session.orders import order_ref
from bridge.session.orders.order import Order
from bridge.session.values import Data


def is_exercise(order: Data) -> bool:
    """Whether these are the fields of an exercise of options: it takes a number and a key, as orders do."""
    return "exerciseAction" in order


def digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sending(order: Order) -> Send:
    """The message that places or changes it; the order itself is what it is sent for."""
    record = order.record
    if is_exercise(record.order):
        exercise = {"orderId": record.order_id, "contract": record.contract, **record.order}
        return Send("exerciseOptions", exercise, order)
    fields = order_ref.outgoing(record)
    return Send("placeOrder", {"orderId": record.order_id, "contract": record.contract, "order": fields}, order)
