"""An order as the message that the bridge sends to TWS, and what the bridge takes off again from what comes back.

The bridge writes a tag into `orderRef`, behind the client's own text: `mine#tb:<log>:<owner>:<key>:<orderId>`. `<log>`
is the beginning of the ledger's name. The bridge recognises an order by the tag where it knows neither order id nor
permId. All clients of an account share the names of OCA groups at TWS, so the bridge sends `ocaGroup` as
`<owner>:<group>`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bridge.session.effects import Send
from bridge.session.orders.order import Order
from bridge.session.records import OrderRecord
from bridge.session.values import Data

_TAG = re.compile(r"(.*)(#tb:([0-9a-f]{8}):([A-Za-z0-9_-]+):([A-Za-z0-9_-]+):(\d+))", re.DOTALL)


class OrderRefTag(NamedTuple):
    """A tag as it was read: `text` is the client's own, `tag` the rest."""

    text: str
    tag: str
    log: str
    owner: str
    key: str
    order_id: int


def tag(log: str, owner: str, key: str, order_id: int) -> str:
    return f"#tb:{log[:8]}:{owner}:{key}:{order_id}"


def read(order_ref: str | None) -> OrderRefTag | None:
    """The tag in an orderRef, or None where there is none. A tag within the client's own text does not count."""
    found = _TAG.fullmatch(order_ref or "")
    return None if found is None else OrderRefTag(found[1], found[2], found[3], found[4], found[5], int(found[6]))


def is_exercise(order: Data) -> bool:
    """Whether these are the fields of an exercise of options: it takes an order id and a key, as orders do."""
    return "exerciseAction" in order


def sending(order: Order) -> Send:
    """The message that places or changes the order."""
    record = order.record
    if is_exercise(record.order):
        exercise = {"orderId": record.order_id, "contract": record.contract, **record.order}
        return Send("exerciseOptions", exercise, order)
    fields = outgoing(record)
    return Send("placeOrder", {"orderId": record.order_id, "contract": record.contract, "order": fields}, order)


def outgoing(record: OrderRecord) -> Data:
    """The order's fields as TWS gets them."""
    fields = {**record.order, "orderRef": f"{record.order.get('orderRef', '')}{record.tag}"}
    if record.parent_id is not None:
        fields["parentId"] = record.parent_id
    return grouped(record.owner, fields)


def grouped(owner: str, order: Data) -> Data:
    """The fields with their ocaGroup as it stands at TWS, where all clients share one space of names."""
    group = order.get("ocaGroup")
    return {**order, "ocaGroup": f"{owner}:{group}"} if group else order


def incoming(name: str, data: Data, owner: str | None) -> Data:
    """The event with the client's own orderRef and, for its owner, its own ocaGroup."""
    part = "execution" if name == "execDetails" else "order"
    fields = data.get(part)
    if not isinstance(fields, dict):
        return data
    plain = dict(fields)
    if (found := read(fields.get("orderRef"))) is not None:
        plain.pop("orderRef")
        if found.text:
            plain["orderRef"] = found.text
    if owner is not None and str(fields.get("ocaGroup", "")).startswith(f"{owner}:"):
        plain["ocaGroup"] = fields["ocaGroup"].removeprefix(f"{owner}:")
    return {**data, part: plain}
