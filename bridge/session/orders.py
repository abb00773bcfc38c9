"""Orders placed through the bridge: their ids, owners and keys, and where each order event belongs.

An order bears the bridge's tag in `orderRef`, behind the client's own text: `mine#tb:alice:key`. What is published has
the client's text again. An order that bears a tag but is not known here (an earlier run placed it) is known by it.
Knows nothing of routes and timers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.session import names
from bridge.session.asks import Ask, Refused
from bridge.session.effects import Data
from bridge.session.flights import FIRST_REQUEST_ID

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TAG = re.compile(r"(.*)#tb:([A-Za-z0-9_-]+):([A-Za-z0-9_-]+)", re.DOTALL)
#: Statuses that say an order is gone.
DEAD = frozenset({"Cancelled", "ApiCancelled", "Inactive"})
#: Statuses of orders that will not trade any more.
OVER = DEAD | {"Filled"}
#: Statuses that answer a cancel: it is under way, or there is nothing left to cancel.
CANCELLING = frozenset({"PendingCancel", "Cancelled", "ApiCancelled"})


@dataclass(slots=True, eq=False)
class Order:
    """One order. `placing` waits for TWS's first word on it, `cancelling` for its word on the cancel."""

    order_id: int
    owner: str
    key: str
    content: Data | None = None
    perm_id: str | None = None
    status: str | None = None
    placing: list[Ask] = field(default_factory=list)
    cancelling: list[Ask] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        return f"order.{self.owner}.{self.key}."

    def facts(self) -> Data:
        facts: Data = {"orderId": self.order_id, "orderKey": self.key}
        if self.perm_id is not None:
            facts["permId"] = self.perm_id
        if self.status is not None:
            facts["status"] = self.status
        return facts


