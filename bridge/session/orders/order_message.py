"""The message that sends an order to TWS, and the reverse: the message of TWS without what the bridge added.

The bridge appends a tag to the client's text in `orderRef`: `mine#tb:<log>:<owner>:<key>:<orderId>`. `<log>` is the
first 8 digits of the ledger's ID. The bridge finds an order by its tag where it knows neither the order ID nor the
permId. At TWS all clients of an account share the names of OCA groups, so the bridge sends `ocaGroup` as
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
    """A parsed `orderRef`: `text` is the text of the client, `tag` is the whole tag, and the others are its parts."""

    text: str
    tag: str
    log: str
    owner: str
    key: str
    order_id: int


def tag(log: str, owner: str, key: str, order_id: int) -> str:
    """The tag of an order. `log`: the ID of the ledger."""
    return f"#tb:{log[:8]}:{owner}:{key}:{order_id}"


def read(order_ref: str | None) -> OrderRefTag | None:
    """Parse an `orderRef`; None where it has no tag. Only the last tag counts: the client's text may contain others."""
    found = _TAG.fullmatch(order_ref or "")
    return None if found is None else OrderRefTag(found[1], found[2], found[3], found[4], found[5], int(found[6]))


def is_exercise(order: Data) -> bool:
    """Whether the fields are those of an option exercise, which has an order ID and a key like an order."""
    return "exerciseAction" in order


def sending(order: Order) -> Send:
    """The message to TWS that places or changes the order."""
    record = order.record
    if is_exercise(record.order):
        exercise = {"orderId": record.order_id, "contract": record.contract, **record.order}
        return Send("exerciseOptions", exercise, order)
    fields = outgoing(record)
    return Send("placeOrder", {"orderId": record.order_id, "contract": record.contract, "order": fields}, order)


def outgoing(record: OrderRecord) -> Data:
    """The fields of the order as the bridge sends them: with tag, parentId and the OCA group's name at TWS."""
    fields = {**record.order, "orderRef": f"{record.order.get('orderRef', '')}{record.tag}"}
    if record.parent_id is not None:
        fields["parentId"] = record.parent_id
    return grouped(record.owner, fields)


def grouped(owner: str, order: Data) -> Data:
    """The fields with `ocaGroup` as its name at TWS."""
    group = order.get("ocaGroup")
    return {**order, "ocaGroup": f"{owner}:{group}"} if group else order


def incoming(name: str, data: Data, owner: str | None) -> Data:
    """The message of TWS without the tag in `orderRef` and, for the owner, with the client's name in `ocaGroup`.

    `name`: the callback. `owner`: the owner of the order, or None for an order that is not of this bridge.
    """
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
