"""What the bridge writes into orders that go out, and takes off again from what comes back.

An order bears a tag in `orderRef`, behind the client's own text: `mine#tb:<log>:<owner>:<key>:<orderId>`, where `<log>`
begins the name of the ledger; it is what remains where neither order id nor permId is known. `ocaGroup` is account-wide
at TWS: it goes out as `<owner>:<group>`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

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