class Orders:
    """All orders that this bridge knows to be its clients'."""

    def __init__(self, client_id: int) -> None:
        self._client_id = client_id
        self._by_id: dict[int, Order] = {}
        self._by_key: dict[tuple[str, str], Order] = {}
        self._by_perm: dict[str, Order] = {}
        self._by_exec: dict[str, str] = {}
        self._reported: set[str] = set()
        self._next = 0

    def __iter__(self) -> Iterator[Order]:
        return iter(self._by_id.values())

    # Ids

    def allow_from(self, order_id: int) -> str | None:
        """Take nextValidId into account; a diagnosis where its ids would run into those of requests."""
        if order_id >= FIRST_REQUEST_ID:
            return (
                f"nextValidId {order_id} is beyond {FIRST_REQUEST_ID - 1}: order ids would collide with request ids. "
                "Reset the API order ID sequence in TWS's settings; until then orders are refused"
            )
        self._next = max(self._next, order_id)
        return None

    def saw(self, order_id: int) -> None:
        """An id that is in use at TWS must not be used again."""
        if self._next <= order_id < FIRST_REQUEST_ID:
            self._next = order_id + 1

    def next_id(self) -> int:
        if not 0 < self._next < FIRST_REQUEST_ID:
            raise Refused("notTradable", "TWS has given no usable order id (nextValidId)")
        order_id = self._next
        self._next += 1
        return order_id

    # Placing, changing, cancelling

    def place(self, ask: Ask, key: str, content: Data) -> tuple[Order, bool]:
        """The client's order of that key, and whether it is new. Raise Refused where the key has other content."""
        order = self._by_key.get((ask.client, key))
        if order is not None:
            if order.content != content:
                raise Refused("keyConflict", f"orderKey {key} belongs to order {order.order_id}, which is another one")
            return order, False
        order = Order(self.next_id(), ask.client, key, content)
        self._remember(order)
        return order, True

    def has(self, client: str, key: str) -> bool:
        return (client, key) in self._by_key

    def open(self, client: str) -> int:
        """How many of the client's orders may still trade; one that TWS has said nothing of counts."""
        return sum(order.owner == client and order.status not in OVER for order in self)

    def named(self, ask: Ask, order_id: int | None, key: str | None) -> Order:
        """The order of that id, or the client's own of that key; raise Refused."""
        order = self._by_id.get(order_id) if order_id is not None else self._by_key.get((ask.client, key or ""))
        if order is None:
            name = f"orderId {order_id}" if order_id is not None else f"orderKey {key}"
            raise Refused("unknownOrder", f"no order with {name} was placed through this bridge by {ask.client}")
        return order

    def tagged(self, order: Order, fields: Data) -> Data:
        """The order's fields with the bridge's tag behind the client's own orderRef."""
        return {**fields, "orderRef": f"{fields.get('orderRef', '')}#tb:{order.owner}:{order.key}"}

    def forget(self, order: Order) -> None:
        """The order never left, or was only a question: its key is free again, its id is not."""
        self._by_id.pop(order.order_id, None)
        self._by_key.pop((order.owner, order.key), None)

    # What TWS says

    def by_id(self, order_id: object) -> Order | None:
        return self._by_id.get(order_id) if isinstance(order_id, int) else None

    def belongs(self, name: str, data: Data) -> Order | None:
        """The order that an order event is about, or None where it is none of ours."""
        match name:
            case "commissionAndFeesReport":
                return self._by_perm.get(self._by_exec.get(str(data.get("execId")), ""))
            case "orderStatus" | "orderBound":
                return self._find(data, data.get("clientId"), None)
            case "execDetails":
                execution = data.get("execution", {})
                order = self._find(execution, execution.get("clientId"), execution.get("orderRef"))
                self._by_exec[str(execution.get("execId"))] = str(execution.get("permId"))
                return order
            case _:
                fields = data.get("order", {})
                ids = {"orderId": data.get("orderId", fields.get("orderId")), "permId": fields.get("permId")}
                return self._find(ids, fields.get("clientId"), fields.get("orderRef"))

    def is_repeat(self, name: str, data: Data) -> bool:
        """Whether this execution or commission was reported before (each query for executions repeats them)."""
        match name:
            case "execDetails":
                report = f"x{data.get('execution', {}).get('execId')}"
            case "commissionAndFeesReport":
                report = f"c{data.get('execId')}"
            case _:
                return False
        if report in self._reported:
            return True
        self._reported.add(report)
        return False

    def external_key(self, name: str, data: Data) -> str:
        """The key of an order that is not ours: its permId."""
        match name:
            case "commissionAndFeesReport":
                perm_id = self._by_exec.get(str(data.get("execId")))
            case "execDetails":
                perm_id = data.get("execution", {}).get("permId")
            case "orderStatus" | "orderBound":
                perm_id = data.get("permId")
            case _:
                perm_id = data.get("order", {}).get("permId")
        return names.token(perm_id or "unknown")

    def _find(self, ids: Data, client_id: int | None, order_ref: str | None) -> Order | None:
        order_id, perm_id = ids.get("orderId"), ids.get("permId")
        ours = client_id is None or client_id == self._client_id
        order = self._by_perm.get(str(perm_id)) if perm_id else None
        if order is None and ours and isinstance(order_id, int):
            self.saw(order_id)
            order = self._by_id.get(order_id) or self._adopt(order_id, order_ref)
        if order is not None and perm_id:
            order.perm_id = str(perm_id)
            self._by_perm[order.perm_id] = order
        return order

    def _adopt(self, order_id: int, order_ref: str | None) -> Order | None:
        """An order that an earlier run of the bridge placed, known by its tag."""
        tag = _TAG.fullmatch(order_ref or "")
        if tag is None or order_id <= 0:
            return None
        order = Order(order_id, tag[2], tag[3])
        self._remember(order)
        return order

    def _remember(self, order: Order) -> None:
        self._by_id[order.order_id] = order
        self._by_key[order.owner, order.key] = order


def untagged(name: str, data: Data) -> Data:
    """The event with the client's own orderRef in place of the tagged one."""
    part = "execution" if name == "execDetails" else "order"
    fields = data.get(part)
    tag = _TAG.fullmatch(fields.get("orderRef") or "") if isinstance(fields, dict) else None
    if fields is None or tag is None:
        return data
    plain = {key: value for key, value in fields.items() if key != "orderRef"}
    if tag[1]:
        plain["orderRef"] = tag[1]
    return {**data, part: plain}
